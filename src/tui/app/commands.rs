//! The commands that concern the program as a whole, and the wishes of views.

use super::{App, Effect, Leaving, QUIT_WAIT, ScreenId, Session, TABS, Weight, Wish};
use crate::tui::command::Command;
use crate::tui::screens::{help, leave, login, messages, palette, reverse};
use crate::tui::text::common::CommonText;
use crate::worker::message::{Login, Order};

/// How often one update may grant wishes that lead to further wishes; more would be a circle.
const WISH_ROUNDS_MAX: usize = 16;

impl App {
    /// Carries out a command.
    pub(super) fn run(&mut self, command: Command) {
        if let Some((screen, _)) = TABS.iter().find(|(_, show)| *show == command) {
            self.show(*screen);
            return;
        }
        match command {
            Command::Quit => self.ask_to_leave(),
            Command::Suspend => self.around.effects.push(Effect::Suspend),
            Command::Redraw => self.around.effects.push(Effect::Redraw),
            Command::Mouse => self.switch_mouse(),
            Command::Help => {
                let scopes = self.scopes();
                let log = self.around.preferences.log.clone();
                self.layers.push(Box::new(help::Help::new(scopes, log)));
            }
            Command::Palette => {
                let (scopes, rights) = (self.scopes(), self.rights());
                self.layers.push(Box::new(palette::Palette::new(
                    &scopes,
                    rights,
                    self.around.preferences.words,
                )));
            }
            Command::Messages => self.layers.push(Box::new(messages::Messages::default())),
            Command::UndoLast => self.undo_last(),
            other => {
                self.with_front(|view, context| view.command(other, context));
            }
        }
    }

    fn show(&mut self, screen: ScreenId) {
        self.layers.clear();
        self.screen = screen;
        self.with_front(|view, context| view.shown(context));
    }

    fn switch_mouse(&mut self) {
        let on = !self.around.preferences.mouse;
        self.around.preferences.mouse = on;
        self.around.effects.push(Effect::Mouse(on));
        let phrase = if on { CommonText::MouseOn } else { CommonText::MouseOff };
        self.with_front(|_, context| context.say(Weight::Note, phrase));
    }

    fn undo_last(&mut self) {
        match self.last_posting {
            Some(posting) => {
                self.with_front(|_, context| {
                    let layer = reverse::ReverseDialog::of_posting(posting, context);
                    context.wish(Wish::Open(Box::new(layer)));
                });
            }
            None => self.with_front(|_, context| context.say(Weight::Note, CommonText::NothingToUndo)),
        }
    }

    /// Logs in, or tries to.
    pub(super) fn log_in(&mut self, login: Login) {
        self.around.effects.push(Effect::Send(Order::Connect(login)));
    }

    /// Leaves, unless there is something to lose; then it asks first.
    fn ask_to_leave(&mut self) {
        let unfinished: usize = self.screens.all().iter().map(|screen| screen.unfinished()).sum();
        if self.leaving.is_none() && unfinished > 0 && matches!(self.session, Session::In(_)) {
            self.layers.push(Box::new(leave::LeaveDialog::new(unfinished)));
        } else {
            self.leave();
        }
    }

    /// Leaves as soon as no write is under way, and at once when asked a second time.
    pub(super) fn leave(&mut self) {
        if self.writes.is_empty() || self.leaving.is_some() {
            self.around.effects.push(Effect::Quit);
        } else {
            let until = self.around.now.saturating_add(QUIT_WAIT).unwrap_or(self.around.now);
            self.leaving = Some(Leaving { until });
        }
    }

    pub(super) fn check_leaving(&mut self) {
        if let Some(leaving) = self.leaving
            && (self.writes.is_empty() || self.around.now >= leaving.until)
        {
            self.around.effects.push(Effect::Quit);
        }
    }

    /// Carries out what views have asked for.
    pub(super) fn grant_wishes(&mut self) {
        for _ in 0..WISH_ROUNDS_MAX {
            if self.around.wishes.is_empty() {
                return;
            }
            for wish in std::mem::take(&mut self.around.wishes) {
                self.grant(wish);
            }
        }
        tracing::error!("Views kept asking for more; the rest of their wishes was dropped");
        self.around.wishes.clear();
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Show(screen) => self.show(screen),
            Wish::Open(layer) => {
                self.layers.push(layer);
                self.with_front(|view, context| view.shown(context));
            }
            Wish::Close => {
                self.layers.pop();
            }
            Wish::Handle(kind, row) => {
                let rights = self.rights();
                if rights.posts {
                    self.show(ScreenId::Form(kind));
                    self.screens.form(kind).take_product(&row, &mut self.around.context(rights));
                }
            }
            Wish::LedgerOf(sku) => {
                self.show(ScreenId::Ledger);
                let rights = self.rights();
                self.screens.ledger.show_product(&sku, &mut self.around.context(rights));
            }
            Wish::EventsOf(text) => {
                let rights = self.rights();
                if rights.oversees {
                    self.show(ScreenId::Audit);
                    self.screens.audit.show_text(text, &mut self.around.context(rights));
                }
            }
            Wish::Picked(picked) => self.with_front(|view, context| view.picked(picked, context)),
            Wish::Run(command) if self.rights().allow(command) => self.run(command),
            Wish::Run(_) => {}
            Wish::LogIn(login) => self.log_in(login),
            Wish::Leave => self.leave(),
        }
    }

    /// Back to the login form, with what is known and why.
    pub(super) fn log_out(&mut self, message: String) {
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
