//! The commands of the program as a whole, and the actions that views request.

use super::shown::is_screen;
use super::{App, Leaving, QUIT_WAIT, Session};
use crate::domain::PeopleNames;
use crate::tui::command::{Command, Scope, TABLE};
use crate::tui::screens::{help, imports, leave, login, messages, orders, palette, reverse};
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Effect, Severity};
use crate::worker::message::{Login, Order};

/// How many rounds of actions one update may carry out; more would be a loop.
const ACTION_ROUNDS_MAX: usize = 16;

type Handler = fn(&mut App);

/// The commands of the program as a whole, apart from those that show a screen.
const COMMANDS: &[(Command, Handler)] = &[
    (Command::Quit, App::ask_to_leave),
    (Command::Suspend, |app| app.shared.effects.push(Effect::Suspend)),
    (Command::Redraw, |app| app.shared.effects.push(Effect::Redraw)),
    (Command::Mouse, App::switch_mouse),
    (Command::Help, App::open_help),
    (Command::Palette, App::open_palette),
    (Command::Messages, |app| app.layers.push(Box::new(messages::Messages::default()))),
    (Command::Imports, |app| {
        app.shared.actions.push(Action::Open(Box::new(imports::ImportsView::default())))
    }),
    (Command::Orders, |app| app.shared.actions.push(Action::Open(Box::new(orders::OrdersView::default())))),
    (Command::Reorder, |app| {
        app.shared.actions.push(Action::Open(Box::new(orders::reorder::ReorderView::default())))
    }),
    (Command::ReverseLast, App::reverse_last),
    (Command::Drafts, |app| app.find_drafts(true)),
];

/// Whether a command belongs to the program as a whole, whichever view is in front.
pub(super) fn is_of_program(command: Command) -> bool {
    is_screen(command) || COMMANDS.iter().any(|(own, _)| *own == command)
}

impl App {
    /// Carries out a command: the view in front takes precedence over the program as a whole. Returns whether either
    /// handled it.
    pub(super) fn run(&mut self, command: Command) -> bool {
        if self.front().handles(command) {
            self.with_front(|view, context| view.command(command, context));
        } else if is_screen(command) {
            self.show(command);
        } else if let Some((_, run)) = COMMANDS.iter().find(|(own, _)| *own == command) {
            run(self);
        } else {
            return false;
        }
        true
    }

    /// The commands that can be used now, by scope, the innermost first.
    pub(super) fn offered(&mut self) -> Vec<(Scope, Command)> {
        let (scopes, rights) = (self.scopes(), self.rights());
        let front = self.front();
        let usable =
            |command: Command| rights.allow(command) && (front.handles(command) || is_of_program(command));
        let of_scope = |scope: Scope| {
            let entries = TABLE.iter().filter(move |entry| entry.scopes.contains(&scope));
            entries.map(move |entry| (scope, entry.command))
        };
        scopes.into_iter().flat_map(of_scope).filter(|(_, command)| usable(*command)).collect()
    }

    fn open_help(&mut self) {
        let (offered, log) = (self.offered(), self.shared.preferences.log.clone());
        self.layers.push(Box::new(help::Help::new(offered, log)));
    }

    fn open_palette(&mut self) {
        let (offered, words) = (self.offered(), self.shared.preferences.words);
        self.layers.push(Box::new(palette::Palette::new(offered, words)));
    }

    pub(super) fn show(&mut self, screen: Command) {
        self.layers.clear();
        self.screens.show(screen);
        self.came_from = None;
        self.with_front(|view, context| view.shown(context));
    }

    fn switch_mouse(&mut self) {
        let on = !self.shared.preferences.mouse;
        self.shared.preferences.mouse = on;
        self.shared.effects.push(Effect::Mouse(on));
        let phrase = if on { CommonText::MouseOn } else { CommonText::MouseOff };
        self.with_front(|_, context| context.say(Severity::Note, phrase));
    }

    fn reverse_last(&mut self) {
        match self.last_posting {
            Some(posting) => {
                self.with_front(|_, context| {
                    let layer = reverse::ReverseDialog::of_posting(posting, context);
                    context.request(Action::Open(Box::new(layer)));
                });
            }
            None => self.with_front(|_, context| context.say(Severity::Note, CommonText::NothingToReverse)),
        }
    }

    /// Logs in with the data of the form.
    pub(super) fn log_in(&mut self, login: Login) {
        self.server.clone_from(&login.url);
        self.shared.effects.push(Effect::Send(Order::Connect(login)));
    }

    /// Ends the program, or asks first if anything would be lost.
    fn ask_to_leave(&mut self) {
        let unfinished: usize = self.screens.all().map(|screen| screen.unfinished()).sum();
        if self.leaving.is_none() && unfinished > 0 && matches!(self.session, Session::In(_)) {
            self.layers.push(Box::new(leave::LeaveDialog::new(unfinished)));
        } else {
            self.leave();
        }
    }

    /// Ends the program as soon as no write is in progress, and immediately if asked a second time.
    pub(super) fn leave(&mut self) {
        if self.writes.is_empty() || self.leaving.is_some() {
            self.shared.effects.push(Effect::Quit);
        } else {
            let until = self.shared.now.saturating_add(QUIT_WAIT).unwrap_or(self.shared.now);
            self.leaving = Some(Leaving { until });
        }
    }

    pub(super) fn check_leaving(&mut self) {
        if let Some(leaving) = self.leaving
            && (self.writes.is_empty() || self.shared.now >= leaving.until)
        {
            self.shared.effects.push(Effect::Quit);
        }
    }

    /// Carries out the actions that views have requested.
    pub(super) fn apply_actions(&mut self) {
        for _ in 0..ACTION_ROUNDS_MAX {
            if self.shared.actions.is_empty() {
                return;
            }
            for action in std::mem::take(&mut self.shared.actions) {
                self.apply(action);
            }
        }
        tracing::error!("Views kept requesting actions; the rest was dropped");
        self.shared.actions.clear();
    }

    fn apply(&mut self, action: Action) {
        match action {
            Action::Show(screen, picked) if self.rights().allow(screen) => {
                let from = self.screens.shown();
                self.show(screen);
                self.came_from = (from != screen).then_some(from);
                self.with_front(|view, context| view.picked(picked, context));
            }
            Action::Show(..) => {}
            Action::Back => match self.came_from.take() {
                Some(screen) => self.show(screen),
                None => self.with_front(|_, context| context.dismiss_messages()),
            },
            Action::Open(layer) => {
                self.layers.push(layer);
                self.with_front(|view, context| view.shown(context));
            }
            Action::Close => {
                self.layers.pop();
            }
            Action::Picked(picked) => self.with_front(|view, context| view.picked(picked, context)),
            Action::Run(command) => {
                if self.rights().allow(command) {
                    self.run(command);
                }
            }
            Action::LogIn(login) => self.log_in(login),
            Action::Leave => self.leave(),
            Action::Resume(found) => self.resume(&found),
            Action::DropDraft(path) => self.shared.effects.push(Effect::DropDraft(path)),
        }
    }

    /// Shows the login form again, with the known data and the reason.
    pub(super) fn log_out(&mut self, message: String) {
        self.shared.people = PeopleNames::default();
        match &mut self.session {
            Session::Out(form) => form.refused(message),
            Session::In(_) => {
                let mut form = login::LoginForm::default();
                form.refused(message);
                self.session = Session::Out(Box::new(form));
            }
        }
    }
}
