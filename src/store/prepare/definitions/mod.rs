//! Reads the definitions of everything that preparing and migrating a database creates from the catalog, and compares
//! them with those of a new database, which are recorded in `expected.txt`.
//!
//! Boundary: says what differs and how to restore it. `expected.txt` is written by a test (`make docs`).

mod remedy;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use super::super::connection::Connection;
use super::super::version;
use super::super::{Error, Store};
use crate::domain::{CheckFinding, CheckSeverity};

const READ: &str = include_str!("read.sql");
const EXPECTED: &str = include_str!("expected.txt");
const BUILTINS: &str = include_str!("builtins.sql");
/// The digests of what PostgreSQL itself defines, by major version.
const BUILTINS_EXPECTED: [(i32, &str); 1] = [(15, include_str!("builtins-15.txt"))];
/// The start of a line of `expected.txt` that names the next object.
const HEADING: &str = "== ";
/// The most characters that a difference quotes of either definition.
const QUOTED_CHARS_MAX: usize = 600;
/// Settings of the database that are defaults for psql, and affect neither the ledger nor its audit.
const LIMITS: [&str; 3] = ["temp_file_limit", "idle_in_transaction_session_timeout", "lock_timeout"];
/// The placeholder for year and month in the names of monthly partitions.
const MONTH: &str = "YYYY_MM";

/// The roles that `db init` creates.
pub const ROLES: [&str; 12] = [
    "stock_owner",
    "stock_clerk",
    "stock_admin",
    "stock_auditor",
    "stock_analyst",
    "stock_user_manager",
    "stock_log_reader",
    "stock_collector",
    "stock_service",
    "stock_verifier",
    "stock_importer",
    "stock_reserver",
];

/// Extensions that count and show what the server does, and change no rows of tables.
pub const MONITORING_EXTENSIONS: [&str; 7] = [
    "amcheck",
    "pg_buffercache",
    "pg_prewarm",
    "pg_stat_kcache",
    "pg_stat_statements",
    "pg_wait_sampling",
    "pgstattuple",
];

/// The kinds whose definitions the server generates as text.
const WORDED_BY_SERVER: [&str; 6] = ["view", "constraint", "index", "column", "type", "extension"];

/// The definition of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Table, column, trigger and so on.
    pub kind: String,
    /// Its name; for a part of a table, `name of table`.
    pub object: String,
    pub text: String,
}

/// An object that is not defined as in a new database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub severity: CheckSeverity,
    /// The kind and name of the object.
    pub subject: String,
    /// The lines of the expected definition that differ; `None` if there should be no such object.
    pub expected: Option<String>,
    /// The lines of the actual definition that differ; `None` if the object is missing.
    pub found: Option<String>,
    /// The statement that restores it.
    pub remedy: String,
}

impl Difference {
    /// The difference in one line of text, for a finding.
    #[must_use]
    pub fn words(&self) -> String {
        let quoted = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match (&self.expected, &self.found) {
            (_, None) => "missing".to_owned(),
            (None, Some(found)) => format!("not part of Stockroom: {}", quoted(found)),
            (Some(expected), Some(found)) => match (quoted(expected), quoted(found)) {
                (expected, found) if found.is_empty() => format!("altered: \"{expected}\" is missing"),
                (expected, found) if expected.is_empty() => format!("altered: \"{found}\" was added"),
                (expected, found) => format!("altered: \"{found}\" instead of \"{expected}\""),
            },
        }
    }
}

impl From<Difference> for CheckFinding {
    fn from(difference: Difference) -> Self {
        Self {
            severity: difference.severity,
            found: difference.words(),
            subject: difference.subject,
            remedy: difference.remedy,
        }
    }
}

impl Store {
    /// The definitions of the objects in this database.
    ///
    /// # Errors
    /// As any read.
    pub async fn definitions(&self) -> Result<Vec<Definition>, Error> {
        read(&*self.connection_of_any_version().await?).await
    }

    /// The objects that are not defined as in a new database of this version of the program.
    ///
    /// # Errors
    /// As any read.
    pub async fn differences(&self) -> Result<Vec<Difference>, Error> {
        differences(&*self.connection_of_any_version().await?).await
    }

    /// Digests of what PostgreSQL itself defines, and its major version.
    ///
    /// # Errors
    /// As any read.
    pub async fn builtin_definitions(&self) -> Result<(i32, Vec<Definition>), Error> {
        read_builtins(&*self.connection_of_any_version().await?).await
    }

    /// The tables of Stockroom with row-level security, which can hide rows from one login and show them to another.
    ///
    /// # Errors
    /// As any read.
    pub async fn tables_with_row_security(&self) -> Result<Vec<String>, Error> {
        let rows = self
            .connection_of_any_version()
            .await?
            .query(
                "SELECT c.oid::regclass::text FROM pg_class c
                 WHERE c.relnamespace IN (to_regnamespace('stock'), to_regnamespace('audit')) AND c.relrowsecurity ORDER BY 1",
                &[],
            )
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

async fn read(connection: &Connection) -> Result<Vec<Definition>, Error> {
    let rows = connection.query(READ, &[&ROLES.as_slice(), &MONITORING_EXTENSIONS.as_slice()]).await?;
    rows.iter()
        .map(|row| Ok(Definition { kind: row.try_get(0)?, object: row.try_get(1)?, text: row.try_get(2)? }))
        .collect()
}

async fn read_builtins(connection: &Connection) -> Result<(i32, Vec<Definition>), Error> {
    let row =
        connection.query_one("SELECT current_setting('server_version_num')::integer / 10000", &[]).await?;
    let rows = connection.query(BUILTINS, &[]).await?;
    let definitions = rows
        .iter()
        .map(|row| Ok(Definition { kind: row.try_get(0)?, object: row.try_get(1)?, text: row.try_get(2)? }))
        .collect::<Result<_, Error>>()?;
    Ok((row.try_get(0)?, definitions))
}

/// The findings about definitions of PostgreSQL itself that somebody has changed.
pub(super) async fn builtins(connection: &Connection) -> Result<Vec<CheckFinding>, Error> {
    let (major, found) = read_builtins(connection).await?;
    let Some((_, expected)) = BUILTINS_EXPECTED.iter().find(|(known, _)| *known == major) else {
        return Ok(vec![unknown_version(major)]);
    };
    let key = |definition: &Definition| (definition.kind.clone(), definition.object.clone());
    let mut wanted: HashMap<_, _> = parse(expected).into_iter().map(|one| (key(&one), one.text)).collect();
    let mut findings = Vec::new();
    let mut report = |(kind, object): (String, String), what: &str| {
        findings.push(CheckFinding {
            severity: CheckSeverity::Unsafe,
            subject: format!("{kind} {object}"),
            found: format!("{what} PostgreSQL {major}"),
            remedy: "what queries return cannot be trusted; restore the database into a new one".to_owned(),
        });
    };
    for definition in &found {
        match wanted.remove(&key(definition)) {
            Some(text) if text == definition.text => {}
            Some(_) => report(key(definition), "is not defined as in"),
            None => report(key(definition), "was replaced; it differs from the one built into"),
        }
    }
    wanted.into_keys().for_each(|missing| report(missing, "is missing; it belongs to"));
    Ok(findings)
}

/// The finding that the definitions were recorded on other versions of PostgreSQL than this one.
fn unknown_version(major: i32) -> CheckFinding {
    let known: Vec<String> = BUILTINS_EXPECTED.iter().map(|(known, _)| known.to_string()).collect();
    let known = known.join(", ");
    CheckFinding {
        severity: CheckSeverity::Unchecked,
        subject: "PostgreSQL version".to_owned(),
        found: format!(
            "PostgreSQL {major} is not known to this program, which was tested on {known}: its built-in functions and views are not compared, and definitions only as far as they cannot depend on the version"
        ),
        remedy: format!("use PostgreSQL {known}, or a version of stockroom that knows PostgreSQL {major}"),
    }
}

/// The work of [`Store::differences`], on a given connection.
pub(super) async fn differences(connection: &Connection) -> Result<Vec<Difference>, Error> {
    if let Some(difference) = other_version(connection).await? {
        return Ok(vec![difference]);
    }
    let row =
        connection.query_one("SELECT current_setting('server_version_num')::integer / 10000", &[]).await?;
    let differences = compare(&read(connection).await?, &parse(EXPECTED));
    Ok(judged_by_version(differences, row.try_get(0)?))
}

/// On an unknown version of PostgreSQL, definitions that the server generates as text may read otherwise, and it may
/// have a constraint where others have a property of the column, so it cannot be decided whether somebody changed them.
/// Bodies of functions, triggers, privileges and missing objects are compared all the same.
fn judged_by_version(mut differences: Vec<Difference>, major: i32) -> Vec<Difference> {
    if BUILTINS_EXPECTED.iter().any(|(known, _)| *known == major) {
        return differences;
    }
    for difference in &mut differences {
        let kind = difference.subject.split(' ').next().unwrap_or_default();
        let by_version = match (&difference.expected, &difference.found) {
            (Some(_), Some(_)) => WORDED_BY_SERVER.contains(&kind),
            (None, Some(_)) => kind == "constraint",
            (_, None) => false,
        };
        if by_version && difference.severity == CheckSeverity::Unsafe {
            difference.severity = CheckSeverity::Unchecked;
            difference.remedy = format!(
                "compare it by hand: PostgreSQL {major} is not known to this program and may define it differently. If it was altered: {}",
                difference.remedy
            );
        }
    }
    differences.sort_by(|one, other| (one.severity, &one.subject).cmp(&(other.severity, &other.subject)));
    differences
}

/// The difference that a database at another migration than this program has: its definitions cannot be compared.
async fn other_version(connection: &Connection) -> Result<Option<Difference>, Error> {
    let known = Some(version::known());
    let row = connection
        .query_one(
            "SELECT to_regclass('stock.schema_history') IS NOT NULL AND has_table_privilege('stock.schema_history', 'SELECT')",
            &[],
        )
        .await?;
    // Logins that may not read the version get the differences themselves.
    if !row.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let applied = version::read(connection).await?;
    if applied == known {
        return Ok(None);
    }
    let version = |number: Option<i64>| {
        number.map_or("no migration".to_owned(), |number| format!("migration {number}"))
    };
    let remedy = if applied < known {
        "stockroom db migrate, or stockroom db init, with the URL of a superuser"
    } else {
        "use the version of the program that migrated the database"
    };
    Ok(Some(Difference {
        severity: CheckSeverity::Unsafe,
        subject: "schema version".to_owned(),
        expected: Some(version(known)),
        found: Some(version(applied)),
        remedy: remedy.to_owned(),
    }))
}

/// The definitions that a file records.
fn parse(recorded: &str) -> Vec<Definition> {
    let mut list: Vec<Definition> = Vec::new();
    for line in recorded.lines() {
        match (line.strip_prefix(HEADING).and_then(|heading| heading.split_once(": ")), list.last_mut()) {
            (Some((kind, object)), _) => {
                list.push(Definition {
                    kind: kind.to_owned(),
                    object: object.to_owned(),
                    text: String::new(),
                });
            }
            (None, Some(definition)) => {
                if !definition.text.is_empty() {
                    definition.text.push('\n');
                }
                definition.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    list
}

/// The text of `expected.txt` for the definitions of a new database, in which months are replaced by a placeholder.
#[must_use]
pub fn recorded(found: &[Definition]) -> String {
    let months = months(found);
    let mut texts = BTreeMap::new();
    for definition in found {
        let mut object = definition.object.clone();
        for month in &months {
            object = object.replace(&format!("_{month}"), &format!("_{MONTH}"));
        }
        texts.insert((definition.kind.as_str(), object), definition.text.trim_end());
    }
    texts.iter().fold(String::new(), |mut page, ((kind, object), text)| {
        writeln!(page, "{HEADING}{kind}: {object}\n{text}").ok();
        page
    })
}

/// Year and month of every monthly partition, as in its name.
fn months(found: &[Definition]) -> BTreeSet<String> {
    monthly(found).into_iter().map(|(_, month)| month.to_owned()).collect()
}

/// The monthly partitions: the name without the month, and the month.
fn monthly(found: &[Definition]) -> Vec<(&str, &str)> {
    const DIGITS: usize = MONTH.len();
    found
        .iter()
        .filter(|definition| definition.kind == "table")
        .filter_map(|definition| {
            let (name, month) =
                definition.object.split_at_checked(definition.object.len().checked_sub(DIGITS)?)?;
            let is_month = month.bytes().enumerate().all(|(place, byte)| match place {
                4 => byte == b'_',
                _ => byte.is_ascii_digit(),
            });
            (is_month && ["stock.transactions_", "audit.lines_"].contains(&name)).then_some((name, month))
        })
        .collect()
}

/// The definitions that should exist: those recorded for a month, for each month that has a partition.
fn wanted(found: &[Definition], expected: &[Definition]) -> HashMap<(String, String), String> {
    let monthly = monthly(found);
    let mut wanted = HashMap::new();
    for definition in expected {
        let key = |object: String| (definition.kind.clone(), object);
        if !definition.object.contains(MONTH) {
            wanted.insert(key(definition.object.clone()), definition.text.clone());
            continue;
        }
        for (name, month) in &monthly {
            if definition.object.contains(&format!("{name}{MONTH}")) {
                wanted.insert(key(definition.object.replace(MONTH, month)), definition.text.clone());
            }
        }
    }
    wanted
}

fn compare(found: &[Definition], expected: &[Definition]) -> Vec<Difference> {
    let mut wanted = wanted(found, expected);
    // The event triggers go with their extension.
    let has_pgaudit =
        found.iter().any(|definition| definition.kind == "extension" && definition.object == "pgaudit");
    if !has_pgaudit {
        wanted.retain(|(kind, _), _| kind != "event trigger");
    }
    let is_extra = |definition: &&Definition| {
        ["table", "view", "materialized view", "sequence", "foreign table"]
            .contains(&definition.kind.as_str())
            && !wanted.contains_key(&(definition.kind.clone(), definition.object.clone()))
    };
    let extra: Vec<&str> =
        found.iter().filter(is_extra).map(|definition| definition.object.as_str()).collect();
    let mut differences = Vec::new();
    for definition in found {
        let text = wanted.remove(&(definition.kind.clone(), definition.object.clone()));
        if text.as_deref().map(str::trim_end) == Some(definition.text.trim_end())
            || text.is_none() && is_ignored(definition, &extra)
        {
            continue;
        }
        differences.push(difference(
            &definition.kind,
            &definition.object,
            text.as_deref(),
            Some(&definition.text),
        ));
    }
    let missing = wanted.iter().map(|((kind, object), text)| difference(kind, object, Some(text), None));
    differences.extend(missing);
    differences.sort_by(|one, other| (one.severity, &one.subject).cmp(&(other.severity, &other.subject)));
    differences
}

/// Whether a definition is one that a site may add: settings of its own, which are checked one by one elsewhere, and
/// parts of its own tables, which are reported as a whole.
fn is_ignored(definition: &Definition, extra: &[&str]) -> bool {
    let belongs_to_extra = extra.iter().any(|table| {
        definition.object.strip_suffix(table).is_some_and(|rest| rest.ends_with(" of "))
            || definition.object.starts_with(&format!("on table {table} to "))
            || definition.object.starts_with(&format!("on sequence {table} to "))
    });
    definition.kind == "setting" || belongs_to_extra
}

fn difference(kind: &str, object: &str, expected: Option<&str>, found: Option<&str>) -> Difference {
    let (only_expected, only_found) = match (expected, found) {
        (Some(expected), Some(found)) => {
            let (expected, found) = differing_lines(expected, found);
            (Some(expected), Some(found))
        }
        (expected, found) => (expected.map(cut), found.map(cut)),
    };
    Difference {
        severity: severity(kind, object, expected, found),
        subject: format!("{kind} {object}"),
        expected: only_expected,
        found: only_found,
        remedy: remedy::remedy(kind, object, expected, found),
    }
}

/// How serious a difference is. A site's own object, or an index that only makes queries faster, is harmless.
fn severity(kind: &str, object: &str, expected: Option<&str>, found: Option<&str>) -> CheckSeverity {
    let plain_index = |text: &str| {
        let columns = text.split_once('(').map_or("", |(_, columns)| columns);
        !text.contains(" UNIQUE ") && !columns.contains('(') && !text.contains(" WHERE ")
    };
    match (kind, expected, found) {
        ("table" | "view" | "materialized view" | "sequence" | "foreign table", None, _) => {
            CheckSeverity::Advice
        }
        ("index", None, Some(text)) if plain_index(text) => CheckSeverity::Advice,
        // Monitoring logins need it.
        ("grant", None, Some("CONNECT"))
            if object.starts_with("on database ") && !object.ends_with(" PUBLIC") =>
        {
            CheckSeverity::Advice
        }
        // These limit what one session can take from others.
        ("setting", _, _) if LIMITS.iter().any(|limit| object.ends_with(limit)) => CheckSeverity::Advice,
        ("index", Some(text), None) if !text.contains(" UNIQUE ") => CheckSeverity::Advice,
        _ => CheckSeverity::Unsafe,
    }
}

/// The lines in which two texts differ, without the equal ones at the beginning and end.
fn differing_lines(expected: &str, found: &str) -> (String, String) {
    let (expected, found): (Vec<&str>, Vec<&str>) =
        (expected.trim_end().lines().collect(), found.trim_end().lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let begin = same(&mut expected.iter().zip(&found));
    let (expected, found) = (&expected[begin..], &found[begin..]);
    let end = same(&mut expected.iter().rev().zip(found.iter().rev()));
    let lines = |all: &[&str]| cut(&all[..all.len() - end].join("\n"));
    (lines(expected), lines(found))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}
