//! What the ledger refuses, tried with plain SQL on a real server: each row of the tables below is a statement that
//! somebody could try with psql, and the rule that refuses it.

mod counts;
mod guards;
mod master_data;
mod movements;

use jiff::Timestamp;
use stockroom::domain::{MovementKind, PostingId, Tracking};
use stockroom::service::new_id;

use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::session::{Refused, Session};

/// A database with stock, and the keys of what is in it.
struct Stage {
    database: TestDatabase,
    superuser: Session,
    clerk: Session,
    keys: Vec<(&'static str, String)>,
}

impl Stage {
    /// Product A (10 at X), M (metres, three decimals), L (by lot, 5 of L1 at X), S (by serial number,
    /// S1 at X, S2 nowhere); places X, Y and the closed Z; an archived product OLD.
    async fn set() -> Self {
        let database = TestDatabase::new().await.with_catalogue(&["A", "OLD"], &["X", "Y", "Z"]).await;
        let admin = database.service("admin");
        let mut metres = product("M", Tracking::None);
        metres.decimals = 3;
        for new in [metres, product("L", Tracking::Lot), product("S", Tracking::Serial)] {
            admin.add_product(new).await.unwrap();
        }
        let tracked = |sku, quantity, lot: &str| {
            let mut line = line(sku, quantity, "", "X");
            line.lot = Some(lot.parse().unwrap());
            line
        };
        let lines = vec![line("A", "10", "", "X"), tracked("L", "5", "L1"), tracked("S", "1", "S1")];
        let receipt = posting(MovementKind::Receipt, lines);
        admin.post(&receipt).await.unwrap();
        let superuser = Session::open(database.superuser_url()).await.unwrap();
        superuser
            .run(
                "BEGIN ISOLATION LEVEL SERIALIZABLE;
                 UPDATE stock.locations SET archived_at = now() WHERE code = 'Z';
                 UPDATE stock.products SET archived_at = now() WHERE sku = 'OLD';
                 INSERT INTO stock.lots (product_id, code) SELECT product_id, 'S2' FROM stock.products WHERE sku = 'S';
                 COMMIT",
            )
            .await
            .unwrap();
        let clerk = Session::open(&database.url("clerk")).await.unwrap();
        let mut keys = vec![("posted", receipt.id.uuid().to_string())];
        for (name, query) in [
            ("A", "SELECT product_id FROM stock.products WHERE sku = 'A'"),
            ("M", "SELECT product_id FROM stock.products WHERE sku = 'M'"),
            ("L", "SELECT product_id FROM stock.products WHERE sku = 'L'"),
            ("S", "SELECT product_id FROM stock.products WHERE sku = 'S'"),
            ("OLD", "SELECT product_id FROM stock.products WHERE sku = 'OLD'"),
            ("X", "SELECT location_id FROM stock.locations WHERE code = 'X'"),
            ("Y", "SELECT location_id FROM stock.locations WHERE code = 'Y'"),
            ("Z", "SELECT location_id FROM stock.locations WHERE code = 'Z'"),
            ("L1", "SELECT lot_id FROM stock.lots WHERE code = 'L1'"),
            ("S1", "SELECT lot_id FROM stock.lots WHERE code = 'S1'"),
            ("S2", "SELECT lot_id FROM stock.lots WHERE code = 'S2'"),
            ("month", "SELECT 'stock.transactions_' || to_char(now(), 'YYYY_MM')"),
        ] {
            keys.push((name, superuser.value(query).await));
        }
        Self { database, superuser, clerk, keys }
    }

    /// Puts keys in place of {names}, and new ids in place of {id} and {other}.
    fn fill(&self, sql: &str) -> String {
        let mut sql = sql.replace("{id}", &new_id().uuid().to_string());
        sql = sql.replace("{other}", &new_id().uuid().to_string());
        for (name, value) in &self.keys {
            sql = sql.replace(&format!("{{{name}}}"), value);
        }
        sql
    }

    /// An INSERT into the ledger: a receipt of 1 of A to X with these columns otherwise. Columns are parted by
    /// comma and space; `-` leaves one out.
    fn movement(&self, others: &str) -> String {
        self.insert(
            "transactions",
            "id='{id}', occurred_at=stock.uuid_time('{id}'), posting_id='{id}', kind='receipt', product_id={A}, \
             to_location_id={X}, quantity=1",
            others,
        )
    }

    /// An INSERT of a count of A at X that agrees with the recorded quantity, with these columns changed.
    fn count(&self, others: &str) -> String {
        self.insert(
            "stock_counts",
            "id='{id}', counted_at=stock.uuid_time('{id}'), posting_id='{id}', product_id={A}, location_id={X}, counted=10",
            others,
        )
    }

    fn insert(&self, table: &str, usual: &str, others: &str) -> String {
        let parts = |text: &str| -> Vec<(String, String)> {
            text.split(", ")
                .filter_map(|part| part.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        let mut columns = parts(usual);
        let mut others = parts(others);
        // A row that is given an id of its own begins a posting of that id.
        let names = |name: &str| others.iter().find(|(known, _)| known == name);
        if let (Some((_, id)), None) = (names("id"), names("posting_id")) {
            others.push(("posting_id".to_owned(), id.clone()));
        }
        for (name, value) in others {
            columns.retain(|(known, _)| *known != name);
            if value != "-" {
                columns.push((name, value));
            }
        }
        let (names, values): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        self.fill(&format!("INSERT INTO stock.{table} ({}) VALUES ({})", names.join(", "), values.join(", ")))
    }

    async fn clerk_posts(&self, sql: &str) -> Result<(), Refused> {
        self.clerk.attempt("SERIALIZABLE", sql).await
    }
}

/// An id with a time in it that claims to be of version 4.
fn version_4(time: Timestamp) -> String {
    let mut id = PostingId::at(time, [7; 10]).uuid().to_string();
    id.replace_range(14..15, "4");
    id
}

/// Asserts that an attempt was refused with this SQLSTATE and rule.
fn assert_refused(outcome: Result<(), Refused>, sqlstate: &str, rule: &str, what: &str) {
    let refused = outcome.expect_err(what);
    assert_eq!(
        (refused.sqlstate.as_str(), refused.rule.as_str()),
        (sqlstate, rule),
        "{what}: {}",
        refused.message
    );
}
