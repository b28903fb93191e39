//! Messages to the person: a short list, so that none is replaced before it was read.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// How many messages are kept in the list.
const KEPT_MAX: usize = 100;
/// How many are shown at the bottom of the screen at a time; more would cover the work.
pub const SHOWN_MAX: usize = 3;
/// How long a message about a success is shown.
const GOOD_SHOWN: SignedDuration = SignedDuration::from_secs(6);
/// How long a message about a failure is shown; it takes longer to read and to act on.
const BAD_SHOWN: SignedDuration = SignedDuration::from_secs(20);

/// How important a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Good,
    Note,
    Warning,
    Bad,
}

/// A message to the person, with its time and severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub at: Timestamp,
    pub severity: Severity,
    pub text: String,
    /// When it disappears from the bottom of the screen; it stays in the list.
    shown_until: Timestamp,
}

/// The last hundred messages, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    kept: VecDeque<Notice>,
}

impl Notices {
    /// Adds a message, and drops the oldest one if the list is full.
    pub fn add(&mut self, at: Timestamp, severity: Severity, text: String) {
        let shown = if matches!(severity, Severity::Good | Severity::Note) { GOOD_SHOWN } else { BAD_SHOWN };
        let shown_until = at.saturating_add(shown).unwrap_or(Timestamp::MAX);
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(Notice { at, severity, text, shown_until });
    }

    /// Removes the shown messages from the bottom of the screen. Returns whether there were any.
    pub fn dismiss(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for notice in self.kept.iter_mut().filter(|notice| notice.shown_until > now) {
            notice.shown_until = now;
            any = true;
        }
        any
    }

    /// Removes errors from the bottom of the screen, because the action has succeeded since.
    pub fn settle(&mut self, now: Timestamp) {
        let errors = self.kept.iter_mut().filter(|notice| notice.severity == Severity::Bad);
        errors.for_each(|notice| notice.shown_until = notice.shown_until.min(now));
    }

    /// The messages at the bottom of the screen, oldest first.
    pub fn shown(&self, now: Timestamp) -> impl Iterator<Item = &Notice> {
        let current = self.kept.iter().filter(move |notice| notice.shown_until > now);
        let surplus = current.clone().count().saturating_sub(SHOWN_MAX);
        current.skip(surplus)
    }

    /// All messages in the list, newest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Notice> {
        self.kept.iter().rev()
    }

    /// When the next message disappears from the bottom of the screen.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.kept.iter().map(|notice| notice.shown_until).filter(|until| *until > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_do_not_overwrite_each_other() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut notices = Notices::default();
        for number in 0..5 {
            notices.add(start, Severity::Good, number.to_string());
        }
        notices.add(start, Severity::Bad, "bad".to_owned());
        let texts = |now| notices.shown(now).map(|notice| notice.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(start), ["3", "4", "bad"]);
        let later = start + SignedDuration::from_secs(7);
        assert_eq!(texts(later), ["bad"]);
        assert_eq!(notices.next_change(later), Some(start + BAD_SHOWN));
        assert_eq!(notices.all().count(), 6);
        let mut settled = notices.clone();
        settled.add(later, Severity::Warning, "warning".to_owned());
        settled.settle(later);
        assert_eq!(settled.shown(later).map(|notice| &*notice.text).collect::<Vec<_>>(), ["warning"]);
        let mut read = notices.clone();
        assert!(read.dismiss(later));
        assert_eq!(read.shown(later).count(), 0);
        assert_eq!(read.all().count(), 6);
    }
}
