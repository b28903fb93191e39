use super::{Picker, at};
use crate::tui::command::Command;
use crate::tui::locale::Language;
use crate::tui::view::Severity;
use crate::worker::query::Question;

#[test]
fn orders_are_marked_or_scanned_and_walked_together() {
    let mut picker = Picker::at_orders();
    insta::assert_snapshot!("orders_60x20", picker.desk.draw(60, 20));
    picker.type_in("SO-99<enter>");
    assert!(picker.fault().contains("nothing is reserved for SO-99"));
    picker.type_in("<esc>21<enter>");
    picker.type_in("so-17<enter>");
    insta::assert_snapshot!("orders_80x24", picker.desk.draw(80, 24));
    picker.keys("<enter>");
    let Question::PickList(asked) = picker.desk.question() else { panic!("{:?}", picker.desk.question()) };
    let numbers: Vec<&str> = asked.numbers.iter().map(|number| number.as_str()).collect();
    assert_eq!(numbers, ["SO-000017", "SO-000021"], "the most urgent first");
    picker.answer();
    insta::assert_snapshot!("walk_60x20", picker.desk.draw(60, 20));
    insta::assert_snapshot!("walk_80x24", picker.desk.draw(80, 24));
    insta::assert_snapshot!("walk_130x38", picker.desk.draw(130, 38));
}

#[test]
fn without_a_mark_the_selected_order_is_picked() {
    let mut picker = Picker::at_orders();
    picker.type_in("<down><enter>");
    assert!(picker.screen().contains("0 of 1 lines picked · SO-000021"), "{}", picker.screen());
}

#[test]
fn each_wrong_scan_is_refused_at_once_and_corrected() {
    let mut picker = Picker::walking();
    for (text, why) in [
        ("71053<enter>", "71053 was not counted: first go to A-01"),
        ("B-01<enter>", "B-01 is the wrong location. Go to A-01."),
        ("XYZ<enter>", "unknown code XYZ. Go to A-01 and scan it"),
    ] {
        picker.type_in(text);
        assert!(picker.fault().contains(why), "{}", picker.fault());
    }
    insta::assert_snapshot!("wrong_60x20", picker.desk.draw(60, 20));
    picker.type_in("A-01<enter>");
    assert_eq!(picker.fault(), "");
    picker.type_in("85123A<enter>");
    assert!(
        picker.fault().contains("85123A Something is the wrong item. Here take 71053 WHITE METAL LANTERN.")
    );
    picker.type_in("9*71053<enter>");
    assert!(picker.fault().contains("9 of 71053 is too many: 6 left to pick here"));
    assert_eq!(picker.desk.bells, 5);
    assert!(picker.picked().is_empty());
}

#[test]
fn scans_count_and_lead_to_the_next_line() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("71053<enter>");
    assert_eq!(picker.picked(), ["1/4 71053 A-01 SO-000017"]);
    // A pack goes to the order whose turn it is, and what is more to the next one for the same goods.
    picker.type_in("3*71053<enter>");
    picker.type_in("2*71053<enter>");
    assert_eq!(picker.picked(), ["4/4 71053 A-01 SO-000017", "2/2 71053 A-01 SO-000021"]);
    picker.type_in("<backspace><backspace>");
    assert_eq!(picker.picked(), ["1/4 71053 A-01 SO-000017"], "one key takes one count back");
    picker.type_in("5*71053<enter>");
    assert_eq!(picker.picked(), ["4/4 71053 A-01 SO-000017", "2/2 71053 A-01 SO-000021"]);
    assert!(picker.screen().contains("Go to A-02 and scan it"), "{}", picker.screen());
    picker.type_in("A-02<enter>");
    picker.type_in("YOG<enter>");
    assert!(picker.screen().contains("Scan the lot or serial number: L-1"), "{}", picker.screen());
    picker.type_in("L-2<enter>");
    assert!(
        picker
            .fault()
            .contains("L-2 is the wrong lot or serial number. Take L-1, which expires 31 Jan 2027."),
        "{}",
        picker.fault()
    );
    picker.type_in("l-1<enter>");
    picker.type_in("2*YOG<enter>");
    // Serial numbers of one item may be taken in any order.
    picker.type_in("B-01<enter>");
    picker.type_in("DRILL<enter>");
    picker.type_in("SN-2<enter>");
    picker.type_in("DRILL<enter>");
    picker.type_in("SN-2<enter>");
    assert!(picker.fault().contains("Take SN-1."), "{}", picker.fault());
    picker.type_in("SN-1<enter>");
    assert_eq!(picker.picked().len(), 5);
    assert!(picker.screen().contains("Everything is picked. Take it to the dock"), "{}", picker.screen());
}

#[test]
fn a_serial_number_brings_its_item() {
    let mut picker = Picker::walking();
    picker.type_in("<end>");
    picker.type_in("B-01<enter>");
    picker.type_in("SN-1<enter>");
    assert_eq!(picker.picked(), ["1/1 DRILL B-01 SO-000017"]);
    picker.type_in("SN-9<enter>");
    assert!(
        picker.fault().contains("SN-9 is the wrong lot or serial number. Take SN-2."),
        "{}",
        picker.fault()
    );
    assert_eq!(picker.picked().len(), 1);
}

#[test]
fn quantities_are_typed_once_the_item_was_scanned() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("*");
    assert!(picker.fault().contains("scan the item once"));
    picker.type_in("71053<enter>");
    picker.type_in("*2*2<enter>");
    assert_eq!(picker.picked(), ["4/4 71053 A-01 SO-000017"]);
    picker.type_in("<up>*9<enter>");
    assert!(picker.fault().contains("9 of 71053 is too many: 4 left"), "{}", picker.fault());
    picker.type_in("1.5<enter>");
    assert!(picker.fault().contains("71053 takes at most 0 decimal places"), "{}", picker.fault());
    picker.type_in("3<enter>");
    assert_eq!(picker.picked(), ["3/4 71053 A-01 SO-000017"]);
    picker.type_in("*<esc>");
    assert_eq!(picker.picked(), ["3/4 71053 A-01 SO-000017"]);
}

#[test]
fn scans_wait_for_one_another_and_keep_their_order() {
    let mut picker = Picker::walking();
    picker.keys("A-01<enter>50712345<enter>A-02<enter>YOG<enter>L-1<enter>");
    assert!(picker.picked().is_empty());
    picker.answer();
    assert_eq!(
        picker.picked(),
        ["4/4 71053 A-01 SO-000017", "2/2 71053 A-01 SO-000021", "1/3 YOG A-02 SO-000017"]
    );
}

#[test]
fn what_is_no_longer_reserved_is_to_be_put_back() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("6*71053<enter>");
    // Somebody else has taken what was reserved for one of the orders, and added a line.
    picker.list.remove(0);
    picker.list.push(at("SO-000021", 2, "71053", "C-01", "", 1));
    picker.type_in("<ctrl-t>");
    picker.type_in("<f12>");
    assert!(
        picker.fault().contains("4 71053 at A-01 are no longer reserved for SO-000017. Put them back"),
        "{}",
        picker.fault()
    );
    picker.type_in("*0<enter>");
    assert_eq!(picker.picked(), ["2/2 71053 A-01 SO-000021"]);
    picker.keys("<f12>");
    assert!(picker.screen().contains("Move 1 line to DOCK-1?"), "{}", picker.screen());
}

#[test]
fn escape_keeps_what_was_picked_and_discarding_asks() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("71053<enter>");
    picker.type_in("<esc>");
    assert_eq!(picker.desk.notices()[0].severity, Severity::Note);
    assert_eq!(picker.picked().len(), 1);
    picker.type_in("<ctrl-x>");
    assert!(
        picker.screen().contains("Discard what was picked but not posted (1 line)?"),
        "{}",
        picker.screen()
    );
    picker.type_in("<esc>");
    assert_eq!(picker.picked().len(), 1);
    picker.type_in("<ctrl-x><ctrl-x>");
    assert!(picker.screen().contains("Orders to pick or ship"), "{}", picker.screen());
    assert_eq!(picker.desk.drafts[&Command::Pick], None);
}

#[test]
fn an_order_that_another_screen_names_does_not_end_a_walk() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("71053<enter>");
    picker.keys("<alt-c>");
    let mut orders = vec![super::order("SO-000021", false)];
    orders[0].number = crate::domain::samples::parsed("SO-000030");
    picker.desk.answer(crate::worker::query::Answer::Orders(orders));
    picker.type_in("<alt-k>");
    assert!(
        picker.desk.notices()[0].text.contains("finish or post the picking for SO-000017, SO-000021 first")
    );
    assert_eq!(picker.picked().len(), 1, "what was begun stays");
}

#[test]
fn picking_in_french() {
    let mut picker = Picker::speaking(Language::French);
    picker.type_in("<space><down><space><enter>");
    picker.type_in("A-01<enter>");
    picker.type_in("2*71053<enter>");
    picker.type_in("B-01<enter>");
    insta::assert_snapshot!("walk_french", picker.desk.draw(80, 24));
    picker.type_in("<f12>");
    insta::assert_snapshot!("review_french", picker.desk.draw(80, 24));
    picker.type_in("<esc>-<enter>");
    insta::assert_snapshot!("short_french", picker.desk.draw(80, 24));
}
