//! Comparing the rows of the ledger with what the records say, and with what was sealed.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::finding::{Finding, Verdict};
use super::judge::Judge;
use super::records::{Entry, fingerprint};
use super::trees::{Digest, Trees};
use super::window::WINDOW_MARGIN_MS;
use super::{Progress, Step, VerifyError};
use crate::audit::record::{AuditRecord, LogLine, movements_in, text};
use crate::audit::seal::tree::leaf_hash;
use crate::audit::seal::{Checkpoint, Tree, root_text};
use crate::store::Store;
use crate::store::audit::{CountRow, LedgerEntry, LedgerScope, Moment, MovementFacts, SealedMovement};

/// How many rows that differ are told with what was and what is.
const DETAILS_MAX: usize = 200;
/// After how many rows the progress is told.
const PROGRESS_ROWS: u64 = 50_000;

/// What comparing the ledger came to.
#[derive(Debug, Default)]
pub struct Compared {
    /// Rows that were judged.
    pub rows: u64,
    /// Rows that agree with their record.
    pub matched: u64,
    /// Rows that are older than the log that there is.
    pub older: u64,
    /// By their ids, so that the same are told each time, whatever order they are read in.
    differing: BTreeMap<Uuid, (Entry, SealedMovement)>,
    differing_more: Digest,
    /// The hashes of the leaves from what is there, and as they were stored.
    leaves: Vec<Option<([u8; 32], [u8; 32])>>,
    gone: HashSet<Uuid>,
    /// Rows that agree, by the transaction that wrote them instead of the one that they name: the first of
    /// them, and how many.
    rewritten: BTreeMap<u32, (Uuid, u64)>,
    /// Movements and counts that are younger than the moment of this verification.
    pub young: HashSet<Uuid>,
}

/// How far back the log goes.
#[derive(Debug, Clone, Copy)]
pub struct LogBegin {
    /// The time of its first line.
    pub at: Option<Timestamp>,
    /// Whether older lines were dropped when their time was up.
    pub retired: bool,
}

impl Compared {
    /// Reads the ledger and compares it.
    pub async fn run(
        store: &Store,
        scope: &LedgerScope,
        moment: &Moment,
        judge: &mut Judge,
        begin: LogBegin,
        progress: &Progress<'_>,
    ) -> Result<Self, VerifyError> {
        let base = match scope {
            LedgerScope::All => 0,
            LedgerScope::Since { leaf, .. } => *leaf,
        };
        let mut compared = Self::default();
        let mut read = 0;
        store
            .ledger_entries(scope, moment, |entry| {
                compared.take(entry, base, judge, begin);
                read += 1;
                if read % PROGRESS_ROWS == 0 {
                    progress(Step::Movements, read, 0);
                }
            })
            .await?;
        Ok(compared)
    }

    fn take(&mut self, entry: LedgerEntry, base: u64, judge: &mut Judge, begin: LogBegin) {
        let LedgerEntry { movement, leaf, visible, judged, written_by } = entry;
        let leaf = leaf.map(|(leaf_no, id, stored)| {
            (leaf_no, id, <[u8; 32]>::try_from(stored.as_slice()).unwrap_or_default())
        });
        let Some(movement) = movement else {
            if let Some((leaf_no, id, stored)) = leaf {
                self.gone.insert(id);
                // What was there is told by the checkpoint that bears out its stored hash.
                self.note_leaf(leaf_no, base, (stored, stored));
                let what =
                    format!("movement {id} was sealed as leaf {leaf_no} and is no longer in the ledger");
                judge.findings.add(Finding::alarm(Verdict::CommittedWithoutRow, what).about(id));
            }
            return;
        };
        // The row is numbers, texts and times: nothing that JSON cannot hold.
        let hash = leaf.map(|_| leaf_hash(&movement.leaf().unwrap_or_default()));
        let sealed_otherwise = leaf.zip(hash).is_some_and(|((leaf_no, _, stored), hash)| {
            self.note_leaf(leaf_no, base, (hash, stored));
            stored != hash
        });
        if !visible {
            self.young.insert(movement.facts.id);
        }
        if !visible || judged {
            if sealed_otherwise {
                let id = movement.facts.id;
                let what = format!("movement {id} is not what was sealed");
                let now = hash.map(|hash| format!("leaf {}", root_text(hash)));
                judge.findings.add(Finding::alarm(Verdict::ContentDiffers, what).about(id).change(None, now));
            }
            return;
        }
        self.rows += 1;
        let id = movement.facts.id;
        let txid = low_half(movement.xid);
        match judge.records.find_movement(id, txid) {
            Some((entry, same_transaction)) => {
                let agrees = same_transaction
                    && entry.content == fingerprint(&movement.facts)
                    && judge.records.name(entry.login) == movement.posted_by;
                if agrees && !sealed_otherwise {
                    self.matched += 1;
                    if let Some(writer) = written_by {
                        let (first, rows) = self.rewritten.entry(writer).or_insert((id, 0));
                        (*first, *rows) = ((*first).min(id), *rows + 1);
                    }
                } else {
                    self.note_differing(entry, movement);
                }
            }
            None => self.without_record(&movement, sealed_otherwise, judge, begin),
        }
    }

    fn note_leaf(&mut self, leaf_no: u64, base: u64, hashes: ([u8; 32], [u8; 32])) {
        let Some(place) = leaf_no.checked_sub(base).and_then(|place| usize::try_from(place).ok()) else {
            return;
        };
        if self.leaves.len() <= place {
            self.leaves.resize(place + 1, None);
        }
        self.leaves[place] = Some(hashes);
    }

    fn note_differing(&mut self, entry: Entry, movement: SealedMovement) {
        self.differing.insert(movement.facts.id, (entry, movement));
        if self.differing.len() > DETAILS_MAX
            && let Some((id, (entry, movement))) = self.differing.pop_last()
        {
            let leaf = root_text(leaf_hash(&movement.leaf().unwrap_or_default()));
            self.differing_more.add(&format!("{id} {} {leaf}", entry.line_no));
        }
    }

    fn without_record(
        &mut self,
        movement: &SealedMovement,
        sealed_otherwise: bool,
        judge: &mut Judge,
        begin: LogBegin,
    ) {
        let logins = &judge.records.logins;
        let foreign = judge.records.foreign.get_mut(&low_half(movement.xid)).and_then(|records| {
            records.iter_mut().find(|record| {
                record.found < record.rows
                    && logins.get(record.login as usize).is_some_and(|login| *login == movement.posted_by)
            })
        });
        if let Some(record) = foreign {
            record.found += 1;
            return;
        }
        let margin = |time: Timestamp| time.as_millisecond() - WINDOW_MARGIN_MS;
        if begin.at.is_none_or(|at| movement.posted_at.as_millisecond() < margin(at)) && !sealed_otherwise {
            self.older += 1;
            return;
        }
        let id = movement.facts.id;
        let (verdict, why) = if judge.windows.iter().any(|window| window.covers(movement.posted_at)) {
            (Verdict::Unknown, "records were lost around the time at which it was posted")
        } else {
            (Verdict::RowWithoutRecord, "it was put there past the audit")
        };
        let mut finding =
            Finding::alarm(verdict, format!("no record explains movement {id}: {why}")).about(id);
        finding.who = Some(movement.posted_by.clone());
        finding.when = Some(movement.posted_at.to_string());
        judge.findings.add(finding.change(None, Some(facts_words(&movement.facts))));
    }

    /// Tells which transactions wrote rows that name others. Such a row may be one that was rolled back and
    /// put there by hand, with its record to bear it out.
    pub fn report_rewritten(&self, judge: &mut Judge) {
        for (writer, (first, rows)) in &self.rewritten {
            let what = format!(
                "movements that agree with their records were written by transaction {writer}, which is not the one that they name: {rows} of them, the first is {first}; put in place of what had been rolled back, changed and changed back, or restored from a dump"
            );
            let finding = Finding::alarm(Verdict::LedgerAltered, what).about(*first);
            judge.findings.add(finding.known_by(format!("{rows} rows written by {writer}")));
        }
    }

    /// Whether a movement was sealed and is gone; then its record needs no finding of its own.
    pub fn is_gone(&self, id: Uuid) -> bool {
        self.gone.contains(&id)
    }

    /// Tells what differs, row by row.
    pub async fn report_differing(&mut self, store: &Store, judge: &mut Judge) -> Result<(), VerifyError> {
        for (entry, movement) in std::mem::take(&mut self.differing).into_values() {
            let line = store.kept_lines(entry.line_no, entry.line_no + 1).await?.pop();
            let recorded = line.as_ref().and_then(|line| facts_of(&line.raw, movement.facts.id));
            let id = movement.facts.id;
            let recorder = judge.records.name(entry.login).to_owned();
            let differences = differences(recorded.as_ref(), &entry, &recorder, &movement);
            let what = if differences.0.is_empty() {
                format!(
                    "movement {id} agrees with its record, and is not what was sealed: what the server filled in was changed"
                )
            } else {
                format!("movement {id} is not what its record says")
            };
            let mut finding = Finding::alarm(Verdict::ContentDiffers, what).about(id).at_line(entry.line_no);
            finding.who = Some(movement.posted_by.clone());
            finding.when = Some(movement.posted_at.to_string());
            let told = |text: String| (!text.is_empty()).then_some(text);
            judge.findings.add(finding.change(told(differences.0), told(differences.1)));
        }
        if let Some((count, digest)) = self.differing_more.told() {
            let what = format!("{count} more movements are not what their records say");
            let finding = Finding::alarm(Verdict::ContentDiffers, what);
            judge.findings.add(finding.change(None, Some(format!("all of them together {digest}"))));
        }
        Ok(())
    }

    /// Holds the trees over the rows against the checkpoints, and returns them as far as they go.
    pub fn hold_against(&mut self, mut trees: Trees, checkpoints: &[Checkpoint], judge: &mut Judge) -> Trees {
        let mut wanted: Vec<&Checkpoint> = checkpoints
            .iter()
            .filter(|checkpoint| checkpoint.tree == Tree::Ledger && checkpoint.size > trees.size())
            .collect();
        wanted.sort_by_key(|checkpoint| checkpoint.size);
        let mut wanted = wanted.into_iter().peekable();
        let mut gone_from = None;
        for leaf in std::mem::take(&mut self.leaves) {
            let number = trees.size();
            let grown = if let Some((found, stored)) = leaf {
                tell_gone(gone_from.take(), number, judge);
                trees.append(found, stored)
            } else {
                gone_from = gone_from.or(Some(number));
                trees.append_missing()
            };
            grown.into_iter().for_each(|finding| judge.findings.add(finding));
            while let Some(checkpoint) = wanted.next_if(|checkpoint| checkpoint.size == trees.size()) {
                let found = trees.hold(checkpoint, checkpoints);
                found.into_iter().for_each(|finding| judge.findings.add(finding));
            }
        }
        if let Some(checkpoint) = wanted.next() {
            judge.findings.add(older_state("movements were sealed", trees.size(), checkpoint));
        }
        trees.finish().into_iter().for_each(|finding| judge.findings.add(finding));
        trees
    }
}

/// Reports leaves that are gone just before this one. A leaf whose row alone is gone is not among them.
fn tell_gone(first: Option<u64>, number: u64, judge: &mut Judge) {
    let Some(first) = first else { return };
    let what = match number - 1 {
        last if last == first => {
            format!("leaf {first} of the ledger is gone from the list of what was sealed")
        }
        last => format!("leaves {first} to {last} of the ledger are gone from the list of what was sealed"),
    };
    judge.findings.add(Finding::alarm(Verdict::EvidenceAltered, what));
}

/// A checkpoint of a tree larger than the one that there is.
pub fn older_state(what: &str, size: u64, checkpoint: &Checkpoint) -> Finding {
    let mut finding = Finding::alarm(
        Verdict::EvidenceAltered,
        format!(
            "{} {what} by the checkpoint, and the database knows of {size}: an older state of it was put back, or evidence was removed",
            checkpoint.size
        ),
    );
    finding.when = checkpoint.signed_at.map(|time| time.to_string());
    let (tree, size) = (checkpoint.tree.as_str(), checkpoint.size);
    finding.known_by(format!("older state {tree} {size} {}", root_text(checkpoint.root)))
}

/// The half of a transaction's number that the log shows.
pub fn low_half(xid: u64) -> u32 {
    (xid & u64::from(u32::MAX)) as u32
}

/// What a line says of a movement.
pub fn facts_of(raw: &[u8], id: Uuid) -> Option<MovementFacts> {
    let text = text(raw);
    let line = LogLine::read(&text)?;
    let record = AuditRecord::read(&line.message).ok()?;
    movements_in(&record).ok()?.into_iter().find(|facts| facts.id == id)
}

/// A movement or count in words.
pub fn facts_words<T: Serialize>(facts: &T) -> String {
    columns(facts)
        .into_iter()
        .filter(|(_, value)| value != "null")
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn columns<T: Serialize>(facts: &T) -> Vec<(String, String)> {
    match serde_json::to_value(facts) {
        Ok(serde_json::Value::Object(columns)) => {
            let plain = |value: serde_json::Value| match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            columns.into_iter().map(|(name, value)| (name, plain(value))).collect()
        }
        _ => Vec::new(),
    }
}

/// The columns that differ, as they were and as they are.
fn differences(
    recorded: Option<&MovementFacts>,
    entry: &Entry,
    recorder: &str,
    movement: &SealedMovement,
) -> (String, String) {
    let mut pairs: Vec<(String, String, String)> = Vec::new();
    if let Some(recorded) = recorded {
        let now = columns(&movement.facts);
        for ((name, before), (_, after)) in columns(recorded).into_iter().zip(now) {
            if before != after {
                pairs.push((name, before, after));
            }
        }
    }
    if recorder != movement.posted_by {
        pairs.push(("posted_by".to_owned(), recorder.to_owned(), movement.posted_by.clone()));
    }
    if entry.txid != low_half(movement.xid) {
        pairs.push(("transaction".to_owned(), entry.txid.to_string(), low_half(movement.xid).to_string()));
    }
    let join = |pick: fn(&(String, String, String)) -> &String| {
        pairs.iter().map(|pair| format!("{} {}", pair.0, pick(pair))).collect::<Vec<_>>().join(", ")
    };
    (join(|pair| &pair.1), join(|pair| &pair.2))
}

/// Compares the counts with their records; returns how many were judged.
pub fn compare_counts(
    rows: &[CountRow],
    judge: &mut Judge,
    begin: LogBegin,
    young: &mut HashSet<Uuid>,
) -> u64 {
    let mut judged = 0;
    for row in rows {
        let id = row.facts.id;
        if !row.visible {
            young.insert(id);
            continue;
        }
        let txid = low_half(row.xid);
        judged += 1;
        let Some((entry, same_transaction)) = judge.records.find_count(id, txid) else {
            let foreign = judge
                .records
                .foreign
                .get_mut(&txid)
                .and_then(|records| records.iter_mut().find(|record| record.found < record.rows));
            match foreign {
                Some(record) => record.found += 1,
                None if begin.retired => {}
                None => {
                    let mut finding =
                        Finding::alarm(Verdict::RowWithoutRecord, format!("no record explains count {id}"))
                            .about(id);
                    finding.who = Some(row.posted_by.clone());
                    judge.findings.add(finding.change(None, Some(facts_words(&row.facts))));
                }
            }
            continue;
        };
        let agrees = same_transaction
            && entry.content == fingerprint(&row.facts)
            && judge.records.name(entry.login) == row.posted_by;
        if !agrees {
            let mut finding =
                Finding::alarm(Verdict::ContentDiffers, format!("count {id} is not what its record says"))
                    .about(id)
                    .at_line(entry.line_no);
            finding.who = Some(row.posted_by.clone());
            let now = format!("{}, transaction {txid}", facts_words(&row.facts));
            judge.findings.add(finding.change(None, Some(now)));
        }
    }
    judged
}

/// Whether the row of a record is there after all, and is what the record says. After a crash a transaction may
/// have a number that an earlier snapshot took for over, and its rows are then not among the new ones.
pub async fn is_there(
    store: &Store,
    moment: &Moment,
    id: Uuid,
    entry: &Entry,
    is_count: bool,
    recorder: &str,
) -> Result<bool, VerifyError> {
    let (content, posted_by, xid) = if is_count {
        let Some(row) = store.counts_of(&[id], moment).await?.pop() else { return Ok(false) };
        (fingerprint(&row.facts), row.posted_by, row.xid)
    } else {
        let Some(row) = store.ledger_row(id).await? else { return Ok(false) };
        (fingerprint(&row.facts), row.posted_by, row.xid)
    };
    Ok(content == entry.content && posted_by == recorder && low_half(xid) == entry.txid)
}

#[cfg(test)]
mod tests;
