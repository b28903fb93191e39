use super::Clerk;
use crate::domain::{MovementKind, PostingOutcome, Refusal};
use crate::tui::command::Command;
use crate::worker::message::{Failure, Report};

fn unavailable() -> Failure {
    Failure::Unavailable("the server closed the connection".to_owned())
}

#[test]
fn a_double_enter_posts_once() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("24*71053<enter>");
    clerk.keys("<enter>");
    let review = clerk.screen();
    assert!(review.contains("Receive 1 line, 24 units into MAIN?"), "{review}");
    assert!(review.contains("Receive 24 each of 71053 WHITE METAL LANTERN into MAIN"), "{review}");
    assert!(review.contains("on hand there") && review.contains("12 → 36"), "{review}");
    assert!(clerk.desk.written.is_empty(), "nothing is posted before it was shown");
    clerk.keys("<enter><enter><enter><f12>");
    assert_eq!(clerk.desk.written.len(), 1);
    clerk.succeed();
    assert_eq!(clerk.desk.written.len(), 1, "the keys behind it find an empty form");
    let basket = clerk.basket();
    assert_eq!(basket.to.as_ref().map(|code| code.as_str()), Some("MAIN"));
    assert_eq!(basket.details.id, Some(clerk.id()));
    assert_eq!(basket.lines.len(), 1);
}

#[test]
fn the_review_is_left_by_escape_or_by_typing() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter><f12><esc>");
    assert!(!clerk.screen().contains("to go back"), "{}", clerk.screen());
    clerk.type_in("<f12>85123A<enter>");
    assert_eq!(clerk.lines(), ["1 71053", "1 85123A"]);
    assert!(clerk.desk.written.is_empty());
    clerk.keys("<f12><f12>");
    assert_eq!(clerk.desk.written.len(), 1);
}

#[test]
fn everything_said_about_the_posting_goes_with_it() {
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.type_in(
        "MAIN<enter>B-02<enter>71053<enter><shift-tab>counted twice<shift-tab>PO-7<shift-tab>acme<enter>",
    );
    clerk.type_in("<ctrl-s><ctrl-s>");
    let basket = clerk.basket();
    assert_eq!(basket.kind, MovementKind::Transfer);
    assert_eq!(basket.details.partner.as_ref().map(|code| code.as_str()), Some("ACME"));
    assert_eq!(basket.details.reference.as_ref().map(|text| text.as_str()), Some("PO-7"));
    assert_eq!(basket.details.reason.as_ref().map(|text| text.as_str()), Some("counted twice"));
    clerk.succeed();
    assert!(clerk.form().partner.is_empty() && clerk.form().reason.is_empty());
}

#[test]
fn after_a_success_the_form_is_fresh_and_shows_the_new_levels() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("24*71053<enter>");
    clerk.keys("<enter><enter>");
    clerk.succeed();
    let screen = clerk.screen();
    assert!(screen.contains("✓ Received 1 line, 24 units into MAIN. The locations are kept"), "{screen}");
    assert!(screen.contains("71053 WHITE METAL LANTERN: MAIN now has 36 each"), "{screen}");
    assert_eq!(clerk.desk.notices()[0].text, "Received 1 line, 24 units into MAIN");
    assert!(clerk.lines().is_empty());
    clerk.type_in("85123A<enter>");
    assert_eq!(clerk.lines(), ["1 85123A"]);
    assert!(!clerk.screen().contains("now has"), "the result stays until the next scan");
}

#[test]
fn a_shortage_is_shown_before_posting_and_may_still_be_tried() {
    let mut clerk = Clerk::ready(MovementKind::Issue);
    clerk.type_in("15*71053<enter>");
    let screen = clerk.screen();
    assert!(screen.contains("✗ have 12, need 15") && screen.contains("✗ 1 line needs attention"), "{screen}");
    clerk.keys("<enter>");
    assert!(clerk.screen().contains("have 12, need 15"), "{}", clerk.screen());
    clerk.keys("<enter>");
    assert_eq!(clerk.desk.written.len(), 1);
}

#[test]
fn a_refusal_stands_at_its_line_and_loses_nothing() {
    let mut clerk = Clerk::ready(MovementKind::Issue);
    clerk.type_in("12*71053<enter>85123A<enter>");
    clerk.keys("<enter><enter>");
    let first = clerk.id();
    clerk.refuse();
    let screen = clerk.screen();
    assert!(screen.contains("✗ 71053 at MAIN: have 5, need 12"), "{screen}");
    assert!(screen.contains("▸       12"), "the line at fault is selected\n{screen}");
    assert_eq!(clerk.lines(), ["12 71053", "1 85123A"]);
    // The same again has the same id; another content has another.
    clerk.keys("<f12>");
    assert_eq!(clerk.id(), first);
    clerk.refuse();
    clerk.keys("*5<enter><enter><enter>");
    assert_eq!(clerk.desk.written.len(), 3);
    assert_ne!(clerk.id(), first);
    assert_eq!(clerk.basket().lines[0].quantity.value(), 5.into());
}

#[test]
fn a_broken_connection_leaves_everything_as_it_was() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    clerk.keys("<enter><enter>");
    let first = clerk.id();
    clerk.desk.end(Err(unavailable()));
    assert!(clerk.screen().contains("Not posted. esc to correct"), "{}", clerk.screen());
    assert_eq!(clerk.lines(), ["1 71053"]);
    clerk.keys("<esc><f12><enter>");
    assert_eq!(clerk.desk.written.len(), 2);
    assert_eq!(clerk.id(), first, "what may be sent again keeps its id");
    clerk.succeed();
    assert!(clerk.lines().is_empty());
}

#[test]
fn an_id_that_is_taken_is_not_used_again() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    clerk.keys("<enter><enter>");
    let first = clerk.id();
    clerk.desk.end(Err(Failure::Refused(Refusal::IdUsedForAnother(first))));
    clerk.keys("<f12>");
    assert_ne!(clerk.id(), first);
}

#[test]
fn an_unknown_partner_is_reported_at_its_field() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter><shift-tab><shift-tab><shift-tab>ACMEE<enter><tab><tab>");
    clerk.keys("<f12><f12>");
    let partner = clerk.basket().details.partner.clone().unwrap();
    clerk.desk.end(Err(Failure::Refused(Refusal::UnknownPartner(partner))));
    clerk.keys("<esc>");
    assert_eq!(clerk.form().focus, super::super::Focus::Partner);
    clerk.keys("ACME<enter>");
    assert_eq!(clerk.form().partner.text(), "ACME");
}

#[test]
fn an_unknown_outcome_locks_the_form_until_it_is_known() {
    for outcome in [PostingOutcome::Posted, PostingOutcome::NotPosted] {
        let mut clerk = Clerk::ready(MovementKind::Receipt);
        clerk.type_in("71053<enter>");
        clerk.keys("<enter><enter>");
        let id = clerk.id();
        clerk.desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "broken".to_owned() }));
        assert!(clerk.screen().contains("not known whether this was posted"), "{}", clerk.screen());
        clerk.keys("<f12><ctrl-x><del>85123A<enter>");
        assert_eq!(clerk.lines(), ["1 71053"], "nothing changes what was sent");
        clerk.desk.resolve(PostingOutcome::Unknown);
        assert_eq!(clerk.lines(), ["1 71053"]);
        clerk.desk.resolve(outcome);
        clerk.answer();
        match outcome {
            PostingOutcome::Posted => {
                assert!(clerk.desk.notices().iter().any(|notice| notice.text.starts_with("Received 1 line")));
                assert_eq!(clerk.lines(), ["1 85123A"], "the keys behind it belong to the next one");
            }
            _ => {
                assert!(clerk.screen().contains("It was not posted"), "{}", clerk.screen());
                assert_eq!(clerk.lines(), ["1 71053"]);
                clerk.keys("<f12>");
                assert_eq!(clerk.id(), id, "a retry of the same has the same id");
                clerk.succeed();
                clerk.answer();
                assert_eq!(clerk.lines(), ["1 85123A"]);
            }
        }
    }
}

#[test]
fn new_levels_are_queried_when_only_the_outcome_is_known() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    clerk.keys("<enter><enter>");
    clerk.desk.resolve(PostingOutcome::Posted);
    clerk.stock[0].4 = 13;
    clerk.answer();
    assert!(clerk.screen().contains("MAIN now has 13 each"), "{}", clerk.screen());
}

#[test]
fn forms_are_kept_apart_and_one_that_is_left_goes_on() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    clerk.keys("<enter><enter><f4>");
    assert!(clerk.screen().contains("F4 Issue"));
    clerk.succeed();
    assert_eq!(clerk.desk.notices()[0].text, "Received 1 line, 1 unit into MAIN");
    clerk.keys("<f3>");
    assert!(clerk.lines().is_empty());
    clerk.type_in("71053<enter>");
    clerk.desk.report(Report::Changed);
    assert_eq!(clerk.lines(), ["1 71053"]);
}

#[test]
fn a_form_is_kept_at_every_scan_and_taken_up_again() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("MAIN<enter>71053<enter>");
    let one = clerk.desk.drafts[&Command::Receive].clone().unwrap();
    assert_eq!(one.lines, 1);
    clerk.type_in("12*71053<enter>NIX<enter>");
    let draft = clerk.desk.drafts[&Command::Receive].clone().unwrap();
    assert_ne!(draft, one);
    // Another terminal offers it; what was not known is looked up again.
    let mut other = Clerk::at(MovementKind::Receipt);
    other.desk.find_draft(Command::Receive, draft);
    assert!(other.screen().contains("Receive: 2 lines, saved 08:50"), "{}", other.screen());
    other.type_in("<enter>");
    assert_eq!(other.lines(), clerk.lines());
    assert_eq!(other.desk.dropped.len(), 1, "it is kept under the new terminal");
    assert!(other.desk.drafts[&Command::Receive].is_some());
    assert!(other.desk.written.is_empty(), "nothing is posted by itself");
    // Once it is posted there is nothing left to keep.
    other.type_in("<end><del>");
    other.type_in("<f12>");
    other.type_in("<enter>");
    other.succeed();
    assert_eq!(other.desk.drafts[&Command::Receive], None);
}

#[test]
fn what_may_have_been_sent_is_sent_under_its_id_again() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("MAIN<enter>71053<enter><f12>");
    clerk.type_in("<enter>");
    let id = clerk.desk.written.last().unwrap().0;
    let draft = clerk.desk.drafts[&Command::Receive].clone().unwrap();
    for (keys, same) in [("", true), ("71053<enter>", false)] {
        let mut other = Clerk::at(MovementKind::Receipt);
        other.desk.wait(5);
        other.desk.find_draft(Command::Receive, draft.clone());
        other.type_in("<enter>");
        other.type_in(keys);
        other.type_in("<f12>");
        other.type_in("<enter>");
        assert_eq!(other.desk.written.last().unwrap().0 == id, same, "{keys}");
    }
}

#[test]
fn a_draft_waits_while_the_form_is_in_use_and_can_be_discarded() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("MAIN<enter>71053<enter>");
    let draft = clerk.desk.drafts[&Command::Receive].clone().unwrap();
    clerk.desk.find_draft(Command::Receive, draft.clone());
    clerk.type_in("<enter>");
    assert!(clerk.screen().contains("This screen contains other work"), "{}", clerk.screen());
    assert!(clerk.desk.dropped.is_empty());
    clerk.desk.find_draft(Command::Receive, draft);
    clerk.type_in("<del>");
    assert!(
        clerk.desk.dropped.is_empty() && clerk.screen().contains("Press Del again"),
        "{}",
        clerk.screen()
    );
    clerk.type_in("<del>");
    assert_eq!((clerk.desk.dropped.len(), clerk.desk.layers()), (1, 0));
}
