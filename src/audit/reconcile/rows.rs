//! Counts and changes to master data: their seal, and the present master data compared with their history.
//!
//! Boundary: counts are compared with their records in `counts` and changes in `changes`; here only their leaves are
//! read.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::VerifyError;
use super::analyser::LogAnalyser;
use super::changes::Change;
use super::leaves::{Leaf, Leaves};
use super::ledger::LogBegin;
use super::outcomes::foreign_finding;
use super::records::MasterRecord;
use super::writers::Writers;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::reconcile::trees::Trees;
use crate::audit::record::master::RecordedValues;
use crate::audit::seal::tree::leaf_hash;
use crate::audit::seal::{Checkpoint, Tree};
use crate::store::Store;
use crate::store::audit::{
    ForbiddenChange, LedgerScope, MasterChange, MasterDifference, Moment, RowEntry, RowSource,
    TransactionOutcome, WrongDataKeys,
};

/// The most rows of one record that a finding about rows missing from the history names.
const MISSING_TOLD_MAX: usize = 20;

/// The result of comparing the rows.
#[derive(Debug, Default)]
pub struct ComparedRows {
    leaves: Leaves,
    /// The leaves of the counts.
    pub counts: HashMap<Uuid, Leaf>,
    /// Counts that were sealed and are gone; their records need no separate finding.
    pub gone: HashSet<Uuid>,
}

impl ComparedRows {
    /// Reads the rows and compares them.
    pub async fn run(
        store: &Store,
        scope: &LedgerScope,
        moment: &Moment,
        first_leaf: u64,
        analyser: &mut LogAnalyser,
        begin: LogBegin,
        writers: &mut Writers,
    ) -> Result<Self, VerifyError> {
        let mut compared = Self { leaves: Leaves::from(first_leaf), ..Self::default() };
        let begun_by = store.history_begun_by().await?;
        for entry in store.row_entries(scope, moment, first_leaf).await? {
            let leaf = compared.note_leaf(&entry);
            match (entry.source, entry.row) {
                (_, None) => compared.report_gone(entry.source, &entry.row_id, leaf, analyser),
                (RowSource::Count, Some(_)) => {
                    if let (Some(leaf), Ok(id)) = (leaf, entry.row_id.parse()) {
                        compared.counts.insert(id, leaf);
                    }
                }
                (RowSource::Change, Some(row)) => {
                    Change::new(&entry.row_id, &row, leaf, begun_by).compare(analyser, begin, writers);
                }
            }
        }
        for difference in store.master_differences().await? {
            analyser.findings.add(difference_finding(&difference));
        }
        for change in store.forbidden_order_changes(scope).await? {
            analyser.findings.add(forbidden_change_finding(change));
        }
        if !analyser.clock_moved {
            for change in store.changes_out_of_order().await? {
                analyser.findings.add(out_of_order_finding(change));
            }
        }
        for (product, is_there, values) in store.wrong_product_history().await? {
            analyser.findings.add(product_history_finding(product, is_there, values));
        }
        for wrong in store.wrong_data_keys().await? {
            analyser.findings.add(data_keys_finding(&wrong));
        }
        Ok(compared)
    }

    fn note_leaf(&mut self, entry: &RowEntry) -> Option<Leaf> {
        let (number, stored) = entry.leaf.as_ref()?;
        let stored = <[u8; 32]>::try_from(stored.as_slice()).unwrap_or_default();
        // The checkpoint that confirms its stored hash proves what the row was.
        let found = entry.row.as_ref().map_or(stored, |row| leaf_hash(row.leaf.as_bytes()));
        let leaf = Leaf { number: *number, stored, found };
        self.leaves.note(leaf);
        Some(leaf)
    }

    fn report_gone(
        &mut self,
        source: RowSource,
        row_id: &str,
        leaf: Option<Leaf>,
        analyser: &mut LogAnalyser,
    ) {
        let name = match source {
            RowSource::Count => "count",
            RowSource::Change => "change to master data",
        };
        let number = leaf.map_or(0, |leaf| leaf.number);
        let what = format!("{name} {row_id} was sealed as leaf {number} and is no longer there");
        let mut finding =
            Finding::alarm(Kind::SealedRowGone, Verdict::CommittedWithoutRow, what).of(name).of(row_id);
        finding.movement = row_id.parse().ok();
        self.gone.extend(finding.movement);
        analyser.findings.add(finding);
    }

    /// Compares the tree over the rows with the checkpoints.
    pub fn hold_against(
        &mut self,
        trees: Trees,
        checkpoints: &[Checkpoint],
        analyser: &mut LogAnalyser,
    ) -> Trees {
        std::mem::take(&mut self.leaves).hold_against(Tree::Rows, trees, checkpoints, analyser)
    }
}

/// The finding about the columns in which a row of master data differs from its history.
fn difference_finding(difference: &MasterDifference) -> Finding {
    let MasterDifference { table, key, history, present } = difference;
    let verdict = match (history, present) {
        (Some(_), Some(_)) => Verdict::ContentDiffers,
        (Some(_), None) => Verdict::CommittedWithoutRow,
        (None, _) => Verdict::RowWithoutRecord,
    };
    let what = match verdict {
        Verdict::ContentDiffers => format!("stock.{table} {key} differs from its last recorded change"),
        Verdict::CommittedWithoutRow => {
            format!("stock.{table} {key} is gone, but its deletion is not in the history")
        }
        _ => format!("stock.{table} {key} is not in the history of master data"),
    };
    let former = match verdict {
        Verdict::ContentDiffers => format!("stock.{table} {key} is not what its last change says"),
        Verdict::CommittedWithoutRow => format!("stock.{table} {key} is gone, and no change says so"),
        _ => format!("stock.{table} {key} is there, and no change says so"),
    };
    let (before, after) = (history.as_deref(), present.as_deref());
    let told = |text: Option<&str>, other: Option<&str>| {
        let columns = |text: Option<&str>| -> serde_json::Map<String, serde_json::Value> {
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let other = columns(other);
        let differing = columns(text).into_iter().filter(|(name, value)| other.get(name) != Some(value));
        let words: Vec<String> = differing.map(|(name, value)| format!("{name} {value}")).collect();
        (!words.is_empty()).then(|| words.join(", "))
    };
    let finding = Finding::alarm(Kind::MasterRowDiffers, verdict, what).of(table).of(key).formerly(former);
    finding.change(told(before, after), told(after, before))
}

/// A change that the triggers of orders refuse, so that they were disabled for its time.
fn forbidden_change_finding(change: ForbiddenChange) -> Finding {
    let ForbiddenChange { change: MasterChange { number, table, key, operation, login, at }, author } =
        change;
    let (kind, why) = match author {
        None => (Kind::ConfirmedOrderChanged, "after the order had been confirmed".to_owned()),
        Some(author) => {
            (Kind::DraftChangedByOther, format!("by {login}, but the author of the draft is {author}"))
        }
    };
    let what = format!(
        "change {number} to the master data ({operation} of stock.{table}, row {key}) was made {why}"
    );
    let mut finding = Finding::alarm(kind, Verdict::LedgerAltered, what).of(number);
    finding.who = Some(login);
    finding.when = Some(at);
    finding
}

/// A change whose number hides it behind an earlier one: the sequence that counts them was set back.
fn out_of_order_finding(change: MasterChange) -> Finding {
    let MasterChange { number, table, key, operation, login, at } = change;
    let what = format!(
        "change {number} to the master data ({operation} of stock.{table}, row {key}) has a lower number than an earlier change of the row"
    );
    let mut finding = Finding::alarm(Kind::ChangesOutOfOrder, Verdict::ContentDiffers, what).of(number);
    finding.who = Some(login);
    finding.when = Some(at);
    finding
}

/// A row of the former values of products that the history does not have, or the other way round.
fn product_history_finding(product: i64, is_there: bool, values: String) -> Finding {
    let (what, before, after) = if is_there {
        (
            format!("stock.product_history says that product {product} was what it never was"),
            None,
            Some(values),
        )
    } else {
        let what = format!("stock.product_history does not say what product {product} was before a change");
        (what, Some(values), None)
    };
    Finding::alarm(Kind::ProductHistoryDiffers, Verdict::ContentDiffers, what)
        .of(product)
        .change(before, after)
}

/// Data keys that were removed, added, restricted or released past the events.
fn data_keys_finding(wrong: &WrongDataKeys) -> Finding {
    let words = |(keys, restricted): (i64, i64)| format!("{keys}, of which {restricted} restricted");
    let (expected, found) = (words(wrong.expected), words(wrong.found));
    let what = format!("the data keys of kind {} are {found}; the events say {expected}", wrong.kind);
    Finding::alarm(Kind::DataKeysDiffer, Verdict::ContentDiffers, what)
        .of(&wrong.kind)
        .change(Some(expected), Some(found))
}

/// Reports records of changes that are not all in the history, and those whose values could not be compared. Keeps
/// those whose transaction had not ended.
pub async fn report_missing_changes(
    store: &Store,
    analyser: &mut LogAnalyser,
    outcomes: &HashMap<u32, TransactionOutcome>,
) -> Result<(), VerifyError> {
    let mut waiting = HashMap::new();
    for (txid, records) in std::mem::take(&mut analyser.records.master) {
        let outcome = outcomes.get(&txid).copied();
        if outcome == Some(TransactionOutcome::Later) {
            waiting.insert(txid, records);
            continue;
        }
        for record in records {
            let is_over =
                analyser.is_cut_off(txid, record.line_no) || outcome == Some(TransactionOutcome::RolledBack);
            if record.foreign && (record.found > 0 || !is_over) {
                let (rows, found) = (record.rows.unwrap_or(0), record.found);
                let mut finding = foreign_finding(store, record.line_no, rows, found).await?;
                finding.who = Some(analyser.records.name(record.login).to_owned());
                analyser.findings.add(finding);
            } else if !is_over {
                report_missing(store, analyser, txid, outcome, record).await?;
            }
        }
    }
    analyser.records.master = waiting;
    Ok(())
}

/// Reports the rows of a record that are not in the history.
async fn report_missing(
    store: &Store,
    analyser: &mut LogAnalyser,
    txid: u32,
    outcome: Option<TransactionOutcome>,
    record: MasterRecord,
) -> Result<(), VerifyError> {
    // Without the number of rows, the statement may have been refused after it was recorded.
    let (Some(rows), Some(table)) = (record.rows, record.table) else { return Ok(()) };
    let found = record.found;
    // After a crash a number is given out again, and an earlier snapshot may take the new rows for judged.
    let (rows, missing) = if let RecordedValues::Inserted(mut missing) = record.values {
        let ids: Vec<Uuid> = missing.ids().collect();
        if !ids.is_empty() {
            let login = analyser.records.name(record.login);
            missing.leave_out(&store.inserted_by(txid, login, &table, &ids).await?);
        }
        (found + missing.count(), Some(missing))
    } else if found < rows && store.changes_by(txid, &table).await? < rows {
        (rows, None)
    } else {
        (found, None)
    };
    if found >= rows {
        return Ok(());
    }
    let verdict = match outcome {
        Some(TransactionOutcome::Committed) => Verdict::CommittedWithoutRow,
        _ => Verdict::Unknown,
    };
    let what = format!(
        "{rows} changes to stock.{table} were recorded, and {found} of them are in the history of the master data"
    );
    let mut finding = Finding::alarm(Kind::ChangesMissing, verdict, what)
        .at_line(record.line_no)
        .of(&table)
        .of(rows)
        .of(found)
        .change(missing.map(|rows| rows.words(MISSING_TOLD_MAX)), None);
    finding.who = Some(analyser.records.name(record.login).to_owned());
    analyser.findings.add(finding);
    Ok(())
}
