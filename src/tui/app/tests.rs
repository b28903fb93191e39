//! The frame around the screens, driven by keys and reports.

use crate::domain::{Group, PostingId, PostingOutcome, Recovered};
use crate::tui::app::commands::is_of_program;
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::app::{App, Message, Preferences};
use crate::tui::command::{Scope, TABLE};
use crate::tui::keymap::Keymap;
use crate::tui::locale::Language;
use crate::tui::text::Words;
use crate::tui::theme::Theme;
use crate::tui::view::{Effect, Severity};
use crate::worker::message::{Failure, Login, Order, Report};

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

fn new_app(login: Login) -> App {
    let preferences = Preferences {
        words: Words::new(Language::English),
        theme: Theme::new(None, &BTreeMap::new(), true).unwrap(),
        keymap: Keymap::new(&BTreeMap::new()).unwrap(),
        mouse: true,
        zone: TimeZone::UTC,
        log: None,
        drafts: std::path::PathBuf::new(),
    };
    App::new(preferences, login, NOW.parse().unwrap(), SmallRng::seed_from_u64(1))
}

#[test]
fn with_a_password_it_connects_without_asking() {
    let login = |password: Option<&str>| Login {
        url: "postgres://clerk@db:5432/stock_management".to_owned(),
        user: Some("clerk".to_owned()),
        password: password.map(|password| password.to_owned().into()),
        keep: false,
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
    // Enter in the password field logs in; a second Enter has no effect.
    assert!(connects(&app.update(key("enter"), now)));
    assert!(!connects(&app.update(key("enter"), now)));
}

#[test]
fn the_line_is_said_to_be_down_and_back() {
    let mut desk = Desk::clerk();
    desk.report(Report::Lost { message: "connection refused".to_owned(), attempts: 3, retry_seconds: 8 });
    let drawn = desk.draw(120, 24);
    assert!(
        drawn.contains("Connection lost: connection refused. Attempt 3 failed; next attempt in 8 s."),
        "{drawn}"
    );
    assert!(drawn.contains("○ offline"), "{drawn}");
    insta::assert_snapshot!("lost_80x24", desk.draw(80, 24));
    desk.wait(5);
    assert!(desk.draw(120, 24).contains("in 3 s"));
    desk.report(Report::Restored);
    let drawn = desk.draw(120, 24);
    assert!(drawn.contains("● connected") && drawn.contains("✓ Reconnected"), "{drawn}");
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
    assert!(desk.draw(100, 24).contains("Souris activée"));
    // No command is offered that the person may not use.
    let mut desk = Desk::new(Group::Auditor, Language::English);
    desk.keys(":receive");
    assert!(!desk.draw(100, 24).contains("Receive goods"));
}

#[test]
fn the_palette_knows_synonyms_and_says_when_nothing_fits() {
    let mut desk = Desk::new(Group::Admin, Language::English);
    desk.keys(":history");
    assert!(desk.draw(100, 24).contains("show-ledger"), "{}", desk.draw(100, 24));
    desk.keys("<esc>:discard");
    let drawn = desk.draw(100, 24);
    assert!(drawn.contains("No command that works here matches \"discard\"."), "{drawn}");
    assert!(drawn.contains("Discard: works in Receive, issue, transfer, Count sheet"), "{drawn}");
    desk.keys("<esc>:zzz");
    assert!(desk.draw(100, 24).contains("No command that works here matches"));
}

#[test]
fn what_was_interrupted_earlier_is_told() {
    let mut desk = Desk::clerk();
    let entry = |outcome| Recovered {
        id: PostingId::at(NOW.parse().unwrap(), [0; 10]),
        words: "receipt of 5 W1 into A".to_owned(),
        written_at: NOW.parse().unwrap(),
        outcome,
    };
    desk.report(Report::Recovered(vec![
        entry(PostingOutcome::Posted),
        entry(PostingOutcome::NotPosted),
        entry(PostingOutcome::Unknown),
    ]));
    let severities: Vec<Severity> = desk.notices().iter().map(|notice| notice.severity).collect();
    assert_eq!(severities, [Severity::Warning; 3]);
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("It was posted."), "{drawn}");
    // A message that does not fit says with which key it can be read in full.
    assert!(drawn.contains("… ctrl-n"), "{drawn}");
    desk.keys("<ctrl-n>");
    insta::assert_snapshot!("messages_80x24", desk.draw(80, 24));
    desk.keys("<ctrl-n>");
    assert_eq!(desk.layers(), 0, "the key that opens the messages closes them");
}

#[test]
fn a_failed_login_says_why_and_asks_again() {
    let mut app =
        new_app(Login { url: "postgres://db/x".to_owned(), user: None, password: None, keep: false });
    let now = NOW.parse().unwrap();
    app.start();
    let failure = Failure::Unavailable("password authentication failed for user \"ann\"".to_owned());
    app.update(Message::Report(Report::Connected(Err(failure))), now);
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| app.draw(frame)).unwrap();
    insta::assert_snapshot!("login_refused", terminal.backend());
}

#[test]
fn every_command_that_applies_everywhere_is_carried_out_by_the_program() {
    for entry in TABLE {
        let everywhere = entry.scopes.iter().any(|scope| matches!(scope, Scope::Always | Scope::Anywhere));
        assert_eq!(everywhere, is_of_program(entry.command), "{}", entry.name);
    }
}

#[test]
fn a_window_that_is_too_small_says_so() {
    let mut desk = Desk::clerk();
    assert!(desk.draw(59, 20).contains("too small: 59 × 20"));
    assert!(!desk.draw(60, 20).contains("too small"));
}
