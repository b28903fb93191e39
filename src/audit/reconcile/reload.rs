//! Reloads of the configuration that the log does not tell of. A server that is told to log elsewhere for a while, and then as
//! before, writes nothing of that into the log that is collected; but it remembers when it last read its configuration.
//!
//! A further reload, which the log does tell of, hides that time, but not that lines of the postmaster are missing before it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::analyser::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};

/// How many reloads are remembered; a verification asks only for the last one that there was when it began.
const RELOADS_MAX: usize = 32;
/// How long the server may take from the log entry about a reload until it has read the files.
const READING_MAX: SignedDuration = SignedDuration::from_secs(2);
/// How long before its first log entry a server may have read its configuration. It reserves its memory in between.
const STARTING_MAX: SignedDuration = SignedDuration::from_mins(2);

/// When the log says that the configuration was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloads {
    /// From when to when the files were read, each time.
    times: Vec<(Timestamp, Timestamp)>,
}

impl Reloads {
    /// The server was told to reload its configuration.
    pub fn reloaded(&mut self, at: Option<Timestamp>) {
        self.note(at.map(|at| (at, at.saturating_add(READING_MAX).unwrap_or(at))));
    }

    /// The server was started.
    pub fn started(&mut self, at: Option<Timestamp>) {
        self.note(at.map(|at| (at.saturating_sub(STARTING_MAX).unwrap_or(at), at)));
    }

    fn note(&mut self, span: Option<(Timestamp, Timestamp)>) {
        self.times.extend(span);
        let surplus = self.times.len().saturating_sub(RELOADS_MAX);
        self.times.drain(..surplus);
    }

    /// What to say of the time at which the server last read its configuration. Nothing is said of times before the oldest
    /// that is known.
    pub fn unlogged(&self, loaded: Timestamp) -> Option<Finding> {
        let (oldest, _) = self.times.first()?;
        // The log has milliseconds.
        let loaded_ms = loaded.as_millisecond();
        let is_known = |(from, to): &(Timestamp, Timestamp)| {
            from.as_millisecond() - 1 <= loaded_ms && loaded_ms <= to.as_millisecond()
        };
        if loaded < *oldest || self.times.iter().any(is_known) {
            return None;
        }
        let what = "the server read its configuration without an entry in the log: at that time its log went elsewhere";
        let former = "the server read its configuration, and the log does not tell of it: log entries went elsewhere at that time";
        let mut finding =
            Finding::alarm(Kind::ReloadNotLogged, Verdict::ConfigurationChanged, what).formerly(former);
        finding.when = Some(loaded.to_string());
        Some(finding)
    }
}

impl LogAnalyser {
    /// Reports that the configuration was last read at a time that the log does not tell of. Where the clock was set back, times
    /// say nothing.
    pub fn report_unlogged_reload(&mut self, loaded: Timestamp) {
        if !self.clock_moved
            && let Some(finding) = self.state().reloads.unlogged(loaded)
        {
            self.findings.add(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: &str) -> Timestamp {
        format!("2026-11-20T12:{second}Z").parse().unwrap()
    }

    #[test]
    fn only_reloads_that_the_log_tells_of_are_known() {
        let mut reloads = Reloads::default();
        assert_eq!(reloads.unlogged(at("00:00")), None, "nothing is known of the time before the log");
        reloads.started(Some(at("10:00")));
        reloads.reloaded(Some(at("20:00.500")));
        for known in ["09:55", "10:00", "20:00.500", "20:01.2"] {
            assert_eq!(reloads.unlogged(at(known)), None, "{known}");
        }
        assert_eq!(reloads.unlogged(at("00:00")), None, "before the oldest");
        for unlogged in ["10:30", "20:05"] {
            assert!(reloads.unlogged(at(unlogged)).is_some(), "{unlogged}");
        }
    }
}
