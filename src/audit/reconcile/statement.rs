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

pub(super) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
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

/// Whether a text that was recorded with an UPDATE only locks rows, as `SELECT … FOR SHARE` does: a SELECT can write
/// only through a function, whose statements are recorded with their own text, and so can a cursor. All statements that were
/// sent together have one text.
pub fn only_locks_rows(text: &str) -> bool {
    let Some(statements) = statements(text) else { return false };
    let locks = |words: &Vec<String>| match words[0].as_str() {
        "select" | "declare" => true,
        "prepare" => words.windows(2).find(|pair| pair[0] == "as").is_some_and(|pair| pair[1] == "select"),
        _ => false,
    };
    let plain = |words: &Vec<String>| {
        ["begin", "start", "commit", "end", "rollback", "abort", "set", "fetch", "close"]
            .contains(&words[0].as_str())
    };
    statements.iter().any(locks) && statements.iter().all(|words| locks(words) || plain(words))
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
            ("BEGIN; SELECT * FROM stock.lots FOR UPDATE; COMMIT", true),
            ("DECLARE c NO SCROLL CURSOR FOR SELECT * FROM stock.orders FOR UPDATE", true),
            ("PREPARE p (bigint) AS SELECT * FROM stock.lots WHERE lot_id = $1 FOR UPDATE", true),
            ("PREPARE p AS UPDATE stock.lots SET code = 'x'", false),
            ("COMMIT", false),
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
}
