//! Compares the logins of the server with those of the last clean verification. A statement that changes a login is
//! recorded, unless a superuser has switched the recording off; then the login differs, and no record says why.
//!
//! Boundary: passwords are not read, so one that was replaced and put back is not found.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::statement::statements;
use crate::audit::findings::{Finding, Findings, Kind, Verdict};
use crate::store::audit::{Login, Moment};

/// The log has milliseconds, and the beginning of a transaction microseconds.
const ROUNDING: SignedDuration = SignedDuration::from_millis(1);

/// A login as a verification found it, or as it was before a change that no record explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLogin {
    login: Login,
    /// Statements since then explain changes.
    at: Timestamp,
}

/// The recorded statements that change logins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginStatements(Vec<(Timestamp, Vec<String>)>);

impl LoginStatements {
    /// Takes the record of a statement about roles; privileges on objects are none of a login.
    pub fn take(&mut self, at: Option<Timestamp>, statement: &str) {
        let at = at.unwrap_or(Timestamp::MAX);
        let found = statements(statement)
            .unwrap_or_else(|| vec![statement.split_whitespace().map(str::to_lowercase).collect()]);
        let is_of_object = |words: &Vec<String>| {
            matches!(words.first().map(String::as_str), Some("grant" | "revoke"))
                && words.iter().any(|word| word == "on")
        };
        self.0.extend(found.into_iter().filter(|words| !is_of_object(words)).map(|words| (at, words)));
    }

    /// The statements since a time.
    #[must_use]
    pub fn since(&self, since: Timestamp) -> Self {
        Self(self.0.iter().filter(|(at, _)| (since..Timestamp::MAX).contains(at)).cloned().collect())
    }

    /// Makes each of them explain changes since any time, because the clock was set back.
    pub fn forget_times(&mut self) {
        self.0.iter_mut().for_each(|(at, _)| *at = Timestamp::MAX);
    }

    /// Whether a statement since a time names a login and one of some words.
    fn name(&self, since: Timestamp, login: &str, words: &[&str]) -> bool {
        self.0.iter().any(|(at, statement)| {
            *at >= since
                && statement.iter().any(|word| word == login)
                && statement.iter().any(|word| words.contains(&word.as_str()))
        })
    }
}

/// When the oldest transaction began that was open when the logins were read: its statements may be recorded, and take effect later.
#[must_use]
pub fn open_since(moment: &Moment) -> Timestamp {
    let since = moment.since.parse().unwrap_or(moment.taken_at);
    since.min(moment.taken_at).saturating_sub(ROUNDING).unwrap_or(since)
}

/// Compares the present logins with those that were known, and returns those to know from now on. The log that is kept begins
/// at a time, and statements since another may explain what the next verification finds.
pub fn compare_logins(
    known: &[KnownLogin],
    present: Vec<Login>,
    statements: &LoginStatements,
    (begin, since_next): (Option<Timestamp>, Timestamp),
    findings: &mut Findings,
) -> Vec<KnownLogin> {
    let mut kept = Vec::new();
    // What was pruned cannot explain anything.
    let comparable = |at: Timestamp| begin.is_none_or(|begin| at >= begin);
    for before in known {
        let after = present.iter().find(|login| login.name == before.login.name);
        let explained = !comparable(before.at)
            || match after {
                None => statements.name(before.at, &before.login.name, &["drop", "rename"]),
                Some(after) => explains(statements, before, after),
            };
        if !explained {
            findings.add(finding(&before.login.name, Some(&before.login), after));
            kept.push(before.clone());
        }
    }
    let since = known.iter().map(|before| before.at).min().filter(|since| comparable(*since));
    for login in present {
        let before = known.iter().find(|before| before.login.name == login.name);
        if kept.iter().any(|before| before.login.name == login.name) {
            continue;
        }
        if before.is_none()
            && since.is_some_and(|since| !statements.name(since, &login.name, &["create", "rename"]))
        {
            findings.add(finding(&login.name, None, Some(&login)));
            continue;
        }
        kept.push(KnownLogin { login, at: since_next });
    }
    kept
}

/// Whether recorded statements name everything in which a login differs from what it was.
fn explains(statements: &LoginStatements, before: &KnownLogin, after: &Login) -> bool {
    let (known, from) = (&before.login, before.at);
    if known.oid != after.oid {
        return statements.name(from, &after.name, &["create", "rename"]);
    }
    let changed = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|entry| !other.contains(entry)).cloned().collect()
    };
    let groups = [changed(&known.groups, &after.groups), changed(&after.groups, &known.groups)].concat();
    let attributes =
        [changed(&known.attributes, &after.attributes), changed(&after.attributes, &known.attributes)]
            .concat();
    // A group that is dropped or renamed takes its members with it, and whoever creates one may become a member.
    groups.iter().all(|group| {
        statements.name(from, &after.name, &[group])
            || statements.name(from, group, &["drop", "rename", "create"])
    }) && attributes.iter().all(|attribute| {
        let word = attribute.split(' ').next().unwrap_or_default();
        statements.name(from, &after.name, &[word, &format!("no{word}")])
    })
}

fn finding(name: &str, before: Option<&Login>, after: Option<&Login>) -> Finding {
    let words = |login: &Login| {
        let groups = if login.groups.is_empty() {
            String::new()
        } else {
            format!(", member of {}", login.groups.join(", "))
        };
        format!("role {} {}{groups}", login.oid, login.attributes.join(" "))
    };
    let what = match (before, after) {
        (None, _) => format!("login {name} is new, and no recorded statement created it"),
        (_, None) => format!("login {name} is gone, and no recorded statement dropped it"),
        _ => format!("login {name} was changed, and no recorded statement did that"),
    };
    Finding::alarm(Kind::LoginChanged, Verdict::ConfigurationChanged, what)
        .of(name)
        .change(before.map(words), after.map(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(name: &str, attributes: &[&str], groups: &[&str]) -> Login {
        let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect();
        Login { name: name.to_owned(), oid: 5, attributes: owned(attributes), groups: owned(groups) }
    }

    fn compare(before: &[Login], after: &[Login], recorded: &[&str]) -> usize {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let known: Vec<KnownLogin> =
            before.iter().map(|login| KnownLogin { login: login.clone(), at: at(1_000) }).collect();
        let mut said = LoginStatements::default();
        said.take(Some(at(900)), "GRANT stock_admin TO ann; CREATE ROLE bob; DROP ROLE bob");
        for (second, statement) in (1_010..).zip(recorded) {
            said.take(Some(at(second)), statement);
        }
        let mut findings = Findings::default();
        compare_logins(&known, after.to_vec(), &said, (Some(at(0)), at(2_000)), &mut findings);
        findings.into_list().len()
    }

    #[test]
    fn only_recorded_statements_explain_a_change() {
        let ann = login("ann", &["login", "inherit"], &["stock_clerk"]);
        let admin = login("ann", &["login", "inherit"], &["stock_admin"]);
        let moved = ["GRANT stock_admin TO ann", "REVOKE stock_clerk FROM ann"];
        let barred = login("ann", &["inherit"], &["stock_clerk"]);
        let bob = login("bob", &["login"], &["stock_admin"]);
        for (before, after, recorded, findings) in [
            (vec![&ann], vec![&ann], &[][..], 0),
            (vec![&ann], vec![&admin], &moved[..], 0),
            (vec![&ann], vec![&admin], &moved[..1], 1),
            (vec![&ann], vec![&admin], &["ALTER ROLE ann LOGIN"], 1),
            (vec![&ann], vec![&admin], &["GRANT SELECT ON stock_admin, stock_clerk TO ann"], 1),
            (vec![&ann], vec![&barred], &["ALTER ROLE ann NOLOGIN"], 0),
            (vec![&ann], vec![&barred], &["ALTER ROLE bob NOLOGIN"], 1),
            (vec![&ann], vec![&ann, &bob], &["CREATE ROLE bob LOGIN PASSWORD <REDACTED>"], 0),
            (vec![&ann], vec![&ann, &bob], &[], 1),
            (vec![&ann, &bob], vec![&ann], &["DROP ROLE bob"], 0),
            (vec![&ann, &bob], vec![&ann], &[], 1),
            (vec![], vec![&ann, &bob], &[], 0),
        ] {
            let owned = |list: Vec<&Login>| list.into_iter().cloned().collect::<Vec<_>>();
            let (before, after) = (owned(before), owned(after));
            assert_eq!(compare(&before, &after, recorded), findings, "{before:?} {after:?} {recorded:?}");
        }
    }
}
