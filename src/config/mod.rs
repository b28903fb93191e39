//! Settings. In order of precedence: command line, environment, file, defaults.
//!
//! The file is `stockroom/config.toml` in the user's configuration directory, or the one named by
//! `--config` or `STOCKROOM_CONFIG`. Keys that take one value can also be set in the environment as `STOCKROOM_` and the
//! path of the key in capitals, such as `STOCKROOM_DATABASE_URL` and `STOCKROOM_SERVE_LISTEN`. [`table`] lists the keys.

pub mod check;
mod desktop;
pub mod kept;
pub mod libpq;
pub mod page;
pub mod pgpass;
pub mod serve;
pub mod sources;
pub mod table;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Deserialize;

use crate::tui::theme::StyleSpec;
use sources::{Problem, Sources};

/// The settings of the program from file and environment; what is not set has its default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The URL of the database: `postgres://user@host:5432/stock_management`.
    pub database_url: Option<String>,
    /// The directory of the journal and the log file.
    pub state_dir: Option<PathBuf>,
    /// What is logged: `info`, `debug`, or directives of tracing's `EnvFilter`.
    pub log: Option<String>,
    /// The language of the screens: `en` or `fr`; by default that of the locale.
    pub language: Option<String>,
    /// The theme of the screens: `dark`, `light`, `high-contrast` or `plain`.
    pub theme: Option<String>,
    /// Overrides of single styles of the theme.
    #[serde(default)]
    pub theme_styles: BTreeMap<String, StyleSpec>,
    /// Whether the terminal handles the mouse; true by default.
    pub mouse: Option<bool>,
    /// Key bindings by command name, replacing the defaults. An empty list unbinds the command.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The settings of `stockroom serve`, section `[serve]`.
    #[serde(default)]
    pub serve: serve::ServeSettings,
    /// The file that was read, if there was one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the configuration file {} cannot be read: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the configuration file {} has more than {bytes_max} bytes", path.display())]
    TooLarge { path: PathBuf, bytes_max: u64 },
    #[error("the configuration file {} is not TOML: {source}", path.display())]
    Syntax { path: PathBuf, source: toml::de::Error },
    /// Keys that do not exist or have values that do not fit.
    #[error("invalid configuration{}: {}", place(file.as_deref()), list(problems))]
    Keys { file: Option<PathBuf>, problems: Vec<Problem> },
    /// A problem that no check of a single key found.
    #[error("invalid configuration: {0}")]
    Document(#[from] toml::de::Error),
}

fn place(file: Option<&Path>) -> String {
    file.map(|file| format!(" ({})", file.display())).unwrap_or_default()
}

fn list(problems: &[Problem]) -> String {
    let words: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect();
    words.join("; ")
}

impl Settings {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// [`SettingsError`] if a named file is missing, or a key is unknown or malformed.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        Self::of(&Sources::read(file, |name| std::env::var_os(name))?)
    }

    /// The settings that follow from the sources.
    ///
    /// # Errors
    /// [`SettingsError`] if a key is unknown or malformed.
    pub fn of(sources: &Sources) -> Result<Self, SettingsError> {
        if !sources.problems.is_empty() {
            let (file, problems) = (sources.file.clone(), sources.problems.clone());
            return Err(SettingsError::Keys { file, problems });
        }
        let settings = Self::deserialize(toml::Value::Table(sources.document.clone()))?;
        Ok(Self { file: sources.file.clone(), ..settings })
    }

    /// Warnings about a configuration file that others can change, or that contains a password and can be read by
    /// others.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let Some(path) = &self.file else { return Vec::new() };
        let Ok(data) = std::fs::metadata(path) else { return Vec::new() };
        let (mode, name) = (data.permissions().mode(), path.display());
        let with_password = self
            .database_url
            .as_deref()
            .and_then(|url| url::Url::parse(url).ok())
            .is_some_and(|url| url.password().is_some());
        if with_password && mode & 0o077 != 0 {
            vec![format!("{name} contains a password, and others can read it; run: chmod 600 {name}")]
        } else if mode & 0o022 != 0 {
            vec![format!("others can change {name}; run: chmod go-w {name}")]
        } else {
            Vec::new()
        }
    }

    /// The directory of the journal and the log file.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.state_dir.clone().unwrap_or_else(state_dir_default)
    }
}

/// The default state directory of the account.
fn state_dir_default() -> PathBuf {
    ProjectDirs::from("", "", "stockroom")
        .and_then(|dirs| dirs.state_dir().map(Path::to_owned))
        .unwrap_or_else(|| std::env::temp_dir().join("stockroom"))
}
