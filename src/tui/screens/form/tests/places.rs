use super::super::place::End;
use super::Clerk;
use crate::domain::samples::{location_row, some};
use crate::domain::{LocationRow, MovementKind, Suggestion};
use crate::tui::locale::Language;
use crate::worker::message::Report;
use crate::worker::query::{Answer, Question};

fn place(clerk: &mut Clerk, end: super::super::place::End) -> Option<String> {
    clerk.form().place(end).code().map(ToString::to_string)
}

#[test]
fn the_places_come_first_then_items_however_fast() {
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.keys("main<enter>B-02<enter>71053<enter>71053<enter>");
    assert!(
        clerk.screen().contains("keys queued"),
        "where they go depends on the places\n{}",
        clerk.screen()
    );
    clerk.answer();
    assert_eq!(place(&mut clerk, End::From).as_deref(), Some("MAIN"));
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"));
    assert_eq!(clerk.lines(), ["2 71053"]);
    assert_eq!(clerk.desk.bells, 0);
}

#[test]
fn a_place_among_the_items_is_taken_when_one_is_missing() {
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.type_in("MAIN<enter><tab><tab><tab><tab>71053<enter>B-02<enter>85123A<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"));
    assert_eq!(clerk.lines(), ["1 71053", "1 85123A"]);
}

#[test]
fn an_item_before_the_place_counts_and_the_place_is_still_asked_for() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("71053<enter>");
    assert_eq!(clerk.lines(), ["1 71053"]);
    assert_eq!(place(&mut clerk, End::To), None);
    assert_eq!(clerk.desk.bells, 1);
    clerk.type_in("MAIN<enter>71053<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("MAIN"));
    assert_eq!(clerk.lines(), ["2 71053"]);
}

#[test]
fn an_unneeded_place_changes_nothing_silently() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("B-02<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("MAIN"));
    assert!(clerk.desk.notices()[0].text.contains("B-02 (Cold room) is a location; this form uses MAIN"));
    clerk.type_in("B-02<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"), "scanned once more it is meant");
    clerk.type_in("71053<enter>A-01<enter>A-01<enter>");
    assert_eq!(
        place(&mut clerk, End::To).as_deref(),
        Some("B-02"),
        "lines are for the place they were scanned for"
    );
    assert!(clerk.desk.notices()[0].text.contains("Post them first"));
    assert_eq!(clerk.lines(), ["1 71053"]);
    assert_eq!(clerk.desk.bells, 3);
}

#[test]
fn a_place_that_cannot_be_used_says_why() {
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.type_in("NOWHERE<enter>");
    assert!(clerk.screen().contains("✗ there is no location NOWHERE"), "{}", clerk.screen());
    clerk.type_in("OLD<enter>");
    assert!(clerk.screen().contains("✗ OLD is archived"), "{}", clerk.screen());
    clerk.type_in("MAIN<enter>MAIN<enter>");
    assert!(clerk.screen().contains("✗ MAIN is already the other location"), "{}", clerk.screen());
    clerk.type_in("B-02<enter>");
    assert_eq!(place(&mut clerk, End::From).as_deref(), Some("MAIN"));
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"));
    assert_eq!(clerk.desk.bells, 3);
}

#[test]
fn the_location_of_the_latest_scan_is_undone() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("<backspace>B-02<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"));
    let mut clerk = Clerk::at(MovementKind::Transfer);
    clerk.type_in("MAIN<enter><tab><tab><tab><tab>B-02<enter>71053<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("B-02"));
    clerk.type_in("<backspace><backspace>");
    assert!(clerk.lines().is_empty());
    assert_eq!(place(&mut clerk, End::To), None);
    clerk.type_in("A-01<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("A-01"));
}

fn offer(clerk: &mut Clerk, rows: &[(&str, &str)]) {
    let (ticket, question) = clerk.questions().pop().expect("places are asked for");
    assert!(matches!(question, Question::Places(_)), "{question:?}");
    let rows = rows.iter().map(|(code, name)| LocationRow { name: some(name), ..location_row(code) });
    clerk.desk.report(Report::Answered(ticket, Ok(Answer::Places(rows.collect()))));
}

#[test]
fn places_are_offered_while_typing() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.keys("a-0");
    offer(&mut clerk, &[("A-01", "Shelf 1"), ("A-02", "Shelf 2")]);
    assert!(clerk.screen().contains("A-02  Shelf 2"), "{}", clerk.screen());
    clerk.type_in("<down><down><enter>71053<enter>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("A-02"));
    assert_eq!(clerk.lines(), ["1 71053"]);
    // Tab takes the first one.
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.keys("a-0");
    offer(&mut clerk, &[("A-01", "Shelf 1"), ("A-02", "Shelf 2")]);
    clerk.keys("<tab>");
    assert_eq!(place(&mut clerk, End::To).as_deref(), Some("A-01"));
}

#[test]
fn a_form_without_its_place_is_not_posted() {
    let mut clerk = Clerk::speaking(MovementKind::Issue, Language::French);
    clerk.type_in("<tab><tab><tab><tab>71053<enter><enter>");
    assert!(clerk.screen().contains("De quel emplacement partent les articles ?"), "{}", clerk.screen());
    clerk.type_in("MAIN<enter><enter>");
    clerk.keys("<enter>");
    assert_eq!(clerk.desk.written.len(), 1);
    assert_eq!(clerk.basket().from.as_ref().map(|code| code.as_str()), Some("MAIN"));
    assert!(clerk.basket().to.is_none());
}

#[test]
fn a_product_is_found_by_its_name() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("MAIN<enter>");
    clerk.keys("lantern");
    assert!(clerk.questions().is_empty(), "a scanner would be done before the pause is over");
    clerk.desk.wait(1);
    let [(ticket, _)] = clerk.questions().try_into().unwrap();
    let offer = Suggestion { code: "71053".to_owned(), note: "White metal lantern".to_owned() };
    clerk.desk.report(Report::Answered(ticket, Ok(Answer::Suggest(vec![offer]))));
    assert!(clerk.screen().contains("71053  White metal lantern"), "{}", clerk.screen());
    clerk.type_in("<down><enter>");
    assert_eq!(clerk.lines(), ["1 71053"]);
    // Without a choice what is typed counts, and digits alone are never searched for.
    clerk.keys("4006381333931");
    clerk.desk.wait(1);
    assert!(clerk.questions().is_empty());
}
