//! Reloads of the configuration that the log does not mention. A server that is told to log elsewhere for a while, and
//! then as before, writes nothing of that into the collected log; but it knows when it last read its configuration.
//!
//! A further reload, which the log does mention, hides that time, but not that lines of the postmaster are missing
//! before it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::analyser::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};

/// How many reloads are remembered; a verification needs only the last one before it began.
const RELOADS_MAX: usize = 32;
/// How long the server may take from its log entry about a reload until it has read the files.
const READING_MAX: SignedDuration = SignedDuration::from_secs(2);
/// How long before its first log entry a server may have read its configuration. It allocates its memory in between.
const STARTING_MAX: SignedDuration = SignedDuration::from_mins(2);

/// When the configuration was read, according to the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloads {
    /// The period in which the files were read, each time.
    times: Vec<(Timestamp, Timestamp)>,
}

impl Reloads {
    /// Records that the server was told to reload its configuration.
    pub fn reloaded(&mut self, at: Option<Timestamp>) {
        self.note(at.map(|at| (at, at.saturating_add(READING_MAX).unwrap_or(at))));
    }

    /// Records that the server was started.
    pub fn started(&mut self, at: Option<Timestamp>) {
        self.note(at.map(|at| (at.saturating_sub(STARTING_MAX).unwrap_or(at), at)));
    }

    fn note(&mut self, span: Option<(Timestamp, Timestamp)>) {
        self.times.extend(span);
        let surplus = self.times.len().saturating_sub(RELOADS_MAX);
        self.times.drain(..surplus);
    }

    /// The finding if the server last read its configuration at a time that the log does not mention. Times before the
    /// oldest known one are not reported.
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
    /// Reports that the configuration was last read at a time that the log does not mention. If the clock was set back,
    /// times cannot be compared.
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
