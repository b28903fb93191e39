use rust_decimal::Decimal;

use super::Clerk;
use crate::domain::MovementKind;

#[test]
fn a_receipt_asks_for_lot_and_last_day() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("YOG<enter>");
    assert!(clerk.screen().contains("Lot of YOG ▸"), "{}", clerk.screen());
    clerk.type_in("L-7<enter>");
    assert!(clerk.screen().contains("YOG expires ▸"), "{}", clerk.screen());
    clerk.type_in("+30d");
    assert!(clerk.screen().contains("→ 20 Dec 2026"), "{}", clerk.screen());
    clerk.type_in("<enter>71053<enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-7 until 2026-12-20", "1 71053"]);
    clerk.type_in("<enter><enter>");
    let line = &clerk.basket().lines[0];
    assert_eq!(line.lot.as_ref().map(|lot| lot.as_str()), Some("L-7"));
    assert_eq!(line.expires, Some("2026-12-20".parse().unwrap()));
}

#[test]
fn lots_mean_the_same_however_fast_they_are_scanned() {
    let typed = "YOG<enter>L-7<enter>2027-01<enter>YOG<enter>YOG<enter>L-8<enter>3112<enter>71053<enter>";
    let expected = ["2 YOG lot L-7 until 2027-01-31", "1 YOG lot L-8 until 2026-12-31", "1 71053"];
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys(typed);
    clerk.answer();
    assert_eq!(clerk.lines(), expected);
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    for key in typed.split_inclusive('>') {
        clerk.type_in(key);
    }
    assert_eq!(clerk.lines(), expected);
    assert_eq!(clerk.desk.bells, 0);
    clerk.type_in("YOG<enter>L-7<enter>");
    assert_eq!(clerk.lines()[0], "3 YOG lot L-7 until 2027-01-31", "a known lot takes the unit");
    clerk.type_in("<backspace><backspace>");
    assert_eq!(clerk.lines(), expected);
}

#[test]
fn a_misread_barcode_does_not_become_a_lot() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("YOG<enter>8076809570787<enter>");
    assert_eq!(clerk.lines(), ["1 YOG", "8076809570787 ✗ unknown code 8076809570787"]);
    assert_eq!(clerk.desk.bells, 1);
    // Typed into the field of the lot it is taken unchanged.
    clerk.type_in("<del><alt-q><tab>8076809570787<enter>+1y<enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot 8076809570787 until 2027-11-20"]);
}

#[test]
fn a_receipt_without_its_lot_is_not_posted() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("YOG<enter><enter>");
    assert!(clerk.screen().contains("✗ Which lot of YOG?"), "{}", clerk.screen());
    assert!(clerk.desk.written.is_empty());
    clerk.type_in("L-7<enter><enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-7"], "Enter alone means that it has no last day");
    clerk.type_in("<enter><enter>");
    assert_eq!(clerk.desk.written.len(), 1);
}

#[test]
fn an_invalid_expiry_date_stays_visible() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("YOG<enter>L-7<enter>soon<enter>");
    assert_eq!(clerk.lines()[0], "1 YOG lot L-7");
    assert!(clerk.lines()[1].contains("this is not a date"), "{:?}", clerk.lines());
    clerk.type_in("<backspace>3112<enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-7 until 2026-12-31"]);
}

#[test]
fn an_issue_of_lots_says_what_goes_first_and_takes_a_lot_that_is_there() {
    let mut clerk = Clerk::ready(MovementKind::Issue);
    clerk.stock.extend([
        ("YOG", "MAIN", Some("L-6"), Some("2026-11-01"), 9),
        ("YOG", "MAIN", Some("L-7"), Some("2026-12-20"), 5),
        ("YOG", "MAIN", Some("L-8"), None, 4),
    ]);
    clerk.type_in("YOG<enter>");
    let screen = clerk.desk.draw(100, 30);
    assert!(screen.contains("First expired, first out"), "{screen}");
    assert!(screen.contains("L-7 (20 Dec 2026) 5"), "{screen}");
    // What has expired does not count: 5 and 4 are there for an issue of 10.
    clerk.type_in("*10<enter>");
    assert!(clerk.screen().contains("✗ have 9, need 10"), "{}", clerk.screen());
    clerk.keys("<f12>");
    let review = clerk.desk.draw(100, 30);
    assert!(review.contains("(have 9, need 10; 9 more"), "{review}");
    clerk.keys("<esc>");
    clerk.type_in("*7<enter>");
    clerk.keys("<f12>");
    let review = clerk.desk.draw(100, 30);
    assert!(review.contains("takes L-7 5, L-8 2"), "the review shows what to pick: {review}");
    clerk.keys("<esc>");
    clerk.type_in("*2<enter>YOG<enter>L-8<enter>");
    assert_eq!(clerk.lines(), ["3 YOG lot L-8"]);
    // The lot directly after the product, before the stock there is known.
    let mut fast = Clerk::ready(MovementKind::Issue);
    fast.stock = clerk.stock.clone();
    fast.keys("YOG<enter>L-7<enter>");
    fast.answer();
    assert_eq!(fast.lines(), ["1 YOG lot L-7"]);
}

#[test]
fn serial_numbers_take_ranges_and_are_one_line_each() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("DRILL<enter>SN0010-0012<enter>SN0020<enter>71053<enter>");
    clerk.answer();
    assert_eq!(clerk.lines(), ["4 DRILL", "1 71053"]);
    clerk.type_in("DRILL<enter>SN0011<enter>");
    assert!(clerk.lines()[2].contains("SN0011 is already listed"), "{:?}", clerk.lines());
    clerk.type_in("<backspace><enter><enter>");
    let lots: Vec<(String, Decimal)> = (clerk.basket().lines.iter())
        .filter_map(|line| Some((line.lot.as_ref()?.to_string(), line.quantity.value())))
        .collect();
    let one = Decimal::ONE;
    let expected = ["SN0010", "SN0011", "SN0012", "SN0020"].map(|serial| (serial.to_owned(), one));
    assert_eq!(lots, expected);
    assert_eq!(clerk.basket().lines.len(), 5);
}

#[test]
fn the_list_of_serial_numbers_can_be_changed() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("DRILL<enter>A1, \"B 2\"<enter><alt-q>");
    assert_eq!(clerk.form().typed(), "A1, \"B 2\"");
    clerk.type_in("A1-A3");
    assert!(clerk.screen().contains("= 3 serial numbers"), "{}", clerk.screen());
    clerk.type_in("<enter>");
    assert_eq!(clerk.lines(), ["3 DRILL"]);
}

#[test]
fn issuing_from_a_quarantine_location_is_pointed_out_before_it_is_posted() {
    let mut clerk = Clerk::at(MovementKind::Issue);
    clerk.stock.push(("71053", "QUAR", None, None, 12));
    clerk.type_in("QUAR<enter>71053<enter>");
    clerk.keys("<f12>");
    let review = clerk.desk.draw(100, 30);
    assert!(review.contains("! QUAR is a quarantine location: goods there are blocked."), "{review}");
    // A transfer is how goods are released.
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.stock.push(("71053", "QUAR", None, None, 12));
    clerk.type_in("QUAR<enter>B-02<enter>71053<enter>");
    clerk.keys("<f12>");
    assert!(!clerk.desk.draw(100, 30).contains("quarantine location"));
}
