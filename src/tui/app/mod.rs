//! The state of the terminal and its one pure, synchronous `update`: key in, state changed, effects out.
//!
//! Boundary: awaits nothing, draws nothing by itself and knows neither the database nor the clock; what
//! happens comes in as a [`Message`], what is to be done goes out as an [`Effect`].

mod commands;
mod context;
mod frame;
mod notices;
mod reports;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use ratatui::layout::Rect;

pub use context::{Canvas, Context, Effect, Hit, View, Wish};
pub use frame::{fit, sign};
pub use notices::{Notice, Notices, Weight};

use super::command::{Command, Scope};
use super::key::{Code, Key};
use super::keymap::{Keymap, Rights, Typing};
use super::screens::{self, audit, dashboard, form, ledger, login, sheet, stock};
use super::text::Words;
use super::theme::Theme;
use crate::domain::{MovementKind, PostingId};
use crate::worker::message::{Login, Order, Report, SessionFacts};

/// How long leaving waits for a posting that is under way.
pub const QUIT_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// How far one notch of the wheel goes, in rows.
const WHEEL_ROWS: usize = 3;

/// Something that happens.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Key(Key),
    /// Text that the terminal pasted, perhaps from a scanner.
    Paste(String),
    /// A click.
    Click {
        /// The column.
        x: u16,
        /// The row.
        y: u16,
    },
    /// A turn of the wheel; towards the end when true.
    Wheel {
        /// Towards the end.
        down: bool,
    },
    /// The worker has something to say.
    Report(Report),
    /// Time has passed, or the size has changed.
    Tick,
    /// The system asks the program to end.
    Terminate,
}

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenId {
    /// The stock.
    Stock,
    /// The form of a kind: receipt, issue or transfer.
    Form(MovementKind),
    /// The count sheet.
    Sheet,
    /// The ledger.
    Ledger,
    /// The dashboard.
    Dashboard,
    /// The audit.
    Audit,
}

/// The order of the tabs, with the commands that show them.
const TABS: [(ScreenId, Command); 8] = [
    (ScreenId::Stock, Command::ShowStock),
    (ScreenId::Form(MovementKind::Receipt), Command::Receive),
    (ScreenId::Form(MovementKind::Issue), Command::Issue),
    (ScreenId::Form(MovementKind::Transfer), Command::Transfer),
    (ScreenId::Sheet, Command::Count),
    (ScreenId::Ledger, Command::ShowLedger),
    (ScreenId::Dashboard, Command::ShowDashboard),
    (ScreenId::Audit, Command::ShowAudit),
];

/// How the person wants it, from the configuration and the environment.
#[derive(Debug)]
pub struct Preferences {
    /// The language.
    pub words: Words,
    /// The styles.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Where the person is.
    pub zone: TimeZone,
    /// The log file, if one is written.
    pub log: Option<PathBuf>,
}

/// Whether the database answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Link {
    Up,
    Down { message: String, attempts: u32, retry_at: Timestamp },
}

/// Who works here.
#[derive(Debug)]
enum Session {
    /// The login form, perhaps while a try is under way.
    Out(Box<login::LoginForm>),
    /// Somebody is logged in.
    In(SessionFacts),
}

/// The screens, each with its state: one that is left stays as it was.
#[derive(Debug)]
struct Screens {
    stock: stock::StockScreen,
    receipt: form::FormScreen,
    issue: form::FormScreen,
    transfer: form::FormScreen,
    sheet: sheet::SheetScreen,
    ledger: ledger::LedgerScreen,
    dashboard: dashboard::DashboardScreen,
    audit: audit::AuditScreen,
}

impl Screens {
    fn new() -> Self {
        Self {
            stock: stock::StockScreen::default(),
            receipt: form::FormScreen::new(MovementKind::Receipt),
            issue: form::FormScreen::new(MovementKind::Issue),
            transfer: form::FormScreen::new(MovementKind::Transfer),
            sheet: sheet::SheetScreen::default(),
            ledger: ledger::LedgerScreen::default(),
            dashboard: dashboard::DashboardScreen::default(),
            audit: audit::AuditScreen::default(),
        }
    }

    /// The form of a kind. Adjustments and reversals have none of their own.
    fn form(&mut self, kind: MovementKind) -> &mut form::FormScreen {
        match kind {
            MovementKind::Issue => &mut self.issue,
            MovementKind::Transfer => &mut self.transfer,
            MovementKind::Receipt | MovementKind::Adjustment | MovementKind::Reversal => &mut self.receipt,
        }
    }

    fn get(&mut self, screen: ScreenId) -> &mut dyn View {
        match screen {
            ScreenId::Stock => &mut self.stock,
            ScreenId::Form(kind) => self.form(kind),
            ScreenId::Sheet => &mut self.sheet,
            ScreenId::Ledger => &mut self.ledger,
            ScreenId::Dashboard => &mut self.dashboard,
            ScreenId::Audit => &mut self.audit,
        }
    }

    fn all(&mut self) -> [&mut dyn View; 8] {
        [
            &mut self.stock,
            &mut self.receipt,
            &mut self.issue,
            &mut self.transfer,
            &mut self.sheet,
            &mut self.ledger,
            &mut self.dashboard,
            &mut self.audit,
        ]
    }
}

/// Leaving, once asked for.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    until: Timestamp,
}

/// What views are lent while they deal with something.
#[derive(Debug)]
struct Around {
    preferences: Preferences,
    notices: Notices,
    now: Timestamp,
    questions: u64,
    random: SmallRng,
    effects: Vec<Effect>,
    wishes: Vec<Wish>,
}

impl Around {
    fn context(&mut self, rights: Rights) -> Context<'_> {
        Context {
            now: self.now,
            zone: &self.preferences.zone,
            words: self.preferences.words,
            rights,
            keymap: &self.preferences.keymap,
            effects: &mut self.effects,
            wishes: &mut self.wishes,
            notices: &mut self.notices,
            questions: &mut self.questions,
            random: &mut self.random,
        }
    }
}

/// The whole state.
#[derive(Debug)]
pub struct App {
    around: Around,
    session: Session,
    link: Link,
    screen: ScreenId,
    screens: Screens,
    layers: Vec<Box<dyn View>>,
    /// Writes that are under way.
    writes: Vec<PostingId>,
    last_posting: Option<PostingId>,
    leaving: Option<Leaving>,
    hits: Vec<(Rect, Hit)>,
}

impl App {
    /// The state at the start: the login form, filled with what is known. When a password is known
    /// too, the first effect connects without asking.
    #[must_use]
    pub fn new(preferences: Preferences, login: Login, now: Timestamp, random: SmallRng) -> Self {
        let complete = login.user.is_some() && login.password.is_some();
        let around = Around {
            preferences,
            notices: Notices::default(),
            now,
            questions: 0,
            random,
            effects: Vec::new(),
            wishes: Vec::new(),
        };
        let mut app = Self {
            around,
            session: Session::Out(Box::new(login::LoginForm::new(&login))),
            link: Link::Up,
            screen: ScreenId::Stock,
            screens: Screens::new(),
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

    /// Deals with what happened, at a time, and returns what is to be done. Never waits.
    pub fn update(&mut self, message: Message, now: Timestamp) -> Vec<Effect> {
        self.around.now = now.max(self.around.now);
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
            Message::Terminate => self.leave(),
        }
        self.grant_wishes();
        for effect in &self.around.effects {
            if let Effect::Send(Order::Write(id, _)) = effect {
                self.writes.push(*id);
            }
        }
        self.check_leaving();
        std::mem::take(&mut self.around.effects)
    }

    /// What is to be done before anything has happened: connecting, if everything is known.
    pub fn start(&mut self) -> Vec<Effect> {
        self.grant_wishes();
        if self.around.preferences.mouse {
            self.around.effects.push(Effect::Mouse(true));
        }
        std::mem::take(&mut self.around.effects)
    }

    /// When the screen changes though nothing happens, such as a countdown.
    #[must_use]
    pub fn next_change(&mut self) -> Option<Timestamp> {
        let now = self.around.now;
        let second = SignedDuration::from_secs(1);
        let counting = self.leaving.is_some() || matches!(self.link, Link::Down { .. });
        let own = counting.then(|| now.saturating_add(second).unwrap_or(now));
        let front = self.front().next_change(now);
        [own, self.around.notices.next_change(now), front].into_iter().flatten().min()
    }

    fn rights(&self) -> Rights {
        match &self.session {
            Session::Out(_) => Rights::default(),
            Session::In(facts) => screens::rights(facts),
        }
    }

    /// The form of a kind, for its tests.
    #[cfg(test)]
    pub(crate) fn form(&mut self, kind: MovementKind) -> &mut form::FormScreen {
        self.screens.form(kind)
    }

    fn is_out(&self) -> bool {
        matches!(self.session, Session::Out(_))
    }

    /// The view that the person deals with.
    fn front(&mut self) -> &mut dyn View {
        if let Some(layer) = self.layers.last_mut() {
            return layer.as_mut();
        }
        match &mut self.session {
            Session::Out(form) => form.as_mut(),
            Session::In(_) => self.screens.get(self.screen),
        }
    }

    /// Lets the view in front deal with something.
    fn with_front<T>(&mut self, deal: impl FnOnce(&mut dyn View, &mut Context<'_>) -> T) -> T {
        let rights = self.rights();
        let mut context = self.around.context(rights);
        let view: &mut dyn View = match (self.layers.last_mut(), &mut self.session) {
            (Some(layer), _) => layer.as_mut(),
            (None, Session::Out(form)) => form.as_mut(),
            (None, Session::In(_)) => self.screens.get(self.screen),
        };
        deal(view, &mut context)
    }

    /// Lets one view after the other deal with something, layers first, until one of them has.
    fn with_all(&mut self, mut deal: impl FnMut(&mut dyn View, &mut Context<'_>) -> bool) -> bool {
        let rights = self.rights();
        let mut context = self.around.context(rights);
        if self.layers.iter_mut().rev().any(|layer| deal(layer.as_mut(), &mut context)) {
            return true;
        }
        self.screens.all().into_iter().any(|screen| deal(screen, &mut context))
    }

    /// The scopes of the view in front, the innermost first, and those that hold around it.
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
        let command = self.around.preferences.keymap.resolve(&scopes, key, typing);
        let global = command.is_some_and(|command| {
            command.entry().scopes.iter().any(|scope| matches!(scope, Scope::Always | Scope::Anywhere))
        });
        if !global && self.front().hold(key) {
            return;
        }
        match command {
            Some(command) if self.rights().allow(command) => self.run(command),
            Some(_) if !self.is_out() => {
                self.with_front(|_, context| {
                    context.say(Weight::Note, super::text::common::CommonText::NotForYou);
                });
            }
            _ => self.with_front(|view, context| view.key(key, context)),
        }
    }

    /// Pasted text is typed; the end of a line is Enter, as a scanner sends it.
    fn paste(&mut self, text: &str) {
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
            self.grant_wishes();
            previous = character;
        }
    }

    fn click(&mut self, x: u16, y: u16) {
        let at = ratatui::layout::Position { x, y };
        // What was drawn last lies uppermost.
        let Some((_, hit)) = self.hits.iter().rev().find(|(area, _)| area.contains(at)).copied() else {
            return;
        };
        match hit {
            Hit::Command(command) if self.rights().allow(command) => self.run(command),
            Hit::Command(_) => {}
            hit => self.with_front(|view, context| view.clicked(hit, context)),
        }
    }
}
