//! Nobody can change what was posted.

use stockroom::domain::PostingId;

use super::{Stage, assert_refused};
use crate::support::session::Session;

/// Ways to change what was posted, and the rule that refuses them even to a superuser.
const CHANGES: &[(&str, &str)] = &[
    ("UPDATE stock.transactions SET quantity = 99", "ledger_is_append_only"),
    ("UPDATE stock.transactions SET occurred_at = occurred_at + interval '1 month'", "ledger_is_append_only"),
    ("UPDATE ONLY stock.transactions SET quantity = 99", "ledger_is_append_only"),
    ("DELETE FROM stock.transactions", "ledger_is_append_only"),
    ("DELETE FROM stock.transactions WHERE false", "ledger_is_append_only"),
    ("TRUNCATE stock.transactions CASCADE", "ledger_is_append_only"),
    ("TRUNCATE stock.products CASCADE", "ledger_is_append_only"),
    ("UPDATE {month} SET quantity = 99", "ledger_is_append_only"),
    ("DELETE FROM {month}", "ledger_is_append_only"),
    ("TRUNCATE {month} CASCADE", "ledger_is_append_only"),
    ("UPDATE stock.transactions_default SET quantity = 99", "ledger_is_append_only"),
    ("INSERT INTO {month} SELECT * FROM stock.transactions", "ledger_written_through_parent"),
    (
        "INSERT INTO stock.transactions_default SELECT * FROM stock.transactions",
        "ledger_written_through_parent",
    ),
    ("{receipt} ON CONFLICT (id, occurred_at) DO UPDATE SET quantity = 99", "ledger_is_append_only"),
    (
        "MERGE INTO stock.transactions t USING (SELECT 1) s ON t.kind = 'receipt' WHEN MATCHED THEN UPDATE SET quantity = 99",
        "ledger_is_append_only",
    ),
    (
        "MERGE INTO stock.transactions t USING (SELECT 1) s ON t.kind = 'receipt' WHEN MATCHED THEN DELETE",
        "ledger_is_append_only",
    ),
    (
        "WITH gone AS (DELETE FROM stock.transactions RETURNING 1) SELECT count(*) FROM gone",
        "ledger_is_append_only",
    ),
    ("UPDATE stock.stock_levels SET on_hand = 99", "written_by_the_ledger_alone"),
    ("DELETE FROM stock.stock_levels", "written_by_the_ledger_alone"),
    ("TRUNCATE stock.stock_levels", "written_by_the_ledger_alone"),
    ("INSERT INTO stock.stock_levels VALUES ({A}, {Y}, NULL, 5)", "written_by_the_ledger_alone"),
    (
        "INSERT INTO stock.reversals SELECT id, occurred_at, id, occurred_at FROM stock.transactions LIMIT 1",
        "written_by_the_ledger_alone",
    ),
    ("UPDATE stock.reversals SET reversed_id = reversal_id", "ledger_is_append_only"),
    ("DELETE FROM stock.reversals", "ledger_is_append_only"),
    ("TRUNCATE stock.reversals", "ledger_is_append_only"),
    ("UPDATE stock.stock_counts SET counted = 1", "ledger_is_append_only"),
    ("DELETE FROM stock.stock_counts", "ledger_is_append_only"),
    ("TRUNCATE stock.stock_counts", "ledger_is_append_only"),
    (
        "INSERT INTO stock.product_history (product_id, name, unit) VALUES ({A}, 'Forged', 'each')",
        "written_by_the_ledger_alone",
    ),
    ("UPDATE stock.product_history SET name = 'Forged'", "ledger_is_append_only"),
    ("DELETE FROM stock.product_history", "ledger_is_append_only"),
    ("TRUNCATE stock.product_history", "ledger_is_append_only"),
    (
        "INSERT INTO stock.master_history (table_name, row_key, operation, row_values) VALUES ('products', '1', 'insert', '[]')",
        "written_by_the_ledger_alone",
    ),
    ("UPDATE stock.master_history SET row_key = '1'", "ledger_is_append_only"),
    ("DELETE FROM stock.master_history", "ledger_is_append_only"),
    ("TRUNCATE stock.master_history", "ledger_is_append_only"),
];

#[tokio::test]
async fn postings_cannot_be_changed_while_the_triggers_are_enabled() {
    let stage = Stage::set().await;
    for (statement, rule) in CHANGES {
        let receipt = stage.movement("id='{posted}', occurred_at=stock.uuid_time('{posted}')");
        let statement = stage.fill(&statement.replace("{receipt}", &receipt));
        for setting in ["", "SET LOCAL ROLE stock_owner; ", "SET LOCAL session_replication_role = replica; "]
        {
            let sql = format!("{setting}{statement}");
            let outcome = stage.superuser.attempt("SERIALIZABLE", &sql).await;
            assert_refused(outcome, "SR002", rule, &sql);
        }
        // People have not even the right to try, whatever form the statement takes.
        assert_refused(stage.clerk_posts(&statement).await, "42501", "", &statement);
    }
}

#[tokio::test]
async fn the_rules_of_posting_hold_for_a_replica_too() {
    let stage = Stage::set().await;
    let as_replica = |sql: String| format!("SET LOCAL session_replication_role = replica; {sql}");
    let attempt = |sql: String| async { stage.superuser.attempt("SERIALIZABLE", &as_replica(sql)).await };
    assert_refused(attempt(stage.movement("quantity=0.5")).await, "SR003", "quantity_decimals", "decimals");
    assert_refused(
        attempt(stage.movement("posted_by='clerk'")).await,
        "SR002",
        "server_fills_poster",
        "poster",
    );
    let too_much = stage.movement("kind='issue', from_location_id={X}, to_location_id=-, quantity=11");
    assert_refused(attempt(too_much).await, "23514", "stock_levels_on_hand_not_negative", "too much");
    assert_refused(attempt(stage.count("counted=9")).await, "SR003", "count_difference_is_posted", "count");
    let level = "(SELECT on_hand FROM stock.stock_levels WHERE product_id = {A}) = 11";
    let receipt = stage.fill(&format!("{}; SELECT 1 / {level}::integer", stage.movement("")));
    attempt(receipt).await.unwrap();
}

#[tokio::test]
async fn every_partition_has_its_triggers_including_later_ones() {
    let stage = Stage::set().await;
    let months = "SELECT stock.ensure_partitions('2009-12-01', '2010-03-31')";
    assert_refused(stage.clerk_posts(months).await, "42501", "", months);
    let admin = Session::open(&stage.database.url("admin")).await.unwrap();
    assert_eq!(admin.value(months).await, "4");
    for (first, last) in [
        ("1999-12-31", "2000-01-31"),
        ("2010-01-01", "2100-01-01"),
        ("-infinity", "2010-01-01"),
        ("2010-01-01", "infinity"),
    ] {
        let sql = format!("SELECT stock.ensure_partitions('{first}', '{last}')");
        assert_refused(admin.attempt("SERIALIZABLE", &sql).await, "SR003", "date_out_of_range", &sql);
    }
    let unguarded = "SELECT count(*) FILTER (WHERE t.tgenabled IS DISTINCT FROM 'A') || ' of ' || (count(*) > 40)
         FROM pg_partition_tree('stock.transactions') AS tree
         CROSS JOIN (VALUES ('refuse_change'), ('refuse_change_statement'), ('refuse_direct_insert')) AS needed (name)
         LEFT JOIN pg_trigger t ON t.tgrelid = tree.relid AND t.tgname = needed.name
         WHERE tree.level = 1";
    assert_eq!(stage.superuser.value(unguarded).await, "0 of true");
    let granted = "SELECT count(*) FROM pg_class c JOIN pg_partition_tree('stock.transactions') AS tree ON tree.relid = c.oid,
             aclexplode(c.relacl) AS a
         WHERE tree.level = 1 AND a.grantee <> c.relowner";
    assert_eq!(stage.superuser.value(granted).await, "0");
    for statement in [
        "INSERT INTO stock.transactions_2010_01 SELECT * FROM stock.transactions",
        "DELETE FROM stock.transactions_2010_01",
    ] {
        let refused = stage.superuser.attempt("SERIALIZABLE", statement).await.unwrap_err();
        assert_eq!(refused.sqlstate, "SR002", "{statement}");
    }
    // An old movement finds its month.
    let id = PostingId::at("2010-01-15T12:00:00Z".parse().unwrap(), [7; 10]).uuid().to_string();
    let old = stage.movement(&format!("id='{id}', occurred_at=stock.uuid_time('{id}')"));
    stage.clerk_posts(&old).await.unwrap();
}
