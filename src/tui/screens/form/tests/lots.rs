//! Lots and serial numbers: suggested from the source, scanned without their product, and reported if on hand
//! elsewhere.

use super::Clerk;
use crate::domain::MovementKind;

/// An issue from MAIN, with lots of yoghurt and drills there and elsewhere.
fn stocked() -> Clerk {
    let mut clerk = Clerk::ready(MovementKind::Issue);
    clerk.stock.extend([
        ("YOG", "MAIN", Some("L-6"), Some("2026-11-01"), 9),
        ("YOG", "MAIN", Some("L-7"), Some("2026-12-20"), 5),
        ("YOG", "MAIN", Some("L-8"), None, 4),
        ("DRILL", "MAIN", Some("SN1"), None, 1),
        ("DRILL", "MAIN", Some("SN2"), None, 1),
        ("DRILL", "B-02", Some("SN3"), None, 1),
    ]);
    clerk
}

#[test]
fn lots_are_offered_in_their_field_and_chosen_with_the_arrows() {
    let mut clerk = stocked();
    clerk.type_in("YOG<enter><alt-q><tab>");
    let screen = clerk.desk.draw(100, 30);
    assert!(screen.contains("L-7  expires 20 Dec 2026 · 5 on hand"), "{screen}");
    assert!(screen.contains("L-6  expires 01 Nov 2026 · 9 on hand · expired"), "{screen}");
    clerk.type_in("8");
    let screen = clerk.desk.draw(100, 30);
    assert!(screen.contains("L-8  4 on hand") && !screen.contains("L-7  expires"), "{screen}");
    clerk.type_in("<down><enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-8"]);
    // In the field for items a lot is offered once somebody begins to name one.
    clerk.type_in("YOG<enter>");
    assert!(!clerk.desk.draw(100, 30).contains("▸ L-7"));
    clerk.type_in("l-7<down><enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-8", "1 YOG lot L-7"]);
}

#[test]
fn serial_numbers_are_offered_one_after_the_other() {
    let mut clerk = stocked();
    clerk.type_in("DRILL<enter>");
    let screen = clerk.desk.draw(100, 30);
    assert!(screen.contains("SN1  1 on hand") && screen.contains("SN2  1 on hand"), "{screen}");
    assert!(!screen.contains("SN3"), "what is elsewhere cannot be taken: {screen}");
    clerk.type_in("<down><down><enter>");
    assert_eq!(clerk.lines(), ["1 DRILL"]);
    let screen = clerk.desk.draw(100, 30);
    assert!(screen.contains("SN1  1 on hand") && !screen.contains("SN2  1 on hand"), "{screen}");
    // In the field of the line several are chosen, and Enter takes them.
    clerk.type_in("<alt-q><backspace><down><enter><down><enter>");
    assert_eq!(clerk.form().typed().trim_end(), "SN1, SN2,");
    clerk.type_in("<enter>");
    assert_eq!(clerk.lines(), ["2 DRILL"]);
    clerk.keys("<f12>");
    let review = clerk.desk.draw(100, 30);
    assert!(review.contains("serial numbers SN1, SN2"), "{review}");
}

#[test]
fn a_scanned_lot_or_serial_number_brings_its_product() {
    let mut clerk = stocked();
    clerk.type_in("SN1<enter>L-7<enter>71053<enter>");
    assert_eq!(clerk.lines(), ["1 DRILL", "1 YOG lot L-7", "1 71053"]);
    // One key takes back the product and its lot.
    clerk.type_in("<backspace><backspace>");
    assert_eq!(clerk.lines(), ["1 DRILL"]);
    clerk.type_in("12*L-7<enter>");
    assert_eq!(clerk.lines(), ["1 DRILL", "12 YOG lot L-7"]);
    // However late the answers come.
    let mut fast = stocked();
    fast.keys("SN1<enter>L-7<enter>SN2<enter>71053<enter>");
    fast.answer();
    assert_eq!(fast.lines(), ["2 DRILL", "1 YOG lot L-7", "1 71053"]);
    // Scanned where the location is asked for, it names the only one that has it.
    let mut open = Clerk::at(MovementKind::Issue);
    open.stock = clerk.stock.clone();
    open.type_in("SN3<enter>");
    assert_eq!(open.lines(), ["1 DRILL"]);
    assert!(open.screen().contains("B-02"), "{}", open.screen());
}

#[test]
fn a_serial_number_that_is_elsewhere_is_named_with_where_it_is() {
    let mut clerk = stocked();
    clerk.type_in("SN3<enter>");
    assert_eq!(clerk.lines(), ["SN3 ✗ SN3 of DRILL is at B-02, not at MAIN"]);
    clerk.type_in("<del>DRILL<enter>SN3<enter>");
    assert_eq!(clerk.lines(), ["0 DRILL", "SN3 ✗ SN3 of DRILL is at B-02, not at MAIN"]);
    clerk.type_in("<del>SN1<enter>SN1<enter>");
    assert!(clerk.lines()[1].contains("SN1 is already listed"), "{:?}", clerk.lines());
    clerk.type_in("<del>SN1-SN9<enter>");
    assert!(clerk.lines()[1].contains("SN1 is already listed"), "{:?}", clerk.lines());
    clerk.type_in("<del>SN2-SN9<enter>");
    assert!(clerk.lines()[1].contains("SN3 is not on hand at MAIN"), "{:?}", clerk.lines());
    // One that two products have is not guessed.
    clerk.stock.push(("YOG", "MAIN", Some("SN2"), None, 3));
    clerk.type_in("<del>71053<enter>SN2<enter>");
    let told = clerk.lines().pop().unwrap();
    assert!(told.contains("SN2 is a lot of DRILL, YOG; scan the product first"), "{told}");
}

#[test]
fn a_receipt_takes_a_new_lot_even_if_another_product_has_one_of_that_code() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.stock.push(("DRILL", "MAIN", Some("L-7"), None, 1));
    clerk.type_in("YOG<enter>L-7<enter><enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-7"]);
    // Without a product before it, it brings its own.
    clerk.stock.push(("YOG", "B-02", Some("L-9"), Some("2026-12-20"), 4));
    clerk.type_in("L-9<enter>");
    assert_eq!(clerk.lines(), ["1 YOG lot L-7", "1 YOG lot L-9 until 2026-12-20"]);
}
