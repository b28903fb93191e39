//! Codes: what they count, where, and the messages about unknown ones.

use super::*;
use crate::domain::samples::{location_row, some};
use crate::domain::{ScannedLot, Tracking};
use crate::worker::query::{self, Question};

#[test]
fn a_bin_is_counted_by_scanning_everything_in_it() {
    for focus in ["", "<tab>"] {
        let mut desk = desk_with(vec![line("A", "71053", 12), line("A", "85123A", 3)]);
        desk.keys(focus);
        // Two hundred scans in one burst, with nothing answered in between.
        for number in 0..200 {
            let code = if number % 4 == 3 { "5012345678900" } else { LANTERN };
            desk.keys(&format!("{code}<enter>"));
        }
        let mut questions = 0;
        while !desk.asked.is_empty() {
            questions += 1;
            let lantern = desk.question() == &Question::Scan(query::Scan { text: LANTERN.to_owned() });
            let (sku, pack) = if lantern { ("71053", 12) } else { ("85123A", 1) };
            desk.answer(found(sku, Tracking::None, pack));
        }
        assert_eq!(questions, 2, "a code that was looked up is known");
        assert_eq!(figures(&mut desk), ["A 71053 1800 of 12", "A 85123A 50 of 3"], "{focus}");
    }
}

#[test]
fn a_code_is_a_code_even_in_the_column_of_counts() {
    let mut desk = desk();
    // A SKU of the sheet, a barcode with a check digit, a place, a lot.
    desk.keys("<down>71053<enter>");
    assert!(desk.draw(80, 24).contains("✓ 71053: 1 counted (+1)"));
    assert!(cursor_line(&mut desk).contains("71053"));
    desk.keys(&format!("{LANTERN}<enter>"));
    desk.answer(found("71053", Tracking::None, 12));
    assert!(desk.draw(80, 24).contains("✓ 71053: 13 counted (+12)"));
    desk.keys("L2<enter>SN-1<enter>");
    // A number that could be a SKU is looked up, and is a quantity if it is not one.
    desk.keys("<home><down>2000<enter>");
    assert_eq!(desk.question(), &Question::Scan(query::Scan { text: "2000".to_owned() }));
    desk.keys("7<enter>");
    desk.answer(nothing());
    // Keys that came before the answer were meant for the line after it.
    assert_eq!(
        figures(&mut desk),
        [
            "A-01 71053 13 of 12",
            "A-01 FLOUR 2000 of 12",
            "A-02 71053 7 of 5",
            "A-02 MILK L2 1 of 4",
            "A-02 SAW SN-1 1 of 1"
        ]
    );
}

#[test]
fn a_figure_after_a_scan_counts_the_scanned_line() {
    let mut desk = desk_with(vec![line("A", "ONE", 1), line("A", "TWO", 2)]);
    desk.keys(&format!("{LANTERN}<enter>25<enter>"));
    desk.answer(found("TWO", Tracking::None, 1));
    assert_eq!(figures(&mut desk), ["A TWO 25 of 2"]);
}

#[test]
fn the_place_that_was_scanned_is_counted() {
    let mut desk = desk();
    desk.keys("<tab>a-02<enter>");
    desk.answer(a_place("A-02"));
    assert!(desk.draw(80, 24).contains("Now counting at A-02"));
    desk.keys("71053<enter>FLOUR<enter>");
    let screen = desk.draw(80, 24);
    assert!(screen.contains("FLOUR is not expected at A-02; added with 1 counted"), "{screen}");
    // An empty shelf of the place, then one of another place.
    desk.keys("a-03<enter>");
    desk.answer(a_place("A-03"));
    let row = |code: &str, parent: &str| LocationRow { parent: some(parent), ..location_row(code) };
    desk.answer(Answer::PlacesWithin(vec![row("A-03", "A")]));
    desk.keys("71053<enter>");
    desk.keys("b-01<enter>");
    desk.answer(a_place("B-01"));
    desk.answer(Answer::PlacesWithin(vec![row("B-01", "B")]));
    assert!(desk.draw(80, 24).contains("✗ B-01 is not part of A. Post or discard"));
    assert_eq!(figures(&mut desk), ["A-02 71053 1 of 5", "A-02 FLOUR 1 of 0", "A-03 71053 1 of 0"]);
}

#[test]
fn another_place_opens_its_sheet_while_nothing_is_counted() {
    let mut desk = desk();
    desk.keys("<tab>b-01<enter>");
    desk.answer(a_place("B-01"));
    desk.answer(Answer::PlacesWithin(Vec::new()));
    assert_eq!(desk.question(), &Question::Sheet(query::Sheet { location: "B-01".parse().unwrap() }));
}

#[test]
fn lots_are_asked_for() {
    let mut desk = desk();
    desk.keys(&format!("<tab>{LANTERN}<enter>"));
    desk.answer(found("MILK", Tracking::Lot, 6));
    insta::assert_snapshot!("lot_asked", desk.draw(80, 24));
    // The next product, scanned before anybody saw the question, is not a lot.
    desk.keys("5012345678900<enter>");
    assert!(desk.draw(80, 24).contains("✗ 5012345678900 is a product code"));
    desk.keys("L2<enter>");
    assert!(desk.draw(80, 24).contains("✓ MILK Lot L2: 6 counted (+6)"));
    // On its line the same code counts the same lot, and elsewhere a new one can be named.
    desk.keys(&format!("{LANTERN}<enter><home>{LANTERN}<enter>L9<enter>"));
    desk.keys(&format!("<home>{LANTERN}<enter><esc>"));
    assert_eq!(figures(&mut desk), ["A-01 MILK L9 6 of 0", "A-02 MILK L2 12 of 4"]);
}

#[test]
fn serial_numbers_are_there_or_not() {
    let mut desk = desk();
    desk.keys("<tab>SN-1<enter>SN-1<enter>");
    assert!(desk.draw(80, 24).contains("is a serial number"));
    desk.keys("SAW<enter>");
    assert!(desk.draw(80, 24).contains("is a serial number"), "the only one of them is counted already");
    assert_eq!(figures(&mut desk), ["A-02 SAW SN-1 1 of 1"]);
}

/// A lot or serial number that was looked up.
fn a_lot(sku: &str, tracking: Tracking, lot: &str, held_at: &[&str]) -> ScannedLot {
    let held_at = held_at.iter().map(|place| parsed(place)).collect();
    ScannedLot { row: product(sku, tracking), lot: parsed(lot), expires_on: None, held_at }
}

fn lots(found: Vec<ScannedLot>) -> Answer {
    Answer::Scan(Box::new(Scanned::Lots(found)))
}

#[test]
fn a_scanned_lot_or_serial_number_brings_its_product() {
    let mut desk = desk();
    // A lot that no line has, and one of two products, of which the sheet has one.
    desk.keys("<tab>2*L7<enter>");
    desk.answer_first(nothing());
    desk.answer_first(lots(vec![a_lot("MILK", Tracking::Lot, "L7", &["B-01"])]));
    assert!(desk.draw(80, 24).contains("MILK Lot L7 is not expected at"), "{}", desk.draw(80, 24));
    desk.keys("L8<enter>");
    desk.answer(lots(vec![
        a_lot("CREAM", Tracking::Lot, "L8", &["B-01"]),
        a_lot("MILK", Tracking::Lot, "L8", &["B-01"]),
    ]));
    desk.keys("SN-5<enter>");
    desk.answer(lots(vec![a_lot("SAW", Tracking::Serial, "SN-5", &[])]));
    // A serial number is at one place only, and one code may be that of lots of several products.
    desk.keys("SN-6<enter>");
    desk.answer(lots(vec![a_lot("SAW", Tracking::Serial, "SN-6", &["B-01"])]));
    assert!(desk.draw(80, 24).contains("SN-6 of SAW is at B-01, not at A"), "{}", desk.draw(80, 24));
    desk.keys("L9<enter>");
    desk.answer(lots(vec![
        a_lot("CREAM", Tracking::Lot, "L9", &["B-01"]),
        a_lot("CHEESE", Tracking::Lot, "L9", &["B-01"]),
    ]));
    assert!(desk.draw(80, 24).contains("L9 is a lot of CREAM, CHEESE"), "{}", desk.draw(80, 24));
    assert_eq!(figures(&mut desk), ["A-01 MILK L7 2 of 0", "A-01 MILK L8 1 of 0", "A-01 SAW SN-5 1 of 0"]);
}

#[test]
fn a_number_before_a_code_counts_as_often() {
    let mut desk = desk_with(vec![line("A", "71053", 12)]);
    desk.keys("<tab>3*ABC<enter>");
    let asked: Vec<&Question> = desk.asked.iter().map(|(_, question)| question).collect();
    let scan = |text: &str| Question::Scan(query::Scan { text: text.to_owned() });
    assert_eq!(asked, [&scan("3*ABC"), &scan("ABC")]);
    desk.answer_first(nothing());
    desk.answer_first(found("71053", Tracking::None, 6));
    // What was scanned three times once is scanned once the next time.
    desk.keys("ABC<enter>");
    desk.answer(found("71053", Tracking::None, 6));
    // Whether fractions of a unit can be counted depends on the product.
    desk.keys("1.5*ABC<enter>");
    desk.answer_first(nothing());
    desk.answer_first(found("71053", Tracking::None, 1));
    assert!(desk.draw(80, 24).contains("✗ "), "{}", desk.draw(80, 24));
    assert_eq!(figures(&mut desk), ["A 71053 24 of 12"]);
}

#[test]
fn unknown_codes_stay_in_view() {
    let mut desk = desk();
    desk.keys("<tab>nix<enter>");
    desk.answer(nothing());
    assert_eq!(desk.bells, 1);
    assert!(desk.draw(80, 24).contains("✗ No product or location has the code nix"));
    desk.keys("x");
    assert!(desk.draw(80, 24).contains("✗ unknown codes: nix (Esc to remove them)"));
    desk.keys("<esc><tab>1<enter><f12>");
    assert!(desk.draw(80, 24).contains("✗ Unknown and not counted: nix"));
    desk.keys("<esc><esc>");
    assert!(!desk.draw(80, 24).contains("nix"));
}

#[test]
fn a_name_is_searched_for_in_the_sheet() {
    let mut desk = desk();
    desk.keys("<tab>flour<enter>");
    assert!(cursor_line(&mut desk).contains("FLOUR"), "its SKU is one of the sheet: {}", desk.draw(80, 24));
    desk.keys("goods<enter>");
    desk.answer(nothing());
    let screen = desk.draw(80, 24);
    assert!(screen.contains("6 lines have this in their names"), "{screen}");
    assert!(cursor_line(&mut desk).contains("A-02"), "the next line: {screen}");
    desk.keys("xyz<enter>");
    desk.answer(nothing());
    assert!(desk.draw(80, 24).contains("No product or location has the code xyz"));
}
