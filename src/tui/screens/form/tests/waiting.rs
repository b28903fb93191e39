//! Keys typed while a posting is under way.

use super::Clerk;
use crate::domain::MovementKind;
use crate::tui::typed_ahead::KEYS_KEPT_MAX;
use crate::tui::view::View as _;

fn posting(kind: MovementKind) -> Clerk {
    let mut clerk = Clerk::ready(kind);
    clerk.type_in("12*71053<enter>");
    clerk.keys("<enter><enter>");
    assert_eq!(clerk.desk.written.len(), 1);
    clerk
}

#[test]
fn keys_typed_during_a_slow_posting_are_applied_after_it() {
    let mut clerk = posting(MovementKind::Receipt);
    clerk.keys("85123A<enter>*24<enter>RICE<enter>");
    assert!(clerk.screen().contains("Posting … (16 keys queued)"), "{}", clerk.screen());
    assert_eq!(clerk.lines(), ["12 71053"]);
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["24 85123A", "1 RICE"]);
    assert_eq!(clerk.desk.bells, 0);
}

#[test]
fn a_double_enter_leaves_the_next_form_alone() {
    let mut clerk = posting(MovementKind::Receipt);
    clerk.keys("<enter><enter>");
    assert!(!clerk.screen().contains("wait"), "{}", clerk.screen());
    clerk.succeed();
    clerk.answer();
    let screen = clerk.screen();
    assert!(screen.contains("✓ Received") && !screen.contains("nothing to post"), "{screen}");
    assert_eq!((clerk.desk.written.len(), clerk.desk.bells), (1, 0));
}

#[test]
fn two_hundred_scans_after_a_posting_count_exactly() {
    let mut clerk = posting(MovementKind::Receipt);
    for _ in 0..100 {
        clerk.keys("71053<enter>50712345<enter>");
    }
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["700 71053"]);
}

#[test]
fn keys_typed_ahead_open_the_next_review_and_do_not_confirm_it() {
    let mut clerk = posting(MovementKind::Receipt);
    clerk.keys("85123A<enter><enter><enter>RICE<enter>");
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.desk.written.len(), 1);
    let screen = clerk.screen();
    assert!(screen.contains("Receive 1 line, 1 unit into MAIN?"), "{screen}");
    assert!(screen.contains("5 keys typed since are queued until this is posted"), "{screen}");
    clerk.keys("<enter>");
    assert_eq!(clerk.desk.written.len(), 2);
    assert_eq!(clerk.basket().lines[0].sku.as_str(), "85123A");
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 RICE"]);
    assert_eq!(clerk.desk.written.len(), 2);
}

#[test]
fn a_scan_that_looks_like_a_command_is_text_after_a_posting_too() {
    let mut clerk = posting(MovementKind::Receipt);
    clerk.keys("A?:*<enter>");
    assert_eq!(clerk.desk.layers(), 0);
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["A?:* ✗ unknown code A?:*"]);
}

#[test]
fn keys_after_a_refused_posting_wait_until_it_is_posted() {
    let mut clerk = posting(MovementKind::Issue);
    clerk.keys("85123A<enter>RICE<enter>");
    clerk.refuse();
    clerk.answer();
    let screen = clerk.screen();
    assert!(screen.contains("have 5, need 12"), "{screen}");
    assert!(
        screen.contains("12 keys typed since are queued until this is posted; ctrl-x to discard both"),
        "{screen}"
    );
    // Somebody continues to scan without looking: the bell rings, and the scans are deferred.
    let bells = clerk.desk.bells;
    clerk.keys("RICE<enter>");
    assert_eq!(clerk.desk.bells, bells + 1);
    assert_eq!(clerk.lines(), ["12 71053"]);
    assert_eq!(clerk.form().unfinished(), 4);
    // After looking up: the quantity is corrected and the form posted.
    clerk.type_in("<esc>");
    assert!(clerk.screen().contains("17 keys typed since are queued"), "{}", clerk.screen());
    clerk.type_in("*5<enter><enter>");
    clerk.keys("<enter>");
    assert_eq!(clerk.basket().lines[0].quantity.value(), 5.into());
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 85123A", "2 RICE"]);
    assert_eq!(clerk.desk.written.len(), 2);
}

#[test]
fn discarding_a_refused_form_discards_the_queued_keys() {
    let mut clerk = posting(MovementKind::Issue);
    clerk.keys("85123A<enter>");
    clerk.refuse();
    clerk.keys("<ctrl-x>");
    let screen = clerk.screen();
    assert!(screen.contains("The 7 queued keys would be lost too."), "{screen}");
    clerk.type_in("<ctrl-x>");
    assert!(clerk.lines().is_empty());
    clerk.type_in("MAIN<enter>RICE<enter>");
    assert_eq!(clerk.lines(), ["1 RICE"]);
    assert_eq!(clerk.form().unfinished(), 1);
}

#[test]
fn an_enter_after_a_refusal_is_not_a_scan() {
    let mut clerk = posting(MovementKind::Issue);
    clerk.refuse();
    clerk.keys("<enter><enter>");
    assert_eq!(clerk.desk.written.len(), 1);
    assert!(!clerk.screen().contains("queued until this is posted"), "{}", clerk.screen());
    assert!(clerk.screen().contains("Not posted."), "{}", clerk.screen());
}

#[test]
fn the_room_for_waiting_keys_is_bounded_and_a_full_one_rings() {
    let mut clerk = posting(MovementKind::Receipt);
    let text = "x".repeat(KEYS_KEPT_MAX);
    clerk.keys(&text);
    assert_eq!(clerk.desk.bells, 0);
    clerk.keys("y<enter>");
    assert_eq!(clerk.desk.bells, 2);
    clerk.succeed();
    assert!(!clerk.form().typed().contains('y'));
}

/// The server does not answer; what was typed meanwhile waits for it.
#[test]
fn keys_that_waited_for_an_answer_post_nothing() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("71053<enter><enter><enter>");
    assert_eq!(clerk.lines(), ["71053 …"]);
    clerk.answer();
    assert!(clerk.desk.written.is_empty());
    assert!(clerk.screen().contains("Receive 1 line, 1 unit into MAIN?"), "{}", clerk.screen());
    assert_eq!(clerk.desk.bells, 1);
    clerk.keys("<enter>");
    assert_eq!(clerk.desk.written.len(), 1);
    clerk.succeed();
    clerk.answer();
    assert!(clerk.lines().is_empty());
}

#[test]
fn keys_after_an_enter_that_confirmed_nothing_wait_for_the_posting() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("71053<enter><f12><f12>85123A<enter>");
    clerk.answer();
    assert!(clerk.desk.written.is_empty());
    assert!(clerk.screen().contains("7 keys typed since are queued"), "{}", clerk.screen());
    clerk.keys("<f12>");
    assert_eq!(clerk.basket().lines.len(), 1);
    clerk.succeed();
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 85123A"]);
}

#[test]
fn what_is_typed_or_pasted_before_the_review_is_drawn_does_not_confirm_it() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    clerk.desk.burst("<enter><enter>");
    assert!(clerk.desk.written.is_empty());
    clerk.type_in("<esc>");
    clerk.desk.paste("85123A\n");
    clerk.answer();
    clerk.desk.paste("\n\n");
    assert!(clerk.desk.written.is_empty());
    assert_eq!(clerk.lines(), ["1 71053", "1 85123A"]);
    // Closed and opened again, it has to be seen again.
    clerk.desk.burst("<esc><enter><enter>");
    assert!(clerk.desk.written.is_empty());
    clerk.keys("<enter>");
    assert_eq!(clerk.desk.written.len(), 1);
}
