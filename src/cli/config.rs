//! `config`: shows what is configured and its source, and reports what is wrong with it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use toml::Value;
use url::Url;

use super::args::config::ConfigAction;
use super::exit::{CliError, Exit};
use super::files::profiles_dir;
use super::output::Output;
use crate::config::check;
use crate::config::sources::{Origin, Problem, Setting, Sources, misspelt_variables};
use crate::config::table::{DATABASE_URL, Default, KEYS, Key, VARIABLES};
use crate::config::{Settings, SettingsError};
use crate::domain::LocationCode;
use crate::import::Profile;
use crate::store::{ConnectionSettings, SERVICE_LOGINS};

/// The text shown in place of a secret.
const MASK: &str = "***";

/// A setting as a row of the table.
#[derive(Debug, Serialize)]
struct Row {
    key: String,
    value: String,
    source: Origin,
    /// The file, variable or option that sets it.
    #[serde(rename = "from")]
    place: String,
}

/// Runs a command, given the configuration file and the URL of the option `--database-url`.
pub(crate) fn run(
    file: Option<&Path>,
    database_url: Option<&str>,
    output: Output,
    action: ConfigAction,
) -> Result<Exit, CliError> {
    let sources = Sources::read(file, |name| std::env::var_os(name));
    match action {
        ConfigAction::Show => show(database_url, output, &sources?),
        ConfigAction::Check => check_all(file, database_url, output, sources),
    }
}

fn show(database_url: Option<&str>, output: Output, sources: &Sources) -> Result<Exit, CliError> {
    Settings::of(sources)?;
    let mut rows: Vec<Row> = KEYS.iter().flat_map(|key| rows_of(key, sources)).collect();
    if let (Some(url), Some(row)) = (database_url, rows.iter_mut().find(|row| row.key == DATABASE_URL)) {
        *row = Row {
            key: DATABASE_URL.to_owned(),
            value: masked_url(url),
            source: Origin::Flag,
            place: "--database-url".to_owned(),
        };
    }
    for known in VARIABLES {
        let Some(value) = std::env::var_os(known.name).filter(|value| !value.is_empty()) else { continue };
        let value = if known.secret { MASK.to_owned() } else { value.to_string_lossy().into_owned() };
        let place = known.name.to_owned();
        rows.push(Row { key: place.clone(), value, source: Origin::Environment, place });
    }
    output.list(&rows, &["key", "value", "source", "from"], |row| {
        vec![row.key.clone(), row.value.clone(), row.source.as_str().to_owned(), row.place.clone()]
    })?;
    Ok(Exit::Done)
}

/// The rows of a key: the values that were set, and its default for each of its sections that does not set it.
fn rows_of(key: &'static Key, sources: &Sources) -> Vec<Row> {
    let section = |path: &str| path.rsplit_once('.').map_or(String::new(), |(section, _)| section.to_owned());
    let set: Vec<&Setting> = sources.settings.iter().filter(|set| set.key.path == key.path).collect();
    let mut rows: Vec<Row> = set
        .iter()
        .map(|set| Row {
            key: set.path.clone(),
            value: masked(key, &set.value),
            source: set.origin,
            place: match set.origin {
                Origin::File => sources.file.as_ref().map(|file| file.display().to_string()),
                Origin::Environment => key.variable(),
                Origin::Default | Origin::Flag => None,
            }
            .unwrap_or_default(),
        })
        .collect();
    if key.path.ends_with('*') {
        return rows;
    }
    let pattern = section(key.path);
    let of_section = |known: &&Key| section(known.path) == pattern;
    let optional = KEYS.iter().filter(of_section).any(|known| matches!(known.default, Default::Required));
    let mut sections: Vec<String> = if optional {
        let there = sources.settings.iter().filter(|set| section(set.key.path) == pattern);
        there.map(|set| section(&set.path)).collect()
    } else {
        vec![pattern.clone()]
    };
    sections.dedup();
    let name = key.path.rsplit('.').next().unwrap_or(key.path);
    for section in sections {
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        if !rows.iter().any(|row| row.key == path) {
            rows.push(Row { key: path, value: default(key), source: Origin::Default, place: String::new() });
        }
    }
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

fn default(key: &Key) -> String {
    match key.default {
        Default::Nothing | Default::Required => String::new(),
        Default::Value(value) => value(),
        Default::Derived(words, value) => match value() {
            value if value.is_empty() => format!("({words})"),
            value => value,
        },
    }
}

fn masked(key: &Key, value: &Value) -> String {
    match value {
        Value::String(text) if key.path == DATABASE_URL => masked_url(text),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A URL without its password. Text that is not a URL is masked completely, because it could be anything.
fn masked_url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return MASK.to_owned() };
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.iter().any(|(name, _)| is_secret(name)) {
        let mut query = url.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            query.append_pair(name, if is_secret(name) { MASK } else { value });
        }
    }
    url.into()
}

fn is_secret(parameter: &str) -> bool {
    parameter.to_ascii_lowercase().contains("password")
}

fn check_all(
    file: Option<&Path>,
    database_url: Option<&str>,
    output: Output,
    sources: Result<Sources, SettingsError>,
) -> Result<Exit, CliError> {
    let (file, problems) = match sources {
        Err(error) => (file.map(Path::to_owned), vec![Problem::new("file", error.to_string())]),
        Ok(sources) => {
            let mut problems = sources.problems.clone();
            if problems.is_empty() {
                match Settings::of(&sources) {
                    Ok(settings) => problems.extend(in_use(database_url, &sources, &settings)),
                    Err(error) => problems.push(Problem::new("file", error.to_string())),
                }
            }
            (sources.file, problems)
        }
    };
    let problems: Vec<Problem> =
        problems.into_iter().chain(misspelt_variables(std::env::vars_os().map(|(name, _)| name))).collect();
    output.result(&json!({"file": file, "problems": problems}), || words(file.as_ref(), &problems))?;
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Discrepancies })
}

/// Problems with settings that can be parsed.
fn in_use(database_url: Option<&str>, sources: &Sources, settings: &Settings) -> Vec<Problem> {
    let mut problems = check::values(settings);
    problems.extend(check::files(sources, settings, |name| std::env::var_os(name).map(PathBuf::from)));
    if let Some(url) = database_url.or(settings.database_url.as_deref())
        && let Err(error) = url.parse::<ConnectionSettings>()
    {
        problems.push(Problem::new(DATABASE_URL, error.to_string()));
    }
    for login in settings.serve.password_files.keys() {
        if !SERVICE_LOGINS.contains(&login.as_str()) {
            let message =
                format!("is not a login of the service; its logins are {}", SERVICE_LOGINS.join(", "));
            problems.push(Problem::new(format!("serve.password_files.{login}"), message));
        }
    }
    for (place, import) in settings.serve.import.iter().enumerate() {
        let path = |name: &str| format!("serve.import[{place}].{name}");
        if let Err(error) = Profile::load(&import.profile, profiles_dir().as_deref()) {
            problems.push(Problem::new(path("profile"), error.to_string()));
        }
        if let Some(Err(error)) = import.location.as_deref().map(str::parse::<LocationCode>) {
            problems.push(Problem::new(path("location"), error.to_string()));
        }
    }
    problems
}

fn words(file: Option<&PathBuf>, problems: &[Problem]) -> String {
    let place = file.map_or_else(|| "No configuration file".to_owned(), |file| file.display().to_string());
    if problems.is_empty() {
        return format!("{place}: no problems found");
    }
    let lines = problems.iter().map(|problem| format!("  {}: {}", problem.key, problem.message));
    std::iter::once(format!("{place}:")).chain(lines).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            ("postgres://ann@db/x", "postgres://ann@db/x"),
            ("postgres://ann:s3cret@db/x?sslmode=require", "postgres://ann:***@db/x?sslmode=require"),
            ("postgres://db/x?user=ann&password=s3cret", "postgres://db/x?user=ann&password=***"),
            ("host=db password=s3cret", "***"),
        ] {
            assert_eq!(masked_url(url), shown);
        }
    }
}
