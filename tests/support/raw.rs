//! Plain sessions without the program, for what tests must do or see on their own.

use tokio_postgres::{Client, NoTls};

use super::database::TestDatabase;
use super::wait::until;

/// A session at a URL.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(async move {
        connection.await.ok();
    });
    client
}

/// Waits until `count` sessions of a login in this database wait for a lock.
pub async fn until_waiting(watcher: &Client, login: &str, count: i64) {
    until(&format!("{count} sessions of {login} wait for a lock"), async || {
        let row = watcher
            .query_one(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND datname = current_database() AND wait_event_type = 'Lock'",
                &[&login],
            )
            .await
            .unwrap();
        row.get::<_, i64>(0) == count
    })
    .await;
}

/// One number from the superuser's point of view.
pub async fn number(database: &TestDatabase, sql: &str) -> i64 {
    connect(database.superuser_url()).await.query_one(sql, &[]).await.unwrap().get(0)
}

/// Fails unless the levels are the sum of the ledger, nothing is below zero, and every reversal undoes
/// one movement exactly.
pub async fn assert_books_balance(database: &TestDatabase) {
    let session = connect(database.superuser_url()).await;
    let wrong: i64 = session
        .query_one(
            "WITH moved AS (
                 SELECT product_id, location_id, lot_id, sum(delta) AS delta
                 FROM (SELECT product_id, to_location_id AS location_id, lot_id, quantity AS delta FROM stock.transactions
                       UNION ALL
                       SELECT product_id, from_location_id, lot_id, -quantity FROM stock.transactions) AS m
                 WHERE location_id IS NOT NULL GROUP BY product_id, location_id, lot_id
             )
             SELECT count(*) FROM moved m
             FULL JOIN stock.stock_levels l ON l.product_id = m.product_id AND l.location_id = m.location_id
                  AND coalesce(l.lot_id, 0) = coalesce(m.lot_id, 0)
             WHERE coalesce(l.on_hand, 0) <> coalesce(m.delta, 0) OR l.on_hand < 0",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(wrong, 0, "levels that are not the sum of the ledger");
    let unbalanced: i64 = session
        .query_one(
            "SELECT count(*) FROM stock.transactions t
             FULL JOIN stock.reversals r ON r.reversal_id = t.id
             LEFT JOIN stock.transactions o ON o.id = r.reversed_id
             WHERE (t.kind = 'reversal' OR r.reversal_id IS NOT NULL)
               AND (t.reverses = o.id AND t.quantity = o.quantity AND t.product_id = o.product_id
                    AND t.lot_id IS NOT DISTINCT FROM o.lot_id
                    AND t.from_location_id IS NOT DISTINCT FROM o.to_location_id
                    AND t.to_location_id IS NOT DISTINCT FROM o.from_location_id) IS NOT TRUE",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(unbalanced, 0, "reversals that do not mirror one movement");
    let twice: i64 = session
        .query_one("SELECT count(*) - count(DISTINCT id) FROM stock.transactions", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(twice, 0, "movements whose id is not unique");
}
