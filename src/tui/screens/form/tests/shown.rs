//! What the forms look like.

use super::Clerk;
use crate::domain::MovementKind;
use crate::tui::locale::Language;
use crate::worker::message::Failure;

/// A receipt with a line of each sort.
fn filled(language: Language) -> Clerk {
    let mut clerk = Clerk::speaking(MovementKind::Receipt, language);
    clerk
        .type_in("MAIN<enter>24*71053<enter>NONE<enter>YOG<enter>L-7<enter>2027-01<enter>*12<tab><tab><tab>0.45<enter>");
    clerk.type_in("DRILL<enter>SN0010-0012<enter>");
    clerk.keys("85123A<enter>");
    clerk
}

#[test]
fn empty() {
    let mut clerk = Clerk::at(MovementKind::Transfer);
    insta::assert_snapshot!("empty_80", clerk.desk.draw(80, 24));
    insta::assert_snapshot!("empty_60", clerk.desk.draw(60, 20));
    let mut clerk = Clerk::speaking(MovementKind::Receipt, Language::French);
    insta::assert_snapshot!("empty_fr", clerk.desk.draw(80, 24));
}

#[test]
fn filled_in() {
    let mut clerk = filled(Language::English);
    insta::assert_snapshot!("filled_80", clerk.desk.draw(80, 24));
    insta::assert_snapshot!("filled_60", clerk.desk.draw(60, 20));
    insta::assert_snapshot!("filled_140", clerk.desk.draw(140, 40));
    let mut clerk = filled(Language::French);
    insta::assert_snapshot!("filled_fr", clerk.desk.draw(80, 24));
}

#[test]
fn an_issue_of_lots() {
    for (language, name) in [(Language::English, "issue_80"), (Language::French, "issue_fr")] {
        let mut clerk = Clerk::speaking(MovementKind::Issue, language);
        clerk.stock.push(("YOG", "MAIN", Some("L-7"), Some("2026-12-20"), 5));
        clerk.type_in("MAIN<enter>15*71053<enter>2*YOG<enter>");
        insta::assert_snapshot!(name, clerk.desk.draw(80, 24));
    }
}

#[test]
fn reviewed() {
    for (language, name) in [(Language::English, "review_60"), (Language::French, "review_fr")] {
        let mut clerk = Clerk::speaking(MovementKind::Transfer, language);
        clerk.type_in("MAIN<enter>B-02<enter>15*71053<enter>2*RICE<enter><f12>");
        insta::assert_snapshot!(name, clerk.desk.draw(60, 20));
    }
}

#[test]
fn refused_with_queued_keys() {
    for (language, name) in [(Language::English, "refused_60"), (Language::French, "refused_fr")] {
        let mut clerk = Clerk::speaking(MovementKind::Issue, language);
        clerk.type_in("MAIN<enter>12*71053<enter>85123A<enter>");
        clerk.keys("<f12><f12>RICE<enter>");
        clerk.refuse();
        insta::assert_snapshot!(name, clerk.desk.draw(60, 20));
    }
}

#[test]
fn posted() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("24*71053<enter>");
    clerk.keys("<f12><f12>");
    insta::assert_snapshot!("posting_80", clerk.desk.draw(80, 24));
    let id = clerk.id();
    clerk.desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "broken pipe".to_owned() }));
    insta::assert_snapshot!("unknown_80", clerk.desk.draw(80, 24));
    clerk.succeed();
    insta::assert_snapshot!("posted_80", clerk.desk.draw(80, 24));
}
