//! What the settings of a server must be, line by line as in `pgaudit/audit.conf` and
//! `pgaudit/ledger.conf`.

use super::super::Error;
use super::super::connection::Connection;
use super::check::{Finding, Weight, lists};

/// What a setting must hold.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// This value and no other.
    Is,
    /// This number or a larger one.
    AtLeast,
    /// A list that has all of these entries.
    Includes,
    /// Anything but these; the value is what we set.
    Not(&'static [&'static str]),
}

/// A setting and what it must hold.
struct Wanted {
    name: &'static str,
    value: &'static str,
    rule: Rule,
    weight: Weight,
    restart: bool,
}

const fn unsafe_unless(name: &'static str, value: &'static str) -> Wanted {
    Wanted { name, value, rule: Rule::Is, weight: Weight::Unsafe, restart: false }
}

const fn better(name: &'static str, value: &'static str) -> Wanted {
    Wanted { name, value, rule: Rule::Is, weight: Weight::Advice, restart: false }
}

impl Wanted {
    const fn by(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    const fn after_restart(mut self) -> Self {
        self.restart = true;
        self
    }

    fn accepts(&self, found: &str) -> bool {
        let number = |text: &str| text.parse::<i64>().ok();
        match self.rule {
            Rule::Is => found.eq_ignore_ascii_case(self.value),
            Rule::AtLeast => number(found) >= number(self.value),
            Rule::Includes => lists(found, "all") || self.value.split(',').all(|entry| lists(found, entry)),
            Rule::Not(barred) => {
                !found.is_empty() && !barred.iter().any(|value| found.eq_ignore_ascii_case(value))
            }
        }
    }

    fn finding(&self, found: &str) -> Finding {
        let value = match self.rule {
            // What is there stays; the rest is added to it.
            Rule::Includes if self.name == PRELOAD && !found.is_empty() => format!("{found}, {}", self.value),
            _ => self.value.to_owned(),
        };
        let after = if self.restart { "restart the server" } else { "reload" };
        Finding {
            weight: self.weight,
            subject: self.name.to_owned(),
            found: found.to_owned(),
            remedy: format!("{} = '{value}' in postgresql.conf, then {after}", self.name),
        }
    }
}

const PRELOAD: &str = "shared_preload_libraries";

/// Levels above LOG: a server set to one of them drops the records of pgaudit.
const ABOVE_LOG: &[&str] = &["fatal", "panic"];
/// Levels above ERROR: a refused statement would not be kept with its error.
const ABOVE_ERROR: &[&str] = &["log", "fatal", "panic"];

/// Every line of the two files, and two settings that nobody should ever have changed.
const SETTINGS: [Wanted; 38] = [
    unsafe_unless(PRELOAD, "pgaudit").by(Rule::Includes).after_restart(),
    unsafe_unless("pgaudit.log", "write,ddl,role,misc_set").by(Rule::Includes),
    unsafe_unless("pgaudit.log_catalog", "on"),
    unsafe_unless("pgaudit.log_relation", "on"),
    unsafe_unless("pgaudit.log_statement", "on"),
    unsafe_unless("pgaudit.log_statement_once", "off"),
    unsafe_unless("pgaudit.log_parameter", "on"),
    unsafe_unless("pgaudit.log_rows", "on"),
    unsafe_unless("pgaudit.log_level", "log"),
    unsafe_unless("pgaudit.log_client", "off"),
    better("pgaudit.role", ""),
    unsafe_unless("logging_collector", "on").after_restart(),
    unsafe_unless("log_destination", "jsonlog").by(Rule::Includes),
    better("log_directory", "log"),
    better("log_filename", "stockroom-%Y-%m-%dT%H%M%SZ.log"),
    better("log_file_mode", "0600"),
    better("log_rotation_age", "1d"),
    better("log_rotation_size", "64MB"),
    unsafe_unless("log_truncate_on_rotation", "off"),
    unsafe_unless("log_timezone", "UTC"),
    unsafe_unless("log_error_verbosity", "verbose"),
    unsafe_unless("log_connections", "on"),
    unsafe_unless("log_disconnections", "on"),
    unsafe_unless("log_min_messages", "warning").by(Rule::Not(ABOVE_LOG)),
    unsafe_unless("log_min_error_statement", "error").by(Rule::Not(ABOVE_ERROR)),
    better("log_hostname", "off"),
    unsafe_unless("lc_messages", "C"),
    unsafe_unless("compute_query_id", "on"),
    unsafe_unless("max_prepared_transactions", "0").after_restart(),
    unsafe_unless("synchronous_commit", "on").by(Rule::Not(&["off"])),
    better("max_pred_locks_per_transaction", "512").by(Rule::AtLeast).after_restart(),
    better("max_pred_locks_per_relation", "2048").by(Rule::AtLeast),
    better("max_pred_locks_per_page", "64").by(Rule::AtLeast),
    better("jit", "off"),
    unsafe_unless("password_encryption", "scram-sha-256"),
    better("timezone", "UTC"),
    unsafe_unless("fsync", "on"),
    unsafe_unless("full_page_writes", "on"),
];

/// The settings of the server itself.
pub(super) async fn values(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    let rows = connection
        .query("SELECT coalesce(current_setting(name, true), '') FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place) ORDER BY place", &[&names])
        .await?;
    for (setting, row) in SETTINGS.iter().zip(&rows) {
        let found: String = row.try_get(0)?;
        if !setting.accepts(&found) {
            findings.push(setting.finding(&found));
        }
    }
    Ok(())
}

/// Settings of single roles or databases that change what is audited or how safe a posting is.
pub(super) async fn overrides(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    let rows = connection
        .query(
            "SELECT coalesce(r.rolname, 'every role')::text, coalesce(d.datname, 'every database')::text,
                    split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1)
             FROM pg_db_role_setting s
             LEFT JOIN pg_roles r ON r.oid = s.setrole
             LEFT JOIN pg_database d ON d.oid = s.setdatabase
             CROSS JOIN unnest(s.setconfig) AS entry
             WHERE (split_part(lower(entry), '=', 1) = ANY ($1) OR entry ILIKE 'pgaudit.%' OR entry ILIKE 'log\\_%'
                    OR entry ILIKE 'session\\_replication\\_role=%')
               AND NOT (coalesce(r.rolname, '') = 'stock_collector' AND entry = 'pgaudit.log=ddl,role,misc_set')
               AND (d.datname IS NULL OR d.datname = current_database())
             ORDER BY 1, 2, 3",
            &[&names],
        )
        .await?;
    for row in &rows {
        let (role, database, name, value): (String, String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let harmless = SETTINGS
            .iter()
            .any(|setting| setting.name.eq_ignore_ascii_case(&name) && setting.accepts(&value));
        if !harmless {
            findings.push(Finding {
                weight: Weight::Unsafe,
                subject: format!("setting of {role} in {database}"),
                found: format!("{name}={value}"),
                remedy: format!("ALTER ROLE or ALTER DATABASE … RESET {name}"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 2] =
        [include_str!("../../../pgaudit/audit.conf"), include_str!("../../../pgaudit/ledger.conf")];

    /// The lines of a configuration file as name and value, without quotes and comments.
    fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
        text.lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split_once(" = "))
            .map(|(name, rest)| match rest.strip_prefix('\'') {
                Some(quoted) => (name, quoted.split('\'').next().unwrap()),
                None => (name, rest.split_whitespace().next().unwrap()),
            })
    }

    #[test]
    fn every_line_of_the_files_is_checked_and_right() {
        let written: Vec<(&str, &str)> = FILES.into_iter().flat_map(lines).collect();
        for (name, value) in &written {
            let setting = SETTINGS.iter().find(|setting| setting.name == *name);
            let setting = setting.unwrap_or_else(|| panic!("{name} is not checked"));
            assert_eq!(setting.value, *value, "{name}");
            assert!(setting.accepts(value), "{name}");
        }
        assert_eq!(SETTINGS.len(), written.len() + 2);
    }

    #[test]
    fn a_restart_is_asked_for_where_the_file_says_so() {
        for text in FILES {
            let mut name = "";
            for line in text.lines() {
                if let Some((found, _)) = line.split_once(" = ") {
                    name = found;
                }
                if line.contains("needs a restart") {
                    assert!(SETTINGS.iter().any(|setting| setting.name == name && setting.restart), "{name}");
                }
            }
        }
    }

    #[test]
    fn stricter_and_larger_values_are_accepted() {
        let accepts =
            |name: &str, value: &str| SETTINGS.iter().find(|s| s.name == name).unwrap().accepts(value);
        assert!(accepts("pgaudit.log", "all"));
        assert!(accepts("pgaudit.log", "read, write, ddl, role, misc_set"));
        assert!(!accepts("pgaudit.log", "write, ddl"));
        assert!(accepts("max_pred_locks_per_transaction", "1024"));
        assert!(!accepts("max_pred_locks_per_relation", "-2"));
        assert!(accepts("log_min_messages", "info"));
        assert!(!accepts("log_min_messages", "FATAL"));
        assert!(!accepts("log_min_messages", ""));
        assert!(accepts("synchronous_commit", "remote_apply"));
    }
}
