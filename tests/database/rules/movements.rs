//! Movements that are refused, and every way of inserting those that are not.

use jiff::{SignedDuration, Timestamp};
use stockroom::domain::PostingId;
use stockroom::service::new_id;

use super::{Stage, assert_refused, version_4};

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
    ("quantity=0.0004", "SR003", "quantity_decimals"),
    ("product_id={M}, quantity=10.0004", "SR003", "quantity_decimals"),
    ("quantity='NaN'", "23514", "transactions_quantity_positive"),
    ("quantity='Infinity'", "23514", "transactions_quantity_range"),
    ("quantity='-Infinity'", "23514", "transactions_quantity_positive"),
    ("quantity=100000000000", "23514", "transactions_quantity_range"),
    ("quantity=99999999999", "22003", ""),
    ("quantity=NULL", "23502", ""),
    ("quantity=0.5", "SR003", "quantity_decimals"),
    ("unit_price=-0.01", "23514", "transactions_unit_price_range"),
    ("unit_price='NaN'", "23514", "transactions_unit_price_range"),
    ("unit_price='Infinity'", "23514", "transactions_unit_price_scale"),
    ("unit_price=1.23456", "23514", "transactions_unit_price_scale"),
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
    // Goods that leave before they arrived.
    (
        "id='{early}', occurred_at=stock.uuid_time('{early}'), posting_id='{early}', kind='issue', from_location_id={X}, to_location_id=-",
        "SR003",
        "on_hand_at_all_times",
    ),
    (
        "id='{early}', occurred_at=stock.uuid_time('{early}'), posting_id='{early}', kind='transfer', from_location_id={X}, to_location_id={Y}",
        "SR003",
        "on_hand_at_all_times",
    ),
    (
        "id='{early}', occurred_at=stock.uuid_time('{early}'), posting_id='{early}', kind='issue', from_location_id={X}, to_location_id=-, product_id={L}, lot_id={L1}",
        "SR003",
        "on_hand_at_all_times",
    ),
    // The posting of somebody else, and one that nobody began.
    ("posting_id='{posted}'", "SR003", "posting_is_one_transaction"),
    ("posting_id='{other}'", "SR003", "posting_is_one_transaction"),
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
async fn movements_that_break_a_rule_are_refused() {
    let stage = Stage::set().await;
    stage.clerk_posts(&stage.movement("")).await.unwrap();
    let id_at = |time: Timestamp| PostingId::at(time, [7; 10]).uuid().to_string();
    let now = Timestamp::now();
    for (others, sqlstate, rule) in MOVEMENTS {
        let others = others
            .replace("{v4}", &version_4(now))
            .replace("{future}", &id_at(now + SignedDuration::from_mins(6)))
            .replace("{early}", &id_at(now - SignedDuration::from_hours(1)))
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
async fn not_even_a_superuser_can_forge_login_and_time() {
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
async fn nothing_is_posted_after_a_savepoint() {
    let stage = Stage::set().await;
    let (begin, rule) = ("BEGIN ISOLATION LEVEL SERIALIZABLE", "posting_outside_savepoints");
    for session in [&stage.clerk, &stage.superuser] {
        // Where there is a level, where there is none yet, and for a count that finds the recorded quantity.
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
async fn copy_into_the_ledger_is_refused() {
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
