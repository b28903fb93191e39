//! Attempts that the server refused, but that an auditor should know of.

use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::LogLine;

/// The SQLSTATE with which the database refuses to let admins manage auditors.
const AUDITORS_ARE_MANAGED_APART: &str = "SR004";
/// The SQLSTATE of a missing privilege.
const INSUFFICIENT_PRIVILEGE: &str = "42501";
/// The beginnings of statements that change logins.
const LOGIN_STATEMENTS: [[&str; 2]; 6] = [
    ["alter", "role"],
    ["alter", "user"],
    ["drop", "role"],
    ["drop", "user"],
    ["create", "role"],
    ["create", "user"],
];

/// The finding about a refused statement, if it is one that matters.
pub fn refused_attempt(line: &LogLine<'_>) -> Option<Finding> {
    let what = match line.state_code.as_ref() {
        AUDITORS_ARE_MANAGED_APART => "an attempt to create, enable or disable an auditor was refused",
        INSUFFICIENT_PRIVILEGE if changes_login(&line.statement) => {
            "an attempt to change a login past Stockroom was refused"
        }
        _ => return None,
    };
    let mut finding =
        Finding::alarm(Kind::AttemptRefused, Verdict::ConfigurationChanged, what).of(&line.state_code);
    finding.after = Some(line.message.as_ref().to_owned());
    Some(finding)
}

fn changes_login(statement: &str) -> bool {
    let mut words = statement.split_whitespace().map(str::to_lowercase);
    let (first, second) = (words.next(), words.next());
    LOGIN_STATEMENTS.iter().any(|known| [first.as_deref(), second.as_deref()] == known.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_on_logins() {
        for (state, statement, is_attempt) in [
            ("SR004", "SELECT stock.set_person_login($1, $2)", true),
            ("42501", "alter  role auditor NOLOGIN", true),
            ("42501", "DROP USER auditor", true),
            ("42501", "SELECT * FROM audit.lines", false),
            ("42704", "ALTER ROLE nobody NOLOGIN", false),
        ] {
            let line =
                LogLine { state_code: state.into(), statement: statement.into(), ..LogLine::default() };
            assert_eq!(refused_attempt(&line).is_some(), is_attempt, "{statement}");
        }
    }
}
