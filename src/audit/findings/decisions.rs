//! The decisions of auditors about findings: which alarms are accepted, by whom, when and why; and which acceptances
//! were revoked.
//!
//! Boundary: one file of JSON lines outside the database, to which entries are only appended. Every entry contains the
//! hash of the line before it, so that an entry that was altered, removed or inserted is detected. Entries removed from
//! the end are detected by means of the report of the last verification, which has the last entry it knew.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Finding, Pin, Report, Severity, Verdict};
use crate::audit::files::{create_directory, open_to_append};
use crate::store::{self, Store};

/// The longest reason, in characters: a paragraph, and the number of a file with the rest.
pub const REASON_CHARS_MAX: usize = 1_000;
/// The largest file. An entry has about half a kilobyte, and the file is read at each verification.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// The shortest beginning of an id that stands for the whole.
const ID_CHARS_MIN: usize = 6;

/// Why a decision could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// There is no verification whose findings could be decided about.
    #[error("no verification has been run here; run `stockroom audit verify` first")]
    NoReport,
    /// No findings of the last verification have these ids.
    #[error("the last verification has no finding {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// These findings are not alarms.
    #[error("only alarms can be accepted, and these findings are not alarms: {}", .0.join(", "))]
    NotAnAlarm(Vec<String>),
    /// These findings are accepted already.
    #[error("already accepted: {}", .0.join(", "))]
    AlreadyAccepted(Vec<String>),
    /// No accepted findings have these ids.
    #[error("there is no accepted finding {}", .0.join(", "))]
    NotAccepted(Vec<String>),
    /// The reason is empty or too long.
    #[error("a reason is a text of 1 to {REASON_CHARS_MAX} characters")]
    Reason,
    #[error("{path} has reached {FILE_BYTES_MAX} bytes, so no more decisions can be added")]
    Full { path: PathBuf },
    /// The file was altered.
    #[error("{path} has been altered, so no more decisions can be added: {damage}")]
    Damaged {
        path: PathBuf,
        /// What is wrong with it.
        damage: String,
    },
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

/// The person who decides, by two names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The account of the operating system.
    pub os_user: String,
    /// The login at the database.
    pub login: String,
}

impl By {
    /// Whoever runs this program and is logged in with a store. The database is queried, so that the login is
    /// authenticated and not merely claimed.
    ///
    /// # Errors
    /// As any read.
    pub async fn of(store: &Store) -> Result<Self, store::Error> {
        Ok(Self { os_user: os_user(), login: store.session_facts().await?.login })
    }
}

/// The name of the account that runs this program, or its number if it has no name.
fn os_user() -> String {
    let name = Command::new("id").arg("-un").output().ok().filter(|answer| answer.status.success());
    name.and_then(|answer| String::from_utf8(answer.stdout).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| rustix::process::getuid().as_raw().to_string())
}

/// The acceptance of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    #[serde(flatten)]
    pub by: By,
    pub at: Timestamp,
    pub reason: String,
}

/// The kinds of decisions that the file records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Accepted,
    TakenBack,
}

/// One decision, which is an entry of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub act: Act,
    pub id: String,
    pub verdict: Verdict,
    pub what: String,
    /// The account of the operating system of the person who decided.
    pub os_user: String,
    /// Their login at the database.
    pub login: String,
    pub at: Timestamp,
    pub reason: String,
    /// Where the seal is resumed after the break that was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// The hash of the line before, in hexadecimal; for the first entry that of no bytes.
    pub previous: String,
}

/// The end of a file: how many entries it had, and the hash of the last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub entries: u64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
}

/// All decisions about one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    list: Vec<Decision>,
    /// Those that are in force, by the id of the finding.
    standing: BTreeMap<String, (Acceptance, Option<Pin>)>,
    head: Head,
    damage: Option<String>,
}

impl Decisions {
    /// Reads a file, as far as its entries follow from one another. `known` is its end when it was last read.
    ///
    /// # Errors
    /// [`DecisionError::File`] if it exists and cannot be read.
    pub fn load(path: &Path, known: &Head) -> Result<Self, DecisionError> {
        let failed = |source| DecisionError::File { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(file) => file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(failed(error)),
        };
        let mut found = Self { head: Head { entries: 0, hash: hash_of(&[]) }, ..Self::default() };
        let reaches = |found: &Self| found.head.entries != known.entries || found.head.hash == known.hash;
        let mut holds = known.entries == 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Err(what) = found.take(line) {
                found.damage = Some(format!("entry {} {what}", found.head.entries + 1));
                break;
            }
            holds |= found.head.entries == known.entries && reaches(&found);
        }
        if !holds && found.damage.is_none() {
            found.damage = Some(format!(
                "the last verification knew {} entries, and these are not the first of the {} that are there",
                known.entries, found.head.entries
            ));
        }
        if found.damage.is_some() {
            // The known end remains required, or the next verification would find nothing wrong.
            found.head = known.clone();
        }
        Ok(found)
    }

    fn take(&mut self, line: &[u8]) -> Result<(), &'static str> {
        let text = line.strip_suffix(b"\n").ok_or("is not whole")?;
        let decision: Decision = serde_json::from_slice(text).map_err(|_| "is no decision")?;
        if decision.previous != self.head.hash {
            return Err("does not follow from the one before it");
        }
        self.head = Head { entries: self.head.entries + 1, hash: hash_of(text) };
        match decision.act {
            Act::Accepted => {
                let by = By { os_user: decision.os_user.clone(), login: decision.login.clone() };
                let acceptance = Acceptance { by, at: decision.at, reason: decision.reason.clone() };
                self.standing.insert(decision.id.clone(), (acceptance, decision.pin.clone()));
            }
            Act::TakenBack => {
                self.standing.remove(&decision.id);
            }
        }
        self.list.push(decision);
        Ok(())
    }

    /// The acceptance of a finding; `None` if it is not accepted.
    #[must_use]
    pub fn acceptance(&self, id: &str) -> Option<&Acceptance> {
        self.standing.get(id).map(|(acceptance, _)| acceptance)
    }

    /// The acceptance of a finding, by its id or by the one that an earlier release gave it.
    #[must_use]
    pub fn acceptance_of(&self, finding: &Finding) -> Option<&Acceptance> {
        self.acceptance(&finding.id).or_else(|| self.acceptance(&finding.former_id))
    }

    /// The ids under which the findings with some ids, or beginnings of ids, were accepted: the id of an earlier
    /// release if the finding was accepted under that one.
    #[must_use]
    pub fn accepted_as(&self, report: Option<&Report>, ids: &[String]) -> Vec<String> {
        let findings = || report.into_iter().flat_map(|report| &report.findings);
        let accepted_as = |id: &String| {
            let meant = only(findings().filter(|finding| stands_for(id, &finding.id)));
            let former = meant.filter(|finding| self.acceptance(&finding.id).is_none());
            let former = former.filter(|finding| self.acceptance(&finding.former_id).is_some());
            former.map_or_else(|| id.clone(), |finding| finding.former_id.clone())
        };
        ids.iter().map(accepted_as).collect()
    }

    /// Where trees of the seal are resumed according to the accepted findings.
    #[must_use]
    pub fn pins(&self) -> Vec<Pin> {
        self.standing.values().filter_map(|(_, pin)| pin.clone()).collect()
    }

    /// All decisions, the oldest first.
    #[must_use]
    pub fn list(&self) -> &[Decision] {
        &self.list
    }

    /// The end of the file, for detecting that entries were removed.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What is wrong with the file. The entries before the damage count, those after it do not.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// The alarms of a report with some ids, or beginnings of ids.
    fn meant<'a>(&self, report: &'a Report, ids: &[String]) -> Result<Vec<&'a Finding>, DecisionError> {
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for id in ids {
            let one = only(report.findings.iter().filter(|finding| stands_for(id, &finding.id)));
            match one {
                Some(finding) => found.push(finding),
                None => unknown.push(id.clone()),
            }
        }
        if !unknown.is_empty() {
            return Err(DecisionError::Unknown(unknown));
        }
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found.dedup_by(|one, other| one.id == other.id);
        let ids_of = |is_it: &dyn Fn(&&&Finding) -> bool| -> Vec<String> {
            found.iter().filter(is_it).map(|finding| finding.id.clone()).collect()
        };
        let notices = ids_of(&|finding| finding.severity == Severity::Notice);
        let known = ids_of(&|finding| self.acceptance_of(finding).is_some());
        if !notices.is_empty() {
            return Err(DecisionError::NotAnAlarm(notices));
        }
        if !known.is_empty() {
            return Err(DecisionError::AlreadyAccepted(known));
        }
        Ok(found)
    }

    /// Makes the entries that accept findings of a report.
    ///
    /// # Errors
    /// [`DecisionError`] if one of them does not exist or is not an alarm.
    pub fn accepting(
        &self,
        report: &Report,
        ids: &[String],
        reason: &str,
        by: &By,
    ) -> Result<Vec<Decision>, DecisionError> {
        let reason = checked(reason)?;
        let entry = |finding: &Finding| Decision {
            pin: finding.pin.clone(),
            ..Decision::new(Act::Accepted, (&finding.id, finding.verdict, &finding.what), &reason, by)
        };
        Ok(self.meant(report, ids)?.into_iter().map(entry).collect())
    }

    /// Makes the entries that revoke acceptances.
    ///
    /// # Errors
    /// [`DecisionError`] if one of them is not accepted.
    pub fn taking_back(&self, ids: &[String], reason: &str, by: &By) -> Result<Vec<Decision>, DecisionError> {
        let reason = checked(reason)?;
        let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
        for id in ids {
            let accepted = |entry: &&Decision| entry.act == Act::Accepted;
            let standing = only(self.standing.keys().filter(|known| stands_for(id, known)));
            let entry =
                standing.and_then(|id| self.list.iter().rev().filter(accepted).find(|entry| entry.id == *id));
            match entry {
                Some(entry) => {
                    let finding = (entry.id.as_str(), entry.verdict, entry.what.as_str());
                    found.insert(&entry.id, Decision::new(Act::TakenBack, finding, &reason, by));
                }
                None => unknown.push(id.clone()),
            }
        }
        if unknown.is_empty() {
            Ok(found.into_values().collect())
        } else {
            Err(DecisionError::NotAccepted(unknown))
        }
    }

    /// Appends entries to the file that this was read from, whose lock is held.
    fn append(&mut self, path: &Path, entries: Vec<Decision>) -> Result<Vec<Decision>, DecisionError> {
        let failed = |source: std::io::Error| DecisionError::File { path: path.to_owned(), source };
        let before = self.list.len();
        let mut text = Vec::new();
        for mut entry in entries {
            entry.previous.clone_from(&self.head.hash);
            let mut line = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
            line.push(b'\n');
            text.extend_from_slice(&line);
            self.take(&line).map_err(|what| failed(std::io::Error::other(what)))?;
        }
        let mut file = open_to_append(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() + text.len() as u64 > FILE_BYTES_MAX {
            return Err(DecisionError::Full { path: path.to_owned() });
        }
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(self.list.split_off(before))
    }
}

impl Decision {
    fn new(act: Act, finding: (&str, Verdict, &str), reason: &str, by: &By) -> Self {
        let (id, verdict, what) = finding;
        Self {
            act,
            id: id.to_owned(),
            verdict,
            what: what.to_owned(),
            os_user: by.os_user.clone(),
            login: by.login.clone(),
            at: Timestamp::now(),
            reason: reason.to_owned(),
            pin: None,
            previous: String::new(),
        }
    }
}

/// Reads a file, makes entries from its contents, and appends them, under a lock.
///
/// # Errors
/// [`DecisionError`] if that is not possible, or the file was altered.
pub fn decide(
    path: &Path,
    known: &Head,
    make: impl FnOnce(&Decisions) -> Result<Vec<Decision>, DecisionError>,
) -> Result<(Decisions, Vec<Decision>), DecisionError> {
    let failed = |source: std::io::Error| DecisionError::File { path: path.to_owned(), source };
    if let Some(directory) = path.parent() {
        create_directory(directory).map_err(failed)?;
    }
    // A separate file, so that the entries are opened only for appending.
    let lock = File::create(path.with_extension("lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut decisions = Decisions::load(path, known)?;
    if let Some(damage) = decisions.damage.clone() {
        return Err(DecisionError::Damaged { path: path.to_owned(), damage });
    }
    let entries = make(&decisions)?;
    let made = decisions.append(path, entries)?;
    Ok((Decisions::load(path, known)?, made))
}

/// Whether a typed text stands for an id.
#[must_use]
pub fn stands_for(typed: &str, id: &str) -> bool {
    typed == id || (typed.len() >= ID_CHARS_MIN && id.starts_with(typed))
}

/// The only item, if there is exactly one.
fn only<T>(mut things: impl Iterator<Item = T>) -> Option<T> {
    let first = things.next()?;
    things.next().is_none().then_some(first)
}

fn checked(reason: &str) -> Result<String, DecisionError> {
    let reason = reason.trim();
    let fits = !reason.is_empty() && reason.chars().count() <= REASON_CHARS_MAX;
    if fits { Ok(reason.to_owned()) } else { Err(DecisionError::Reason) }
}

fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by() -> By {
        By { os_user: "ann".to_owned(), login: "auditor".to_owned() }
    }

    fn accepted(id: &str, reason: &str) -> Decision {
        Decision::new(Act::Accepted, (id, Verdict::Gap, "lines are missing"), reason, &by())
    }

    #[test]
    fn a_revoked_decision_has_no_effect() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("accepted.jsonl");
        let none = Head::default();
        let two = || Ok(vec![accepted("aaaaaa11", "one"), accepted("aaaaaa22", "two")]);
        let (decisions, made) = decide(&path, &none, |_| two()).unwrap();
        assert_eq!((made.len(), decisions.head().entries), (2, 2));
        assert_eq!(decisions.acceptance("aaaaaa22").unwrap().reason, "two");
        // What could be either is neither.
        let ambiguous = decisions.taking_back(&["aaaaaa".to_owned()], "no", &by()).unwrap_err();
        assert!(matches!(ambiguous, DecisionError::NotAccepted(_)), "{ambiguous}");
        let back = |decisions: &Decisions| decisions.taking_back(&["aaaaaa2".to_owned()], "no", &by());
        let (decisions, _) = decide(&path, decisions.head(), back).unwrap();
        assert!(decisions.acceptance("aaaaaa22").is_none() && decisions.acceptance("aaaaaa11").is_some());
        assert!(matches!(back(&decisions), Err(DecisionError::NotAccepted(_))));
        // Accepted again, it is in force again, with the newer reason.
        let (decisions, _) =
            decide(&path, decisions.head(), |_| Ok(vec![accepted("aaaaaa22", "after all")])).unwrap();
        assert_eq!(decisions.acceptance("aaaaaa22").unwrap().reason, "after all");
        assert_eq!((decisions.list().len(), decisions.damage()), (4, None));
    }

    #[test]
    fn a_file_of_decisions_has_a_limit() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("accepted.jsonl");
        let reason = "x".repeat(REASON_CHARS_MAX);
        let too_many = || (0..15_000).map(|number| accepted(&format!("{number:020}"), &reason)).collect();
        let full = decide(&path, &Head::default(), |_| Ok(too_many())).unwrap_err();
        assert!(matches!(full, DecisionError::Full { .. }), "{full}");
        let (decisions, _) = decide(&path, &Head::default(), |_| Ok(vec![accepted("a", "one")])).unwrap();
        assert_eq!((decisions.list().len(), decisions.damage()), (1, None));
    }
}
