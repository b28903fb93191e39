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
