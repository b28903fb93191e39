//! Counts what each login writes into the log. A flood fills the disk of the log and delays collecting, and anybody can
//! cause one with statements that fail, so it is reported. Postings do not count: an import may write many.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::floods::{FLOOD_BYTES, FLOOD_ENTRIES};
use crate::audit::record::LogLine;

/// The length of the periods in which entries are counted.
const STRETCH_SECONDS: i64 = 3_600;
/// How many logins are counted separately. A visitor who is not let in has a name of their own choice.
const LOGINS_MAX: usize = 1_000;
/// The name under which the others are counted.
const OTHERS: &str = "other logins";

/// What one login wrote within one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    number: i64,
    since: Timestamp,
    until: Timestamp,
    entries: u64,
    bytes: u64,
}

/// What each login has written, in the period of its last entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floods(HashMap<String, Stretch>);

impl Floods {
    /// Counts an entry; returns the period that ended before it, if that was a flood.
    fn add(&mut self, login: &str, at: Timestamp, bytes: u64) -> Option<(String, Stretch)> {
        let login = if self.0.contains_key(login) || self.0.len() < LOGINS_MAX { login } else { OTHERS };
        let number = at.as_second().div_euclid(STRETCH_SECONDS);
        let fresh = Stretch { number, since: at, until: at, entries: 0, bytes: 0 };
        if !self.0.contains_key(login) {
            self.0.insert(login.to_owned(), fresh.clone());
        }
        let stretch = self.0.get_mut(login)?;
        let over = (stretch.number != number).then(|| std::mem::replace(stretch, fresh));
        stretch.entries += 1;
        stretch.bytes += bytes;
        stretch.until = stretch.until.max(at);
        over.filter(Stretch::is_flood).map(|over| (login.to_owned(), over))
    }
}

impl Stretch {
    fn is_flood(&self) -> bool {
        self.entries >= FLOOD_ENTRIES || self.bytes >= FLOOD_BYTES
    }

    fn finding(&self, login: &str) -> Finding {
        let what = format!(
            "{login} wrote {} log entries ({} bytes) between {} and {}, apart from postings",
            self.entries, self.bytes, self.since, self.until
        );
        let mut finding = Finding::notice(Kind::LogFlood, Verdict::Unknown, what).of(self.since);
        finding.who = Some(login.to_owned());
        finding.when = Some(self.since.to_string());
        finding
    }
}

impl LogAnalyser {
    /// Counts an entry that is not the record of a write.
    pub(super) fn count_entry(&mut self, line: &LogLine<'_>, bytes: usize) {
        let Some(at) = line.logged_at().filter(|_| !line.user.is_empty()) else { return };
        if let Some((login, flood)) = self.state.floods.add(&line.user, at, bytes as u64) {
            self.findings.add(flood.finding(&login));
        }
    }

    /// Reports the floods of periods that have not ended. The next verification reports them again, with what has been
    /// added.
    pub fn report_floods(&mut self) {
        let mut floods: Vec<_> =
            self.state.floods.0.iter().filter(|(_, stretch)| stretch.is_flood()).collect();
        floods.sort_by_key(|(login, _)| login.as_str());
        let found: Vec<Finding> = floods.into_iter().map(|(login, flood)| flood.finding(login)).collect();
        found.into_iter().for_each(|finding| self.findings.add(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_flood_is_reported_when_its_period_ends() {
        let mut floods = Floods::default();
        for entry in 0..FLOOD_ENTRIES {
            assert_eq!(floods.add("clerk", at(10 + entry as i64 / 10), 100), None);
            assert_eq!(floods.add("admin", at(10 + entry as i64 % 5), u64::from(entry % 3 == 0)), None);
        }
        assert_eq!(floods.add("ann", at(20), FLOOD_BYTES), None);
        let (login, flood) = floods.add("clerk", at(STRETCH_SECONDS), 1).unwrap();
        assert_eq!(
            (login.as_str(), flood.entries, flood.bytes),
            ("clerk", FLOOD_ENTRIES, 100 * FLOOD_ENTRIES)
        );
        assert_eq!((flood.since, flood.until), (at(10), at(1009)));
        assert_eq!(floods.add("ann", at(STRETCH_SECONDS + 1), 1).unwrap().1.bytes, FLOOD_BYTES);
        assert_eq!(floods.add("clerk", at(2 * STRETCH_SECONDS), 1), None, "one entry is no flood");
    }

    #[test]
    fn names_that_visitors_make_up_are_counted_together() {
        let mut floods = Floods::default();
        for number in 0..LOGINS_MAX * 2 {
            floods.add(&format!("visitor {number}"), at(10), 1);
        }
        assert_eq!(floods.0.len(), LOGINS_MAX + 1);
        assert_eq!(floods.0[OTHERS].entries, LOGINS_MAX as u64);
    }
}
