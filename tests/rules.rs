//! What the ledger refuses, asked with plain SQL on a real server: each row of the tables below is a
//! statement that somebody could try with psql, and the rule that stands in its way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a helper is a failed test")]

mod support;

use jiff::{SignedDuration, Timestamp};
use stockroom::domain::{MovementKind, PostingId, Tracking};
use stockroom::service::new_id;
use support::database::{TestDatabase, line, posting, product};
use support::session::{Refused, Session};

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

    /// An INSERT of a count of A at X that agrees with the books, with these columns otherwise.
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
        for (name, value) in parts(others) {
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

/// Columns of a movement that break a rule, with the SQLSTATE and the name of the rule. 23502 is NOT
/// NULL, 23503 a foreign key, 23514 a CHECK, 22003 out of range, 42501 no right to that column.
const MOVEMENTS: &[(&str, &str, &str)] = &[
    // Who and when is filled by the server.
    ("posted_by='auditor'", "42501", ""),
    ("xid='1'", "42501", ""),
    ("posted_at=now()", "42501", ""),
    // The id holds the time.
    (
        "occurred_at=stock.uuid_time('{id}') + interval '1 ms'",
        "23514",
        "transactions_occurred_at_is_time_of_id",
    ),
    (
        "occurred_at=stock.uuid_time('{id}') - interval '1 day'",
        "23514",
        "transactions_occurred_at_is_time_of_id",
    ),
    ("occurred_at='infinity'", "23514", "transactions_month_has_partition"),
    ("occurred_at='-infinity'", "23514", "transactions_month_has_partition"),
    ("id='{v4}', occurred_at=stock.uuid_time('{v4}')", "23514", "transactions_id_version_7"),
    ("id='{future}', occurred_at=stock.uuid_time('{future}')", "SR003", "not_from_the_future"),
    ("id='{1999}', occurred_at=stock.uuid_time('{1999}')", "23514", "transactions_month_has_partition"),
    ("id=NULL", "23502", ""),
    ("occurred_at=NULL", "23502", ""),
    ("posting_id=NULL", "23502", ""),
    // How many.
    ("quantity=0", "23514", "transactions_quantity_positive"),
    ("quantity=-1", "23514", "transactions_quantity_positive"),
    ("quantity=0.0004", "23514", "transactions_quantity_positive"),
    ("quantity='NaN'", "23514", "transactions_quantity_positive"),
    ("quantity='Infinity'", "22003", ""),
    ("quantity='-Infinity'", "22003", ""),
    ("quantity=100000000000", "22003", ""),
    ("quantity=99999999999", "22003", ""),
    ("quantity=NULL", "23502", ""),
    ("quantity=0.5", "SR003", "quantity_decimals"),
    ("unit_price=-0.01", "23514", "transactions_unit_price_range"),
    ("unit_price='NaN'", "23514", "transactions_unit_price_range"),
    ("unit_price='Infinity'", "22003", ""),
    // From where to where.
    ("from_location_id={Y}", "23514", "transactions_direction"),
    ("to_location_id=-", "23514", "transactions_direction"),
    ("kind='issue'", "23514", "transactions_direction"),
    ("kind='transfer'", "23514", "transactions_direction"),
    ("kind='transfer', from_location_id={X}", "23514", "transactions_direction"),
    ("kind='adjustment', from_location_id={Y}, reason='r'", "23514", "transactions_direction"),
    ("kind='adjustment'", "23514", "transactions_reason_given"),
    ("kind='gift'", "22P02", ""),
    ("kind=NULL", "23502", ""),
    ("to_location_id=0", "23503", "transactions_to_location_fkey"),
    ("product_id=0", "23503", "transactions_product_fkey"),
    ("partner_id=0", "23503", "transactions_partner_fkey"),
    ("to_location_id={Z}", "SR003", "location_archived"),
    ("product_id={OLD}", "SR003", "product_archived"),
    (
        "kind='issue', from_location_id={X}, to_location_id=-, quantity=11",
        "23514",
        "stock_levels_on_hand_not_negative",
    ),
    ("kind='issue', from_location_id={Y}, to_location_id=-", "23514", "stock_levels_on_hand_not_negative"),
    // Lots and serial numbers.
    ("lot_id={L1}", "23503", "transactions_lot_fkey"),
    ("product_id={L}", "SR003", "lot_required"),
    ("product_id={L}, lot_id={S1}", "23503", "transactions_lot_fkey"),
    ("product_id={S}", "SR003", "lot_required"),
    ("product_id={S}, lot_id={S2}, quantity=2", "SR003", "serial_quantity_one"),
    ("product_id={S}, lot_id={S1}, to_location_id={Y}", "SR003", "serial_is_unique"),
    // Texts.
    ("reference=''", "23514", "transactions_reference_form"),
    ("reference=' x'", "23514", "transactions_reference_form"),
    ("reference=repeat('x',101)", "23514", "transactions_reference_form"),
    ("reference=repeat('x',10000000)", "23514", "transactions_reference_form"),
    ("reference=chr(27) || '[2J'", "23514", "transactions_reference_form"),
    ("reference=chr(133)", "23514", "transactions_reference_form"),
    ("reason=E'a\\nb'", "23514", "transactions_reason_form"),
    ("reason=repeat('x',201)", "23514", "transactions_reason_form"),
    // Reversals.
    ("reverses='{posted}'", "23514", "transactions_reversal_names_its_row"),
    ("kind='adjustment', reason='r', reverses='{posted}'", "23514", "transactions_reversal_names_its_row"),
    ("kind='reversal', reason='r'", "23514", "transactions_reversal_names_its_row"),
    ("kind='reversal', reverses='{posted}'", "23514", "transactions_reason_given"),
    ("kind='reversal', reason='r', reverses='{other}'", "SR003", "reversal_mirrors_its_row"),
];

#[tokio::test]
async fn movements_that_break_a_rule() {
    let stage = Stage::set().await;
    stage.clerk_posts(&stage.movement("")).await.unwrap();
    let id_at = |time: Timestamp| PostingId::at(time, [7; 10]).uuid().to_string();
    let now = Timestamp::now();
    for (others, sqlstate, rule) in MOVEMENTS {
        let others = others
            .replace("{v4}", &version_4(now))
            .replace("{future}", &id_at(now + SignedDuration::from_mins(6)))
            .replace("{1999}", &id_at("1999-12-31T23:59:59Z".parse().unwrap()));
        // NOT NULL and the CHECKs of a row are looked at in no order that matters to anyone.
        let sql = stage.movement(&others);
        let outcome = stage.clerk_posts(&sql).await;
        assert_refused(outcome, sqlstate, rule, &others);
    }
    assert_eq!(stage.superuser.value("SELECT sum(on_hand) FROM stock.stock_levels").await, "16.000");
    assert_eq!(stage.superuser.value("SELECT count(*) FROM stock.transactions_default").await, "0");
}

#[tokio::test]
async fn not_even_the_superuser_forges_who_and_when() {
    let stage = Stage::set().await;
    for forged in [
        "posted_by='clerk'",
        "xid='1'",
        "posted_at=now() - interval '1 day'",
        "posted_at=now() + interval '1 hour'",
        "posted_at='infinity'",
    ] {
        for role in ["NONE", "stock_owner"] {
            let sql = format!("SET LOCAL ROLE {role}; {}", stage.movement(forged));
            let outcome = stage.superuser.attempt("SERIALIZABLE", &sql).await;
            assert_refused(outcome, "SR002", "server_fills_poster", forged);
        }
    }
    // A count is filled by the server whatever is written into it.
    let forged = stage.count("expected=3, posted_by='clerk', xid='1', posted_at='2000-01-01'");
    stage.superuser.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {forged}; COMMIT")).await.unwrap();
    let written = "SELECT concat_ws(' ', expected, posted_by = session_user, posted_at > now() - interval '1 minute', xid::text <> '1') FROM stock.stock_counts";
    assert_eq!(stage.superuser.value(written).await, "10.000 t t t");
}

#[tokio::test]
async fn nothing_is_posted_behind_a_savepoint() {
    let stage = Stage::set().await;
    let (begin, rule) = ("BEGIN ISOLATION LEVEL SERIALIZABLE", "posting_outside_savepoints");
    for session in [&stage.clerk, &stage.superuser] {
        // Where there is a level, where there is none yet, and for a count that finds what the books hold.
        for statement in [stage.movement(""), stage.movement("to_location_id={Y}"), stage.count("counted=10")]
        {
            for before in ["SAVEPOINT s", "SAVEPOINT s; SAVEPOINT t; RELEASE t", "SAVEPOINT s; ROLLBACK TO s"]
            {
                session.run(&format!("{begin}; {before}")).await.unwrap();
                assert_refused(session.run(&statement).await, "SR001", rule, before);
                // Left behind, it is in nobody's way.
                session.run("ROLLBACK TO s; RELEASE s").await.unwrap();
                session.run(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
                session.run("ROLLBACK").await.unwrap();
            }
        }
    }
    // So does a block that catches errors.
    let block = format!(
        "DO $$ BEGIN BEGIN {}; EXCEPTION WHEN division_by_zero THEN NULL; END; END $$",
        stage.movement("")
    );
    stage.superuser.run(begin).await.unwrap();
    assert_refused(stage.superuser.run(&block).await, "SR001", rule, "a block");
    stage.superuser.run("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn only_serializable_transactions_post() {
    let stage = Stage::set().await;
    for isolation in ["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ"] {
        for session in [&stage.clerk, &stage.superuser] {
            let outcome = session.attempt(isolation, &stage.movement("")).await;
            assert_refused(outcome, "SR001", "posting_is_serializable", isolation);
            let outcome = session.attempt(isolation, &stage.count("")).await;
            assert_refused(outcome, "SR001", "posting_is_serializable", isolation);
        }
    }
    let outcome = stage.clerk.attempt("SERIALIZABLE READ ONLY", &stage.movement("")).await;
    assert_refused(outcome, "25006", "", "read only");
}

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
];

#[tokio::test]
async fn nobody_changes_what_was_posted_while_the_guards_stand() {
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
async fn a_level_follows_every_way_of_inserting() {
    let stage = Stage::set().await;
    let receipt = stage.movement("");
    let values = receipt.split_once(") VALUES (").unwrap();
    let columns = values.0.split_once('(').unwrap().1;
    let ways = [
        receipt.clone(),
        format!("WITH moved AS ({receipt} RETURNING id) SELECT * FROM moved"),
        format!("PREPARE p AS {receipt}; EXECUTE p; DEALLOCATE p"),
        format!("{receipt} ON CONFLICT DO NOTHING"),
        format!(
            "MERGE INTO stock.transactions t USING (SELECT 1) s ON t.posting_id = '{{other}}' WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({}",
            values.1
        ),
    ];
    for way in ways {
        let sql = stage.fill(&format!(
            "{way}; SELECT 1 / ((SELECT on_hand FROM stock.stock_levels WHERE product_id = {{A}}) = 11)::integer"
        ));
        stage.clerk_posts(&sql).await.unwrap_or_else(|refused| panic!("{sql}: {refused:?}"));
    }
    // The same id again changes nothing and moves nothing.
    let again = stage.movement("id='{posted}', occurred_at=stock.uuid_time('{posted}')");
    let outcome = stage.clerk_posts(&again).await.unwrap_err();
    assert_eq!(outcome.sqlstate, "23505");
    let sql = stage.fill(&format!(
        "{again} ON CONFLICT DO NOTHING; SELECT 1 / ((SELECT on_hand FROM stock.stock_levels WHERE product_id = {{A}}) = 10)::integer"
    ));
    stage.clerk_posts(&sql).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_no_posting() {
    let stage = Stage::set().await;
    let id = new_id().uuid().to_string();
    let at = stage.superuser.value(&format!("SELECT stock.uuid_time('{id}')")).await;
    let columns = "id, occurred_at, posting_id, kind, product_id, to_location_id, quantity";
    let data = stage.fill(&format!("{id}\t{at}\t{id}\treceipt\t{{A}}\t{{X}}\t1"));
    for sql in [
        format!("COPY stock.transactions ({columns}) FROM STDIN"),
        format!("/* to hide it */ cOpY stock.transactions ({columns}) FROM STDIN"),
    ] {
        for session in [&stage.clerk, &stage.superuser] {
            assert_refused(session.attempt_copy(&sql, &data).await, "SR002", "posted_by_insert", &sql);
        }
    }
    // The word alone is no COPY.
    stage.clerk_posts(&stage.movement("reference='a copy of 7'")).await.unwrap();
}

#[tokio::test]
async fn reversals_move_the_same_goods_back_once() {
    let stage = Stage::set().await;
    let reversal = |others: &str| {
        stage.movement(&format!(
            "kind='reversal', reason='r', reverses='{{posted}}', from_location_id={{X}}, to_location_id=-, quantity=10{others}"
        ))
    };
    stage.clerk_posts(&reversal("")).await.unwrap();
    for wrong in [
        ", quantity=9",
        ", product_id={L}, lot_id={L1}",
        ", from_location_id={Y}",
        ", from_location_id=-, to_location_id={X}",
        ", to_location_id={Y}",
    ] {
        // Goods are there for each of them, so that no other rule comes first.
        let more = stage.movement("to_location_id={Y}, quantity=10");
        let lots = stage.movement("product_id={L}, lot_id={L1}, quantity=10");
        let sql = format!("{more}; {lots}; {}", reversal(wrong));
        assert_refused(stage.clerk_posts(&sql).await, "SR003", "reversal_mirrors_its_row", wrong);
    }
    let more = stage.movement("quantity=10");
    let twice = format!("{more}; {}; {}", reversal(""), reversal(""));
    assert_refused(stage.clerk_posts(&twice).await, "23505", "reversals_pkey", "twice");
    let first = new_id().uuid().to_string();
    let of_a_reversal = format!(
        "{}; {}",
        reversal(&format!(", id='{first}', occurred_at=stock.uuid_time('{first}')")),
        stage.movement(&format!("kind='reversal', reason='r', reverses='{first}', quantity=10"))
    );
    assert_refused(
        stage.clerk_posts(&of_a_reversal).await,
        "SR003",
        "reversal_mirrors_its_row",
        "of a reversal",
    );
}

#[tokio::test]
async fn counts_that_break_a_rule() {
    let stage = Stage::set().await;
    stage.clerk_posts(&stage.count("")).await.unwrap();
    let now = Timestamp::now();
    let v4 = version_4(now);
    let future = PostingId::at(now + SignedDuration::from_mins(6), [7; 10]).uuid().to_string();
    for (others, sqlstate, rule) in [
        ("counted=9".to_owned(), "SR003", "count_difference_is_posted"),
        ("counted=0".to_owned(), "SR003", "count_difference_is_posted"),
        ("counted=-1".to_owned(), "23514", "stock_counts_counted_not_negative"),
        ("counted='NaN'".to_owned(), "23514", "stock_counts_counted_not_negative"),
        ("counted='Infinity'".to_owned(), "22003", ""),
        ("counted=NULL".to_owned(), "23502", ""),
        ("expected=9".to_owned(), "42501", ""),
        ("posted_by='auditor'".to_owned(), "42501", ""),
        ("counted_at=now() - interval '1 hour'".to_owned(), "23514", "stock_counts_counted_at_is_time_of_id"),
        ("counted_at='infinity'".to_owned(), "SR003", "not_from_the_future"),
        (format!("id='{v4}', counted_at=stock.uuid_time('{v4}')"), "23514", "stock_counts_id_version_7"),
        (format!("id='{future}', counted_at=stock.uuid_time('{future}')"), "SR003", "not_from_the_future"),
        ("product_id={L}, counted=0".to_owned(), "SR003", "lot_required"),
        ("lot_id={L1}, counted=0".to_owned(), "SR003", "lot_not_tracked"),
        ("product_id={L}, lot_id={S1}, counted=0".to_owned(), "23503", "stock_counts_lot_fkey"),
        ("location_id=0, counted=0".to_owned(), "23503", "stock_counts_location_fkey"),
        ("product_id=0, counted=0".to_owned(), "23503", "stock_counts_product_fkey"),
    ] {
        assert_refused(stage.clerk_posts(&stage.count(&others)).await, sqlstate, rule, &others);
    }
}

#[tokio::test]
async fn a_count_and_its_adjustment_go_together() {
    let stage = Stage::set().await;
    let id = new_id().uuid().to_string();
    let own = format!("id='{id}', occurred_at=stock.uuid_time('{id}'), posting_id='{id}'");
    let adjust = |others: &str| {
        stage.movement(&format!(
            "kind='adjustment', reason='counted', from_location_id={{X}}, to_location_id=-, quantity=3, {own}{others}"
        ))
    };
    let count = stage.count(&format!("id='{id}', counted_at=stock.uuid_time('{id}'), counted=7"));
    let rule = "count_difference_is_posted";
    stage.clerk_posts(&format!("{count}; {}", adjust(""))).await.unwrap();
    for (wrong, what) in [
        (adjust(", quantity=2"), "too little"),
        (adjust(", quantity=4"), "too much"),
        (adjust(", from_location_id=-, to_location_id={X}"), "the wrong way"),
        (adjust(", id='{other}', occurred_at=stock.uuid_time('{other}')"), "under another id"),
        (adjust(", kind='issue'"), "as an issue"),
    ] {
        assert_refused(stage.clerk_posts(&format!("{count}; {wrong}")).await, "SR003", rule, what);
    }
    let elsewhere = format!(
        "{}; {count}; {}",
        stage.movement("to_location_id={Y}, quantity=5"),
        adjust(", from_location_id={Y}")
    );
    assert_refused(stage.clerk_posts(&elsewhere).await, "SR003", rule, "elsewhere");
    // The books are read before the adjustment, so the other order does not add up.
    assert_refused(
        stage.clerk_posts(&format!("{}; {count}", adjust(""))).await,
        "SR003",
        rule,
        "adjusted first",
    );
    assert_refused(
        stage.clerk_posts(&format!("{count}; {}; {count}", adjust(""))).await,
        "23505",
        "stock_counts_pkey",
        "twice",
    );
    // An adjustment of yesterday is no answer to a count of today.
    stage.clerk.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}; COMMIT", adjust(""))).await.unwrap();
    let later = stage.count(&format!("id='{id}', counted_at=stock.uuid_time('{id}'), counted=4"));
    assert_refused(stage.clerk_posts(&later).await, "SR003", rule, "adjusted in an earlier transaction");
}

/// What an admin could try with the master data, with the SQLSTATE and the name of the rule.
const MASTER_DATA: &[(&str, &str, &str)] = &[
    (
        "INSERT INTO stock.products (sku, name, unit_cost) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_unit_cost_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, unit_price) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_unit_price_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, reorder_point) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_reorder_point_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, reorder_point) VALUES ('N', 'N', 0.5)",
        "23514",
        "products_reorder_point_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, tracking, decimals) VALUES ('N', 'N', 'serial', 1)",
        "23514",
        "products_serial_whole",
    ),
    ("INSERT INTO stock.products (sku, name) VALUES ('a', 'N')", "23514", "products_sku_form"),
    ("INSERT INTO stock.products (sku, name) VALUES (E'A\\n', 'N')", "23514", "products_sku_form"),
    (
        "INSERT INTO stock.products (sku, name) VALUES ('N', repeat('x', 10000000))",
        "23514",
        "products_name_form",
    ),
    ("INSERT INTO stock.barcodes VALUES ('1', {A}, 'NaN')", "23514", "barcodes_pack_quantity_range"),
    ("UPDATE stock.products SET sku = 'N'", "42501", ""),
    ("UPDATE stock.products SET decimals = 2", "42501", ""),
    ("UPDATE stock.products SET tracking = 'none'", "42501", ""),
    ("UPDATE stock.products SET archived_at = 'infinity'", "23514", "products_archived_at_range"),
    (
        "UPDATE stock.locations SET archived_at = '-infinity' WHERE code = 'Y'",
        "23514",
        "locations_archived_at_range",
    ),
    ("UPDATE stock.lots SET expires_on = 'infinity'", "23514", "lots_expires_on_range"),
    ("UPDATE stock.lots SET expires_on = '20000-01-01'", "23514", "lots_expires_on_range"),
    ("UPDATE stock.locations SET archived_at = now() WHERE code = 'X'", "SR003", "location_not_empty"),
    ("UPDATE stock.locations SET parent_id = location_id", "23514", "locations_parent_other"),
    (
        "UPDATE stock.locations SET parent_id = {X} WHERE location_id = {Y};
             UPDATE stock.locations SET parent_id = {Y} WHERE location_id = {Z};
             UPDATE stock.locations SET parent_id = {Z} WHERE location_id = {X}",
        "SR003",
        "locations_form_a_tree",
    ),
];

#[tokio::test]
async fn master_data_that_break_a_rule() {
    let stage = Stage::set().await;
    let admin = Session::open(&stage.database.url("admin")).await.unwrap();
    for (statement, sqlstate, rule) in MASTER_DATA {
        let statement = stage.fill(statement);
        assert_refused(admin.attempt("SERIALIZABLE", &statement).await, sqlstate, rule, &statement);
    }
    let archive = "UPDATE stock.locations SET archived_at = now() WHERE code = 'Y'";
    admin.attempt("SERIALIZABLE", archive).await.unwrap();
    assert_refused(
        admin.attempt("READ COMMITTED", archive).await,
        "SR001",
        "archiving_is_serializable",
        archive,
    );
    let tree = stage.fill("UPDATE stock.locations SET parent_id = {X} WHERE code <> 'X'");
    admin.attempt("SERIALIZABLE", &tree).await.unwrap();
    for lot in ["'infinity'", "'-infinity'", "'10000-01-01'", "'1899-12-31'"] {
        let sql = stage.fill(&format!(
            "INSERT INTO stock.lots (product_id, code, expires_on) VALUES ({{L}}, 'N', {lot})"
        ));
        assert_refused(stage.clerk_posts(&sql).await, "23514", "lots_expires_on_range", &sql);
    }
}

#[tokio::test]
async fn every_partition_is_guarded_also_those_made_later() {
    let stage = Stage::set().await;
    let made = stage.clerk.value("SELECT stock.ensure_partitions('2009-12-01', '2010-03-31')").await;
    assert_eq!(made, "4");
    for (first, last) in [
        ("1999-12-31", "2000-01-31"),
        ("2010-01-01", "2100-01-01"),
        ("-infinity", "2010-01-01"),
        ("2010-01-01", "infinity"),
    ] {
        let sql = format!("SELECT stock.ensure_partitions('{first}', '{last}')");
        assert_refused(stage.clerk_posts(&sql).await, "SR003", "date_out_of_range", &sql);
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
