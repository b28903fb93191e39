//! The audit, driven by keys and answers.

mod health;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::audit::events::Event;
use crate::audit::evidence::Standing;
use crate::audit::findings::decisions::{Acceptance, By};
use crate::audit::findings::{Finding, Kind, Mode, Outcome, Report as Verification, Severity, Verdict};
use crate::audit::reconcile::Step;
use crate::audit::reconcile::line_status::{InspectedRow, Inspection, LineStatus, RowState, Seen, Stated};
use crate::audit::seal::{Checkpoint, Tree};
use crate::domain::{
    Anchor, AuditHealth, CheckFinding, CheckSeverity, DaySum, EventFilter, Group, MovementKind, Page,
};
use crate::tui::app::testing::{Desk, NOW, whole};
use crate::tui::locale::Language;
use crate::worker::message::{AuditReport, Decide, Failure, Report};
use crate::worker::query::{self, Answer, QueryKey, Question};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn event(line_no: u64) -> Event {
    Event {
        line_no,
        logged_at: Some(now() - SignedDuration::from_secs(3_000 - line_no as i64)),
        collected_at: now(),
        login: Some("marie".to_owned()),
        database: Some("stock_management".to_owned()),
        host: Some("10.0.7.21".to_owned()),
        program: Some("stockroom/14cab38e".to_owned()),
        session: Some("6b0111f9.46b0".to_owned()),
        severity: Some("LOG".to_owned()),
        class: Some("WRITE".to_owned()),
        command: Some("INSERT".to_owned()),
        object: Some("stock.transactions".to_owned()),
        statement: Some("INSERT INTO stock.transactions (id, quantity) VALUES ($1, $2)".to_owned()),
        parameters: Some(vec!["01a1fc2c".to_owned(), String::new()]),
        rows: Some(2),
        message: None,
        redacted: false,
    }
}

fn posted(line_no: u64, state: RowState) -> Seen {
    Seen { event: event(line_no), line_status: LineStatus::Posted(state) }
}

fn message(line_no: u64, severity: &str, text: &str) -> Event {
    Event {
        severity: Some(severity.to_owned()),
        class: None,
        command: None,
        object: None,
        statement: None,
        parameters: None,
        rows: None,
        message: Some(text.to_owned()),
        ..event(line_no)
    }
}

/// One line of each kind, the newest first.
fn lines() -> Vec<Seen> {
    let record = |line_no, class: &str, command: &str, statement: &str| Event {
        class: Some(class.to_owned()),
        command: Some(command.to_owned()),
        object: None,
        statement: Some(statement.to_owned()),
        login: Some("postgres".to_owned()),
        rows: Some(0),
        ..event(line_no)
    };
    let grant = "GRANT UPDATE ON stock.transactions\nTO marie";
    let alarm = Finding::alarm(
        Kind::ChangeRecorded,
        Verdict::ConfigurationChanged,
        "logins or privileges were changed: GRANT",
    );
    vec![
        posted(209, RowState::Open),
        posted(208, RowState::Agrees),
        posted(207, RowState::RolledBack),
        posted(206, RowState::Missing),
        posted(205, RowState::Differs),
        Seen {
            event: record(204, "ROLE", "GRANT", grant),
            line_status: LineStatus::Finding(Box::new(alarm)),
        },
        Seen { event: record(203, "DDL", "CREATE TABLE", "CREATE TABLE x ()"), line_status: LineStatus::Own },
        Seen {
            event: message(202, "ERROR", "UPDATE of stock.transactions is refused"),
            line_status: LineStatus::Refused,
        },
        Seen { event: message(201, "LOG", "checkpoint starting: time"), line_status: LineStatus::Message },
    ]
}

fn point(tree: Tree, size: u64, seconds_ago: i64) -> Checkpoint {
    Checkpoint {
        tree,
        signer: "stockroom-1".to_owned(),
        size,
        root: [0; 32],
        signed_at: Some(now() - SignedDuration::from_secs(seconds_ago)),
        retirement: None,
        note: String::new(),
    }
}

/// A state of the audit in which everything is in order.
fn standing() -> Standing {
    Standing {
        health: AuditHealth {
            collector_present: true,
            sealed_seconds_ago: Some(1),
            collected_at: Some(now()),
            logged_at: Some(now()),
            lines: 210,
            sealed: 90,
        },
        sealed_lines: Some(point(Tree::Lines, 210, 2)),
        sealed_ledger: Some(point(Tree::Ledger, 90, 2)),
        clean_at: Some(now() - SignedDuration::from_mins(12)),
        reported_at: None,
    }
}

fn report(findings: Vec<Finding>) -> Verification {
    let alarms = findings.len() as u64;
    Verification {
        status: if alarms == 0 { Outcome::Clean } else { Outcome::Discrepancies },
        mode: Mode::Full,
        database: "stock_management".to_owned(),
        analysed_to: now() - SignedDuration::from_secs(5),
        lines: 210,
        movements: 30_618,
        matched: 30_618,
        counts: 4,
        rolled_back: 1,
        not_over: 0,
        older_than_log: 0,
        checkpoints: 7,
        lines_not_sealed: 0,
        movements_not_sealed: 0,
        alarms,
        accepted: 0,
        notices: 0,
        seconds: 1.25,
        decisions: Default::default(),
        findings,
    }
}

fn differs() -> Finding {
    let mut finding = Finding::alarm(
        Kind::MovementDiffers,
        Verdict::ContentDiffers,
        "movement 01a1 differs from its audit record",
    )
    .about(Uuid::from_u128(7))
    .at_line(205)
    .change(Some("quantity 1".to_owned()), Some("quantity 6".to_owned()));
    finding.id = "f00d".to_owned();
    finding.who = Some("marie".to_owned());
    finding.session = Some("6b0111f9.46b0".to_owned());
    finding
}

/// An auditor at the audit screen, with some lines.
fn audit(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Auditor, language);
    desk.keys("<f9>");
    desk.answer_on(QueryKey::Standing, Answer::Standing(Box::new(standing())));
    desk.answer_on(QueryKey::Check, Answer::Check(Vec::new()));
    desk.answer_on(QueryKey::Events, Answer::Events(whole(lines())));
    if desk.asked.iter().any(|(ticket, _)| ticket.query_key == QueryKey::Events) {
        desk.answer_on(QueryKey::Events, Answer::Events(whole(lines())));
    }
    desk
}

fn filter(desk: &Desk) -> &EventFilter {
    let asked = desk.asked.iter().rev().find_map(|(_, question)| match question {
        Question::Events(query::Events { filter }) | Question::Logins(query::Logins { filter }) => {
            Some(&**filter)
        }
        _ => None,
    });
    asked.unwrap_or_else(|| panic!("no lines were asked for: {:?}", desk.asked))
}

#[test]
fn the_log_with_a_verdict_for_each_entry() {
    let mut desk = audit(Language::English);
    insta::assert_snapshot!("stream_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("stream_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("stream_140x30", desk.draw(140, 30));
    insta::assert_snapshot!("stream_french", audit(Language::French).draw(100, 24));
}

#[test]
fn loading_empty_and_failed() {
    let mut desk = Desk::new(Group::Admin, Language::English);
    desk.keys("<f9>");
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("loading …") && drawn.contains("Collector: not known yet"), "{drawn}");
    desk.answer_on(QueryKey::Events, Answer::Events(whole(Vec::new())));
    assert!(desk.draw(80, 24).contains("Nothing has been collected yet"));
    desk.keys("x<enter>");
    desk.fail(Failure::Other("the moon is in the way".to_owned()));
    assert!(desk.draw(80, 24).contains("✗ the moon is in the way"));
    desk.keys("<ctrl-t>");
    desk.answer_on(QueryKey::Events, Answer::Events(whole(Vec::new())));
    assert!(desk.draw(80, 24).contains("No matching log entries"));
}

#[test]
fn clerks_have_no_audit() {
    let mut desk = Desk::clerk();
    desk.keys("<f9>");
    let drawn = desk.draw(120, 24);
    assert!(drawn.contains("Your login does not have permission") && !drawn.contains("F9"), "{drawn}");
}

#[test]
fn the_list_follows_until_the_cursor_leaves_the_first_line() {
    let mut desk = audit(Language::English);
    desk.asked.clear();
    desk.wait(1);
    assert!(matches!(desk.question(), Question::Standing(query::Standing {})));
    let more = |lines| {
        let mut standing = standing();
        standing.health.lines = lines;
        Answer::Standing(Box::new(standing))
    };
    desk.answer_on(QueryKey::Standing, more(211));
    let mut grown = lines();
    grown.insert(0, posted(210, RowState::Agrees));
    desk.answer_on(QueryKey::Events, Answer::Events(whole(grown.clone())));
    let selected = |desk: &mut Desk| {
        desk.draw(80, 24).lines().find(|line| line.starts_with('▸')).map(str::to_owned).unwrap()
    };
    assert!(selected(&mut desk).contains("agrees"), "the cursor is on the newest line");
    desk.keys("<down><down>");
    let before = selected(&mut desk);
    desk.wait(1);
    desk.answer_on(QueryKey::Standing, more(212));
    grown.insert(0, posted(211, RowState::Agrees));
    desk.answer_on(QueryKey::Events, Answer::Events(whole(grown)));
    assert_eq!(selected(&mut desk), before, "the cursor stays on its line");
    assert!(desk.draw(80, 24).contains("Home to follow"));
    desk.keys("<home>");
    assert!(desk.draw(80, 24).contains("· following"));
}

#[test]
fn what_is_under_way_is_looked_at_again_and_nothing_else() {
    let mut desk = audit(Language::English);
    desk.asked.clear();
    desk.wait(1);
    desk.answer_on(QueryKey::Standing, Answer::Standing(Box::new(standing())));
    // One line was under way.
    let settled = lines().into_iter().skip(1).collect::<Vec<_>>();
    desk.answer_on(QueryKey::Events, Answer::Events(whole(settled)));
    desk.wait(1);
    desk.answer_on(QueryKey::Standing, Answer::Standing(Box::new(standing())));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn older_and_newer_lines_are_fetched_as_the_cursor_goes_there() {
    let mut desk = audit(Language::English);
    desk.keys("<ctrl-t>");
    desk.asked.retain(|(ticket, _)| ticket.query_key == QueryKey::Events);
    let page = |range: std::ops::Range<u64>| {
        let (more_before, more_after) = (range.end < 1_000, range.start > 0);
        let rows = range.rev().map(|line| posted(line, RowState::Agrees)).collect();
        Answer::Events(Page { rows, more_before, more_after })
    };
    desk.answer_on(QueryKey::Events, page(900..1000));
    assert_eq!((filter(&desk).anchor, filter(&desk).limit), (Anchor::After(900), Some(100)));
    desk.answer_on(QueryKey::Events, page(800..900));
    desk.draw(80, 24);
    desk.keys("<end>");
    assert_eq!(filter(&desk).anchor, Anchor::End);
    desk.answer_on(QueryKey::Events, page(0..100));
    assert!(desk.draw(80, 24).contains("Home to follow"));
    for _ in 0..3 {
        desk.keys("<pageup>");
    }
    assert_eq!(filter(&desk).anchor, Anchor::Before(99));
}

#[test]
fn filters() {
    let mut desk = audit(Language::English);
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter", desk.draw(80, 24));
    desk.keys("<up><right><right><tab>ann<tab><tab>stock.lots<tab><tab>7d<enter>");
    let asked = filter(&desk);
    assert_eq!(asked.classes, ["WRITE"]);
    assert_eq!((asked.login.as_deref(), asked.object.as_deref()), (Some("ann"), Some("stock.lots")));
    assert_eq!(asked.since, Some("2026-11-13T00:00:00Z".parse().unwrap()));
    assert!(desk.draw(100, 24).contains("[changes to data ✕]"));
    // Typed or scanned text, then back step by step.
    desk.keys("INV-7<enter>");
    assert_eq!(filter(&desk).text.as_deref(), Some("INV-7"));
    for _ in 0..5 {
        desk.keys("<esc>");
    }
    assert_eq!(filter(&desk), &EventFilter { records_only: true, limit: Some(100), ..Default::default() });
    // Days the wrong way round.
    desk.keys("<ctrl-f><shift-tab><shift-tab>1d<up>today<enter>");
    assert!(desk.draw(80, 24).contains("The end date is before the start date."));
    desk.keys("<esc>");
    // The selected line's session: everything of it.
    desk.answer_on(QueryKey::Events, Answer::Events(whole(lines())));
    desk.keys("<alt-s>");
    let asked = filter(&desk);
    assert_eq!((asked.session.as_deref(), asked.records_only), (Some("6b0111f9.46b0"), false));
    desk.keys("<esc>");
    desk.answer(Answer::Events(whole(lines())));
    desk.keys("<alt-p>");
    assert_eq!(filter(&desk).login.as_deref(), Some("marie"));
}

fn stated(quantity: i64) -> Stated {
    Stated {
        kind: Some(MovementKind::Issue),
        product: "22147".to_owned(),
        lot: Some("L7".to_owned()),
        from: Some("B-01-04".to_owned()),
        to: None,
        partner: Some("17682".to_owned()),
        quantity: quantity.into(),
        unit_price: Some("1.45".parse().unwrap()),
        reference: Some("SO-585927".to_owned()),
        reason: None,
        reverses: None,
        occurred_at: now(),
        posted_by: "marie".to_owned(),
        txid: 1149,
    }
}

fn inspection() -> Inspection {
    let row = |state, booked| InspectedRow {
        id: "01a1fc1e-86cf-7832-b0c9-f5f89e995e3f".parse().unwrap(),
        state: Some(state),
        recorded: Some(stated(1)),
        booked,
    };
    Inspection {
        seen: posted(205, RowState::Differs),
        rows: vec![row(RowState::Differs, Some(stated(6))), row(RowState::Missing, None)],
    }
}

#[test]
fn a_record_beside_its_rows() {
    let mut desk = audit(Language::English);
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::Inspection(query::Inspection { line_no: 209 })));
    assert!(desk.draw(80, 24).contains("loading …"));
    desk.answer(Answer::Inspection(Some(Box::new(inspection()))));
    insta::assert_snapshot!("record_120x30", desk.draw(120, 30));
    insta::assert_snapshot!("record_60x20", desk.draw(60, 20));
    desk.keys("<down>");
    let drawn = desk.draw(120, 30);
    assert!(
        drawn.contains("2 of 2: ! row missing") && drawn.contains("A deleted row and a row lost in a crash"),
        "{drawn}"
    );
    // The long part is scrolled, and the keys step through the rows.
    desk.draw(60, 20);
    desk.keys("<pagedown>");
    assert!(!desk.draw(60, 20).contains("Logged"));
    desk.keys("<alt-s>");
    assert_eq!(desk.layers(), 0);
    assert_eq!(filter(&desk).session.as_deref(), Some("6b0111f9.46b0"));
    // A line whose month was dropped.
    desk.answer_on(QueryKey::Events, Answer::Events(whole(lines())));
    desk.keys("<enter>");
    desk.answer(Answer::Inspection(None));
    assert!(desk.draw(80, 24).contains("This log entry is no longer available"));
}

#[test]
fn logins() {
    let mut desk = audit(Language::English);
    desk.keys("<tab>");
    assert!(filter(&desk).logins_only && !filter(&desk).records_only);
    let line = |line_no, severity: &str, text: &str, line_status| Seen {
        event: message(line_no, severity, text),
        line_status,
    };
    let refused = "password authentication failed for user \"marie\"";
    desk.answer_on(
        QueryKey::Logins,
        Answer::Logins(whole(vec![
            line(203, "LOG", "disconnection: session time: 0:12:31.207 user=marie", LineStatus::Message),
            line(
                202,
                "LOG",
                "connection authorized: user=marie database=stock_management",
                LineStatus::Message,
            ),
            line(201, "FATAL", refused, LineStatus::Refused),
        ])),
    );
    insta::assert_snapshot!("logins", desk.draw(100, 20));
}

#[test]
fn who_changed_what_on_which_day() {
    let mut desk = audit(Language::English);
    desk.keys("<tab><tab>");
    assert!(matches!(desk.question(), Question::Summary(query::Summary { days: 14, .. })));
    let sum = |day, login: &str, command: &str, object: &str, records| DaySum {
        day: date(2026, 11, day),
        login: login.to_owned(),
        class: "WRITE".to_owned(),
        command: command.to_owned(),
        object: object.to_owned(),
        records,
    };
    desk.answer_on(
        QueryKey::Summary,
        Answer::Summary(vec![
            sum(20, "marie", "INSERT", "stock.transactions", 1_222),
            sum(20, "marie", "UPDATE", "stock.products", 3),
            sum(20, "paul", "INSERT", "stock.transactions", 40),
            sum(19, "paul", "INSERT", "stock.transactions", 12),
        ]),
    );
    insta::assert_snapshot!("people", desk.draw(80, 20));
    desk.keys("<down><enter>");
    let asked = filter(&desk);
    assert_eq!((asked.login.as_deref(), asked.object.as_deref()), (Some("marie"), Some("stock.products")));
    assert_eq!(asked.classes, ["WRITE"]);
    assert_eq!(asked.since, Some("2026-11-20T00:00:00Z".parse().unwrap()));
    assert_eq!(asked.until, Some("2026-11-20T23:59:59.999Z".parse().unwrap()));
}

#[test]
fn from_a_movement_to_its_records() {
    let mut desk = Desk::new(Group::Auditor, Language::English);
    desk.keys("<f7>");
    let row = crate::tui::screens::ledger::tests::receipt(1);
    let id = row.id.to_string();
    desk.answer_first(Answer::Ledger(whole(vec![row])));
    desk.keys("<alt-a>");
    assert_eq!(filter(&desk).text.as_deref(), Some(id.as_str()));
}
