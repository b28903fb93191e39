//! Metrics of commands that are run by a timer: a file for the textfile collector, which is also written if they fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::exit::{CliError, Exit};
use crate::metrics::table::{
    COMMAND_DURATION, COMMAND_LAST_RUN, COMMAND_LAST_SUCCESS, COMMAND_SUCCESS, VERIFICATION_CLEAN_TIME,
};
use crate::metrics::{Metric, Metrics, textfile};
use crate::serve::board::seconds_now;

/// The largest file of an earlier run that is read, in bytes.
const EARLIER_BYTES_MAX: u64 = 1 << 20;
/// Metrics that a failed run keeps from the previous file: when it last succeeded.
const CARRIED_OVER: [&Metric; 2] = [&COMMAND_LAST_SUCCESS, &VERIFICATION_CLEAN_TIME];

/// Measures a command for which a file of metrics was requested.
pub(super) struct Measured {
    command: &'static str,
    target: Option<PathBuf>,
    began: Instant,
    pub metrics: Metrics,
}

impl Measured {
    /// Starts measuring a command, with the values of the previous file that are kept.
    pub(super) fn begin(command: &'static str, target: Option<&Path>) -> Self {
        let target = target.map(Path::to_owned);
        let measured = Self { command, target, began: Instant::now(), metrics: Metrics::new() };
        measured.carry_over();
        measured
    }

    fn carry_over(&self) {
        let Some(target) = &self.target else { return };
        let path = textfile::path_in(target, self.command);
        if fs::metadata(&path).is_ok_and(|data| data.is_file() && data.len() <= EARLIER_BYTES_MAX)
            && let Ok(text) = fs::read_to_string(&path)
        {
            for metric in CARRIED_OVER {
                textfile::samples(&text, metric).for_each(|(label, value)| {
                    self.metrics.set(metric, &[label], value);
                });
            }
        }
    }

    /// Ends measuring: writes the file, and returns the outcome. Alarms found by a verification do not count as its
    /// failure.
    pub(super) fn end(self, outcome: Result<Exit, CliError>) -> Result<Exit, CliError> {
        let Some(target) = &self.target else { return outcome };
        let labels = [self.command];
        self.metrics.set(&COMMAND_LAST_RUN, &labels, seconds_now());
        self.metrics.set(&COMMAND_DURATION, &labels, self.began.elapsed().as_secs_f64());
        self.metrics.set(&COMMAND_SUCCESS, &labels, f64::from(u8::from(outcome.is_ok())));
        if outcome.is_ok() {
            self.metrics.set(&COMMAND_LAST_SUCCESS, &labels, seconds_now());
        }
        let written = textfile::write(&self.metrics, target, self.command);
        let exit = outcome?;
        written.map_err(|error| {
            let message = format!("cannot write the metrics to {}: {error}", target.display());
            CliError::Io(std::io::Error::other(message))
        })?;
        Ok(exit)
    }
}
