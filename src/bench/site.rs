//! The place where a benchmark runs: a private server of its own with items in stock, gone afterwards.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::load::Items;
use super::pgbench;
use crate::domain::{
    Line, LocationCode, LocationKind, MovementKind, NewLocation, NewProduct, Posting, Refusal, Sku,
};
use crate::server::{Lifetime, Options, PrivateServer, ServerError};
use crate::service::{Service, new_id};
use crate::store::{self, BASELINE_LOGIN, ConnectionSettings, Group, Store, UNAUDITED_LOGIN, prepare};

/// How many lines the postings have that put the items into stock.
const STOCK_LINES: usize = 1_000;

/// Why a benchmark could not be run.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The private server.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A posting that fills the stock.
    #[error(transparent)]
    Service(#[from] crate::service::Error),
    /// pgbench cannot be run.
    #[error("pgbench cannot be run: {0}")]
    Pgbench(String),
    /// The measuring itself.
    #[error("the benchmark cannot measure: {0}")]
    Measure(String),
}

impl BenchError {
    pub(super) fn pgbench(message: String) -> Self {
        Self::Pgbench(message)
    }

    pub(super) fn histogram(error: impl std::fmt::Display) -> Self {
        Self::Measure(error.to_string())
    }

    pub(super) fn task(error: tokio::task::JoinError) -> Self {
        Self::Measure(error.to_string())
    }
}

/// A private server with a prepared database, gone with it, and the superuser of the database.
pub(super) async fn prepared_server() -> Result<(PrivateServer, Store), BenchError> {
    let directory = std::env::temp_dir().join(format!("stockroom-bench-{}", std::process::id()));
    let options = Options::new(directory, Lifetime::Tied { delete_directory: true });
    let server = tokio::task::spawn_blocking(move || PrivateServer::start(&options))
        .await
        .map_err(BenchError::task)??;
    let superuser: ConnectionSettings = server.url().parse()?;
    prepare::init(&superuser, prepare::DATABASE_DEFAULT).await?;
    let superuser = Store::new(superuser.with_database(prepare::DATABASE_DEFAULT), 1)?;
    Ok((server, superuser))
}

/// A server with stock, and the ways to post to it.
pub(super) struct Site {
    pub server: PrivateServer,
    pub ours: Arc<Store>,
    pub baseline: Arc<Store>,
    /// The same rights as ours, with pgaudit off.
    pub unaudited: Arc<Store>,
    superuser: Store,
    items: Items,
    pub pgbench_url: String,
}

impl Site {
    pub fn items(&self) -> &Items {
        &self.items
    }

    /// Makes the server, the items and their stock, and the baseline's tables.
    pub async fn make(items: usize, sessions: usize, with_pgbench: bool) -> Result<Self, BenchError> {
        let (server, superuser) = prepared_server().await?;
        let password = crate::service::generate_password();
        superuser.add_person("bench_admin", Group::Admin, &password).await?;
        let url = |login: &str| server.url_for(login, password.expose_secret(), prepare::DATABASE_DEFAULT);
        let admin = Service::new(Store::new(url("bench_admin").parse()?, 2)?, None);
        let items = stock_up(&admin, items).await?;
        superuser.make_baseline(&password).await?;
        superuser.add_person(UNAUDITED_LOGIN, Group::Admin, &password).await?;
        superuser.stop_auditing_for_benchmark().await?;
        let site = Self {
            ours: Arc::new(Store::new(url("bench_admin").parse()?, sessions)?),
            baseline: Arc::new(Store::new(url(BASELINE_LOGIN).parse()?, sessions)?),
            unaudited: Arc::new(Store::new(url(UNAUDITED_LOGIN).parse()?, sessions)?),
            pgbench_url: pgbench_url(&superuser, &server, &password).await?,
            superuser,
            items,
            server,
        };
        // Who posts all day knows the keys of the items; looking them up is not what is measured.
        for store in [&site.ours, &site.baseline, &site.unaudited] {
            store.learn_all(&site.items.skus, &site.items.location).await?;
        }
        if with_pgbench {
            pgbench::initialise(&site)?;
        }
        Ok(site)
    }

    /// Lets the server come to rest before a round, so that no side pays for what the other wrote.
    pub async fn settle(&self) -> Result<(), BenchError> {
        self.superuser.vacuum().await?;
        self.superuser.checkpoint().await?;
        Ok(())
    }
}

/// pgbench keeps its tables in a database of its own, as the login that is not audited.
async fn pgbench_url(
    superuser: &Store,
    server: &PrivateServer,
    password: &SecretString,
) -> Result<String, BenchError> {
    superuser.make_pgbench_database().await?;
    Ok(server.url_for(BASELINE_LOGIN, password.expose_secret(), store::PGBENCH_DATABASE))
}

async fn stock_up(admin: &Service, count: usize) -> Result<Items, BenchError> {
    let mut skus = Vec::with_capacity(count);
    let mut products = Vec::with_capacity(count);
    for number in 1..=count {
        let sku: Sku =
            format!("ITEM-{number:06}").parse().map_err(Refusal::from).map_err(store::Error::from)?;
        let name = format!("Item {number}").parse().map_err(Refusal::from).map_err(store::Error::from)?;
        products
            .push(NewProduct::plain(sku.clone(), name).map_err(Refusal::from).map_err(store::Error::from)?);
        skus.push(sku);
    }
    admin.add_products(&products).await?;
    let location: LocationCode = "MAIN".parse().map_err(Refusal::from).map_err(store::Error::from)?;
    admin
        .add_location(NewLocation {
            code: location.clone(),
            name: None,
            parent: None,
            kind: LocationKind::Site,
        })
        .await?;
    // So much that no round can take it all.
    let plenty = "10000000".parse().map_err(Refusal::from).map_err(store::Error::from)?;
    for part in skus.chunks(STOCK_LINES) {
        let line = |sku: &Sku| Line {
            sku: sku.clone(),
            quantity: plenty,
            from: None,
            to: Some(location.clone()),
            lot: None,
            expires: None,
            unit_price: None,
            reverses: None,
        };
        let posting = Posting {
            id: new_id(),
            kind: MovementKind::Receipt,
            reference: None,
            reason: None,
            partner: None,
            lines: part.iter().map(line).collect(),
        };
        admin.post(&posting).await?;
    }
    Ok(Items {
        skus: Arc::new(skus),
        location,
        quantity: "1".parse().map_err(Refusal::from).map_err(store::Error::from)?,
        unit_price: "2.55".parse().map_err(Refusal::from).map_err(store::Error::from)?,
    })
}
