//! Reversals, from the key to what the ledger shows.

use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{level, parsed};
use crate::domain::{Group, MovementKind, PostedLine, PostingOutcome, Refusal, Status};
use crate::tui::app::testing::{Desk, whole};
use crate::tui::locale::Language;
use crate::tui::screens::ledger::tests::receipt;
use crate::worker::query::{self, Question};

/// A posting with a number of receipts.
fn posting(lines: usize) -> Vec<LedgerRow> {
    let first = receipt(4);
    let line = |line| LedgerRow {
        id: first.posting_id.line(line),
        sku: parsed(&format!("7105{line}")),
        ..first.clone()
    };
    (0..lines).map(line).collect()
}

fn open(rows: Vec<LedgerRow>) -> Desk {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(rows.clone())));
    desk.keys("<ctrl-r>");
    desk.answer(Answer::Posting(rows));
    desk
}

fn reversal(desk: &Desk) -> (PostingId, Reversal) {
    match desk.written.last() {
        Some((id, Write::Reversal(reversal))) => (*id, reversal.clone()),
        other => panic!("wrote {other:?}"),
    }
}

fn posted(id: PostingId) -> Posted {
    Posted {
        status: Status::Posted,
        posting_id: id,
        transactions: vec![PostedLine {
            id: id.line(0),
            kind: MovementKind::Reversal,
            sku: "71050".parse().unwrap(),
            quantity: "12".parse().unwrap(),
            from: Some("MAIN".parse().unwrap()),
            to: None,
            lot: None,
        }],
        levels: vec![level("71050", "MAIN", 24)],
        attempts: 1,
    }
}

#[test]
fn a_posting_is_reversed_with_a_reason() {
    let mut desk = open(posting(1));
    insta::assert_snapshot!("one_line", desk.draw(80, 24));
    desk.keys("wrong goods<enter><enter><enter>");
    assert_eq!(desk.written.len(), 1, "a double Enter posts once");
    let (id, reversal) = reversal(&desk);
    assert_eq!(reversal.target, receipt(4).id);
    assert!(!reversal.movement_only);
    assert_eq!(reversal.reason.as_str(), "wrong goods");
    assert_eq!(reversal.id, Some(id));
    insta::assert_snapshot!("posting", desk.draw(80, 24));
    desk.asked.clear();
    desk.end(Ok(Written::Posted(posted(id))));
    assert_eq!(desk.layers(), 0);
    assert_eq!(desk.notices()[0].text, "Reversed. 71050 at MAIN: 24 on hand");
    assert!(
        desk.asked.iter().any(|(_, question)| matches!(question, Question::Ledger(_))),
        "the ledger beneath shows it: {:?}",
        desk.asked
    );
}

#[test]
fn the_whole_posting_or_one_line() {
    let mut desk = open(posting(7));
    insta::assert_snapshot!("seven_lines_60x20", desk.draw(60, 20));
    desk.keys("<tab><right><right>");
    let screen = desk.draw(80, 24);
    assert!(screen.contains("only 71051"), "{screen}");
    assert!(screen.contains("Remove 12 each of 71051 from MAIN"));
    assert!(!screen.contains("71052"));
    // Typing means the reason, wherever the focus is.
    desk.keys("damaged<enter>");
    let (_, reversal) = reversal(&desk);
    assert!(reversal.movement_only);
    assert_eq!(reversal.target, posting(7)[1].id);
}

#[test]
fn what_is_already_reversed_cannot_be_chosen() {
    let mut rows = posting(3);
    rows[1].reversed_by = Some(receipt(2).id);
    let mut desk = open(rows.clone());
    let screen = desk.draw(80, 24);
    assert!(screen.contains("only 71050"), "{screen}");
    assert!(screen.contains("1 of its lines is already reversed"));
    desk.keys("<tab><right>");
    assert!(desk.draw(80, 24).contains("only 71052"));
    desk.keys("<right>");
    assert!(desk.draw(80, 24).contains("only 71050"));

    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(rows)));
    desk.keys("<down><ctrl-r>");
    assert_eq!(desk.layers(), 0);
    assert!(desk.notices()[0].text.contains("already reversed, 09:28"), "{:?}", desk.notices());
}

#[test]
fn keys_typed_ahead_reverse_nothing() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(posting(1))));
    desk.keys("<ctrl-r>wrong goods<enter>");
    assert!(desk.written.is_empty(), "what is undone was not on the screen yet");
    insta::assert_snapshot!("too_early", desk.draw(80, 24));
    desk.answer(Answer::Posting(posting(1)));
    desk.burst("<enter>");
    assert!(desk.written.is_empty(), "they have come, and nothing was drawn since");
    // Now they are on the screen, and it no longer says to wait.
    insta::assert_snapshot!("lines_have_come", desk.draw(80, 24));
    desk.keys("<enter>");
    assert_eq!(desk.written.len(), 1);

    // A scan into the dialog is not a reason.
    for code in ["5012345678900", "A-01-02", "71053", "85123A"] {
        let mut desk = open(posting(1));
        desk.keys(&format!("{code}<enter>"));
        assert!(desk.written.is_empty(), "{code}");
        assert!(desk.draw(80, 24).contains("✗ Enter a reason"), "{code}");
        assert_eq!(desk.bells, 1);
    }
}

#[test]
fn what_has_changed_since_it_was_drawn_is_not_reversed() {
    let mut desk = open(posting(2));
    desk.keys("wrong goods");
    desk.report(crate::worker::message::Report::Changed);
    let mut rows = posting(2);
    rows[0].reversed_by = Some(rows[1].id);
    desk.answer(Answer::Posting(rows));
    desk.burst("<enter>");
    assert!(desk.written.is_empty(), "somebody else has undone a line");
    desk.keys("<enter>");
    assert!(reversal(&desk).1.movement_only);
}

#[test]
fn refusals_stay_in_the_dialog() {
    let mut desk = open(posting(1));
    desk.keys("wrong goods<enter>");
    let (id, _) = reversal(&desk);
    desk.end(Err(Failure::Refused(Refusal::InsufficientStock {
        sku: "71050".parse().unwrap(),
        location: "MAIN".parse().unwrap(),
        lot: None,
        have: Decimal::from(5),
        need: Decimal::from(12),
        expired: Decimal::ZERO,
    })));
    assert_eq!(desk.layers(), 1);
    insta::assert_snapshot!("refused", desk.draw(80, 24));
    // The same again is the same id; another reason is another act.
    desk.keys("<enter>");
    assert_eq!(reversal(&desk).0, id);
    desk.end(Err(Failure::Conflict { attempts: 20 }));
    desk.keys(" twice<enter>");
    assert_ne!(reversal(&desk).0, id);
    assert_eq!(reversal(&desk).1.reason.as_str(), "wrong goods twice");
    // Somebody else was first.
    let target = reversal(&desk).1.target;
    desk.end(Err(Failure::Refused(Refusal::AlreadyReversed(target))));
    let mut rows = posting(1);
    rows[0].reversed_by = Some(receipt(0).id);
    desk.answer(Answer::Posting(rows));
    assert!(desk.draw(80, 24).contains("All of its lines are already reversed"));
    desk.keys("<enter>");
    assert_eq!(desk.written.len(), 3);
}

#[test]
fn an_unknown_outcome_is_reported_and_resolved() {
    for outcome in [PostingOutcome::Posted, PostingOutcome::NotPosted] {
        let mut desk = open(posting(1));
        desk.keys("wrong goods<enter>");
        let (id, _) = reversal(&desk);
        desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "reset by peer".to_owned() }));
        insta::assert_snapshot!("unknown", desk.draw(80, 24));
        desk.keys("more<enter>");
        assert_eq!(desk.written.len(), 1);
        desk.resolve(outcome);
        if outcome == PostingOutcome::Posted {
            assert_eq!(desk.layers(), 0);
            assert_eq!(desk.notices()[0].text, "Reversed.");
        } else {
            assert_eq!(desk.layers(), 1);
            assert!(desk.draw(80, 24).contains("It was not posted. Press Enter to post it now."));
            desk.keys("<enter>");
            assert_eq!(reversal(&desk).0, id);
            assert_eq!(reversal(&desk).1.reason.as_str(), "wrong goods");
        }
    }
}

#[test]
fn a_dialog_that_is_closed_too_early_is_told_of() {
    let mut desk = open(posting(1));
    desk.keys("wrong goods<enter><esc>");
    assert_eq!(desk.layers(), 0);
    let (id, _) = reversal(&desk);
    desk.end(Ok(Written::Posted(posted(id))));
    assert_eq!(desk.notices()[0].text, "The posting that was in progress has been posted.");
}

#[test]
fn another_screen_can_be_shown_while_it_is_posted() {
    let mut desk = open(posting(1));
    desk.keys("<f2>");
    assert_eq!(desk.layers(), 1, "a question is answered first");
    desk.keys("wrong goods<enter><f2>");
    assert_eq!(desk.layers(), 0);
    let (id, _) = reversal(&desk);
    desk.end(Ok(Written::Posted(posted(id))));
    assert_eq!(desk.notices()[0].text, "The posting that was in progress has been posted.");
}

#[test]
fn the_latest_posting_of_this_terminal_is_reversed() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-u>");
    assert_eq!(desk.layers(), 0);
    let id = receipt(4).posting_id;
    desk.report(crate::worker::message::Report::Written(id, Ok(Written::Posted(posted(id)))));
    desk.keys("<alt-u>");
    assert_eq!(desk.question(), &Question::Posting(query::Posting { id: id.line(0) }));
    desk.answer(Answer::Posting(posting(2)));
    assert!(desk.draw(80, 24).contains("the whole posting: 2 lines"));
    desk.keys("mistake<enter>");
    let (_, reversal) = reversal(&desk);
    assert_eq!(reversal.target, id.line(0));
    assert!(!reversal.movement_only);
}

#[test]
fn a_reversal_is_not_reversed_and_auditors_reverse_nothing() {
    let row = LedgerRow { kind: MovementKind::Reversal, reverses: Some(receipt(9).id), ..receipt(4) };
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(vec![row])));
    desk.keys("<ctrl-r>");
    assert_eq!(desk.layers(), 0);
    assert!(desk.notices()[0].text.starts_with("This is itself a reversal"));

    let mut auditor = Desk::new(Group::Auditor, Language::French);
    auditor.keys("<f7>");
    auditor.answer(Answer::Ledger(whole(posting(1))));
    auditor.keys("<ctrl-r>");
    assert_eq!(auditor.layers(), 0);
}

#[test]
fn in_french() {
    let mut desk = Desk::new(Group::Admin, Language::French);
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(posting(2))));
    desk.keys("<ctrl-r>");
    desk.answer(Answer::Posting(posting(2)));
    desk.keys("erreur de saisie");
    insta::assert_snapshot!("french", desk.draw(80, 24));
}

#[test]
fn common_reasons_are_offered_and_can_be_typed_over() {
    let mut desk = open(posting(1));
    desk.keys("<down><down><down><up>");
    assert!(desk.draw(80, 24).contains("Reason    wrong product"), "{}", desk.draw(80, 24));
    desk.keys("<up><up>");
    assert!(desk.draw(80, 24).contains("Down for common reasons"), "{}", desk.draw(80, 24));
    // A typed text replaces a common reason, and stays.
    desk.keys("<up><down>too many<down>");
    assert!(desk.draw(80, 24).contains("Reason    too many"), "{}", desk.draw(80, 24));
    let mut desk = open(posting(1));
    desk.keys("<down><enter>");
    assert_eq!(reversal(&desk).1.reason.as_str(), "wrong quantity");
}
