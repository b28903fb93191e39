//! The frame around the screens, driven by keys and reports.

use crate::domain::PostingId;
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::app::{App, Effect, Message, Preferences, Weight};
use crate::tui::keymap::Keymap;
use crate::tui::locale::Language;
use crate::tui::text::Words;
use crate::tui::theme::Theme;
use crate::worker::message::{Failure, Fate, Group, Login, Order, Recovered, Report};

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

fn new_app(login: Login) -> App {
    let preferences = Preferences {
        words: Words { language: Language::English },
        theme: Theme::new(None, &BTreeMap::new(), true).unwrap(),
        keymap: Keymap::new(&BTreeMap::new()).unwrap(),
        mouse: true,
        zone: TimeZone::UTC,
        log: None,
    };
    App::new(preferences, login, NOW.parse().unwrap(), SmallRng::seed_from_u64(1))
}

#[test]
fn with_a_password_it_connects_without_asking() {
    let login = |password: Option<&str>| Login {
        url: "postgres://clerk@db:5432/stock_management".to_owned(),
        user: Some("clerk".to_owned()),
        password: password.map(|password| password.to_owned().into()),
    };
    let connects = |effects: &[Effect]| {
        effects.iter().any(|effect| matches!(effect, Effect::Send(Order::Connect(login)) if login.user.as_deref() == Some("clerk")))
    };
    assert!(connects(&new_app(login(Some("secret"))).start()));
    let mut app = new_app(login(None));
    assert!(!connects(&app.start()));
    let key = |text: &str| Message::Key(text.parse().unwrap());
    let now = NOW.parse().unwrap();
    app.update(key("x"), now);
    // Enter in the password's field logs in; a second Enter does not do it again.
    assert!(connects(&app.update(key("enter"), now)));
    assert!(!connects(&app.update(key("enter"), now)));
}

#[test]
fn the_line_is_said_to_be_down_and_back() {
    let mut desk = Desk::clerk();
    desk.report(Report::Lost { message: "connection refused".to_owned(), attempts: 3, retry_seconds: 8 });
    let drawn = desk.draw(120, 24);
    assert!(
        drawn.contains("Connection lost: connection refused. Try 3 failed; trying again in 8 s."),
        "{drawn}"
    );
    assert!(drawn.contains("○ offline"), "{drawn}");
    insta::assert_snapshot!("lost_80x24", desk.draw(80, 24));
    desk.wait(5);
    assert!(desk.draw(120, 24).contains("in 3 s"));
    desk.report(Report::Restored);
    let drawn = desk.draw(120, 24);
    assert!(drawn.contains("● connected") && drawn.contains("✓ The connection is back"), "{drawn}");
}

#[test]
fn help_names_the_keys_that_are_set() {
    let mut desk = Desk::clerk();
    desk.keys("<f1>");
    insta::assert_snapshot!("help_100x40", desk.draw(100, 40));
    let drawn = desk.draw(80, 24);
    assert!(!drawn.contains("Dashboard") || drawn.lines().next().unwrap().contains("Stock"), "{drawn}");
    desk.keys("<end>");
    assert!(desk.draw(80, 24).contains("No log file is written"));
    desk.keys("<esc>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn the_palette_finds_and_runs() {
    let mut desk = Desk::new(Group::Admin, Language::French);
    desk.keys(":");
    insta::assert_snapshot!("palette_french", desk.draw(100, 24));
    desk.keys("souris<enter>");
    assert!(desk.draw(100, 24).contains("La souris est active"));
    // Nothing is offered that the person may not do.
    let mut desk = Desk::new(Group::Auditor, Language::English);
    desk.keys(":receive");
    assert!(!desk.draw(100, 24).contains("Receive goods"));
}

#[test]
fn what_was_interrupted_earlier_is_told() {
    let mut desk = Desk::clerk();
    let entry = |fate| Recovered {
        id: PostingId::at(NOW.parse().unwrap(), [0; 10]),
        words: "receipt of 5 W1 into A".to_owned(),
        written_at: NOW.parse().unwrap(),
        fate,
    };
    desk.report(Report::Recovered(vec![entry(Fate::Posted), entry(Fate::NotPosted), entry(Fate::Unknown)]));
    let weights: Vec<Weight> = desk.notices().iter().map(|notice| notice.weight).collect();
    assert_eq!(weights, [Weight::Warning; 3]);
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("It was posted."), "{drawn}");
    // A message that does not fit says with which key the whole of it is read.
    assert!(drawn.contains("… ctrl-n"), "{drawn}");
    desk.keys("<ctrl-n>");
    insta::assert_snapshot!("messages_80x24", desk.draw(80, 24));
}

#[test]
fn a_failed_login_says_why_and_asks_again() {
    let mut app = new_app(Login { url: "postgres://db/x".to_owned(), user: None, password: None });
    let now = NOW.parse().unwrap();
    app.start();
    let failure = Failure::Unavailable("password authentication failed for user \"ann\"".to_owned());
    app.update(Message::Report(Report::Connected(Err(failure))), now);
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| app.draw(frame)).unwrap();
    insta::assert_snapshot!("login_refused", terminal.backend());
}

#[test]
fn a_window_that_is_too_small_says_so() {
    let mut desk = Desk::clerk();
    assert!(desk.draw(59, 20).contains("too small: 59 × 20"));
    assert!(!desk.draw(60, 20).contains("too small"));
}
