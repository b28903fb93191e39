//! A program in a pseudo-terminal: what a person at the keyboard sends and sees.
//!
//! The pseudo-terminal is that of util-linux's `script`, so this runs on Linux.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Error;

/// The size of the terminal, in columns and rows.
pub(super) const SIZE: (u16, u16) = (140, 40);
/// How long anything may take before the benchmark gives up.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How long there must be no output before the next key is pressed.
const QUIET: Duration = Duration::from_millis(40);

/// A program in a pseudo-terminal.
pub(super) struct Terminal {
    child: Child,
    keys: ChildStdin,
    drawn: ChildStdout,
    /// What has been read but not searched yet.
    pending: Vec<u8>,
}

impl Terminal {
    pub fn start(command: &str, environment: &[(&str, &str)]) -> Result<Self, Error> {
        let (columns, rows) = SIZE;
        let sized = format!("stty rows {rows} cols {columns}; exec {command}");
        let mut child = Command::new("script")
            .args(["-qec", &sized, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::Measure(format!("`script` of util-linux cannot be run: {error}")))?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(keys), Some(drawn)) = pipes else {
            return Err(Error::Measure("`script` has no pipes".to_owned()));
        };
        Ok(Self { child, keys, drawn, pending: Vec::new() })
    }

    pub async fn press(&mut self, key: &str) -> Result<Instant, Error> {
        let now = Instant::now();
        self.keys.write_all(key.as_bytes()).await.map_err(Error::measure)?;
        self.keys.flush().await.map_err(Error::measure)?;
        Ok(now)
    }

    /// Reads until a text has arrived, and drops everything up to its end.
    pub async fn wait_for(&mut self, text: &[u8]) -> Result<Instant, Error> {
        let deadline = tokio::time::Instant::now() + WAIT_MAX;
        loop {
            if let Some(at) = self.pending.windows(text.len()).position(|window| window == text) {
                self.pending.drain(..at + text.len());
                return Ok(Instant::now());
            }
            let mut buffer = [0; 16 * 1024];
            let read = tokio::time::timeout_at(deadline, self.drawn.read(&mut buffer)).await;
            match read {
                Ok(Ok(count)) if count > 0 => self.pending.extend_from_slice(&buffer[..count]),
                Ok(Ok(_)) => return Err(Error::Measure("the program has ended".to_owned())),
                Ok(Err(error)) => return Err(Error::measure(error)),
                Err(_) => {
                    let seconds = WAIT_MAX.as_secs();
                    return Err(Error::Measure(format!("nothing was drawn for {seconds} s")));
                }
            }
        }
    }

    /// Reads until there has been no output for a while.
    pub async fn settle(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read) = tokio::time::timeout(QUIET, self.drawn.read(&mut buffer)).await {
            if read.map_err(Error::measure)? == 0 {
                return Err(Error::Measure("the program has ended".to_owned()));
            }
        }
        self.pending.clear();
        Ok(())
    }

    /// The process id of the program in the terminal.
    pub fn pid(&self) -> Result<u32, Error> {
        let script = self.child.id().ok_or_else(|| Error::Measure("`script` has ended".to_owned()))?;
        let path = format!("/proc/{script}/task/{script}/children");
        let children = std::fs::read_to_string(path).map_err(Error::measure)?;
        let child = children.split_whitespace().next().and_then(|pid| pid.parse().ok());
        child.ok_or_else(|| Error::Measure("the program does not run".to_owned()))
    }
}
