use super::Picker;
use crate::domain::Refusal;
use crate::domain::samples::receipt;
use crate::tui::command::Command;
use crate::tui::view::Draft;
use crate::worker::message::{Failure, Write};
use crate::worker::query::{Answer, Question};

/// What a terminal that is killed leaves behind after these keys.
fn left_behind(keys: &[&str]) -> (Draft, Picker) {
    let mut picker = Picker::walking();
    for keys in keys {
        picker.type_in(keys);
    }
    (picker.desk.drafts[&Command::Pick].clone().expect("nothing was kept"), picker)
}

fn taken_up(draft: Draft) -> Picker {
    let mut picker = Picker::at_orders();
    picker.desk.find_draft(Command::Pick, draft);
    picker.keys("<enter>");
    picker
}

#[test]
fn picking_continues_where_it_was_left() {
    let (draft, _) = left_behind(&["A-01<enter>", "3*71053<enter>"]);
    assert_eq!(draft.lines, 1);
    let mut picker = taken_up(draft);
    picker.answer();
    assert_eq!(picker.picked(), ["3/4 71053 A-01 SO-000017"]);
    // The place is scanned anew: nobody knows where the picker stands now.
    assert!(picker.screen().contains("Go to A-01 and scan it"), "{}", picker.screen());
    picker.type_in("A-01<enter>");
    picker.type_in("71053<enter>");
    assert_eq!(picker.picked(), ["4/4 71053 A-01 SO-000017"]);
}

#[test]
fn nothing_is_lost_before_the_list_is_there() {
    let (draft, _) = left_behind(&["A-01<enter>", "3*71053<enter>"]);
    let mut picker = taken_up(draft.clone());
    let kept = picker.desk.drafts[&Command::Pick].clone();
    assert_eq!(kept.map(|kept| kept.lines), Some(1), "it is kept by this terminal now");
    picker.keys("<esc>");
    picker.answer();
    assert_eq!(picker.picked(), ["3/4 71053 A-01 SO-000017"]);
}

#[test]
fn what_was_sent_and_posted_is_not_picked_again() {
    let (draft, left) = left_behind(&["A-01<enter>", "3*71053<enter>", "<f12>", "<enter>"]);
    let id = left.desk.written[0].0;
    let mut picker = taken_up(draft);
    assert!(matches!(picker.desk.question(), Question::Posting(asked) if asked.id == id.line(0)));
    picker.desk.answer(Answer::Posting(vec![receipt(id, "71053", "DOCK-1", 3)]));
    picker.answer();
    assert!(picker.picked().is_empty());
    assert!(picker.desk.notices().iter().any(|notice| notice.text.contains("has been posted")));
}

#[test]
fn what_was_sent_and_not_posted_is_sent_again_under_its_id() {
    let (draft, left) = left_behind(&["A-01<enter>", "3*71053<enter>", "<f12>", "<enter>"]);
    let id = left.desk.written[0].0;
    let mut picker = taken_up(draft);
    picker.desk.fail(Failure::Refused(Refusal::UnknownMovement(id.line(0))));
    picker.answer();
    assert_eq!(picker.picked(), ["3/4 71053 A-01 SO-000017"]);
    picker.keys("<f12>");
    picker.answer();
    picker.keys("<enter>");
    let [(again, Write::Pick { .. })] = picker.desk.written.as_slice() else {
        panic!("{:?}", picker.desk.written)
    };
    assert_eq!(*again, id);
}

#[test]
fn a_line_that_could_not_be_read_is_asked_again() {
    let (draft, _) = left_behind(&["A-01<enter>", "3*71053<enter>", "<f12>", "<enter>"]);
    let mut picker = taken_up(draft);
    picker.desk.fail(Failure::Unavailable("down".to_owned()));
    picker.desk.report(crate::worker::message::Report::Changed);
    assert!(picker.desk.asked.iter().any(|(_, asked)| matches!(asked, Question::Posting(_))));
}
