//! Logging to a file in the state directory, one JSON object per line, never to the terminal; the service logs to
//! standard output.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// The filter if none is configured.
pub const FILTER_DEFAULT: &str = "info,refinery_core=warn,tokio_postgres=warn";
/// The size at which the log file is renamed to `stockroom.log.1`, in bytes. Two files of ten megabytes hold weeks
/// of a clerk's work.
const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Starts logging and returns the path of the file. If it cannot be opened, the program says so on standard error and
/// continues without a log.
pub fn start(state_dir: &Path, filter: Option<&str>) -> Option<PathBuf> {
    let path = state_dir.join("stockroom.log");
    let opened = fs::DirBuilder::new().recursive(true).mode(0o700).create(state_dir).and_then(|()| {
        if fs::metadata(&path).is_ok_and(|data| data.len() > LOG_BYTES_MAX) {
            fs::rename(&path, state_dir.join("stockroom.log.1"))?;
        }
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path)
    });
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            eprintln!("stockroom: no log is written: {} cannot be opened: {error}", path.display());
            return None;
        }
    };
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(directives(filter))
        .with_writer(Mutex::new(file))
        .finish();
    // Fails only if logging was already started in this process, and then that remains in effect.
    tracing::subscriber::set_global_default(subscriber).ok().map(|()| path)
}

/// The format of log lines on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFormat {
    /// Time, level and message in plain text.
    Text,
    /// One JSON object per line, with all fields.
    Json,
}

/// Starts logging to standard output, one line per event.
pub fn start_on_stdout(format: LineFormat, filter: Option<&str>) {
    let builder = tracing_subscriber::fmt().with_env_filter(directives(filter)).with_ansi(false);
    // Fails only if logging was already started in this process, and then that remains in effect.
    let _ = match format {
        LineFormat::Text => tracing::subscriber::set_global_default(builder.with_target(false).finish()),
        LineFormat::Json => {
            tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish())
        }
    };
}

/// Checks that a filter can be parsed.
///
/// # Errors
/// What is wrong with it.
pub fn check_filter(filter: &str) -> Result<(), String> {
    let read = EnvFilter::try_new(filter);
    read.map(drop).map_err(|error| format!("the log filter \"{filter}\" cannot be read: {error}"))
}

fn directives(filter: Option<&str>) -> EnvFilter {
    let filter = filter.unwrap_or(FILTER_DEFAULT);
    EnvFilter::try_new(filter).unwrap_or_else(|error| {
        eprintln!("stockroom: the log filter \"{filter}\" cannot be read ({error}); logging at info");
        EnvFilter::new(FILTER_DEFAULT)
    })
}
