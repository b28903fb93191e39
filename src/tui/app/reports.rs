//! Handles the reports of the worker.

use jiff::SignedDuration;

use super::{App, Link, Session};
use crate::domain::{PeopleNames, PostingId, PostingOutcome, Recovered, SessionFacts};
use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::text::login::LoginText;
use crate::tui::typed_ahead::KEYS_KEPT_MAX;
use crate::tui::view::{Severity, WriteEnd};
use crate::worker::message::{Exported, Failure, Report, Written};

impl App {
    pub(super) fn report(&mut self, report: Report) {
        match report {
            Report::Connected(Ok(facts)) => self.connected(facts),
            Report::Connected(Err(failure)) => {
                let text = match failure {
                    // Nothing was attempted yet that could have changed anything.
                    Failure::Unavailable(message) => message,
                    other => failure::words(self.shared.preferences.words, &other),
                };
                self.log_out(text);
            }
            Report::Kept(kept) => self.with_front(|_, context| {
                let words = context.words;
                let (severity, text) = match kept {
                    Ok(Some(file)) => {
                        let file = file.display().to_string();
                        (Severity::Good, words.fill(LoginText::KeptInFile, &[("file", &file)]))
                    }
                    Ok(None) => (Severity::Good, words.say(LoginText::KeptInDesktop).to_owned()),
                    Err(message) => {
                        (Severity::Warning, words.fill(LoginText::NotKept, &[("message", &message)]))
                    }
                };
                context.tell(severity, text);
            }),
            Report::Named(Ok(people)) => self.shared.people = people,
            Report::Named(Err(failure)) => self.with_front(|_, context| {
                let message = failure::words(context.words, &failure);
                let text = context.words.fill(CommonText::NamesMissing, &[("message", &message)]);
                context.tell(Severity::Warning, text);
            }),
            Report::Recovered(found) => self.recovered(&found),
            Report::Answered(ticket, answer) => {
                self.with_all(|view, context| view.answered(ticket, &answer, context));
            }
            Report::Written(id, outcome) => self.written(id, &outcome),
            Report::Resolved(id, outcome) => self.resolved(id, outcome),
            Report::Lost { message, attempts, retry_seconds } => {
                let seconds = i64::try_from(retry_seconds).unwrap_or(i64::MAX);
                let wait = SignedDuration::from_secs(seconds);
                let retry_at = self.shared.now.saturating_add(wait).unwrap_or(self.shared.now);
                self.link = Link::Down { message, attempts, retry_at };
            }
            Report::Audit(report) => {
                self.with_all(|view, context| view.audited(&report, context));
            }
            Report::RecordChanged(number, outcome) => self.record_changed(number, &outcome),
            Report::Exported(outcome) => self.exported(&outcome),
            Report::Restored => {
                self.link = Link::Up;
                self.with_front(|view, context| {
                    context.say(Severity::Good, CommonText::Restored);
                    view.changed(context);
                });
            }
            Report::Changed => self.with_front(|view, context| view.changed(context)),
        }
        self.release();
    }

    /// Shows the file to which a list was exported, or why it failed.
    fn exported(&mut self, outcome: &Result<Exported, Failure>) {
        self.with_front(|_, context| match outcome {
            Ok(Exported { path, rows }) => {
                let rows = context.words.count(*rows, CommonText::RowOne, CommonText::Rows);
                let places = [("rows", &*rows), ("path", &*path.display().to_string())];
                context.tell(Severity::Good, context.words.fill(CommonText::ExportDone, &places));
            }
            Err(failure) => {
                let why = failure::words(context.words, failure);
                context.tell(Severity::Bad, context.words.fill(CommonText::ExportFailed, &[("why", &why)]));
            }
        });
    }

    fn connected(&mut self, facts: SessionFacts) {
        let rights = crate::tui::screens::rights(&facts);
        if !rights.posts && !rights.oversees {
            let words = self.shared.preferences.words;
            self.log_out(words.fill(LoginText::NoGroup, &[("login", &facts.login)]));
            return;
        }
        self.session = Session::In(facts);
        // The names belong to the previous login; the worker sends others.
        self.shared.people = PeopleNames::default();
        self.link = Link::Up;
        self.screens.show_first();
        self.with_front(|view, context| view.shown(context));
        // What the screens show belongs to whoever is logged in now.
        self.kept.fill(0);
        if rights.posts {
            self.find_drafts(false);
        }
    }

    fn recovered(&mut self, found: &[Recovered]) {
        for entry in found {
            let phrase = match entry.outcome {
                PostingOutcome::Posted => CommonText::RecoveredPosted,
                PostingOutcome::NotPosted => CommonText::RecoveredNotPosted,
                PostingOutcome::Unknown => CommonText::RecoveredUnknown,
            };
            self.with_front(|_, context| {
                let text = context.words.fill(phrase, &[("words", &entry.words)]);
                context.tell(Severity::Warning, text);
            });
        }
    }

    fn written(&mut self, id: PostingId, outcome: &Result<Written, Failure>) {
        if !matches!(outcome, Err(Failure::OutcomeUnknown { .. })) {
            self.writes.retain(|write| *write != id);
        }
        if let Ok(written) = outcome {
            let moved = match written {
                Written::Posted(posted) => !posted.transactions.is_empty(),
                Written::Order { moved, .. } => *moved,
                Written::ShortPicked { .. } | Written::OrderSaved { .. } | Written::OrdersSaved { .. } => {
                    false
                }
                Written::Counted(sheet) => sheet.lines.iter().any(|line| line.counted != line.expected),
            };
            self.posted(id, moved);
        }
        if !self.with_all(|view, context| view.write_ended(id, WriteEnd::Written(outcome), context)) {
            self.unattended(outcome);
        }
        self.with_front(|view, context| view.changed(context));
    }

    /// Reports the end of a write whose dialog was closed in the meantime.
    fn unattended(&mut self, outcome: &Result<Written, Failure>) {
        self.with_front(|_, context| match outcome {
            Ok(_) => context.say(Severity::Good, CommonText::UnattendedPosted),
            Err(failure) => context.fail(failure),
        });
    }

    fn resolved(&mut self, id: PostingId, outcome: PostingOutcome) {
        if outcome == PostingOutcome::Unknown {
            return;
        }
        self.writes.retain(|write| *write != id);
        let posted = outcome == PostingOutcome::Posted;
        if posted {
            self.posted(id, true);
        }
        if !self.with_all(|view, context| view.write_ended(id, WriteEnd::Resolved { posted }, context)) {
            let (severity, phrase) = if posted {
                (Severity::Good, CommonText::UnattendedPosted)
            } else {
                (Severity::Warning, CommonText::UnattendedNotPosted)
            };
            self.with_front(|_, context| context.say(severity, phrase));
        }
    }

    fn record_changed(&mut self, number: u64, outcome: &Result<(), Failure>) {
        let is_own = self.with_all(|view, context| view.record_changed(number, outcome, context));
        if !is_own {
            // The form was closed in the meantime.
            self.with_front(|_, context| match outcome {
                Ok(()) => context.say(Severity::Good, CommonText::UnattendedSaved),
                Err(failure) => context.fail(failure),
            });
        }
        // Not the view in front: the form covers the list until it is closed.
        let rights = self.rights();
        let mut context = self.shared.context(rights);
        self.screens.front().changed(&mut context);
    }

    /// Records what "reverse last" would reverse, and removes messages about earlier postings and errors.
    fn posted(&mut self, id: PostingId, moved: bool) {
        if moved {
            self.last_posting = Some(id);
        }
        self.screens.all().for_each(|screen| screen.posted(id));
        self.shared.notices.settle(self.shared.now);
    }

    /// Replays the keys that were typed during a posting, in their order, in the form that kept them, whichever screen
    /// is in front now.
    fn release(&mut self) {
        for _ in 0..KEYS_KEPT_MAX {
            let rights = self.rights();
            let mut context = self.shared.context(rights);
            let Some((key, form)) =
                self.screens.all().find_map(|screen| screen.release().map(|key| (key, screen)))
            else {
                return;
            };
            let keymap = context.keymap;
            match keymap.resolve(form.scopes(), key, form.typing()) {
                Some(command) if rights.allow(command) => {
                    form.command(command, &mut context);
                }
                Some(_) => {}
                None => form.key(key, &mut context),
            }
        }
    }
}
