//! The private server for benchmarks of postings: items in stock, and the logins that post.

use std::sync::Arc;

use stockroom::domain::{
    Group, Line, LocationCode, LocationKind, MovementKind, NewLocation, Posting, Product, Refusal, Sku,
};
use stockroom::service::{Service, new_id};
use stockroom::store::Store;
use tokio_postgres::Client;

use super::baseline::{self, Baseline};
use super::load::{Items, Load};
use super::orders::OrderBook;
use super::{BATCH_LINES, Kind, pgbench};
use crate::{DevServer, Error};

/// How many lines the postings have that receive the items.
const STOCK_LINES: usize = 1_000;
/// How much of each item each posting side receives: more than all rounds can take.
const STOCK_QUANTITY: &str = "10000000";
const LOCATION: &str = "MAIN";

/// The login that posts as an admin would, audited as usual.
const AUDITED_LOGIN: &str = "bench_admin";
/// A login with the same rights, but with pgaudit off.
const UNAUDITED_LOGIN: &str = "bench_unaudited";

/// A server with stock, and the connections that post to it.
pub(super) struct BenchServer {
    pub server: DevServer,
    pub audited: Arc<Store>,
    pub unaudited: Arc<Store>,
    /// Hand-written SQL on separate tables.
    pub by_hand: Arc<Baseline>,
    /// A plain retry loop on the real ledger.
    pub plain_retry: Arc<Baseline>,
    pub items: Items,
    pub load: Load,
    pub pgbench_url: String,
    superuser: Client,
}

impl BenchServer {
    /// Creates the server, the items and their stock, and the tables of the baseline.
    pub async fn make(kind: Kind, items: usize, sessions: usize) -> Result<Self, Error> {
        let server = DevServer::start(&[]).await?;
        let superuser = server.connect_as_superuser().await?;
        let audited_url = server.add_login(AUDITED_LOGIN, Group::Admin).await?;
        let unaudited_url = server.add_login(UNAUDITED_LOGIN, Group::Admin).await?;
        let by_hand_url = server.add_login(baseline::LOGIN, Group::Clerk).await?;
        // Before their sessions begin: a setting of a role is read at login.
        for login in [UNAUDITED_LOGIN, baseline::LOGIN] {
            superuser.batch_execute(&format!("ALTER ROLE {login} SET pgaudit.log = 'none'")).await?;
        }
        let admin = Service::new(Store::new(audited_url.parse()?, 2)?, None);
        let items = add_items(&admin, items).await?;
        let audited = Arc::new(Store::new(audited_url.parse()?, sessions)?);
        let unaudited = Arc::new(Store::new(unaudited_url.parse()?, sessions)?);
        // A terminal in use has the keys of the items cached, and looking them up is not what is measured: each side
        // receives a part of the stock, and so caches them.
        for store in [&audited, &unaudited] {
            stock_up(store, &items).await?;
        }
        let load = match kind {
            Kind::Reserve | Kind::Pick => {
                let book = Arc::new(OrderBook::make(&admin, &items, kind == Kind::Pick).await?);
                if kind == Kind::Pick { Load::Picks(book) } else { Load::Reservations(book) }
            }
            Kind::Batch => Load::Postings { lines: BATCH_LINES },
            Kind::Post | Kind::Hot | Kind::Audit => Load::Postings { lines: 1 },
        };
        baseline::make_tables(&superuser).await?;
        let keys = Arc::new(baseline::Keys::read(&superuser).await?);
        let by_hand = Arc::new(Baseline::new(&by_hand_url, sessions, keys.clone())?);
        let plain_retry = Arc::new(Baseline::new(&audited_url, sessions, keys)?);
        let pgbench_url = server.url_for(baseline::LOGIN, pgbench::DATABASE);
        let bench =
            Self { server, audited, unaudited, by_hand, plain_retry, items, load, pgbench_url, superuser };
        if kind == Kind::Post {
            pgbench::initialise(&bench, &bench.superuser).await?;
        }
        Ok(bench)
    }

    /// Lets the server settle before a round, so that no side pays for what the other wrote.
    pub async fn settle(&self) -> Result<(), Error> {
        self.superuser.batch_execute("VACUUM ANALYZE").await?;
        self.superuser.batch_execute("CHECKPOINT").await?;
        Ok(())
    }
}

async fn add_items(admin: &Service, count: usize) -> Result<Items, Error> {
    let mut skus = Vec::with_capacity(count);
    let mut products = Vec::with_capacity(count);
    for number in 1..=count {
        let sku: Sku = format!("ITEM-{number:06}").parse().map_err(Refusal::from)?;
        let name = format!("Item {number}").parse().map_err(Refusal::from)?;
        products.push(Product::plain(sku.clone(), name).map_err(Refusal::from)?);
        skus.push(sku);
    }
    admin.add_products(&products).await?;
    let location: LocationCode = LOCATION.parse().map_err(Refusal::from)?;
    let site = NewLocation { code: location.clone(), name: None, parent: None, kind: LocationKind::Site };
    admin.add_location(site).await?;
    Ok(Items {
        skus: Arc::new(skus),
        location,
        quantity: "1".parse().map_err(Refusal::from)?,
        unit_price: "2.55".parse().map_err(Refusal::from)?,
    })
}

async fn stock_up(store: &Store, items: &Items) -> Result<(), Error> {
    let quantity = STOCK_QUANTITY.parse().map_err(Refusal::from)?;
    for skus in items.skus.chunks(STOCK_LINES) {
        let line = |sku: &Sku| Line {
            sku: sku.clone(),
            quantity,
            from: None,
            to: Some(items.location.clone()),
            lot: None,
            expires: None,
            unit_price: None,
            reverses: None,
            order_line: None,
        };
        let posting = Posting {
            id: new_id(),
            kind: MovementKind::Receipt,
            reference: None,
            reason: None,
            partner: None,
            lines: skus.iter().map(line).collect(),
        };
        store.post(&posting).await?;
    }
    Ok(())
}
