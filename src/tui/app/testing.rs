//! The application without a real terminal, for tests of the screens: keys go in, orders and drawn text come out. The
//! time changes only when a test changes it, and ids are the same in every run.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::commands::is_of_program;
use super::{App, Message, Preferences};
use crate::domain::{Group, Page, PostingId, PostingOutcome, RecordChange, SessionFacts};
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::keymap::Keymap;
use crate::tui::locale::Language;
use crate::tui::screens::SCREENS;
use crate::tui::text::Words;
use crate::tui::theme::Theme;
use crate::tui::view::{Draft, Effect, FoundDraft, Notice, View};
use crate::worker::message::{Decide, Export, Failure, Login, Order, Report, Write, Written};
use crate::worker::query::{Answer, QueryKey, Question, Ticket};

/// When the tests take place, in UTC.
pub const NOW: &str = "2026-11-20T09:30:00Z";

impl App {
    /// The screen of a command.
    pub fn screen<V: View>(&mut self, show: Command) -> &mut V {
        let position = SCREENS.iter().position(|screen| screen.show == show).unwrap();
        let view: &mut dyn Any = self.screens.all().nth(position).unwrap();
        view.downcast_mut().unwrap()
    }
}

/// A page of a list that has no other pages.
pub fn whole<T>(rows: Vec<T>) -> Page<T> {
    Page { rows, more_before: false, more_after: false }
}

/// The application with somebody logged in, and the effects so far.
pub struct Desk {
    pub app: App,
    pub now: Timestamp,
    pub asked: Vec<(Ticket, Question)>,
    pub written: Vec<(PostingId, Write)>,
    /// The verifications that were started, and whether each was a full one.
    pub verifications: Vec<bool>,
    /// The decisions about findings.
    pub decisions: Vec<Decide>,
    /// The changes to the master data, by their numbers.
    pub changes: Vec<(u64, RecordChange)>,
    /// The lists that were exported.
    pub exports: Vec<Export>,
    /// How often a verification was stopped.
    pub stops: usize,
    pub bells: usize,
    /// The last saved draft of each screen; none once it was posted or discarded.
    pub drafts: BTreeMap<Command, Option<Draft>>,
    /// The drafts that were removed.
    pub dropped: Vec<PathBuf>,
    /// What was put on the clipboard.
    pub copied: Vec<String>,
}

impl Desk {
    /// The application at the stock, with somebody of a group logged in.
    pub fn new(group: Group, language: Language) -> Self {
        let preferences = Preferences {
            words: Words::new(language),
            theme: Theme::new(Some("plain"), &BTreeMap::new(), true).unwrap(),
            keymap: Keymap::new(&BTreeMap::new()).unwrap(),
            mouse: false,
            zone: TimeZone::UTC,
            log: None,
            drafts: PathBuf::new(),
        };
        let login = Login {
            url: "postgres://db/stock_management".to_owned(),
            user: None,
            password: None,
            keep: false,
        };
        let now: Timestamp = NOW.parse().unwrap();
        let app = App::new(preferences, login, now, SmallRng::seed_from_u64(7));
        let mut desk = Self {
            app,
            now,
            asked: Vec::new(),
            written: Vec::new(),
            verifications: Vec::new(),
            decisions: Vec::new(),
            changes: Vec::new(),
            exports: Vec::new(),
            stops: 0,
            bells: 0,
            drafts: BTreeMap::new(),
            dropped: Vec::new(),
            copied: Vec::new(),
        };
        desk.report(Report::Connected(Ok(SessionFacts {
            login: "marie".to_owned(),
            groups: vec![group],
            server_version: "15.20".to_owned(),
            database: "stock_management".to_owned(),
            encrypted: true,
        })));
        desk.asked.clear();
        desk
    }

    pub fn clerk() -> Self {
        Self::new(Group::Clerk, Language::English)
    }

    /// Checks that no hint names a command without a handler in the present state.
    fn check_hints(&mut self) {
        let front = self.app.front();
        let dead = |hint: &&Command| !front.binds(**hint) && !is_of_program(**hint);
        let dead = front.hints().iter().find(dead);
        assert_eq!(dead, None, "{front:?}");
    }

    fn happen(&mut self, message: Message) {
        for effect in self.app.update(message, self.now) {
            match effect {
                Effect::Send(Order::Ask(ticket, question)) => self.asked.push((ticket, question)),
                Effect::Send(Order::Write(id, write)) => self.written.push((id, *write)),
                Effect::Send(Order::Verify { full }) => self.verifications.push(full),
                Effect::Send(Order::Decide(decide)) => self.decisions.push(decide),
                Effect::Send(Order::ChangeRecord(number, change)) => self.changes.push((number, *change)),
                Effect::Send(Order::Export(export)) => self.exports.push(*export),
                Effect::Send(Order::StopVerifying) => self.stops += 1,
                Effect::Bell => self.bells += 1,
                Effect::Copy(text) => self.copied.push(text),
                Effect::KeepDraft { screen, draft, .. } => {
                    self.drafts.insert(screen, draft);
                }
                Effect::DropDraft(path) => self.dropped.push(path),
                _ => {}
            }
        }
        self.check_hints();
    }

    /// Types keys: `A-01<enter>3*12<tab>`. Names in angle brackets are those of the configuration. A frame is drawn
    /// before each key.
    pub fn keys(&mut self, text: &str) {
        self.type_keys(text, true);
    }

    /// Types so fast that no frame is drawn in between.
    pub fn burst(&mut self, text: &str) {
        self.type_keys(text, false);
    }

    fn type_keys(&mut self, text: &str, drawn: bool) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let (key, length) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
                Some((name, _)) => (name.parse().unwrap(), name.len() + 2),
                None => (Key::char(character), character.len_utf8()),
            };
            rest = &rest[length..];
            if drawn {
                self.app.front().seen();
            }
            self.happen(Message::Key(key));
        }
    }

    pub fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.happen(Message::Tick);
    }

    pub fn paste(&mut self, text: &str) {
        self.happen(Message::Paste(text.to_owned()));
    }

    pub fn click(&mut self, x: u16, y: u16) {
        self.happen(Message::Click { x, y });
    }

    /// Finds a draft of a screen that another terminal has left.
    pub fn find_draft(&mut self, screen: Command, draft: Draft) {
        let path = PathBuf::from("left.json");
        let saved_at = self.now - SignedDuration::from_mins(40);
        self.happen(Message::Drafts(vec![FoundDraft { path, screen, saved_at, draft }]));
    }

    pub fn report(&mut self, report: Report) {
        self.happen(Message::Report(report));
    }

    /// Answers the latest question with a query key, which supersedes the earlier ones.
    pub fn answer_on(&mut self, query_key: QueryKey, answer: Answer) {
        let latest = self.asked.iter().rev().find(|(ticket, _)| ticket.query_key == query_key);
        let (ticket, _) = latest.unwrap_or_else(|| panic!("nothing on {query_key:?}: {:?}", self.asked));
        let ticket = *ticket;
        self.asked.retain(|(ticket, _)| ticket.query_key != query_key);
        self.report(Report::Answered(ticket, Ok(answer)));
    }

    /// The latest question, which must exist.
    pub fn question(&self) -> &Question {
        &self.asked.last().expect("nothing was asked").1
    }

    /// Answers the latest question and removes the earlier ones, which it supersedes.
    pub fn answer(&mut self, answer: Answer) {
        let (ticket, _) = self.asked.pop().expect("nothing was asked");
        self.asked.clear();
        self.report(Report::Answered(ticket, Ok(answer)));
    }

    /// Answers the oldest question without an answer.
    pub fn answer_first(&mut self, answer: Answer) {
        let (ticket, _) = self.asked.remove(0);
        self.report(Report::Answered(ticket, Ok(answer)));
    }

    pub fn fail(&mut self, failure: Failure) {
        let (ticket, _) = self.asked.pop().expect("nothing was asked");
        self.asked.clear();
        self.report(Report::Answered(ticket, Err(failure)));
    }

    /// Reports the outcome of the latest write.
    pub fn end(&mut self, outcome: Result<Written, Failure>) {
        let id = self.written.last().expect("nothing was written").0;
        self.report(Report::Written(id, outcome));
    }

    pub fn resolve(&mut self, outcome: PostingOutcome) {
        let id = self.written.last().expect("nothing was written").0;
        self.report(Report::Resolved(id, outcome));
    }

    /// Ends the latest change to the master data.
    pub fn end_change(&mut self, outcome: Result<(), Failure>) {
        let number = self.changes.last().expect("nothing was changed").0;
        self.report(Report::RecordChanged(number, outcome));
    }

    /// The messages in the list, newest first.
    pub fn notices(&self) -> Vec<&Notice> {
        self.app.shared.notices.all().collect()
    }

    /// How many layers cover the screen.
    pub fn layers(&self) -> usize {
        self.app.layers.len()
    }

    /// The drawn text, without spaces at the ends of lines.
    pub fn draw(&mut self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| self.app.draw(frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let lines: Vec<String> = (0..height)
            .map(|y| {
                let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
                row.trim_end().to_owned()
            })
            .collect();
        lines.join("\n")
    }
}
