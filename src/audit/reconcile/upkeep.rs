//! Recognises statements that only change how fast the server is, what it logs in addition, or who may monitor it.

use super::statement::{fits, statements};
use crate::store::prepare::definitions::MONITORING_EXTENSIONS;

/// Settings that only affect the server's speed or the size of its log; `*` stands for the rest.
const TUNING: [&str; 56] = [
    "archive_timeout",
    "authentication_timeout",
    "autovacuum*",
    "bgwriter_*",
    "checkpoint_*",
    "client_connection_check_interval",
    "commit_delay",
    "commit_siblings",
    "cpu_*",
    "deadlock_timeout",
    "default_statistics_target",
    "effective_cache_size",
    "effective_io_concurrency",
    "enable_*",
    "from_collapse_limit",
    "geqo*",
    "gin_*",
    "hash_mem_multiplier",
    "huge_pages",
    "idle_*",
    "jit*",
    "join_collapse_limit",
    "lock_timeout",
    "log_autovacuum_min_duration",
    "log_checkpoints",
    "log_lock_waits",
    "log_recovery_conflict_waits",
    "log_replication_commands",
    "log_rotation_age",
    "log_rotation_size",
    "log_min_duration_sample",
    "log_min_duration_statement",
    "log_startup_progress_interval",
    "log_statement_sample_rate",
    "log_temp_files",
    "log_transaction_sample_rate",
    "maintenance_*",
    "max_connections",
    "max_locks_per_transaction",
    "max_parallel_*",
    "max_wal_size",
    "max_worker_processes",
    "min_wal_size",
    "parallel_*",
    "random_page_cost",
    "seq_page_cost",
    "shared_buffers",
    "statement_timeout",
    "temp_buffers",
    "tcp_*",
    "track_*",
    "vacuum_cost_*",
    "wal_buffers",
    "wal_compression",
    "wal_writer_*",
    "work_mem",
];

/// Roles that read what the server reports about itself, and none of the data.
const MONITORING_ROLES: [&str; 4] =
    ["pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"];

/// Options of CREATE ROLE that give no privileges.
const PLAIN_ROLE_WORDS: [&str; 16] = [
    "with",
    "login",
    "nologin",
    "inherit",
    "noinherit",
    "nosuperuser",
    "nocreatedb",
    "nocreaterole",
    "noreplication",
    "nobypassrls",
    "password",
    "encrypted",
    "<redacted>",
    "connection",
    "limit",
    "in",
];

/// Whether a setting only affects speed, or what the log contains in addition.
pub fn is_tuning(parameter: &str) -> bool {
    TUNING.iter().any(|pattern| fits(pattern, parameter))
}

/// Whether a statement only changes how fast the server is, what it logs in addition, or who may monitor it.
pub fn is_upkeep(text: &str) -> bool {
    let Some(statements) = statements(text) else { return false };
    let [words] = statements.as_slice() else { return false };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cluster", ..] | ["create" | "alter" | "drop", "statistics", ..] => true,
        ["create" | "alter" | "drop", "extension", rest @ ..] => {
            let names =
                &rest[rest.iter().take_while(|word| matches!(**word, "if" | "not" | "exists")).count()..];
            names.first().is_some_and(|name| MONITORING_EXTENSIONS.contains(name)) && !names.contains(&",")
        }
        ["alter", "system", rest @ ..] => sets_tuning(rest),
        ["alter", "role" | "user" | "database", rest @ ..] => {
            let place = rest.iter().position(|word| matches!(*word, "set" | "reset"));
            place.is_some_and(|place| sets_tuning(&rest[place..]))
        }
        ["alter", "table" | "index", rest @ ..] => sets_storage(rest),
        ["create", "index", rest @ ..] => is_plain_index(rest),
        ["create", "role" | "user", _, options @ ..] => is_plain_login(options),
        ["grant", rest @ ..] => grants_watching(rest),
        _ => false,
    }
}

fn sets_tuning(words: &[&str]) -> bool {
    match words {
        ["set" | "reset", extension, ".", ..] => MONITORING_EXTENSIONS.contains(extension),
        ["set" | "reset", parameter, ..] => is_tuning(parameter),
        _ => false,
    }
}

/// Whether it is an index over columns, without functions, conditions and operator classes.
fn is_plain_index(words: &[&str]) -> bool {
    let Some(on) = words.iter().position(|word| *word == "on") else { return false };
    let mut rest = &words[on + 1..];
    // The table with its schema, and the method.
    while let [_, ".", more @ ..] = rest {
        rest = more;
    }
    let rest = match rest {
        [_, "using", _, columns @ ..] | [_, columns @ ..] => columns,
        [] => rest,
    };
    match rest {
        ["(", columns @ .., ")"] => {
            columns.split(|word| *word == ",").all(|column| matches!(column, [_] | [_, "asc" | "desc"]))
        }
        _ => false,
    }
}

/// Whether it is `… SET (autovacuum_… = …)`, `… RESET (…)` or `… ALTER COLUMN … SET STATISTICS …`.
fn sets_storage(words: &[&str]) -> bool {
    if let Some(place) = words.iter().position(|word| *word == "alter") {
        return matches!(&words[place + 1..], [column @ .., "set", "statistics", _] if column.len() <= 2);
    }
    let Some(place) = words.iter().position(|word| matches!(*word, "set" | "reset")) else { return false };
    let [_, "(", options @ .., ")"] = &words[place..] else { return false };
    options.split(|word| *word == ",").all(|option| {
        let name = if let ["toast", ".", rest @ ..] = option { rest.first() } else { option.first() };
        name.is_some_and(|name| fits("autovacuum*", name) || *name == "fillfactor") && !options.contains(&"(")
    })
}

fn is_plain_login(options: &[&str]) -> bool {
    let plain = |word: &&str| {
        PLAIN_ROLE_WORDS.contains(word)
            || MONITORING_ROLES.contains(word)
            || *word == "role"
            || word.chars().all(|character| character.is_ascii_digit())
    };
    // `IN ROLE` makes the new role a member of others; a bare `ROLE` would make others its members.
    let roles = options.iter().filter(|word| **word == "role").count();
    let in_roles = options.windows(2).filter(|pair| *pair == ["in", "role"]).count();
    roles == in_roles && options.iter().all(|word| plain(word) || *word == ",")
}

/// Whether it is `GRANT pg_monitor TO …` or `GRANT CONNECT ON DATABASE … TO …`.
fn grants_watching(words: &[&str]) -> bool {
    let Some(to) = words.iter().position(|word| *word == "to") else { return false };
    let (granted, grantees) = words.split_at(to);
    let plain = !grantees.contains(&"admin") && !grantees.contains(&"grant");
    let watching = granted.iter().all(|word| MONITORING_ROLES.contains(word) || *word == ",");
    plain && (watching || matches!(granted, ["connect", "on", "database", ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upkeep() {
        for text in [
            "CLUSTER stock.products USING products_pkey",
            "CREATE STATISTICS stock.s ON product_id, lot_id FROM stock.transactions",
            "ALTER TABLE stock.transactions_2026_11 SET (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = on)",
            "ALTER TABLE stock.products ALTER COLUMN sku SET STATISTICS 500",
            "ALTER SYSTEM SET work_mem = '64MB'",
            "ALTER ROLE grafana SET work_mem TO '64MB'",
            "ALTER DATABASE stock SET log_min_duration_statement = 500",
            "ALTER ROLE ALL IN DATABASE stock RESET statement_timeout",
            "CREATE ROLE grafana LOGIN PASSWORD <REDACTED>",
            "CREATE ROLE grafana WITH LOGIN IN ROLE pg_monitor CONNECTION LIMIT 5",
            "GRANT pg_monitor TO grafana",
            "CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA public",
            "DROP EXTENSION pg_buffercache",
            "ALTER SYSTEM SET pg_stat_statements.max = 1000",
            "ALTER SYSTEM SET max_connections = 120",
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_name ON stock.partners USING btree (name, code DESC)",
            "GRANT CONNECT ON DATABASE stock TO grafana;",
        ] {
            assert!(is_upkeep(text), "{text}");
        }
        for text in [
            "CLUSTER stock.products; DROP TABLE x",
            "ALTER TABLE stock.transactions DISABLE TRIGGER ALL",
            "ALTER TABLE stock.products SET SCHEMA public",
            "ALTER TABLE stock.products SET (security_barrier = off)",
            "ALTER TABLE stock.products ALTER COLUMN sku SET DATA TYPE varchar",
            "ALTER TABLE stock.products ALTER COLUMN sku DROP NOT NULL, ALTER COLUMN sku SET STATISTICS 5",
            "ALTER ROLE clerk SET pgaudit.log = 'none'",
            "ALTER ROLE clerk SET search_path = x",
            "ALTER ROLE clerk SUPERUSER",
            "ALTER SYSTEM SET log_statement = 'none'",
            "CREATE EXTENSION dblink",
            "ALTER SYSTEM SET pgaudit.log = 'none'",
            "ALTER SYSTEM SET archive_command = 'true'",
            "CREATE UNIQUE INDEX u ON stock.partners (name)",
            "CREATE INDEX i ON stock.partners (evil(name))",
            "CREATE INDEX i ON stock.partners (name) WHERE evil(name)",
            "DROP EXTENSION pg_stat_statements, pgaudit",
            "CREATE ROLE x LOGIN SUPERUSER",
            "CREATE ROLE x LOGIN IN ROLE stock_owner",
            "CREATE ROLE x ROLE clerk",
            "GRANT pg_monitor, stock_owner TO grafana",
            "GRANT pg_monitor TO grafana WITH ADMIN OPTION",
            "GRANT UPDATE ON stock.stock_levels TO clerk",
            "GRANT ALL ON DATABASE stock TO clerk",
        ] {
            assert!(!is_upkeep(text), "{text}");
        }
    }
}
