//! Unfinished work: saved whenever it has changed, and offered after the login.

use super::{App, Session};
use crate::tui::screens::SCREENS;
use crate::tui::screens::drafts::DraftsDialog;
use crate::tui::text::common::CommonText;
use crate::tui::view::{Effect, FoundDraft, Severity};

impl App {
    /// Whose drafts are saved and offered: those of a login at a database.
    fn owner(&self) -> Option<String> {
        match &self.session {
            Session::In(facts) => Some(format!("{}@{}/{}", facts.login, self.server, facts.database)),
            Session::Out(_) => None,
        }
    }

    /// Saves the drafts of screens that have changed since they were last saved.
    pub(super) fn keep_drafts(&mut self) {
        let Some(owner) = self.owner() else { return };
        for ((screen, view), kept) in SCREENS.iter().zip(self.screens.all()).zip(&mut self.kept) {
            let mark = view.draft_mark();
            if *kept != mark {
                *kept = mark;
                let (owner, draft) = (owner.clone(), view.draft());
                self.shared.effects.push(Effect::KeepDraft { owner, screen: screen.show, draft });
            }
        }
    }

    /// Looks for the drafts of whoever is logged in. They are offered if there are any; with `ask`, a message says if
    /// there are none.
    pub(super) fn find_drafts(&mut self, ask: bool) {
        if let Some(owner) = self.owner() {
            self.drafts_asked = ask;
            self.shared.effects.push(Effect::FindDrafts { owner });
        }
    }

    pub(super) fn found_drafts(&mut self, found: Vec<FoundDraft>) {
        let asked = std::mem::take(&mut self.drafts_asked);
        if !found.is_empty() && !self.is_out() {
            self.layers.push(Box::new(DraftsDialog::new(found)));
        } else if asked {
            self.with_front(|_, context| context.say(Severity::Note, CommonText::NoDrafts));
        }
    }

    /// Restores a draft in its screen.
    pub(super) fn resume(&mut self, found: &FoundDraft) {
        if !self.rights().allow(found.screen) {
            return;
        }
        self.show(found.screen);
        if self.with_front(|view, context| view.resume(&found.draft.content, context)) {
            // It is saved again for this terminal by the end of the update.
            self.keep_drafts();
            self.shared.effects.push(Effect::DropDraft(found.path.clone()));
        } else {
            self.with_front(|_, context| context.say(Severity::Warning, CommonText::DraftNotResumed));
        }
    }

    /// Reports once that unfinished work cannot be saved.
    pub(super) fn draft_not_kept(&mut self, why: &str) {
        if !std::mem::replace(&mut self.drafts_failed, true) {
            self.with_front(|_, context| {
                let text = context.words.fill(CommonText::DraftNotKept, &[("why", why)]);
                context.tell(Severity::Warning, text);
            });
        }
    }
}
