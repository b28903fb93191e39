//! Settings: the command line over the environment over the file over what is built in.
//!
//! The file is `stockroom/config.toml` in the user's configuration directory, or the one named by
//! `--config` or `STOCKROOM_CONFIG`. Every key can also stand in the environment as `STOCKROOM_` and
//! the key in capitals: `STOCKROOM_DATABASE_URL`, `STOCKROOM_STATE_DIR`, `STOCKROOM_LOG`,
//! `STOCKROOM_LANGUAGE`, `STOCKROOM_THEME`.

pub mod pgpass;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Deserialize;

use crate::tui::theme::StyleSpec;

/// Settings of the program.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the database is: `postgres://user@host:5432/stock_management`.
    pub database_url: Option<String>,
    /// Where the journal and the log file are kept.
    pub state_dir: Option<PathBuf>,
    /// What is logged: `info`, `debug`, or directives of tracing's `EnvFilter`.
    pub log: Option<String>,
    /// The language of the screens: `en` or `fr`; that of the locale when left out.
    pub language: Option<String>,
    /// The theme of the screens: `dark`, `light`, `high-contrast` or `plain`.
    pub theme: Option<String>,
    /// Changes to single styles of the theme.
    #[serde(default)]
    pub theme_styles: BTreeMap<String, StyleSpec>,
    /// Whether the screens listen to the mouse; they do unless this says no.
    pub mouse: Option<bool>,
    /// Other keys for commands, by the command's name. An empty list takes its keys away.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used: {0}")]
pub struct SettingsError(#[from] config::ConfigError);

/// Keys that may stand in the environment. Naming them keeps other `STOCKROOM_` variables, such as
/// those of tests and scripts, from being taken for mistyped keys.
const KEYS: [&str; 5] = ["database_url", "state_dir", "log", "language", "theme"];

impl Settings {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// [`SettingsError`] when a file was named and is missing, or a key is unknown or malformed.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut builder = config::Config::builder();
        builder = match file
            .map(Path::to_owned)
            .or_else(|| std::env::var_os("STOCKROOM_CONFIG").map(PathBuf::from))
        {
            Some(named) => builder.add_source(config::File::from(named).format(config::FileFormat::Toml)),
            None => match ProjectDirs::from("", "", "stockroom") {
                Some(dirs) => builder.add_source(
                    config::File::from(dirs.config_dir().join("config.toml"))
                        .format(config::FileFormat::Toml)
                        .required(false),
                ),
                None => builder,
            },
        };
        for key in KEYS {
            let variable = format!("STOCKROOM_{}", key.to_ascii_uppercase());
            builder = builder
                .set_override_option(key, std::env::var(variable).ok().filter(|value| !value.is_empty()))?;
        }
        Ok(builder.build()?.try_deserialize()?)
    }

    /// Where the journal and the log file are kept.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.state_dir.clone().unwrap_or_else(|| {
            ProjectDirs::from("", "", "stockroom")
                .and_then(|dirs| dirs.state_dir().map(Path::to_owned))
                .unwrap_or_else(|| std::env::temp_dir().join("stockroom"))
        })
    }
}
