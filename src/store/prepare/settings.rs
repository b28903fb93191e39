//! The required settings of a server: those in `pgaudit/audit.conf` and `pgaudit/ledger.conf`, and some defaults that
//! nobody should have changed. Settings of roles and databases can override those of the server.

use super::super::Error;
use super::super::connection::Connection;
use super::check::lists;
use crate::domain::{CheckFinding, CheckSeverity};

/// How the value of a setting is compared.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// This value and no other.
    Is,
    /// This number or a larger one.
    AtLeast,
    /// A list that contains all of these entries.
    Includes,
    /// Anything but these; the value is what Stockroom sets.
    Not(&'static [&'static str]),
    /// Empty, or the library of pgaudit.
    OnlyPgaudit,
}

/// A setting and its required value.
struct Wanted {
    name: &'static str,
    value: &'static str,
    rule: Rule,
    severity: CheckSeverity,
    restart: bool,
}

const fn unsafe_unless(name: &'static str, value: &'static str) -> Wanted {
    Wanted { name, value, rule: Rule::Is, severity: CheckSeverity::Unsafe, restart: false }
}

const fn better(name: &'static str, value: &'static str) -> Wanted {
    Wanted { name, value, rule: Rule::Is, severity: CheckSeverity::Advice, restart: false }
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
            Rule::OnlyPgaudit => found.is_empty() || found == "pgaudit",
        }
    }

    fn finding(&self, found: &str) -> CheckFinding {
        let value = match self.rule {
            // Existing entries are kept; missing ones are added.
            Rule::Includes if self.name == PRELOAD && !found.is_empty() => format!("{found}, {}", self.value),
            _ => self.value.to_owned(),
        };
        let after = if self.restart { "restart the server" } else { "reload" };
        CheckFinding {
            severity: self.severity,
            subject: self.name.to_owned(),
            found: found.to_owned(),
            remedy: format!("{} = '{value}' in postgresql.conf, then {after}", self.name),
        }
    }
}

const PRELOAD: &str = "shared_preload_libraries";

/// Levels above LOG: a server set to one of them drops the records of pgaudit.
const ABOVE_LOG: &[&str] = &["fatal", "panic"];
/// Levels above ERROR: the text of a refused statement would not be logged with its error.
const ABOVE_ERROR: &[&str] = &["log", "fatal", "panic"];

/// Every setting of the two files.
const SETTINGS: [Wanted; 37] = [
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
    better("log_temp_files", "64MB"),
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
];

/// Versions of TLS that are broken.
const OLD_TLS: &[&str] = &["TLSv1", "TLSv1.1"];

/// Defaults of PostgreSQL that nobody should have changed. Not every version has all of them.
const DEFAULTS: [Wanted; 26] = [
    unsafe_unless("fsync", "on"),
    unsafe_unless("full_page_writes", "on"),
    unsafe_unless("session_replication_role", "origin"),
    unsafe_unless("session_preload_libraries", "").by(Rule::OnlyPgaudit),
    unsafe_unless("local_preload_libraries", ""),
    unsafe_unless("dynamic_library_path", "$libdir"),
    unsafe_unless("pgaudit.log_parameter_max_size", "0"),
    // The parameters of a refused statement may be personal data that somebody sent unencrypted.
    unsafe_unless("log_parameter_max_length_on_error", "0"),
    better("log_parameter_max_length", "-1"),
    // A slow statement is logged with its parameters, and so is a wrapped data key.
    better("log_min_duration_statement", "-1"),
    better("log_min_duration_sample", "-1"),
    better("log_statement", "none"),
    unsafe_unless("allow_system_table_mods", "off"),
    unsafe_unless("ignore_system_indexes", "off"),
    unsafe_unless("ignore_checksum_failure", "off"),
    unsafe_unless("zero_damaged_pages", "off"),
    unsafe_unless("lo_compat_privileges", "off"),
    unsafe_unless("standard_conforming_strings", "on"),
    unsafe_unless("array_nulls", "on"),
    unsafe_unless("transform_null_equals", "off"),
    unsafe_unless("event_triggers", "on"),
    unsafe_unless("db_user_namespace", "off"),
    unsafe_unless("ssl_min_protocol_version", "TLSv1.2").by(Rule::Not(OLD_TLS)),
    unsafe_unless("scram_iterations", "4096").by(Rule::AtLeast),
    better("autovacuum", "on"),
    better("track_activities", "on"),
];

/// Other settings that change how a role's statements are interpreted, recorded or allowed if they are set for a role
/// or database.
const OVERRIDES: [(&str, Reach); 13] = [
    ("pgaudit.", Reach::Server),
    ("createrole_self_grant", Reach::Server),
    ("extension_control_path", Reach::Server),
    ("search_path", Reach::Roles),
    ("role", Reach::Roles),
    ("session_authorization", Reach::Roles),
    ("row_security", Reach::Database),
    ("default_transaction_isolation", Reach::Roles),
    ("default_transaction_read_only", Reach::Database),
    ("default_table_access_method", Reach::Database),
    ("default_tablespace", Reach::Database),
    ("check_function_bodies", Reach::Database),
    ("quote_all_identifiers", Reach::Database),
];

/// Where a setting of a role or database is harmful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// In every database of the server: what is done from there may affect this one.
    Server,
    /// In this database, for a role or for all.
    Database,
    /// For a role in this database. A setting of the database for all roles is one of its definitions.
    Roles,
}

/// Checks the settings of the server itself.
pub(super) async fn values(connection: &Connection, findings: &mut Vec<CheckFinding>) -> Result<(), Error> {
    let names: Vec<&str> = wanted().map(|setting| setting.name).collect();
    let rows = connection.query(include_str!("settings.sql"), &[&names]).await?;
    let from_files = SETTINGS.len();
    let mut hidden = Vec::new();
    for (place, (setting, row)) in wanted().zip(&rows).enumerate() {
        let exists: bool = row.try_get(1)?;
        match row.try_get::<_, Option<String>>(0)? {
            Some(found) if setting.accepts(&found) => {}
            // A default that this version of the server does not have cannot have been changed.
            Some(found) if exists || place < from_files => findings.push(setting.finding(&found)),
            Some(_) => {}
            None => hidden.push(setting.name),
        }
    }
    findings.extend(unchecked(&hidden));
    Ok(())
}

fn wanted() -> impl Iterator<Item = &'static Wanted> {
    SETTINGS.iter().chain(&DEFAULTS)
}

/// The finding about settings that this login may not read.
fn unchecked(hidden: &[&str]) -> Option<CheckFinding> {
    (!hidden.is_empty()).then(|| CheckFinding {
        severity: CheckSeverity::Unchecked,
        subject: "settings".to_owned(),
        found: format!("this login may not read {}", hidden.join(", ")),
        remedy: "check with the login of an auditor, which is a member of pg_read_all_settings".to_owned(),
    })
}

/// Checks the settings of single roles or databases that change what is audited, how safe a posting is, or what a query
/// returns.
pub(super) async fn overrides(
    connection: &Connection,
    findings: &mut Vec<CheckFinding>,
) -> Result<(), Error> {
    let rows = connection
        .query(
            "SELECT coalesce(r.rolname, 'every role')::text, coalesce(d.datname, 'every database')::text,
                    split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1),
                    r.oid IS NOT NULL, d.oid IS NULL OR d.datname = current_database(),
                    CASE WHEN r.oid IS NULL THEN concat('ALTER DATABASE ', quote_ident(d.datname), ' RESET ', split_part(entry, '=', 1))
                         ELSE concat('ALTER ROLE ', quote_ident(r.rolname), ' IN DATABASE ' || quote_ident(d.datname), ' RESET ', split_part(entry, '=', 1)) END
             FROM pg_db_role_setting s
             LEFT JOIN pg_roles r ON r.oid = s.setrole
             LEFT JOIN pg_database d ON d.oid = s.setdatabase
             CROSS JOIN unnest(s.setconfig) AS entry
             WHERE NOT (coalesce(r.rolname, '') = 'stock_collector' AND d.oid IS NULL AND entry = 'pgaudit.log=ddl,role,misc_set')
             ORDER BY 1, 2, 3",
            &[],
        )
        .await?;
    for row in &rows {
        let (role, database, name, value): (String, String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        if is_harmful(&name, &value, row.try_get(4)?, row.try_get(5)?) {
            findings.push(CheckFinding {
                severity: CheckSeverity::Unsafe,
                subject: format!("setting of {role} in {database}"),
                found: format!("{name}={value}"),
                remedy: match (role.as_str(), database.as_str()) {
                    ("every role", "every database") => format!("ALTER ROLE ALL RESET {name}"),
                    _ => row.try_get(6)?,
                },
            });
        }
    }
    Ok(())
}

/// Whether a setting of a role or database impairs the ledger or its audit.
fn is_harmful(name: &str, value: &str, of_role: bool, here: bool) -> bool {
    if let Some(setting) = wanted().find(|setting| setting.name.eq_ignore_ascii_case(name)) {
        let everywhere =
            ["pgaudit.", "log_", "session_replication_role"].iter().any(|start| name.starts_with(start));
        return (here || everywhere) && setting.severity == CheckSeverity::Unsafe && !setting.accepts(value);
    }
    let name = name.to_lowercase();
    OVERRIDES.iter().any(|(known, reach)| {
        let fits = if known.ends_with('.') { name.starts_with(known) } else { name == *known };
        fits && match reach {
            Reach::Server => true,
            Reach::Database => here,
            Reach::Roles => here && of_role,
        }
    })
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
        assert_eq!(SETTINGS.len(), written.len());
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
        let accepts = |name: &str, value: &str| wanted().find(|s| s.name == name).unwrap().accepts(value);
        assert!(accepts("pgaudit.log", "all"));
        assert!(accepts("pgaudit.log", "read, write, ddl, role, misc_set"));
        assert!(!accepts("pgaudit.log", "write, ddl"));
        assert!(accepts("max_pred_locks_per_transaction", "1024"));
        assert!(!accepts("max_pred_locks_per_relation", "-2"));
        assert!(accepts("log_min_messages", "info"));
        assert!(!accepts("log_min_messages", "FATAL"));
        assert!(!accepts("log_min_messages", ""));
        assert!(accepts("synchronous_commit", "remote_apply"));
        assert!(accepts("ssl_min_protocol_version", "TLSv1.3"));
    }

    #[test]
    fn overrides_count_where_they_matter() {
        assert!(is_harmful("pgaudit.log", "none", false, false));
        assert!(!is_harmful("log_min_duration_statement", "0", true, true));
        assert!(is_harmful("search_path", "evil", true, true));
        assert!(!is_harmful("search_path", "other", true, false));
        assert!(!is_harmful("search_path", "stock", false, true));
        assert!(!is_harmful("work_mem", "1GB", true, true));
        assert!(!is_harmful("synchronous_commit", "on", true, true));
        assert!(
            is_harmful("TimeZone", "Europe/Rome", true, true)
                == is_harmful("timezone", "Europe/Rome", true, true)
        );
    }
}
