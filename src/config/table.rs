//! The settings: one entry for each key of the configuration file. Which keys exist, what `stockroom config` shows and
//! checks, and `docs/configuration.md` all follow from it. A new setting is a field and an entry here.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use toml::Value;

use super::serve::{
    FIGURES_SECONDS_DEFAULT, FILE_MEGABYTES_MAX_DEFAULT, FeedName, FileKind, INCREMENTAL_MINUTES_DEFAULT,
    LISTEN_DEFAULT, PROFILE_DEFAULT, RETENTION_SCHEDULE_DEFAULT, Schedule, VERIFY_SCHEDULE_DEFAULT,
};
use super::state_dir_default;
use crate::tui::locale::Language;
use crate::tui::theme::StyleSpec;

/// The type of a key's value, with its name in the documentation and its check.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The name in the documentation.
    pub name: &'static str,
    /// Whether an environment variable contains the value itself, and not TOML.
    pub is_text: bool,
    /// Returns what is wrong with a value.
    pub check: fn(&Value) -> Result<(), String>,
    /// What the value refers to on this machine.
    pub place: Option<Place>,
}

/// What a path must refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A file that must be readable.
    File,
    /// A file that must be readable, but by nobody else.
    SecretFile,
    /// A directory that must exist.
    Directory,
}

impl Kind {
    const fn text<T: DeserializeOwned>(name: &'static str) -> Self {
        Self { name, is_text: true, check: check::<T>, place: None }
    }

    const fn other<T: DeserializeOwned>(name: &'static str) -> Self {
        Self { name, is_text: false, check: check::<T>, place: None }
    }

    const fn of(place: Place) -> Self {
        Self { place: Some(place), ..PATH }
    }
}

fn check<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    T::deserialize(value.clone()).map(drop).map_err(|error| error.message().to_owned())
}

const TEXT: Kind = Kind::text::<String>("text");
const PATH: Kind = Kind::text::<PathBuf>("path");
const FILE: Kind = Kind::of(Place::File);
const SECRET_FILE: Kind = Kind::of(Place::SecretFile);
const DIRECTORY: Kind = Kind::of(Place::Directory);
const SWITCH: Kind = Kind::other::<bool>("true or false");
const NUMBER: Kind = Kind::other::<u32>("whole number");
const SCHEDULE: Kind = Kind::text::<Schedule>("cron expression");

/// What applies if a key is not set.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// Nothing: the feature is switched off.
    Nothing,
    /// It must be set if its section exists.
    Required,
    /// A fixed value, as text of the configuration file.
    Value(fn() -> String),
    /// A value that depends on the machine or the account: its description, and the value here.
    Derived(&'static str, fn() -> String),
}

/// A key of the configuration file.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Sections and name, joined by dots. `[]` stands for one of several sections, `*` for any name.
    pub path: &'static str,
    pub kind: Kind,
    /// The unit of a number; empty for anything else.
    pub unit: &'static str,
    pub default: Default,
    pub meaning: &'static str,
}

impl Key {
    /// The environment variable that sets it; none for lists and for the user's own names.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        let single = !self.path.contains(['*', '[']);
        single.then(|| format!("STOCKROOM_{}", self.path.replace('.', "_").to_ascii_uppercase()))
    }
}

const fn key(path: &'static str, kind: Kind, default: Default, meaning: &'static str) -> Key {
    Key { path, kind, unit: "", default, meaning }
}

const fn in_unit(
    path: &'static str,
    kind: Kind,
    unit: &'static str,
    default: Default,
    meaning: &'static str,
) -> Key {
    Key { path, kind, unit, default, meaning }
}

fn language_here() -> String {
    Language::detect(None, |name| std::env::var(name).ok()).code().to_owned()
}

/// The key whose value may hold a password.
pub const DATABASE_URL: &str = "database_url";

/// Every key, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(DATABASE_URL, TEXT, Default::Nothing, "where the database is; `--database-url` takes precedence"),
    key(
        "state_dir",
        PATH,
        Default::Derived("`stockroom` in the state directory of the account", || {
            state_dir_default().display().to_string()
        }),
        "journal, log file and drafts; for the service, the key of the seal and the checkpoints",
    ),
    key(
        "log",
        TEXT,
        Default::Value(|| crate::telemetry::FILTER_DEFAULT.to_owned()),
        "what is logged: `error`, `warn`, `info`, `debug`, or directives such as `info,stockroom=debug`",
    ),
    key(
        "language",
        TEXT,
        Default::Derived("that of the locale", language_here),
        "language of the screens: `en` or `fr`",
    ),
    key("theme", TEXT, Default::Value(|| "dark".to_owned()), "`dark`, `light`, `high-contrast` or `plain`"),
    key("mouse", SWITCH, Default::Value(|| true.to_string()), "whether the terminal handles the mouse"),
    key(
        "theme_styles.*",
        Kind::other::<StyleSpec>("table"),
        Default::Nothing,
        "a style of the theme by its name: `fg`, `bg`, `bold`, `underlined`, `reversed` (see terminal.md)",
    ),
    key(
        "keys.*",
        Kind::other::<Vec<String>>("list of texts"),
        Default::Nothing,
        "the keys of a command of the terminal, by its name (see keys.md)",
    ),
    key(
        "serve.listen",
        Kind::text::<SocketAddr>("address and port"),
        Default::Value(|| LISTEN_DEFAULT.to_string()),
        "address of metrics, health and status; `serve --listen` takes precedence",
    ),
    key("serve.tls_certificate", FILE, Default::Nothing, "certificate chain of the service, PEM"),
    key("serve.tls_key", SECRET_FILE, Default::Nothing, "private key of the certificate, PEM"),
    key(
        "serve.token_file",
        SECRET_FILE,
        Default::Nothing,
        "file with the bearer token that requests must present",
    ),
    key(
        "serve.password_files.*",
        SECRET_FILE,
        Default::Nothing,
        "file with the password of a login of the service, by the name of the login",
    ),
    key(
        "serve.log_dir",
        DIRECTORY,
        Default::Nothing,
        "log directory of the database server, if it can be read on this machine; otherwise the log is read over SQL",
    ),
    in_unit(
        "serve.figures_seconds",
        NUMBER,
        "seconds",
        Default::Value(|| FIGURES_SECONDS_DEFAULT.to_string()),
        "time between two measurements of the stock, at least 1",
    ),
    in_unit(
        "serve.verify.incremental_minutes",
        NUMBER,
        "minutes",
        Default::Value(|| INCREMENTAL_MINUTES_DEFAULT.to_string()),
        "time between two incremental verifications; 0 turns them off",
    ),
    key(
        "serve.verify.schedule",
        SCHEDULE,
        Default::Value(|| VERIFY_SCHEDULE_DEFAULT.to_owned()),
        "when everything is verified",
    ),
    in_unit(
        "serve.retention.keep_months",
        Kind::other::<u16>("whole number"),
        "months",
        Default::Required,
        "months of the collected log to keep besides the current one; without this section, all are kept",
    ),
    key(
        "serve.retention.schedule",
        SCHEDULE,
        Default::Value(|| RETENTION_SCHEDULE_DEFAULT.to_owned()),
        "when older months are dropped",
    ),
    key(
        "serve.import[].name",
        Kind::text::<FeedName>("text"),
        Default::Derived("the last part of the directory", String::new),
        "name of the feed in metrics and runs: a-z, 0-9, `_` and `-`",
    ),
    key("serve.import[].directory", DIRECTORY, Default::Required, "watched directory, an absolute path"),
    key(
        "serve.import[].kind",
        Kind::text::<FileKind>("text"),
        Default::Required,
        "what the files contain: `movements` or `products`",
    ),
    key(
        "serve.import[].profile",
        TEXT,
        Default::Value(|| PROFILE_DEFAULT.to_owned()),
        "profile that describes the files (see import.md)",
    ),
    key(
        "serve.import[].schedule",
        SCHEDULE,
        Default::Derived("watched all the time", String::new),
        "when the directory is checked for files",
    ),
    key(
        "serve.import[].all_or_nothing",
        SWITCH,
        Default::Value(|| false.to_string()),
        "whether a file with a rejected row posts nothing (see import.md)",
    ),
    key(
        "serve.import[].location",
        TEXT,
        Default::Nothing,
        "location of movements if the file does not state one",
    ),
    in_unit(
        "serve.import[].file_megabytes_max",
        Kind::other::<u64>("whole number"),
        "megabytes",
        Default::Value(|| FILE_MEGABYTES_MAX_DEFAULT.to_string()),
        "size of the largest file that is imported",
    ),
];

/// An environment variable that does not set a key of the file.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    pub meaning: &'static str,
    /// Whether its value is a secret.
    pub secret: bool,
    /// Whether its value is the path of a file with a secret.
    pub secret_file: bool,
}

const fn variable(name: &'static str, meaning: &'static str) -> Variable {
    Variable { name, meaning, secret: false, secret_file: false }
}

/// Stockroom's own environment variables that do not set a key of the file.
pub const VARIABLES: &[Variable] = &[
    variable("STOCKROOM_CONFIG", "the configuration file; `--config` takes precedence"),
    Variable {
        secret_file: true,
        ..variable("STOCKROOM_ENCRYPTION_KEY_FILE", "file of the keyring of personal data (see privacy.md)")
    },
    Variable {
        secret: true,
        ..variable("STOCKROOM_ENCRYPTION_KEY", "the keyring itself, if it cannot be in a file")
    },
    variable("STOCKROOM_PG_BIN_DIR", "directory of PostgreSQL's programs, for `stockroom demo`"),
];
