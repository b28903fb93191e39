//! Counting, driven by keys, scans and answers.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{location_row, parsed, sheet_line, some, stock_row};
use crate::domain::{
    CountSheet, CountedLine, Group, Level, LocationRow, Refusal, Scanned, SheetCounted, Status, Tracking,
};
use crate::tui::app::testing::Desk;
use crate::tui::locale::Language;
use crate::worker::message::{Report, Write};
use crate::worker::query::{self, Question};

mod posting;
mod scanning;

const LANTERN: &str = "4006381333931";

fn line(location: &str, sku: &str, on_hand: i64) -> SheetLine {
    sheet_line(location, sku, &format!("GOODS {sku}"), on_hand)
}

fn lot(mut of: SheetLine, tracking: Tracking, lot: &str) -> SheetLine {
    of.tracking = tracking;
    of.lot = some(lot);
    of
}

/// A location with two shelves: loose goods, weighed goods, lots and serial numbers.
fn sample() -> Vec<SheetLine> {
    let mut weighed = line("A-01", "FLOUR", 12);
    weighed.decimals = 3;
    weighed.unit = parsed("kg");
    let mut milk = lot(line("A-02", "MILK", 6), Tracking::Lot, "L1");
    milk.expires_on = Some(date(2026, 12, 1));
    milk.last_counted_at = Some("2026-10-01T08:00:00Z".parse().unwrap());
    vec![
        line("A-01", "71053", 12),
        weighed,
        line("A-02", "71053", 5),
        milk,
        lot(line("A-02", "MILK", 4), Tracking::Lot, "L2"),
        lot(line("A-02", "SAW", 1), Tracking::Serial, "SN-1"),
    ]
}

fn product(sku: &str, tracking: Tracking) -> StockRow {
    StockRow { tracking, ..stock_row(sku, &format!("GOODS {sku}")) }
}

fn found(sku: &str, tracking: Tracking, pack: i64) -> Answer {
    Answer::Scan(Box::new(Scanned::Product {
        row: product(sku, tracking),
        pack_quantity: Decimal::from(pack),
    }))
}

fn a_place(code: &str) -> Answer {
    let code = code.parse().unwrap();
    Answer::Scan(Box::new(Scanned::Location { code, name: None, archived: false }))
}

fn nothing() -> Answer {
    Answer::Scan(Box::new(Scanned::Nothing))
}

fn desk_with(lines: Vec<SheetLine>) -> Desk {
    let mut desk = Desk::clerk();
    desk.keys("<f6>a<enter>");
    desk.answer(Answer::Sheet(lines));
    desk
}

fn desk() -> Desk {
    desk_with(sample())
}

fn sheet(desk: &Desk) -> (PostingId, CountSheet) {
    match desk.written.last() {
        Some((id, Write::Sheet(sheet))) => (*id, sheet.clone()),
        other => panic!("wrote {other:?}"),
    }
}

/// The counts to be posted: location, product, lot, counted, seen.
fn figures(desk: &mut Desk) -> Vec<String> {
    desk.keys("<f12>");
    desk.keys("<f12>");
    let (_, sheet) = sheet(desk);
    sheet
        .lines
        .iter()
        .map(|figure| {
            let lot = figure.lot.as_ref().map(|lot| format!(" {lot}")).unwrap_or_default();
            format!("{} {}{lot} {} of {}", figure.location, figure.sku, figure.counted, figure.seen.unwrap())
        })
        .collect()
}

fn counted(desk: &Desk) -> SheetCounted {
    let (id, sheet) = sheet(desk);
    let lines = sheet.lines.iter().map(|figure| CountedLine {
        sku: figure.sku.clone(),
        location: figure.location.clone(),
        lot: figure.lot.clone(),
        expected: figure.seen.unwrap(),
        counted: figure.counted,
    });
    let levels = sheet.lines.iter().map(|figure| Level {
        sku: figure.sku.clone(),
        location: figure.location.clone(),
        lot: figure.lot.clone(),
        expires_on: None,
        on_hand: figure.counted,
        reserved: Decimal::ZERO,
        available: figure.counted,
        blocked_by: None,
    });
    SheetCounted {
        status: Status::Posted,
        posting_id: id,
        lines: lines.collect(),
        levels: levels.collect(),
        attempts: 1,
    }
}

fn cursor_line(desk: &mut Desk) -> String {
    let screen = desk.draw(80, 24);
    screen.lines().skip(4).find(|line| line.starts_with('▸')).unwrap_or_default().to_owned()
}

#[test]
fn what_a_clerk_sees() {
    let mut desk = Desk::clerk();
    desk.keys("<f6>");
    insta::assert_snapshot!("place", desk.draw(80, 24));
    desk.keys("a");
    let place = |code: &str, name: &str| LocationRow { name: some(name), ..location_row(code) };
    desk.answer(Answer::Places(vec![place("A", "aisle A"), place("A-01", "shelf 1")]));
    desk.keys("<down>");
    insta::assert_snapshot!("place_offered_60x20", desk.draw(60, 20));
    desk.keys("<enter>12");
    insta::assert_snapshot!("loading", desk.draw(80, 24));
    desk.answer(Answer::Sheet(sample()));
    desk.keys("<enter>=4<enter><down>");
    insta::assert_snapshot!("counting_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("counting_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("counting_140x30", desk.draw(140, 30));
    desk.keys("<ctrl-b>");
    insta::assert_snapshot!("blind", desk.draw(80, 24));
    let mut empty = desk_with(Vec::new());
    insta::assert_snapshot!("empty", empty.draw(80, 24));
    empty.keys("3<enter>");
    assert!(empty.draw(80, 24).contains("✗ There are no lines to count"));
}

#[test]
fn in_french_with_a_comma() {
    let mut desk = Desk::new(Group::Admin, Language::French);
    desk.keys("<f6>a<enter>");
    desk.answer(Answer::Sheet(sample()));
    desk.keys("13<enter>11,5<enter>");
    insta::assert_snapshot!("french", desk.draw(80, 24));
    desk.keys("<f12>");
    insta::assert_snapshot!("french_review", desk.draw(80, 24));
    assert_eq!(figures(&mut desk), ["A-01 71053 13 of 12", "A-01 FLOUR 11.5 of 12"]);
}

#[test]
fn a_location_that_cannot_be_counted_is_reported() {
    let mut desk = Desk::clerk();
    desk.keys("<f6>nowhere<enter>12<enter>");
    desk.fail(Failure::Refused(Refusal::UnknownLocation("NOWHERE".parse().unwrap())));
    insta::assert_snapshot!("error", desk.draw(80, 24));
    assert_eq!(desk.notices()[0].text, "3 keys typed ahead were discarded.");
    desk.keys("b<enter>");
    assert_eq!(desk.question(), &Question::Sheet(query::Sheet { location: "B".parse().unwrap() }));
    desk.keys("<esc>");
    assert!(desk.draw(80, 24).contains("Count a location"));
    desk.keys("a b<enter>");
    assert!(desk.draw(80, 24).contains("✗ a b is not a location code."));
}

#[test]
fn each_figure_moves_to_the_next_line_of_the_sheet() {
    let mut desk = desk();
    desk.keys("3*4<enter>2.5<enter>=<enter>9<enter>");
    assert_eq!(
        figures(&mut desk),
        ["A-01 71053 12 of 12", "A-01 FLOUR 2.5 of 12", "A-02 71053 5 of 5", "A-02 MILK L2 9 of 4"]
    );
}

#[test]
fn figures_that_cannot_be_are_refused_with_reasons() {
    let mut desk = desk();
    for (keys, reason) in [
        ("2.5<enter>", "✗ 71053 is counted in whole units."),
        ("3*<enter>", "is not a quantity"),
        ("(2-3)<enter>", "✗ A count cannot be negative."),
    ] {
        desk.keys(keys);
        let screen = desk.draw(80, 24);
        assert!(screen.contains(reason), "{keys}: {screen}");
    }
    assert_eq!(desk.bells, 3);
    // The figure is preselected, so that typing replaces it.
    desk.keys("7<enter><end>2<enter>");
    assert!(desk.draw(80, 24).contains("SAW Lot SN-1 is a serial number: enter 1 if it is present"));
    desk.keys("1<enter>");
    assert_eq!(figures(&mut desk), ["A-01 71053 7 of 12", "A-02 SAW SN-1 1 of 1"]);
}

#[test]
fn the_latest_action_is_undone() {
    let mut desk = desk_with(vec![line("A", "ONE", 1), line("A", "TWO", 2)]);
    desk.keys("<tab>ONE<enter>ONE<enter>");
    desk.keys("NEW<enter>");
    desk.answer(found("NEW", Tracking::None, 1));
    desk.keys("<backspace>");
    assert!(!desk.draw(80, 24).contains("GOODS NEW"));
    desk.keys("<backspace><tab>");
    assert!(desk.draw(80, 24).contains("ONE: scan undone, 1"));
    desk.keys("<end>=<home><del>");
    desk.keys("<backspace>");
    assert!(cursor_line(&mut desk).contains("ONE"));
    assert_eq!(figures(&mut desk), ["A ONE 1 of 1", "A TWO 2 of 2"]);
}

#[test]
fn stock_moves_during_the_count() {
    let mut desk = desk_with(vec![line("A", "ONE", 12), line("A", "TWO", 2)]);
    desk.keys("11<enter>2");
    desk.report(Report::Changed);
    // One left, one arrived in front of the cursor, one is new.
    desk.answer(Answer::Sheet(vec![line("A", "ANEW", 3), line("A", "ONE", 10), line("A", "TWO", 2)]));
    let screen = desk.draw(80, 24);
    assert!(screen.contains("1 moved!"), "{screen}");
    assert!(cursor_line(&mut desk).contains("TWO"), "the cursor stays, and what is typed");
    desk.keys("<enter>");
    insta::assert_snapshot!("moved", desk.draw(140, 24));
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("! 1 line has moved since it was counted."));
    desk.keys("<enter>");
    assert!(desk.written.is_empty());
    assert!(cursor_line(&mut desk).contains("ONE"));
    desk.keys("9<enter>");
    assert_eq!(figures(&mut desk), ["A ONE 9 of 10", "A TWO 2 of 2"]);
}

#[test]
fn goods_that_are_gone_stay_on_the_sheet_once_counted() {
    let mut desk = desk_with(vec![line("A", "ONE", 12), line("A", "TWO", 2)]);
    desk.keys("12<enter>");
    desk.report(Report::Changed);
    desk.answer(Answer::Sheet(Vec::new()));
    let screen = desk.draw(80, 24);
    assert!(screen.contains("GOODS ONE") && !screen.contains("GOODS TWO"), "{screen}");
    desk.keys("<home>=");
    assert_eq!(figures(&mut desk), ["A ONE 0 of 0"]);
}

#[test]
fn scans_on_a_line_that_moved_do_not_hide_it() {
    let mut desk = desk_with(vec![line("A", "ONE", 12)]);
    desk.keys("<tab>ONE<enter>");
    desk.report(Report::Changed);
    desk.answer(Answer::Sheet(vec![line("A", "ONE", 11)]));
    desk.keys("ONE<enter>");
    assert!(desk.draw(80, 24).contains("1 moved!"), "the first scan saw other books");
}

#[test]
fn a_lookup_that_is_never_answered_can_be_left() {
    let mut desk = desk();
    desk.keys("<tab>nix<enter>71053<enter>");
    assert!(desk.draw(80, 24).contains("looking up nix … (6 keys queued)"));
    desk.keys("<esc>");
    assert!(desk.notices().iter().any(|notice| notice.text.starts_with("The lookup of nix was interrupted")));
    desk.keys("FLOUR<enter>");
    assert_eq!(figures(&mut desk), ["A-01 FLOUR 1 of 12"]);
}

#[test]
fn a_lookup_that_fails_gives_the_code_back() {
    let mut desk = desk();
    desk.keys("<tab>nix<enter>");
    desk.fail(Failure::Unavailable("connection refused".to_owned()));
    let screen = desk.draw(80, 24);
    assert!(screen.contains("▸ Scan nix"), "{screen}");
    desk.keys("<enter>");
    assert_eq!(desk.question(), &Question::Scan(query::Scan { text: "nix".to_owned() }));
}

#[test]
fn discarding_asks_when_there_is_much_to_lose() {
    let mut desk = desk();
    desk.keys("1<enter><ctrl-x>");
    assert!(desk.draw(80, 24).contains("Count a location"));
    desk.keys("a<enter>");
    desk.answer(Answer::Sheet(sample()));
    desk.wait(10);
    desk.keys("====<ctrl-x>");
    insta::assert_snapshot!("discard", desk.draw(80, 24));
    desk.keys("<esc>");
    assert!(desk.draw(80, 24).contains("4 of 6 counted"));
    desk.keys("<ctrl-q>");
    assert!(desk.draw(80, 24).contains("4 lines in the forms are not posted"));
    desk.keys("<esc><ctrl-x><enter>");
    assert!(desk.draw(80, 24).contains("Count a location"));
}

#[test]
fn a_blind_count_hides_what_is_expected() {
    let mut desk = desk();
    desk.keys("<ctrl-b>");
    let screen = desk.draw(140, 24);
    assert!(screen.lines().skip(5).all(|line| !line.contains(" 12 ")), "{screen}");
    desk.keys("=");
    assert!(desk.draw(80, 24).contains("✗ In a blind count, enter the quantity."));
    desk.keys("11<enter>");
    let screen = desk.draw(140, 24);
    assert!(!screen.contains("less") && !screen.contains("−1"), "{screen}");
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("12 → 11"), "the review shows it");
}

#[test]
fn lines_and_fields_can_be_clicked() {
    let mut desk = desk();
    let screen = desk.draw(80, 24);
    let at = screen.lines().position(|line| line.contains("SAW")).unwrap();
    desk.click(20, u16::try_from(at).unwrap());
    assert!(cursor_line(&mut desk).contains("SAW"));
    desk.keys("7");
    let screen = desk.draw(80, 24);
    let at = screen.lines().position(|line| line.contains("▸ Count 7")).unwrap();
    desk.click(60, u16::try_from(at).unwrap());
    assert!(desk.draw(80, 24).contains("▸ Scan 7"), "what was typed goes along");
}

#[test]
fn pasted_codes_are_scans() {
    let mut desk = desk_with(vec![line("A", "71053", 12)]);
    desk.paste("71053\r\n71053\r\n");
    assert_eq!(figures(&mut desk), ["A 71053 2 of 12"]);
}
