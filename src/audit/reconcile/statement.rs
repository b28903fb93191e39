//! Splits statements into words, as far as needed to recognise them: names and keywords, without literals and comments.
//!
//! Boundary: not a parser of SQL. If the words leave a doubt, the more serious answer is given.

/// How many statements of one text are examined; a longer text is not regarded as harmless.
const STATEMENTS_MAX: usize = 1_000;

/// Tables that are the ledger, depend on it, or contain evidence: `*` stands for the rest of a name.
const GUARDED_TABLES: [&str; 19] = [
    "transactions*",
    "stock_levels",
    "stock_counts",
    "reversals",
    "orders",
    "order_lines",
    "order_events",
    "order_progress",
    "reservations",
    "allocations",
    "product_history",
    "master_history",
    "data_keys",
    "schema_history",
    "lines*",
    "sealed*",
    "files",
    "trees",
    "retired",
];

/// Settings that only affect the server's speed or the size of its log; `*` stands for the rest.
const TUNING: [&str; 41] = [
    "autovacuum*",
    "bgwriter_*",
    "checkpoint_*",
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
    "log_min_duration_sample",
    "log_min_duration_statement",
    "log_statement_sample_rate",
    "log_temp_files",
    "log_transaction_sample_rate",
    "maintenance_*",
    "max_parallel_*",
    "max_wal_size",
    "min_wal_size",
    "parallel_*",
    "random_page_cost",
    "seq_page_cost",
    "shared_buffers",
    "statement_timeout",
    "temp_buffers",
    "track_*",
    "vacuum_cost_*",
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

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

/// Whether a setting only affects speed, or what the log contains in addition.
pub fn is_tuning(parameter: &str) -> bool {
    TUNING.iter().any(|pattern| fits(pattern, parameter))
}

/// The words of each statement of a text: keywords and plain names in lower case, quoted names unchanged, punctuation
/// as single characters, and `'` for a literal. `None` if the text is too long to be examined, ends within a literal,
/// or contains a backslash, for which the words do not tell whether it is part of a literal.
pub fn statements(text: &str) -> Option<Vec<Vec<String>>> {
    if text.contains('\\') {
        return None;
    }
    let mut found = vec![Vec::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (word, behind) = if first.is_whitespace() {
            (None, &rest[first.len_utf8()..])
        } else if let Some(comment) = rest.strip_prefix("--") {
            (None, comment.find('\n').map_or("", |end| &comment[end..]))
        } else if rest.starts_with("/*") {
            (None, &rest[comment_length(rest)?..])
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let (name, behind) = quoted_name(quoted)?;
            (Some(name), behind)
        } else if let Some(literal) = rest.strip_prefix('\'') {
            (Some("'".to_owned()), &literal[literal.find('\'')? + 1..])
        } else if let Some(length) = dollar_quote(rest) {
            (Some("'".to_owned()), &rest[length?..])
        } else if let Some(behind) = rest.strip_prefix("<REDACTED>") {
            (Some("<redacted>".to_owned()), behind)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest
                .find(|character: char| !(character.is_alphanumeric() || "_$".contains(character)))
                .unwrap_or(rest.len());
            (Some(rest[..end].to_lowercase()), &rest[end..])
        } else if first == ';' {
            if found.len() == STATEMENTS_MAX {
                return None;
            }
            found.push(Vec::new());
            (None, &rest[1..])
        } else {
            (Some(first.to_string()), &rest[first.len_utf8()..])
        };
        if let Some(statement) = found.last_mut() {
            statement.extend(word);
        }
        rest = behind;
    }
    found.retain(|statement| !statement.is_empty());
    Some(found)
}

/// The length of the comment at the beginning of a text. Comments may be nested.
fn comment_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth.checked_sub(1)?, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn quoted_name(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// The length of the dollar-quoted literal at the beginning of a text, if there is one; `Some(None)` if it has no end.
fn dollar_quote(text: &str) -> Option<Option<usize>> {
    let tag_end = text.strip_prefix('$')?.find('$')? + 2;
    let tag = &text[..tag_end];
    let is_tag = tag[1..tag_end - 1].chars().all(|character| character.is_alphanumeric() || character == '_');
    is_tag.then(|| text[tag_end..].find(tag).map(|end| tag_end + end + tag_end))
}

/// The name at the beginning of some words, as its parts, and what follows.
fn name(words: &[String]) -> (Vec<&str>, &[String]) {
    let mut parts = Vec::new();
    let mut rest = words;
    while let [part, behind @ ..] = rest {
        parts.push(part.as_str());
        match behind {
            [dot, more @ ..] if dot == "." => rest = more,
            _ => return (parts, behind),
        }
    }
    (parts, rest)
}

fn is_guarded_table(parts: &[&str]) -> bool {
    let Some((table, schemas)) = parts.split_last() else { return true };
    let schema = schemas.last().copied();
    match schema {
        Some("audit") => true,
        Some("stock") | None => GUARDED_TABLES.iter().any(|pattern| fits(pattern, table)),
        Some(_) => false,
    }
}

/// Whether every COPY or TRUNCATE of a text is certainly about other tables than the protected ones.
pub fn spares_guarded_tables(text: &str, command: &str) -> bool {
    let Some(statements) = statements(text) else { return false };
    let keyword = match command {
        "COPY" | "COPY FROM" => "copy",
        "TRUNCATE TABLE" | "TRUNCATE" => "truncate",
        _ => return false,
    };
    let of_command: Vec<_> = statements.iter().filter(|words| words[0] == keyword).collect();
    !of_command.is_empty() && of_command.iter().all(|words| spares(&words[1..], keyword))
}

/// Whether a statement that was recorded as an UPDATE only locks rows, as `SELECT … FOR SHARE` does: a SELECT can write
/// only through a function, whose statements are recorded with their own text.
pub fn only_locks_rows(text: &str) -> bool {
    let Some(statements) = statements(text) else { return false };
    matches!(statements.as_slice(), [words] if words[0] == "select")
}

fn spares(words: &[String], keyword: &str) -> bool {
    let optional = |word: &&String| matches!(word.as_str(), "table" | "only" | "binary");
    let mut rest = &words[words.iter().take_while(optional).count()..];
    loop {
        let (parts, behind) = name(rest);
        if is_guarded_table(&parts) || parts == ["("] {
            return false;
        }
        match behind {
            [comma, more @ ..] if keyword == "truncate" && comma == "," => rest = more,
            // What depends on the table may be the ledger.
            _ => return !behind.iter().any(|word| word == "cascade"),
        }
    }
}

/// The settings that the statements of a text change by SET or RESET.
pub fn settings_set(text: &str) -> Option<Vec<String>> {
    let set = |words: &Vec<String>| {
        let [keyword, rest @ ..] = words.as_slice() else { return None };
        if !matches!(keyword.as_str(), "set" | "reset") {
            return None;
        }
        let scope = |word: &&String| matches!(word.as_str(), "session" | "local");
        let (parts, _) = name(&rest[rest.iter().take_while(scope).count()..]);
        Some(parts.join(".").to_lowercase())
    };
    Some(statements(text)?.iter().filter_map(set).collect())
}

/// Whether a statement only changes how fast the server is, what it logs in addition, or who may monitor it.
pub fn is_upkeep(text: &str) -> bool {
    let Some(statements) = statements(text) else { return false };
    let [words] = statements.as_slice() else { return false };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cluster", ..] | ["create" | "alter" | "drop", "statistics", ..] => true,
        ["alter", "system", rest @ ..] => sets_tuning(rest),
        ["alter", "role" | "user" | "database", rest @ ..] => {
            let place = rest.iter().position(|word| matches!(*word, "set" | "reset"));
            place.is_some_and(|place| sets_tuning(&rest[place..]))
        }
        ["alter", "table" | "index", rest @ ..] => sets_storage(rest),
        ["create", "role" | "user", _, options @ ..] => is_plain_login(options),
        ["grant", rest @ ..] => grants_watching(rest),
        _ => false,
    }
}

fn sets_tuning(words: &[&str]) -> bool {
    matches!(words, ["set" | "reset", parameter, ..] if is_tuning(parameter))
        && !matches!(words, [_, _, ".", ..])
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
    fn words_of_statements() {
        let found =
            statements("SET a.b = 'x;y' ; -- c;\nCOPY \"T\"\"x\" /* a /* b */ ; */ FROM $q$;$q$, $$;$$")
                .unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], ["set", "a", ".", "b", "=", "'"]);
        assert_eq!(found[1], ["copy", "T\"x", "from", "'", ",", "'"]);
        for unfinished in ["SELECT 'x", "SELECT E'\\''", "SELECT \"x", "/* x", "SELECT $q$ x"] {
            assert_eq!(statements(unfinished), None, "{unfinished}");
        }
        assert_eq!(statements(""), Some(Vec::new()));
    }

    #[test]
    fn copies_that_do_not_concern_the_ledger() {
        for (text, expected) in [
            ("COPY t FROM STDIN", true),
            ("COPY pg_temp.transactions (a, b) FROM STDIN", true),
            ("create temp table t (a int); copy t from '/tmp/x'", true),
            ("COPY stock.lots (product_id, code) FROM STDIN", true),
            ("COPY stock.reservations FROM STDIN", false),
            ("COPY products FROM STDIN", true),
            ("COPY transactions FROM STDIN", false),
            ("COPY stock.transactions_2026_11 FROM STDIN", false),
            ("COPY \"stock\".\"transactions\" FROM STDIN", false),
            ("COPY t FROM STDIN; COPY stock.stock_counts FROM STDIN", false),
            ("COPY audit.anything FROM STDIN", false),
            ("SELECT 1", false),
            ("COPY t FROM 'x", false),
        ] {
            assert_eq!(spares_guarded_tables(text, "COPY"), expected, "{text}");
        }
        for (text, expected) in [
            ("TRUNCATE t", true),
            ("TRUNCATE TABLE ONLY t, u RESTART IDENTITY", true),
            ("TRUNCATE t, stock.transactions", false),
            ("TRUNCATE t CASCADE", false),
        ] {
            assert_eq!(spares_guarded_tables(text, "TRUNCATE TABLE"), expected, "{text}");
        }
        assert!(!spares_guarded_tables("MERGE INTO t", "MERGE"));
    }

    #[test]
    fn rows_are_only_locked() {
        for (text, expected) in [
            ("SELECT parent_id FROM stock.locations FOR SHARE", true),
            ("select * from stock.lots for no key update;", true),
            ("SELECT 1; UPDATE stock.lots SET code = 'x'", false),
            ("WITH u AS (UPDATE stock.lots SET code = 'x' RETURNING 1) SELECT * FROM u", false),
            ("UPDATE stock.lots SET code = 'x'", false),
            ("SELECT 'unfinished", false),
            ("", false),
        ] {
            assert_eq!(only_locks_rows(text), expected, "{text}");
        }
    }

    #[test]
    fn settings_are_named_and_not_guessed() {
        let set = |text| settings_set(text).unwrap();
        assert_eq!(set("SET application_name='log_viewer'"), ["application_name"]);
        assert_eq!(
            set("SET LOCAL pgaudit.log TO 'none'; reset log_statement"),
            ["pgaudit.log", "log_statement"]
        );
        assert_eq!(set("SET \"pgaudit.log\" = 'none'"), ["pgaudit.log"]);
        assert!(set("SELECT 1").is_empty());
    }

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
