//! The built program, run as its users run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// What an output says.
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The documents of standard output, one per line.
    pub fn documents(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one document of standard output.
    pub fn document(&self) -> Value {
        let mut documents = self.documents();
        assert_eq!(documents.len(), 1, "{self:?}");
        documents.remove(0)
    }
}

/// The program with a state directory of its own and a database.
#[derive(Debug)]
pub struct Program {
    state: TempDir,
    url: String,
    keyring: Option<PathBuf>,
}

impl Program {
    /// For a database URL.
    pub fn new(url: &str) -> Self {
        Self { state: tempfile::tempdir().unwrap(), url: url.to_owned(), keyring: None }
    }

    /// The same with a keyring.
    pub fn with_keyring(self, path: &Path) -> Self {
        Self { keyring: Some(path.to_owned()), ..self }
    }

    /// The database URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The state directory.
    pub fn state_dir(&self) -> &Path {
        self.state.path()
    }

    /// The entries in the journal.
    pub fn journal_entries(&self) -> Vec<PathBuf> {
        let Ok(directory) = std::fs::read_dir(self.state.path().join("journal")) else { return Vec::new() };
        directory.map(|entry| entry.unwrap().path()).collect()
    }

    /// A command to run, with nothing on standard input.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockroom"));
        command
            .args(arguments)
            .env_remove("STOCKROOM_CONFIG")
            .env("STOCKROOM_DATABASE_URL", &self.url)
            .env("STOCKROOM_STATE_DIR", self.state.path())
            .env("TZ", "UTC")
            .env("XDG_CONFIG_HOME", self.state.path())
            .stdin(Stdio::null());
        if let Some(path) = &self.keyring {
            command.env("STOCKROOM_ENCRYPTION_KEY_FILE", path);
        }
        command
    }

    /// Runs a command.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }
}
