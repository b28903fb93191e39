//! The values in the configuration file and the environment, key by key, with the source of each and everything that is
//! wrong with it.
//!
//! Boundary: compares with the table of [`super::table`]. Whether values contradict each other and files exist is
//! checked by [`super::check`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Serialize;
use toml::{Table, Value};

use super::SettingsError;
use super::table::{Default, KEYS, Key, VARIABLES};

/// The largest configuration file that is read, in bytes: some thousand key bindings.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// The similarity (1 is equal) from which on a variable is taken for a misspelt one of Stockroom's.
const VARIABLE_SIMILARITY_MIN: f64 = 0.8;
/// The prefix of Stockroom's environment variables.
const VARIABLE_PREFIX: &str = "STOCKROOM_";

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Default,
    File,
    Environment,
    Flag,
}

impl Origin {
    /// The name of the source, as `config show` prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}

/// A value that was set, with its source.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The path of the key, with the indexes of lists (from 0) and the user's own names in it.
    pub path: String,
    pub key: &'static Key,
    pub value: Value,
    pub origin: Origin,
}

/// A problem with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The key or the variable.
    pub key: String,
    /// What is wrong with it, and what to do.
    pub message: String,
}

impl Problem {
    /// A problem of a key.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}

/// What the file and the environment contain.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// The values that were set, without invalid ones.
    pub settings: Vec<Setting>,
    pub problems: Vec<Problem>,
    /// Everything that was set, as one document.
    pub(super) document: Table,
}

impl Sources {
    /// Reads the file, and the environment through `variable`.
    ///
    /// # Errors
    /// [`SettingsError`] if the file cannot be read or is not TOML. Problems with single keys are in `problems`.
    pub fn read(
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let named = file.map(Path::to_owned).or_else(|| variable("STOCKROOM_CONFIG").map(PathBuf::from));
        let usual =
            || ProjectDirs::from("", "", "stockroom").map(|dirs| dirs.config_dir().join("config.toml"));
        let required = named.is_some();
        let mut sources = Self::default();
        if let Some(path) = named.or_else(usual)
            && let Some(text) = read_file(&path, required)?
        {
            let parsed = text.parse::<Table>();
            sources.document =
                parsed.map_err(|source| SettingsError::Syntax { path: path.clone(), source })?;
            sources.file = Some(path);
        }
        let document = sources.document.clone();
        sources.section(&document, "", "");
        sources.environment(variable);
        Ok(sources)
    }

    /// Compares a section with the table. `pattern` is its path in the table, `shown` its path in the file.
    fn section(&mut self, section: &Table, pattern: &str, shown: &str) {
        for (name, value) in section {
            let (path, shown) = (joined(pattern, name), joined(shown, name));
            let any_name = joined(pattern, "*");
            if let Some(key) = KEYS.iter().find(|key| key.path == path || key.path == any_name) {
                self.set(key, shown, value.clone(), Origin::File);
            } else if begins_a_key(&format!("{path}[].")) {
                let Value::Array(entries) = value else {
                    self.problems.push(Problem::new(&shown, format!("is a list; write [[{shown}]]")));
                    continue;
                };
                for (place, entry) in entries.iter().enumerate() {
                    self.subsection(entry, &format!("{path}[]"), &format!("{shown}[{place}]"));
                }
            } else if begins_a_key(&format!("{path}.")) {
                self.subsection(value, &path, &shown);
            } else {
                self.problems.push(Problem::new(&shown, unknown(&path)));
            }
        }
        let missing = KEYS.iter().filter(|key| {
            let place = key.path.rsplit_once('.');
            matches!(key.default, Default::Required)
                && place.is_some_and(|(place, name)| place == pattern && !section.contains_key(name))
        });
        for key in missing {
            let name = key.path.rsplit_once('.').map_or(key.path, |(_, name)| name);
            self.problems.push(Problem::new(joined(shown, name), "is missing"));
        }
    }

    fn subsection(&mut self, value: &Value, pattern: &str, shown: &str) {
        match value {
            Value::Table(section) => self.section(section, pattern, shown),
            other => {
                let message = format!("is a section, not {}; write [{shown}]", kind_of(other));
                self.problems.push(Problem::new(shown, message));
            }
        }
    }

    fn set(&mut self, key: &'static Key, path: String, value: Value, origin: Origin) {
        match (key.kind.check)(&value) {
            Ok(()) => {
                self.settings.retain(|setting| setting.path != path);
                self.settings.push(Setting { path, key, value, origin });
            }
            Err(message) => self.problems.push(Problem::new(path, message)),
        }
    }

    fn environment(&mut self, variable: impl Fn(&str) -> Option<OsString>) {
        for key in KEYS {
            let Some(name) = key.variable() else { continue };
            let Some(value) = variable(&name).filter(|value| !value.is_empty()) else { continue };
            let Ok(text) = value.into_string() else {
                self.problems.push(Problem::new(name, "is not UTF-8"));
                continue;
            };
            let value = if key.kind.is_text { Value::String(text) } else { value_of(text) };
            if let Err(message) = (key.kind.check)(&value) {
                self.problems.push(Problem::new(name, message));
                continue;
            }
            // What the file contains has no effect, whether it is valid or not.
            put(&mut self.document, key.path, value.clone());
            self.problems.retain(|problem| problem.key != key.path);
            self.set(key, key.path.to_owned(), value, Origin::Environment);
        }
    }
}

/// The variables that look like misspelt ones of Stockroom's. Others, such as those of scripts and containers, are not
/// the program's concern.
#[must_use]
pub fn misspelt_variables(names: impl Iterator<Item = OsString>) -> Vec<Problem> {
    let ours: BTreeSet<String> = KEYS
        .iter()
        .filter_map(Key::variable)
        .chain(VARIABLES.iter().map(|one| one.name.to_owned()))
        .collect();
    let mut problems = Vec::new();
    for name in names.filter_map(|name| name.into_string().ok()) {
        let Some(rest) = name.strip_prefix(VARIABLE_PREFIX).filter(|_| !ours.contains(&name)) else {
            continue;
        };
        let similarity = |known: &str| strsim::normalized_damerau_levenshtein(rest, known);
        let known = ours.iter().filter_map(|known| known.strip_prefix(VARIABLE_PREFIX));
        let nearest = known.max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
        if let Some(nearest) = nearest.filter(|nearest| similarity(nearest) >= VARIABLE_SIMILARITY_MIN) {
            let message = format!("is not a variable of Stockroom; did you mean {VARIABLE_PREFIX}{nearest}?");
            problems.push(Problem::new(name, message));
        }
    }
    problems
}

/// The text of the file; none if none was named and there is none.
fn read_file(path: &Path, required: bool) -> Result<Option<String>, SettingsError> {
    let failed = |source: io::Error| SettingsError::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !required => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if read as u64 > FILE_BYTES_MAX {
        return Err(SettingsError::TooLarge { path: path.to_owned(), bytes_max: FILE_BYTES_MAX });
    }
    Ok(Some(text))
}

fn joined(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

fn begins_a_key(beginning: &str) -> bool {
    KEYS.iter().any(|key| key.path.starts_with(beginning))
}

/// The message about a key or section that does not exist. It suggests the one whose last part is most similar, and
/// among several the one with the most similar path.
fn unknown(path: &str) -> String {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let similarity = |known: &str| {
        let by_name = strsim::normalized_damerau_levenshtein(&last(path), &last(known));
        (by_name, strsim::normalized_damerau_levenshtein(path, known))
    };
    let sections = KEYS.iter().filter_map(|key| key.path.rsplit_once('.')).map(|(section, _)| section);
    let known = KEYS.iter().map(|key| key.path).filter(|path| !path.ends_with('*')).chain(sections);
    let nearest = known.max_by(|one, other| {
        let ((name, path), (other_name, other_path)) = (similarity(one), similarity(other));
        name.total_cmp(&other_name).then(path.total_cmp(&other_path))
    });
    let nearest = nearest.unwrap_or_default().replace("[]", "");
    format!("is not a setting; the nearest one is {nearest} (docs/configuration.md lists all)")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

/// A number or a boolean from the environment; anything else is a text, which the check refuses.
fn value_of(text: String) -> Value {
    let number = || text.parse().ok().map(Value::Integer);
    let switch = || text.parse().ok().map(Value::Boolean);
    number().or_else(switch).unwrap_or(Value::String(text))
}

/// Puts a value into its section, which is created if necessary.
fn put(document: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            document.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = document.entry(section).or_insert_with(|| Value::Table(Table::new()));
            // A section that is something else was reported.
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Sources {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Sources::read(Some(&path), |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
        .unwrap()
    }

    #[test]
    fn unknown_keys_name_the_nearest_one() {
        for (text, key, nearest) in [
            ("databse_url = 'x'", "databse_url", "database_url"),
            ("listen = '127.0.0.1:1'", "listen", "serve.listen"),
            ("[serve]\nlistne = '127.0.0.1:1'", "serve.listne", "serve.listen"),
            ("[serve.verfy]\nschedule = '0 3 * * *'", "serve.verfy", "serve.verify"),
            (
                "[[serve.import]]\ndirectory = '/x'\nkind = 'movements'\nschedul = '* * * * *'",
                "serve.import[0].schedul",
                "serve.import.schedule",
            ),
        ] {
            let problems = read(text, &[]).problems;
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert_eq!(problems[0].key, key);
            assert!(problems[0].message.contains(nearest), "{text}: {problems:?}");
        }
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let text = "mouse = 'yes'\ntheme = 3\nserve = 5\n[keys]\nquit = 'f2'";
        let keys: Vec<String> = read(text, &[]).problems.into_iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["keys.quit", "mouse", "serve", "theme"]);
        let text = "[serve]\nfigures_seconds = -1\n[serve.retention]\n[serve.verify]\nschedule = 'at night'\n[[serve.import]]\nkind = 'orders'";
        let keys: Vec<String> = read(text, &[]).problems.into_iter().map(|problem| problem.key).collect();
        assert_eq!(
            keys,
            [
                "serve.figures_seconds",
                "serve.import[0].kind",
                "serve.import[0].directory",
                "serve.retention.keep_months",
                "serve.verify.schedule"
            ]
        );
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let variables = [("STOCKROOM_MOUSE", "false"), ("STOCKROOM_SERVE_VERIFY_INCREMENTAL_MINUTES", "7")];
        let sources = read("mouse = 'wrong'\ntheme = 'light'", &variables);
        assert_eq!(sources.problems, []);
        let found: Vec<_> = sources.settings.iter().map(|set| (set.path.as_str(), set.origin)).collect();
        assert_eq!(
            found,
            [
                ("theme", Origin::File),
                ("mouse", Origin::Environment),
                ("serve.verify.incremental_minutes", Origin::Environment)
            ]
        );
        let problems = read("", &[("STOCKROOM_MOUSE", "perhaps")]).problems;
        assert_eq!(problems[0].key, "STOCKROOM_MOUSE");
    }

    #[test]
    fn only_variables_that_look_like_ours_are_reported() {
        let names = ["STOCKROOM_DATABSE_URL", "STOCKROOM_TAG", "STOCKROOM_LOG", "HOME"].map(OsString::from);
        let problems = misspelt_variables(names.into_iter());
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].message.contains("STOCKROOM_DATABASE_URL"));
    }
}
