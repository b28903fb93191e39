//! Settings. In order of precedence: command line, environment, file, defaults.
//!
//! The file is `stockroom/config.toml` in the user's configuration directory, or the one named by
//! `--config` or `STOCKROOM_CONFIG`. Some keys can also be set in the environment as `STOCKROOM_` and the key in
//! capitals: `STOCKROOM_DATABASE_URL`, `STOCKROOM_STATE_DIR`, `STOCKROOM_LOG`,
//! `STOCKROOM_LANGUAGE`, `STOCKROOM_THEME`.

pub mod libpq;
pub mod pgpass;
pub mod serve;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
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
    /// Overrides of single styles of the theme.
    #[serde(default)]
    pub theme_styles: BTreeMap<String, StyleSpec>,
    /// Whether the terminal handles the mouse; true by default.
    pub mouse: Option<bool>,
    /// Key bindings by command name, replacing the defaults. An empty list unbinds the command.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The service.
    #[serde(default)]
    pub serve: serve::ServeSettings,
    /// The file that was read, if there was one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("invalid configuration: {0}")]
pub struct SettingsError(#[from] config::ConfigError);

/// Keys that can be set in the environment. Listing them keeps other `STOCKROOM_` variables, such as those of tests
/// and scripts, from being rejected as unknown keys.
const KEYS: [&str; 5] = ["database_url", "state_dir", "log", "language", "theme"];

impl Settings {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// [`SettingsError`] when a file was named and is missing, or a key is unknown or malformed.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let named =
            file.map(Path::to_owned).or_else(|| std::env::var_os("STOCKROOM_CONFIG").map(PathBuf::from));
        let usual =
            || ProjectDirs::from("", "", "stockroom").map(|dirs| dirs.config_dir().join("config.toml"));
        let required = named.is_some();
        let path = named.or_else(usual);
        let mut builder = config::Config::builder();
        if let Some(path) = &path {
            let file = config::File::from(path.as_path()).format(config::FileFormat::Toml);
            builder = builder.add_source(file.required(required));
        }
        for key in KEYS {
            let variable = format!("STOCKROOM_{}", key.to_ascii_uppercase());
            builder = builder
                .set_override_option(key, std::env::var(variable).ok().filter(|value| !value.is_empty()))?;
        }
        let settings: Self = builder.build()?.try_deserialize()?;
        Ok(Self { file: path.filter(|path| path.exists()), ..settings })
    }

    /// What to say of a configuration file that others can change, or that holds a password and can be read by others.
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
            vec![format!("{name} holds a password and others can read it; run: chmod 600 {name}")]
        } else if mode & 0o022 != 0 {
            vec![format!("others can change {name}; run: chmod go-w {name}")]
        } else {
            Vec::new()
        }
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
