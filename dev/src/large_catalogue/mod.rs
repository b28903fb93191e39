//! A private server with a large catalogue, for benchmarks of the screens' queries, and the query that search is
//! compared with.
//!
//! The catalogue is written by set-based SQL that bypasses the ledger, whose triggers would need many minutes for it.

use stockroom::domain::Group;
use tokio_postgres::Client;

use crate::{DevServer, Error};

const FILL: &str = include_str!("fill.sql");
const SAMPLE_TEXTS: &str = include_str!("sample_texts.sql");
const SEARCH_BY_HAND: &str = include_str!("search_by_hand.sql");

/// A server with a large catalogue, which is deleted when this is dropped.
pub(crate) struct LargeCatalogue {
    pub server: DevServer,
    pub clerk_url: String,
}

impl LargeCatalogue {
    /// Creates the server and fills it with products, their levels, and as many movements.
    pub async fn make(products: u32) -> Result<Self, Error> {
        let server = DevServer::start(&[]).await?;
        let clerk_url = server.add_login("bench_clerk", Group::Clerk).await?;
        let superuser = server.connect_as_superuser().await?;
        let fill = FILL
            .replace("{products}", &products.to_string())
            .replace("{movements}", &products.max(1).to_string());
        superuser.batch_execute(&fill).await?;
        superuser.batch_execute("VACUUM ANALYZE").await?;
        superuser.batch_execute("CHECKPOINT").await?;
        Ok(Self { server, clerk_url })
    }
}

/// Codes, names and second words of names from all over the catalogue, `count` of each kind.
pub(crate) async fn sample_texts(client: &Client, count: u32) -> Result<Vec<String>, Error> {
    let rows = client.query(SAMPLE_TEXTS, &[&i64::from(count)]).await?;
    rows.iter().map(|row| Ok(row.try_get("text")?)).collect()
}

/// The query that a web system would send for its search box.
pub(crate) struct SearchByHand<'a> {
    client: &'a Client,
    statement: tokio_postgres::Statement,
}

impl<'a> SearchByHand<'a> {
    pub async fn prepare(client: &'a Client) -> Result<Self, Error> {
        Ok(Self { client, statement: client.prepare(SEARCH_BY_HAND).await? })
    }

    /// How many rows the search finds.
    pub async fn run(&self, text: &str) -> Result<usize, Error> {
        Ok(self.client.query(&self.statement, &[&text]).await?.len())
    }
}
