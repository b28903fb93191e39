//! From the review to what came of it.

use rust_decimal::Decimal;

use super::*;
use crate::domain::Refusal;
use crate::worker::message::{Fate, Item, ProductRow};

fn cost(sku: &str, cost: Option<&str>) -> Answer {
    Answer::Item(Box::new(Item {
        product: ProductRow {
            sku: sku.to_owned(),
            name: String::new(),
            unit: "each".to_owned(),
            decimals: 0,
            category: None,
            reorder_point: None,
            unit_cost: cost.map(|cost| cost.parse().unwrap()),
            unit_price: None,
            tracking: "none".to_owned(),
            on_hand: Decimal::ZERO,
            barcodes: Vec::new(),
            archived_at: None,
        },
        levels: Vec::new(),
        history: Vec::new(),
        days: Vec::new(),
    }))
}

#[test]
fn the_review_says_it_in_words_and_a_double_enter_posts_once() {
    let mut desk = desk();
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("✗ Nothing is counted yet."));
    desk.keys("10<f12>");
    assert!(desk.draw(80, 24).contains("✗ Enter takes what is typed first."));
    desk.asked.clear();
    desk.keys("<enter>14<enter>=<f12>");
    assert_eq!(desk.asked.len(), 2, "the costs of what differs");
    desk.answer_first(cost("71053", Some("2.5")));
    desk.answer_first(cost("FLOUR", None));
    insta::assert_snapshot!("review", desk.draw(80, 24));
    insta::assert_snapshot!("review_60x20", desk.draw(60, 20));
    // Typing goes on counting.
    desk.keys("6");
    assert!(desk.draw(80, 24).contains("▸ Count 6"));
    desk.keys("<enter><f12><enter><enter><enter>");
    assert_eq!(desk.written.len(), 1);
    let (id, sheet) = sheet(&desk);
    assert_eq!(sheet.details.id, Some(id));
    assert_eq!(sheet.location.as_str(), "A");
    assert_eq!(sheet.lines.len(), 4);
    insta::assert_snapshot!("posting", desk.draw(80, 24));
    desk.end(Ok(Written::Counted(counted(&desk))));
    insta::assert_snapshot!("posted", desk.draw(80, 24));
    assert_eq!(desk.notices()[0].text, "Count of A posted: 4 lines, 2 differences");
    desk.keys("<f2><f6>");
    assert!(desk.draw(80, 24).contains("✓ Count of A posted"), "the result stays until the next sheet");
}

#[test]
fn keys_typed_ahead_of_a_slow_posting_are_applied_after_it() {
    let mut desk = desk_with(vec![line("A", "ONE", 1)]);
    desk.keys("=<f12><enter>");
    // The next place and its count, before the first is posted and before the second is fetched.
    desk.keys("b<enter>5<enter>=");
    assert!(desk.draw(80, 24).contains("posting … (5 keys wait)"), "{}", desk.draw(80, 24));
    desk.asked.clear();
    desk.end(Ok(Written::Counted(counted(&desk))));
    assert_eq!(desk.question(), &Question::Sheet("B".parse().unwrap()));
    desk.answer(Answer::Sheet(vec![line("B", "TWO", 2), line("B", "TWO-B", 3)]));
    assert_eq!(figures(&mut desk), ["B TWO 5 of 2", "B TWO-B 3 of 3"]);
}

#[test]
fn a_refused_count_loses_nothing_and_keeps_the_keys_waiting() {
    let mut desk = desk_with(vec![line("A", "ONE", 12), line("A", "TWO", 2)]);
    desk.keys("11<enter>=<f12><enter>");
    let (id, _) = sheet(&desk);
    desk.keys("b<enter>");
    desk.end(Err(Failure::Refused(Refusal::Rule {
        rule: "moved_since_counted".to_owned(),
        message: "ONE at A: the books held 12 when it was counted and hold 10 now".to_owned(),
    })));
    assert!(desk.notices()[0].text.starts_with("2 keys typed since wait"), "{:?}", desk.notices());
    desk.answer(Answer::Sheet(vec![line("A", "ONE", 10), line("A", "TWO", 2)]));
    insta::assert_snapshot!("refused", desk.draw(80, 24));
    assert!(cursor_line(&mut desk).contains("ONE"), "the cursor is on what moved");
    desk.keys("10<enter><f12><enter>");
    let (again, sheet) = sheet(&desk);
    assert_ne!(again, id, "other figures are another act");
    assert_eq!(sheet.lines[0].counted, Decimal::TEN);
    desk.asked.clear();
    desk.end(Ok(Written::Counted(counted(&desk))));
    assert_eq!(desk.question(), &Question::Sheet("B".parse().unwrap()), "the keys go on");
}

#[test]
fn the_same_figures_keep_their_id() {
    let mut desk = desk_with(vec![line("A", "ONE", 12)]);
    desk.keys("11<enter><f12><enter>");
    let (id, _) = sheet(&desk);
    desk.end(Err(Failure::Unavailable("connection refused".to_owned())));
    desk.keys("<f12><enter>");
    assert_eq!(desk.written.len(), 2);
    assert_eq!(sheet(&desk).0, id);
}

#[test]
fn an_unknown_outcome_locks_the_sheet_until_it_is_known() {
    for fate in [Fate::Posted, Fate::NotPosted] {
        let mut desk = desk_with(vec![line("A", "ONE", 12)]);
        desk.keys("11<enter><f12><enter>");
        let (id, _) = sheet(&desk);
        desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "reset by peer".to_owned() }));
        insta::assert_snapshot!("unknown", desk.draw(80, 24));
        desk.keys("<esc>b<enter>");
        desk.resolve(Fate::Unknown);
        assert_eq!(desk.written.len(), 1);
        desk.asked.clear();
        desk.resolve(fate);
        if fate == Fate::Posted {
            assert!(desk.draw(80, 24).contains("fetching the sheet of B"), "{}", desk.draw(80, 24));
        } else {
            assert!(desk.draw(80, 24).contains("The count was not posted."));
            desk.keys("<f12><enter>");
            assert_eq!(sheet(&desk).0, id);
        }
    }
}
