//! The state of the terminal and its pure, synchronous `update`, which takes messages and returns effects.
//!
//! Boundary: awaits nothing, and accesses neither the database nor the clock; every event comes in as a [`Message`],
//! and everything to be done goes out as an [`Effect`].

mod commands;
mod drafts;
mod frame;
mod reports;
mod shown;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use ratatui::layout::Rect;

use self::shown::Screens;
use super::command::{Command, Scope};
use super::key::{Code, Key};
use super::keymap::{Keymap, Rights, Typing};
use super::screens::{self, login};
use super::text::Words;
use super::theme::Theme;
use super::view::{Action, Context, Effect, FoundDraft, Hit, Hold, Notices, Severity, View};
use crate::domain::{PeopleNames, PostingId, SessionFacts};
use crate::worker::message::{Login, Order, Report};

/// How long quitting waits for a posting in progress.
pub const QUIT_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// How many rows one notch of the mouse wheel scrolls.
const WHEEL_ROWS: usize = 3;

/// An event that the application has to handle.
#[derive(Debug)]
pub enum Message {
    Key(Key),
    /// Text that the terminal pasted, perhaps from a scanner.
    Paste(String),
    Click {
        x: u16,
        y: u16,
    },
    /// A turn of the mouse wheel; `down` is towards the end.
    Wheel {
        down: bool,
    },
    /// A report of the worker.
    Report(Report),
    /// Time has passed, or the size has changed.
    Tick,
    /// The result of looking for drafts.
    Drafts(Vec<FoundDraft>),
    /// A draft could not be saved, with the reason.
    DraftNotKept(String),
    /// The system asks the program to end.
    Terminate,
}

/// The user's preferences, from the configuration and the environment.
#[derive(Debug)]
pub struct Preferences {
    pub words: Words,
    pub theme: Theme,
    pub keymap: Keymap,
    /// Whether the program handles the mouse.
    pub mouse: bool,
    pub zone: TimeZone,
    /// The log file, if one is written.
    pub log: Option<PathBuf>,
    /// The directory in which unfinished work is saved.
    pub drafts: PathBuf,
}

/// The state of the connection to the database, for the banner and the tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Link {
    Up,
    Down { message: String, attempts: u32, retry_at: Timestamp },
}

/// Whether somebody is logged in, or the login form is shown.
#[derive(Debug)]
enum Session {
    /// The login form, which may be waiting for a login to succeed.
    Out(Box<login::LoginForm>),
    In(SessionFacts),
}

/// A request to quit, and until when it waits for a posting.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    until: Timestamp,
}

/// The state that views may use while they handle an event.
#[derive(Debug)]
struct SharedState {
    preferences: Preferences,
    /// The names of people that the login may see.
    people: PeopleNames,
    notices: Notices,
    now: Timestamp,
    questions: u64,
    random: SmallRng,
    effects: Vec<Effect>,
    actions: Vec<Action>,
}

impl SharedState {
    fn context(&mut self, rights: Rights) -> Context<'_> {
        Context {
            now: self.now,
            zone: &self.preferences.zone,
            words: self.preferences.words,
            rights,
            people: &self.people,
            keymap: &self.preferences.keymap,
            effects: &mut self.effects,
            actions: &mut self.actions,
            notices: &mut self.notices,
            questions: &mut self.questions,
            random: &mut self.random,
        }
    }
}

/// The state of the application: login, connection, screens, layers over them, and pending writes.
#[derive(Debug)]
pub struct App {
    shared: SharedState,
    session: Session,
    link: Link,
    screens: Screens,
    /// The database, as it is shown beside the login.
    server: String,
    /// For each screen, the mark of the draft that was last saved.
    kept: Vec<u64>,
    /// Somebody asked for the drafts, and is told if there are none.
    drafts_asked: bool,
    /// It has been reported that drafts cannot be saved.
    drafts_failed: bool,
    /// The screen from which another view led to the present one.
    came_from: Option<Command>,
    layers: Vec<Box<dyn View>>,
    /// The writes in progress.
    writes: Vec<PostingId>,
    last_posting: Option<PostingId>,
    leaving: Option<Leaving>,
    hits: Vec<(Rect, Hit)>,
}

impl App {
    /// The state at the start: the login form with the known data. If a password is known too, the first effect
    /// connects without asking.
    #[must_use]
    pub fn new(preferences: Preferences, login: Login, now: Timestamp, random: SmallRng) -> Self {
        let complete = login.user.is_some() && login.password.is_some();
        let shared = SharedState {
            preferences,
            people: PeopleNames::default(),
            notices: Notices::default(),
            now,
            questions: 0,
            random,
            effects: Vec::new(),
            actions: Vec::new(),
        };
        let mut app = Self {
            shared,
            session: Session::Out(Box::new(login::LoginForm::new(&login))),
            link: Link::Up,
            screens: Screens::new(),
            came_from: None,
            server: String::new(),
            kept: vec![0; screens::SCREENS.len()],
            drafts_asked: false,
            drafts_failed: false,
            layers: Vec::new(),
            writes: Vec::new(),
            last_posting: None,
            leaving: None,
            hits: Vec::new(),
        };
        if complete {
            app.with_front(|view, context| view.shown(context));
            app.log_in(login);
        }
        app
    }

    /// Handles an event at a time, and returns what is to be done. Never waits.
    pub fn update(&mut self, message: Message, now: Timestamp) -> Vec<Effect> {
        self.shared.now = now.max(self.shared.now);
        match message {
            Message::Key(key) => self.key(key),
            Message::Paste(text) => self.paste(&text),
            Message::Click { x, y } => self.click(x, y),
            Message::Wheel { down } => {
                let command = if down { Command::Down } else { Command::Up };
                for _ in 0..WHEEL_ROWS {
                    self.with_front(|view, context| {
                        view.command(command, context);
                    });
                }
            }
            Message::Report(report) => self.report(report),
            Message::Tick => self.with_front(|view, context| view.ticked(context)),
            Message::Drafts(found) => self.found_drafts(found),
            Message::DraftNotKept(why) => self.draft_not_kept(&why),
            Message::Terminate => self.leave(),
        }
        self.apply_actions();
        for effect in &self.shared.effects {
            if let Effect::Send(Order::Write(id, _)) = effect {
                self.writes.push(*id);
            }
        }
        self.keep_drafts();
        self.check_leaving();
        std::mem::take(&mut self.shared.effects)
    }

    /// The first effects: connecting, if all data for it are known.
    pub fn start(&mut self) -> Vec<Effect> {
        self.apply_actions();
        if self.shared.preferences.mouse {
            self.shared.effects.push(Effect::Mouse(true));
        }
        std::mem::take(&mut self.shared.effects)
    }

    /// When the screen changes without an event, such as a countdown.
    #[must_use]
    pub fn next_change(&mut self) -> Option<Timestamp> {
        let now = self.shared.now;
        let second = SignedDuration::from_secs(1);
        let counting = self.leaving.is_some() || matches!(self.link, Link::Down { .. });
        let own = counting.then(|| now.saturating_add(second).unwrap_or(now));
        let front = self.front().next_change(now);
        [own, self.shared.notices.next_change(now), front].into_iter().flatten().min()
    }

    fn rights(&self) -> Rights {
        match &self.session {
            Session::Out(_) => Rights::default(),
            Session::In(facts) => screens::rights(facts),
        }
    }

    fn is_out(&self) -> bool {
        matches!(self.session, Session::Out(_))
    }

    /// The view that receives input.
    fn front(&mut self) -> &mut dyn View {
        if let Some(layer) = self.layers.last_mut() {
            return layer.as_mut();
        }
        match &mut self.session {
            Session::Out(form) => form.as_mut(),
            Session::In(_) => self.screens.front(),
        }
    }

    /// Lets the view in front handle something.
    fn with_front<T>(&mut self, deal: impl FnOnce(&mut dyn View, &mut Context<'_>) -> T) -> T {
        let rights = self.rights();
        let mut context = self.shared.context(rights);
        let view: &mut dyn View = match (self.layers.last_mut(), &mut self.session) {
            (Some(layer), _) => layer.as_mut(),
            (None, Session::Out(form)) => form.as_mut(),
            (None, Session::In(_)) => self.screens.front(),
        };
        deal(view, &mut context)
    }

    /// Lets one view after another handle something, layers first, until one of them has.
    fn with_all(&mut self, mut deal: impl FnMut(&mut dyn View, &mut Context<'_>) -> bool) -> bool {
        let rights = self.rights();
        let mut context = self.shared.context(rights);
        if self.layers.iter_mut().rev().any(|layer| deal(layer.as_mut(), &mut context)) {
            return true;
        }
        self.screens.all().any(|screen| deal(screen, &mut context))
    }

    /// The scopes of the view in front, the innermost first, and those around it.
    fn scopes(&mut self) -> Vec<Scope> {
        let out = self.is_out();
        let front = self.front();
        let mut scopes = front.scopes().to_vec();
        if !front.asks() && !out {
            scopes.push(Scope::Anywhere);
        }
        scopes.push(Scope::Always);
        scopes
    }

    fn key(&mut self, key: Key) {
        let scopes = self.scopes();
        let typing = self.front().typing();
        let command = self.shared.preferences.keymap.resolve(&scopes, key, typing);
        let global = command.is_some_and(|command| {
            command.entry().scopes.iter().any(|scope| matches!(scope, Scope::Always | Scope::Anywhere))
        });
        if !global {
            match self.front().hold(key) {
                Hold::No => {}
                Hold::Kept => return,
                Hold::Full => return self.with_front(|_, context| context.ring()),
            }
        }
        match command {
            Some(command) if self.rights().allow(command) => {
                if !self.run(command) {
                    // The command has no effect here.
                    self.with_front(|_, context| context.ring());
                }
            }
            Some(_) if !self.is_out() => {
                self.with_front(|_, context| {
                    context.say(Severity::Note, super::text::common::CommonText::NotForYou);
                });
            }
            _ => self.with_front(|view, context| view.key(key, context)),
        }
    }

    /// Pasted text is handled as typed; the end of a line is Enter, as a scanner sends it.
    fn paste(&mut self, text: &str) {
        if self.with_front(|view, context| view.pasted(text, context)) {
            return self.apply_actions();
        }
        let mut previous = ' ';
        for character in text.chars().take(super::widgets::field::FIELD_LENGTH_MAX * 10) {
            match character {
                '\n' if previous == '\r' => {}
                '\n' | '\r' => self.key(Key::plain(Code::Enter)),
                '\t' => self.key(Key::plain(Code::Tab)),
                _ if character.is_control() => {}
                _ if self.front().typing() == Typing::Nothing => {
                    self.with_front(|view, context| view.key(Key::char(character), context));
                }
                _ => self.key(Key::char(character)),
            }
            self.apply_actions();
            previous = character;
        }
    }

    fn click(&mut self, x: u16, y: u16) {
        let at = ratatui::layout::Position { x, y };
        // What was drawn last is uppermost.
        let Some((_, hit)) = self.hits.iter().rev().find(|(area, _)| area.contains(at)).copied() else {
            return;
        };
        match hit {
            Hit::Command(command) => {
                if self.rights().allow(command) {
                    self.run(command);
                }
            }
            hit => self.with_front(|view, context| view.clicked(hit, context)),
        }
    }
}
