mod orders;

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{parsed, stock_row};
use crate::domain::{
    DatabaseActivity, ExpiringLot, Group, HourCount, MovementKind, PersonActivity, ProductTurnover, Refusal,
    SlowMover, StockRow, StockValue, StoreCounts, TopItem, TurnoverInBrief,
};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::message::Report;
use crate::worker::query::{self, PANEL_HOURS, QueryKey, Question};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

/// Products: a code, a name, a reorder point and the quantity left.
const PRODUCTS: [(&str, &str, i64, &str); 8] = [
    ("85123A", "White hanging heart t-light holder", 40, "0"),
    ("71053", "White metal lantern", 24, "2"),
    ("84406B", "Cream cupid hearts coat hanger", 60, "9"),
    ("84029G", "Knitted union flag hot water bottle", 48, "14.5"),
    ("22752", "Set 7 babushka nesting boxes", 1_200, "480"),
    ("21730", "Glass star frosted t-light holder", 36, "18"),
    ("22633", "Hand warmer union jack", 96, "72"),
    ("OIL-5L", "Lamp oil, canister of five litres", 12, "12"),
];

fn low() -> Answer {
    let row = |(sku, name, point, on_hand): (&str, &str, i64, &str)| StockRow {
        unit: parsed("pcs"),
        decimals: 1,
        reorder_point: Some(Decimal::from(point)),
        on_hand: parsed(on_hand),
        available: parsed(on_hand),
        ..stock_row(sku, name)
    };
    Answer::Low((PRODUCTS.map(row).to_vec(), 3_411))
}

fn hours() -> Answer {
    let this_hour: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let mut counts = Vec::new();
    for back in 0..i64::from(PANEL_HOURS) {
        let hour = this_hour - SignedDuration::from_hours(back);
        let at_work = (back < 4) || (15..24).contains(&back);
        for (kind, movements) in [
            (MovementKind::Receipt, if at_work { 40 - 7 * (back % 5) } else { 0 }),
            (MovementKind::Issue, if at_work { 310 - 23 * (back % 9) } else { 4 }),
            (MovementKind::Transfer, if back % 6 == 1 { 35 } else { 0 }),
            (MovementKind::Adjustment, i64::from(back == 16)),
            (MovementKind::Reversal, i64::from(back == 2)),
        ] {
            if movements > 0 {
                counts.push(HourCount { hour, kind, movements });
            }
        }
    }
    Answer::Hours(counts)
}

fn expiring() -> Answer {
    let lot = |(days, (sku, name, ..)): (i64, (&str, &str, i64, &str))| ExpiringLot {
        sku: parsed(sku),
        name: parsed(name),
        lot: parsed(&format!("L{}", 4_100 + days)),
        location: parsed(&format!("B-0{}-02", days.rem_euclid(9))),
        expires_on: (now() + SignedDuration::from_hours(24 * days)).to_zoned(jiff::tz::TimeZone::UTC).date(),
        on_hand: Decimal::from(6 + days.abs() * 3),
    };
    Answer::Expiring([-12, -1, 0, 1, 6, 14, 21, 30].into_iter().zip(PRODUCTS).map(lot).collect())
}

fn slow() -> Answer {
    let row = |(days, (sku, name, ..)): (i64, (&str, &str, i64, &str))| SlowMover {
        sku: parsed(sku),
        name: parsed(name),
        on_hand: Decimal::from(days + 3),
        value: (days != 301).then(|| Decimal::new(days * 1_275, 2)),
        last_moved_at: (days > 0).then(|| hours_ago(24 * days)),
    };
    Answer::Slow([0, 412, 398, 301, 250, 120, 99, 61].into_iter().zip(PRODUCTS).map(row).collect())
}

fn top() -> Answer {
    let row = |(movements, (sku, name, ..)): (i64, (&str, &str, i64, &str))| TopItem {
        sku: parsed(sku),
        name: parsed(name),
        quantity: Decimal::from(movements * 12),
        movements,
    };
    Answer::Top([1_312, 988, 640, 512, 255, 180, 44, 7].into_iter().zip(PRODUCTS).map(row).collect())
}

fn people() -> Answer {
    let row = |(login, postings): (&str, i64)| PersonActivity {
        login: login.to_owned(),
        postings,
        movements: postings * 4,
        last_at: hours_ago(400 / postings),
    };
    Answer::People([("ann", 1_204), ("bob", 733), ("marie", 391), ("night.shift", 8)].map(row).to_vec())
}

fn value() -> Answer {
    Answer::Value(StockValue {
        at_cost: "1284116.52".parse().unwrap(),
        at_price: "2391870.1".parse().unwrap(),
        products_on_hand: 3_412,
        products_without_cost: 14,
    })
}

fn activity() -> Answer {
    let database =
        DatabaseActivity { commits: 1_204_551, rollbacks: 3_021, deadlocks: 0, since: Some(hours_ago(500)) };
    Answer::Activity((database, StoreCounts { attempts: 1_530, retries: 31, locked: 12, lost: 1 }))
}

fn turnover() -> Answer {
    let row = |(cost, (sku, name, ..)): (i64, (&str, &str, i64, &str))| ProductTurnover {
        sku: parsed(sku),
        name: parsed(name),
        issued: Decimal::from(cost / 3),
        cost_issued: Decimal::new(cost * 100, 2),
        turnover: (cost != 180).then(|| Decimal::new(cost, 3)),
        days_of_cover: Some(Decimal::new(9_000, 1) / Decimal::from(cost)),
    };
    let products = [9_312, 5_988, 2_640, 1_512, 755, 180, 44, 7].into_iter().zip(PRODUCTS).map(row).collect();
    Answer::Turnover(Box::new(TurnoverInBrief {
        cost_issued: "20438.00".parse().unwrap(),
        mean_value: "12003.55".parse().unwrap(),
        turnover: Some("1.7027".parse().unwrap()),
        products,
    }))
}

fn answer(panel: QueryKey) -> Answer {
    match panel {
        QueryKey::Hours => hours(),
        QueryKey::Value => value(),
        QueryKey::Low => low(),
        QueryKey::Expiring => expiring(),
        QueryKey::Slow => slow(),
        QueryKey::Top => top(),
        QueryKey::People => people(),
        QueryKey::Activity => activity(),
        QueryKey::Turnover => turnover(),
        QueryKey::Late => orders::late(),
        QueryKey::Waiting => orders::waiting(),
        QueryKey::Picks => orders::picks(),
        other => panic!("{other:?} is no panel"),
    }
}

/// The answer of a panel without data.
fn empty(panel: QueryKey) -> Answer {
    match panel {
        QueryKey::Hours => Answer::Hours(Vec::new()),
        QueryKey::Low => Answer::Low((Vec::new(), 0)),
        QueryKey::Expiring => Answer::Expiring(Vec::new()),
        QueryKey::Slow => Answer::Slow(Vec::new()),
        QueryKey::Top => Answer::Top(Vec::new()),
        QueryKey::People => Answer::People(Vec::new()),
        QueryKey::Late => Answer::Late(Box::default()),
        QueryKey::Waiting => Answer::Waiting((Vec::new(), 0)),
        QueryKey::Picks => Answer::Picks(Vec::new()),
        QueryKey::Turnover => Answer::Turnover(Box::new(TurnoverInBrief {
            cost_issued: Decimal::ZERO,
            mean_value: Decimal::ZERO,
            turnover: None,
            products: Vec::new(),
        })),
        QueryKey::Value => Answer::Value(StockValue {
            at_cost: Decimal::ZERO,
            at_price: Decimal::ZERO,
            products_on_hand: 0,
            products_without_cost: 0,
        }),
        QueryKey::Activity => {
            let database = DatabaseActivity { commits: 0, rollbacks: 0, deadlocks: 0, since: None };
            Answer::Activity((database, StoreCounts::default()))
        }
        other => panic!("{other:?} is no panel"),
    }
}

/// The panels that follow a change after a few seconds.
const CHEAP: [QueryKey; 4] = [QueryKey::Hours, QueryKey::Picks, QueryKey::People, QueryKey::Activity];

/// The queries of the panels, in their order.
fn all() -> Vec<QueryKey> {
    PANELS.iter().map(|panel| (panel.question)().key()).collect()
}

/// The dashboard in front of an admin, its questions not answered yet.
fn shown(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Admin, language);
    desk.keys("<f8>");
    desk
}

fn panel_of(question: &Question) -> Option<QueryKey> {
    all().into_iter().find(|panel| *panel == question.key())
}

/// Answers every question about a panel that is still open.
fn answer_all(desk: &mut Desk, with: impl Fn(QueryKey) -> Answer) {
    for (ticket, question) in std::mem::take(&mut desk.asked) {
        if let Some(panel) = panel_of(&question) {
            desk.report(Report::Answered(ticket, Ok(with(panel))));
        }
    }
}

fn filled(language: Language) -> Desk {
    let mut desk = shown(language);
    answer_all(&mut desk, answer);
    desk
}

/// The panels that were queried since the last answers.
fn asked(desk: &Desk) -> Vec<QueryKey> {
    desk.asked.iter().filter_map(|(_, question)| panel_of(question)).collect()
}

#[test]
fn nothing_is_asked_before_it_is_shown_and_each_panel_by_itself() {
    let mut desk = Desk::new(Group::Auditor, Language::English);
    desk.report(Report::Changed);
    assert_eq!(asked(&desk), []);
    desk.asked.clear();
    desk.keys("<f8>");
    assert_eq!(asked(&desk), all());
    let query_keys: HashSet<QueryKey> = desk.asked.iter().map(|(ticket, _)| ticket.query_key).collect();
    assert_eq!(query_keys.len(), PANELS.len());
}

#[test]
fn a_clerk_has_no_dashboard() {
    let mut desk = Desk::new(Group::Clerk, Language::English);
    desk.keys("<f8>");
    assert_eq!(asked(&desk), []);
    assert!(!desk.draw(140, 40).contains("Stock value"));
}

#[test]
fn a_slow_panel_holds_up_no_other() {
    let mut desk = shown(Language::English);
    let slow =
        desk.asked.iter().position(|(_, question)| panel_of(question) == Some(QueryKey::Slow)).unwrap();
    let (ticket, _) = desk.asked.remove(slow);
    answer_all(&mut desk, answer);
    let drawn = desk.draw(140, 40);
    assert!(drawn.contains("1,284,116.52") && drawn.contains("loading …"), "{drawn}");
    // Nor is it queried again while a query is running.
    desk.report(Report::Changed);
    desk.wait(3_600);
    assert!(!asked(&desk).contains(&QueryKey::Slow));
    desk.report(Report::Answered(ticket, Ok(answer(QueryKey::Slow))));
    assert!(desk.draw(140, 40).contains("412 days"));
}

#[test]
fn changes_are_followed_at_the_pace_that_each_panel_can_bear() {
    let mut desk = filled(Language::English);
    desk.report(Report::Changed);
    assert_eq!(asked(&desk), [], "a change within the rest waits for its end");
    assert_eq!(desk.app.next_change(), Some(now() + SignedDuration::from_secs(5)));
    desk.wait(5);
    assert_eq!(asked(&desk), CHEAP);
    answer_all(&mut desk, answer);
    // Without a change nothing is due until the windows have moved on.
    desk.wait(54);
    assert_eq!(asked(&desk), []);
    desk.wait(1);
    assert_eq!(
        asked(&desk),
        [
            QueryKey::Value,
            QueryKey::Low,
            QueryKey::Late,
            QueryKey::Waiting,
            QueryKey::Expiring,
            QueryKey::Top,
            QueryKey::Slow
        ]
    );
    answer_all(&mut desk, answer);
    assert_eq!(desk.app.next_change(), Some(now() + SignedDuration::from_secs(65)));
    desk.wait(5);
    assert_eq!(asked(&desk), CHEAP);
}

#[test]
fn a_change_after_the_rest_is_followed_at_once() {
    let mut desk = filled(Language::English);
    desk.wait(6);
    assert_eq!(asked(&desk), []);
    desk.report(Report::Changed);
    assert_eq!(asked(&desk), CHEAP);
}

#[test]
fn nothing_is_asked_while_another_screen_is_in_front() {
    let mut desk = filled(Language::English);
    desk.keys("<f2>");
    desk.asked.clear();
    desk.wait(3_600);
    desk.report(Report::Changed);
    assert_eq!(asked(&desk), []);
    desk.keys("<f8>");
    assert_eq!(asked(&desk), all(), "what others changed meanwhile was not heard of");
}

#[test]
fn everything_is_asked_again_on_demand() {
    let mut desk = filled(Language::English);
    desk.keys("<ctrl-t>");
    assert_eq!(asked(&desk), all());
    let first = desk.asked.clone();
    desk.keys("<ctrl-t>");
    for (ticket, _) in first {
        desk.report(Report::Answered(ticket, Ok(empty(QueryKey::Value))));
    }
    assert!(desk.draw(140, 40).contains("1,284,116.52"), "an answer that is superseded counts for nothing");
}

#[test]
fn an_error_leaves_what_came_before_and_is_tried_again() {
    let refused = || Failure::Refused(Refusal::NotAllowed { message: "permission denied".to_owned() });
    let mut desk = filled(Language::English);
    desk.keys("<ctrl-t>");
    for (ticket, _) in std::mem::take(&mut desk.asked) {
        desk.report(Report::Answered(ticket, Err(refused())));
    }
    let drawn = desk.draw(140, 40);
    assert!(drawn.contains("✗ as of 09:30") && drawn.contains("1,284,116.52"), "{drawn}");
    desk.wait(5);
    assert_eq!(asked(&desk), CHEAP);
    answer_all(&mut desk, answer);
    desk.wait(55);
    assert_eq!(asked(&desk).len(), 7);
    answer_all(&mut desk, answer);
    // The report pauses longest.
    desk.wait(540);
    assert!(asked(&desk).contains(&QueryKey::Turnover));
    answer_all(&mut desk, answer);
    assert!(!desk.draw(140, 40).contains("permission"));
}

#[test]
fn a_list_opens_in_full_and_a_product_in_it() {
    let mut desk = filled(Language::English);
    desk.draw(140, 40);
    desk.keys("<down>");
    assert!(desk.draw(140, 40).contains("┏ Late: 6 · on time 66% (30 days)"));
    desk.keys("<up><right><right><enter>");
    assert!(desk.draw(140, 40).contains("the first 8 of 3,411"));
    desk.keys("<down><down>");
    // The cursor stays on its product when the list is refreshed.
    desk.keys("<ctrl-t>");
    answer_all(&mut desk, |panel| match answer(panel) {
        Answer::Low((rows, all)) => Answer::Low((rows[1..].to_vec(), all)),
        other => other,
    });
    desk.keys("<enter>");
    assert_eq!(desk.layers(), 1);
    assert_eq!(*desk.question(), Question::Item(query::Item { sku: "84406B".parse().unwrap() }));
    desk.keys("<esc>");
    assert!(desk.draw(140, 40).contains("▸ 84406B"));
    desk.keys("<esc>");
    assert!(desk.draw(140, 40).contains("Stock value"));
}

#[test]
fn the_mouse_chooses_and_opens() {
    let mut desk = filled(Language::English);
    desk.draw(140, 40);
    desk.click(30, 25);
    assert!(desk.draw(140, 40).contains("┏ Expired or within 30 days"));
    desk.click(30, 25);
    assert!(desk.draw(140, 40).contains("▸ ✗08 Nov 2026"));
    desk.click(10, 4);
    assert!(desk.draw(140, 40).contains("▸ ✗19 Nov 2026"));
}

#[test]
fn every_panel_has_its_size() {
    for (width, height) in [(60, 20), (80, 24), (99, 60), (100, 26), (100, 30), (140, 40), (250, 80)] {
        for language in Language::ALL {
            for with in [answer, empty] {
                let mut desk = shown(language);
                desk.draw(width, height);
                answer_all(&mut desk, with);
                for _ in PANELS {
                    let drawn = desk.draw(width, height);
                    assert!(drawn.contains("09:30"), "{drawn}");
                    desk.keys("<enter>");
                    desk.draw(width, height);
                    desk.keys("<esc><tab>");
                }
            }
        }
    }
}

#[test]
fn the_screen() {
    let mut desk = filled(Language::English);
    insta::assert_snapshot!("filled_140x40", desk.draw(140, 40));
    insta::assert_snapshot!("filled_100x30", desk.draw(100, 30));
    insta::assert_snapshot!("filled_80x24", desk.draw(80, 24));
    desk.keys("<enter>");
    insta::assert_snapshot!("hours_in_full_80x24", desk.draw(80, 24));
    let mut french = filled(Language::French);
    insta::assert_snapshot!("french_100x30", french.draw(100, 30));
    french.keys("<right><right>");
    insta::assert_snapshot!("french_low_60x20", french.draw(60, 20));
    let mut desk = shown(Language::English);
    insta::assert_snapshot!("loading_100x30", desk.draw(100, 30));
    answer_all(&mut desk, empty);
    insta::assert_snapshot!("empty_100x30", desk.draw(100, 30));
    let mut desk = shown(Language::English);
    let failure = Failure::Unavailable("connection reset by peer".to_owned());
    for (ticket, _) in std::mem::take(&mut desk.asked) {
        desk.report(Report::Answered(ticket, Err(failure.clone())));
    }
    insta::assert_snapshot!("error_100x30", desk.draw(100, 30));
    insta::assert_snapshot!("error_60x20", desk.draw(60, 20));
}
