//! The page of imports, driven by keys and answers.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::domain::Group;
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::query::Question;

fn run(number: u8, outcome: Option<ImportOutcome>) -> ImportRun {
    let now: Timestamp = NOW.parse().unwrap();
    let started_at = now - SignedDuration::from_mins(7 * i64::from(number));
    let rows = |figure: i64| outcome.map(|_| figure);
    let value = |text: &str| outcome.map(|_| text.parse().unwrap());
    ImportRun {
        run_id: Uuid::from_bytes([number; 16]),
        started_at,
        started_by: "stock_importer".to_owned(),
        feed: "erp".to_owned(),
        content: "movements".to_owned(),
        profile: "stockroom".to_owned(),
        file_name: format!("deliveries-{number}.csv"),
        file_bytes: 1_234_567,
        file_hash: "5f".repeat(32),
        finished_at: outcome.map(|_| started_at + SignedDuration::from_secs(12)),
        outcome,
        same_as: None,
        rows_read: rows(12_040),
        rows_posted: rows(12_000),
        rows_already_posted: rows(0),
        rows_rejected: rows(0),
        postings: rows(400),
        value_read: value("1234.50"),
        value_posted: value("1200.00"),
        value_rejected: value("34.50"),
        seconds: value("12.345"),
        message: None,
        rejects_file: None,
        report_file: None,
    }
}

fn sample() -> Vec<ImportRun> {
    let done = "/srv/stockroom/erp/done/20261120T092300Z-0a1b2c3d-deliveries-1.csv";
    let mut runs = vec![
        run(0, None),
        run(1, Some(ImportOutcome::Rejects)),
        run(2, Some(ImportOutcome::Posted)),
        run(3, Some(ImportOutcome::Duplicate)),
        run(4, Some(ImportOutcome::Failed)),
    ];
    runs[1].rows_rejected = Some(40);
    runs[1].rows_already_posted = Some(3);
    runs[1].rejects_file = Some(format!("{done}.rejects.csv"));
    runs[1].report_file = Some(format!("{done}.report.json"));
    runs[2].feed = COMMAND_FEED.to_owned();
    runs[2].started_by = "marie".to_owned();
    runs[3].same_as = Some(runs[1].run_id);
    runs[4].file_name = "no\u{1b}[31m table.csv".to_owned();
    runs[4].message = Some("the header has no column sku; its columns are a, b".to_owned());
    runs
}

fn desk(group: Group, language: Language) -> Desk {
    let mut desk = Desk::new(group, language);
    desk.keys("<alt-f>");
    assert!(matches!(desk.question(), Question::Imports(_)), "{:?}", desk.question());
    desk.answer(Answer::Imports(sample()));
    desk
}

#[test]
fn what_an_admin_sees() {
    let mut desk = desk(Group::Admin, Language::English);
    insta::assert_snapshot!("list_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("list_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("list_130x38", desk.draw(130, 38));
    desk.keys("<down><enter>");
    insta::assert_snapshot!("run_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("run_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("run_130x38", desk.draw(130, 38));
    desk.keys("<ctrl-y>");
    assert!(desk.copied[0].ends_with(".rejects.csv"), "{:?}", desk.copied);
    desk.keys("<esc><down><down><down><enter>");
    let screen = desk.draw(80, 24);
    assert!(screen.contains("the header has no column sku") && !screen.contains('\u{1b}'), "{screen}");
    desk.keys("<esc><alt-f>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn what_an_auditor_sees_in_french() {
    let mut desk = desk(Group::Auditor, Language::French);
    insta::assert_snapshot!("list_french_80x24", desk.draw(80, 24));
    desk.keys("<down><enter>");
    insta::assert_snapshot!("run_french_60x20", desk.draw(60, 20));
}

#[test]
fn an_empty_page_and_a_failure_say_so() {
    let mut desk = Desk::new(Group::Admin, Language::English);
    desk.keys("<alt-f>");
    desk.answer(Answer::Imports(Vec::new()));
    assert!(desk.draw(80, 24).contains("No file has been imported yet."));
    desk.keys("<ctrl-t>");
    desk.fail(Failure::Unavailable("connection refused".to_owned()));
    assert!(desk.draw(80, 24).contains("connection refused"));
}

#[test]
fn a_clerk_has_no_such_page() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-f>");
    assert_eq!(desk.layers(), 0);
    assert!(desk.asked.iter().all(|(_, question)| !matches!(question, Question::Imports(_))));
}
