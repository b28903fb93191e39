//! From the review to the outcome.

use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{product, some};
use crate::domain::{Item, PostingOutcome, Product, ProductRow, Refusal};
use crate::worker::message::Written;
use crate::worker::query::{self, Question};

fn cost(sku: &str, cost: Option<&str>) -> Answer {
    Answer::Cost(Box::new(Item {
        row: ProductRow {
            product: Product { unit_cost: cost.and_then(some), ..product(sku, "GOODS") },
            on_hand: Decimal::ZERO,
            available: Decimal::ZERO,
            archived_at: None,
        },
        levels: Vec::new(),
        history: Vec::new(),
        days: Vec::new(),
    }))
}

#[test]
fn the_review_shows_the_effect_and_a_double_enter_posts_once() {
    let mut desk = desk();
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("✗ Nothing has been counted yet."));
    desk.keys("10<f12>");
    assert!(desk.draw(80, 24).contains("✗ First press Enter to accept what you have typed."));
    desk.asked.clear();
    desk.keys("<enter>14<enter>=<f12>");
    assert_eq!(desk.asked.len(), 2, "the costs of what differs");
    desk.answer_first(cost("71053", Some("2.5")));
    desk.answer_first(cost("FLOUR", None));
    insta::assert_snapshot!("review", desk.draw(80, 24));
    insta::assert_snapshot!("review_60x20", desk.draw(60, 20));
    // Typing continues counting.
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
    // The next location and its count, before the first is posted and before the second is fetched.
    desk.keys("b<enter>5<enter>=");
    assert!(desk.draw(80, 24).contains("posting … (5 keys queued)"), "{}", desk.draw(80, 24));
    desk.asked.clear();
    desk.end(Ok(Written::Counted(counted(&desk))));
    assert_eq!(desk.question(), &Question::Sheet(query::Sheet { location: "B".parse().unwrap() }));
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
        message: "ONE at A: 12 was on hand when it was counted, 10 is now".to_owned(),
    })));
    assert!(desk.notices()[0].text.starts_with("2 keys typed since are queued"), "{:?}", desk.notices());
    desk.answer(Answer::Sheet(vec![line("A", "ONE", 10), line("A", "TWO", 2)]));
    insta::assert_snapshot!("refused", desk.draw(80, 24));
    assert!(cursor_line(&mut desk).contains("ONE"), "the cursor is on what moved");
    desk.keys("10<enter><f12><enter>");
    let (again, sheet) = sheet(&desk);
    assert_ne!(again, id, "other figures are another act");
    assert_eq!(sheet.lines[0].counted, Decimal::TEN);
    desk.asked.clear();
    assert!(desk.draw(80, 24).contains("12 was on hand"), "{}", desk.draw(80, 24));
    desk.end(Ok(Written::Counted(counted(&desk))));
    assert!(!desk.draw(80, 24).contains("12 was on hand"), "the error is settled: {}", desk.draw(80, 24));
    assert_eq!(
        desk.question(),
        &Question::Sheet(query::Sheet { location: "B".parse().unwrap() }),
        "the keys go on"
    );
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
    for outcome in [PostingOutcome::Posted, PostingOutcome::NotPosted] {
        let mut desk = desk_with(vec![line("A", "ONE", 12)]);
        desk.keys("11<enter><f12><enter>");
        let (id, _) = sheet(&desk);
        desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "reset by peer".to_owned() }));
        insta::assert_snapshot!("unknown", desk.draw(80, 24));
        desk.keys("<esc>b<enter>");
        desk.resolve(PostingOutcome::Unknown);
        assert_eq!(desk.written.len(), 1);
        desk.asked.clear();
        desk.resolve(outcome);
        if outcome == PostingOutcome::Posted {
            assert!(desk.draw(80, 24).contains("loading the sheet of B"), "{}", desk.draw(80, 24));
        } else {
            assert!(desk.draw(80, 24).contains("The count was not posted."));
            desk.keys("<f12><enter>");
            assert_eq!(sheet(&desk).0, id);
        }
    }
}

/// The lines of the location are being fetched from a server that does not answer yet.
#[test]
fn keys_that_waited_for_an_answer_post_nothing() {
    let mut desk = Desk::clerk();
    desk.keys("<f6>a<enter>11<enter><f12><f12>b<enter>");
    desk.answer(Answer::Sheet(vec![line("A", "ONE", 12)]));
    assert!(desk.written.is_empty());
    assert!(desk.notices()[0].text.starts_with("2 keys typed since are queued"), "{:?}", desk.notices());
    assert!(desk.draw(80, 24).contains("Press Enter to post"), "{}", desk.draw(80, 24));
    desk.keys("<f12>");
    assert_eq!(sheet(&desk).1.lines[0].counted, Decimal::from(11));
    desk.asked.clear();
    desk.end(Ok(Written::Counted(counted(&desk))));
    assert_eq!(
        desk.question(),
        &Question::Sheet(query::Sheet { location: "B".parse().unwrap() }),
        "the keys go on"
    );
}

#[test]
fn what_is_typed_before_the_review_is_drawn_does_not_confirm_it() {
    let mut desk = desk_with(vec![line("A", "ONE", 12)]);
    desk.keys("11<enter>");
    desk.burst("<f12><enter>");
    assert!(desk.written.is_empty());
    desk.burst("<esc><f12><f12>");
    assert!(desk.written.is_empty(), "it was opened anew");
    desk.keys("<enter>");
    assert_eq!(desk.written.len(), 1);
}

#[test]
fn a_count_is_kept_and_continued_another_day() {
    let mut desk = desk_with(vec![line("A", "ONE", 12), line("A", "TWO", 2)]);
    desk.keys("11<enter><tab>THREE<enter>");
    desk.answer(found("THREE", Tracking::None, 1));
    let draft = desk.drafts[&Command::Count].clone().unwrap();
    assert_eq!(draft.lines, 2);
    // The next day goods of one line have moved: it has to be counted again.
    let mut next = Desk::clerk();
    next.find_draft(Command::Count, draft);
    next.keys("<enter>");
    assert_eq!(next.question(), &Question::Sheet(query::Sheet { location: "A".parse().unwrap() }));
    next.answer(Answer::Sheet(vec![line("A", "ONE", 10), line("A", "TWO", 2)]));
    let screen = next.draw(100, 24);
    assert!(screen.contains("was 12, count again"), "{screen}");
    next.keys("<home>9<enter>");
    assert_eq!(figures(&mut next), ["A ONE 9 of 10", "A THREE 1 of 0"]);
    next.end(Ok(Written::Counted(counted(&next))));
    assert_eq!(next.drafts[&Command::Count], None);
}
