//! Databases for tests: each test gets one of its own on the server of its process, with one login for
//! each group.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::SecretString;
use stockroom::domain::{
    Group, Line, LocationKind, MovementKind, NewLocation, Posting, PostingId, Product, Tracking,
};
use stockroom::service::{Service, new_id};
use stockroom::store::{ConnectionSettings, Store, prepare};

use super::server::TestServer;

/// The password of every login of the tests; the server is gone with the test.
pub const PASSWORD: &str = "a password for tests";
/// The logins, one per group.
pub const LOGINS: [(&str, Group); 4] = [
    ("clerk", Group::Clerk),
    ("admin", Group::Admin),
    ("auditor", Group::Auditor),
    ("analyst", Group::Analyst),
];

/// A prepared database.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its name.
    pub name: String,
    url_base: String,
    superuser_url: String,
    log_dir: PathBuf,
}

impl TestDatabase {
    /// A new database on the server of this test process, with nothing in it.
    pub async fn new() -> Self {
        Self::on(TestServer::shared()).await
    }

    /// A new database on a server.
    pub async fn on(server: &TestServer) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let superuser: ConnectionSettings = server.superuser_url().parse().unwrap();
        prepare::init(&superuser, &name).await.unwrap();
        let store = Store::new(superuser.with_database(&name), 1).unwrap();
        for (login, group) in LOGINS {
            // Logins belong to the server, so another test may have made them, perhaps just now.
            let outcome = store.add_person(login, group, &SecretString::from(PASSWORD)).await;
            let people = store.people().await.unwrap();
            assert!(people.iter().any(|person| person.login == login), "{outcome:?}");
        }
        let url_base = server.url_for("LOGIN", PASSWORD, &name);
        let superuser_url = server.superuser_url();
        let superuser_url = format!("{}/{name}", superuser_url.rsplit_once('/').unwrap().0);
        Self { name, url_base, superuser_url, log_dir: server.log_dir() }
    }

    /// Another database on the server of this one, with the schema as it was after a migration.
    pub async fn as_of(current: &Self, last_migration: i64) -> Self {
        let name = format!("{}_as_of_{last_migration}", current.name);
        let replaced = |url: &str| {
            let (server, _) = url.rsplit_once('/').unwrap();
            format!("{server}/{name}")
        };
        let database = Self {
            url_base: replaced(&current.url_base),
            superuser_url: replaced(&current.superuser_url),
            log_dir: current.log_dir.clone(),
            name,
        };
        let superuser = super::raw::connect(current.superuser_url()).await;
        let create =
            format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' OWNER stock_owner", database.name);
        superuser.batch_execute(&create).await.unwrap();
        let mut session = super::raw::connect(database.superuser_url()).await;
        for statement in [
            "SET search_path TO public",
            include_str!("../../src/store/prepare/database.sql"),
            "SET ROLE stock_owner; SET search_path TO stock; SET default_transaction_isolation TO 'read committed'",
        ] {
            session.batch_execute(statement).await.unwrap();
        }
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let migrations: Vec<_> = refinery::load_sql_migrations(migrations).unwrap();
        let mut runner =
            refinery::Runner::new(&migrations).set_target(refinery::Target::Version(last_migration));
        runner.set_migration_table_name("schema_history");
        runner.run_async(&mut session).await.unwrap();
        session
            .batch_execute(
                "SELECT stock.ensure_partitions(current_date, (now() + interval '12 months')::date)",
            )
            .await
            .unwrap();
        database
    }

    /// The URL for a login.
    pub fn url(&self, login: &str) -> String {
        self.url_base.replacen("LOGIN", login, 1)
    }

    /// The URL of the superuser for this database.
    pub fn superuser_url(&self) -> &str {
        &self.superuser_url
    }

    /// Where its server writes the log.
    pub fn log_dir(&self) -> &Path {
        &self.log_dir
    }

    /// A store of its own for a login.
    pub fn store(&self, login: &str) -> Store {
        Store::new(self.url(login).parse().unwrap(), 4).unwrap()
    }

    /// A service of its own for a login, without a journal.
    pub fn service(&self, login: &str) -> Service {
        Service::new(self.store(login), None)
    }

    /// Adds products that are not tracked and locations.
    pub async fn with_catalogue(self, skus: &[&str], locations: &[&str]) -> Self {
        let admin = self.service("admin");
        for sku in skus {
            admin.add_product(product(sku, Tracking::None)).await.unwrap();
        }
        for code in locations {
            let location = NewLocation {
                code: code.parse().unwrap(),
                name: None,
                parent: None,
                kind: LocationKind::Bin,
            };
            admin.add_location(location).await.unwrap();
        }
        self
    }
}

/// A product counted in pieces.
pub fn product(sku: &str, tracking: Tracking) -> Product {
    let mut product =
        Product::plain(sku.parse().unwrap(), format!("Product {sku}").parse().unwrap()).unwrap();
    product.tracking = tracking;
    product
}

/// One line of a posting. Empty places stand for the outside world.
pub fn line(sku: &str, quantity: &str, from: &str, to: &str) -> Line {
    let place = |code: &str| (!code.is_empty()).then(|| code.parse().unwrap());
    Line {
        sku: sku.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        from: place(from),
        to: place(to),
        lot: None,
        expires: None,
        unit_price: None,
        reverses: None,
        order_line: None,
    }
}

/// A posting of these lines with a new id.
pub fn posting(kind: MovementKind, lines: Vec<Line>) -> Posting {
    posting_with_id(new_id(), kind, lines)
}

/// A posting of these lines with a given id.
pub fn posting_with_id(id: PostingId, kind: MovementKind, lines: Vec<Line>) -> Posting {
    let reason =
        matches!(kind, MovementKind::Adjustment | MovementKind::Reversal).then(|| "test".parse().unwrap());
    Posting { id, kind, reference: None, reason, partner: None, lines }
}
