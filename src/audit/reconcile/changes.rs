//! Compares changes to master data with their seal and their audit records, value by value.

use serde_json::Value;
use uuid::Uuid;

use super::analyser::LogAnalyser;
use super::leaves::Leaf;
use super::ledger::{LogBegin, low_half};
use super::writers::{Posted, Writers};
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::master::{Difference, StoredChange, StoredRow, changed};
use crate::store::audit::SealedRow;

/// How the history marks rows that existed when it began.
const EXISTING: &str = "existing";

/// A change to master data, as the history has it.
pub struct Change<'a> {
    number: &'a str,
    row: &'a SealedRow,
    leaf: Option<Leaf>,
    /// The transaction that began the history.
    begun_by: Option<u32>,
    /// The row after the change, and before it unless it was inserted.
    after: StoredRow,
    before: Option<StoredRow>,
}

impl<'a> Change<'a> {
    /// Reads a row of the history with its number.
    pub fn new(number: &'a str, row: &'a SealedRow, leaf: Option<Leaf>, begun_by: Option<u32>) -> Self {
        let stored = serde_json::from_str::<Value>(&row.leaf).ok();
        let after = stored.and_then(|mut stored| stored.get_mut("row_values").map(Value::take));
        let before = row.before.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let after = if let Some(Value::Object(columns)) = after { columns } else { StoredRow::new() };
        Self { number, row, leaf, begun_by, after, before }
    }

    /// Compares it with its seal and its record.
    pub fn compare(&self, analyser: &mut LogAnalyser, begin: LogBegin, writers: &mut Writers) {
        let row = self.row;
        let txid = low_half(row.xid);
        if self.leaf.is_some_and(|leaf| !leaf.agrees()) {
            // Its record exists, however the row was changed.
            let differences = self.take_record(analyser, txid).unwrap_or_default();
            return self.add(
                analyser,
                (Kind::ChangeDiffersFromSeal, Verdict::ContentDiffers),
                &format!("differs from what was sealed{}", recorded_words(&differences)),
                "is not what was sealed",
            );
        }
        if !row.visible || row.judged {
            return;
        }
        let number = self.number.parse().unwrap_or_default();
        writers.note(Posted::Changes, Uuid::from_u64_pair(0, number), row.writer);
        if row.operation.as_deref() == Some(EXISTING) {
            if self.begun_by != Some(txid) {
                let why = "claims to be of the time when the history began, but another transaction wrote it";
                self.add(analyser, (Kind::ChangeNotExisting, Verdict::RowWithoutRecord), why, why);
            }
            return;
        }
        if let Some(differences) = self.take_record(analyser, txid) {
            if !differences.is_empty() {
                self.add_differing(analyser, &differences);
            }
            return;
        }
        let older = begin.sealed_by_then.is_some() && row.at.is_some_and(|at| begin.is_after(at));
        if older && self.leaf.is_some_and(|leaf| leaf.number < begin.rows_by_then) {
            return;
        }
        self.add_unrecorded(analyser);
    }

    /// Removes it from its record; returns the columns in which the two differ, or `None` without a record.
    fn take_record(&self, analyser: &mut LogAnalyser, txid: u32) -> Option<Vec<Difference>> {
        let change = StoredChange {
            operation: self.row.operation.as_deref().unwrap_or_default(),
            row: &self.after,
            before: self.before.as_ref(),
            login: self.row.login.as_deref().unwrap_or_default(),
            xid: self.row.xid,
        };
        analyser.records.take_master(txid, self.table(), &change)
    }

    fn add_unrecorded(&self, analyser: &mut LogAnalyser) {
        let changed = self.before.as_ref().map(|before| changed(before, &self.after)).unwrap_or_default();
        let fields = if changed.is_empty() {
            String::new()
        } else {
            let [before, after] = Difference::words(&changed);
            format!(" (before: {before}; after: {after})")
        };
        let lost = self.row.at.is_some_and(|at| analyser.windows.iter().any(|window| window.covers(at)));
        if lost {
            let why = "has no record: records were lost around that time";
            let told = format!("{why}{fields}");
            self.add(analyser, (Kind::ChangeWithoutRecord, Verdict::Unknown), &told, why);
        } else {
            self.add(
                analyser,
                (Kind::ChangeWithoutRecord, Verdict::RowWithoutRecord),
                &format!("has no record: it was inserted without being recorded{fields}"),
                "has no record: it was put there past the audit",
            );
        }
    }

    fn add_differing(&self, analyser: &mut LogAnalyser, differences: &[Difference]) {
        let [expected, found] = Difference::words(differences);
        let table = self.table();
        let what = format!(
            "change {} to the master data (stock.{table}, row {}) differs from its audit record",
            self.number,
            self.row_key()
        );
        let finding = Finding::alarm(Kind::ChangeDiffersFromRecord, Verdict::ContentDiffers, what)
            .of(self.number)
            .of(table)
            .change(Some(expected), Some(found));
        self.add_finding(analyser, finding);
    }

    fn add(&self, analyser: &mut LogAnalyser, (kind, verdict): (Kind, Verdict), why: &str, former: &str) {
        let table = self.table();
        let sentence = |why: &str| format!("change {} to the master data (stock.{table}) {why}", self.number);
        let finding = Finding::alarm(kind, verdict, sentence(why))
            .of(self.number)
            .of(table)
            .formerly(sentence(former))
            .change(None, Some(self.row.leaf.clone()));
        self.add_finding(analyser, finding);
    }

    fn add_finding(&self, analyser: &mut LogAnalyser, mut finding: Finding) {
        finding.who.clone_from(&self.row.login);
        finding.when = self.row.at.map(|at| at.to_string());
        analyser.findings.add(finding);
    }

    fn table(&self) -> &str {
        self.row.table.as_deref().unwrap_or_default()
    }

    /// The primary key of the row that was changed.
    fn row_key(&self) -> String {
        let leaf: Value = serde_json::from_str(&self.row.leaf).unwrap_or_default();
        leaf.get("row_key").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The values of the audit record, if they differ.
fn recorded_words(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let [expected, found] = Difference::words(differences);
    format!(" (audit record: {expected}; row: {found})")
}
