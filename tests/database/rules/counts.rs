//! Counts that are refused, and what goes with a count.

use jiff::{SignedDuration, Timestamp};
use stockroom::domain::PostingId;
use stockroom::service::new_id;

use super::{Stage, assert_refused, version_4};

#[tokio::test]
async fn counts_that_break_a_rule_are_refused() {
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
        ("counted='Infinity'".to_owned(), "23514", "stock_counts_counted_range"),
        ("counted=10.0004".to_owned(), "23514", "stock_counts_counted_range"),
        ("posting_id='{posted}'".to_owned(), "SR003", "posting_is_one_transaction"),
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
