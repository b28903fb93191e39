//! Compares the rows of the ledger with their records, and with what was sealed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::analyser::LogAnalyser;
use super::leaves::{Leaf, Leaves};
use super::records::{Entry, fingerprint};
use super::trees::{Digest, Trees};
use super::window::WINDOW_MARGIN_MS;
use super::writers::{Posted, Writers};
use super::{Progress, Step, VerifyError};
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::{AuditRecord, LogLine, movements_in, text};
use crate::audit::seal::tree::leaf_hash;
use crate::audit::seal::{Checkpoint, Tree, root_text};
use crate::store::Store;
use crate::store::audit::{
    LedgerEntry, LedgerScope, Moment, MovementFacts, SealedMovement, UnreadableRow, Writer,
};

/// For how many differing rows the finding has the former and present values.
const DETAILS_MAX: usize = 200;
/// After how many rows progress is reported.
const PROGRESS_ROWS: u64 = 50_000;

/// The hash used in place of the leaf of a row that cannot be read.
const UNREADABLE_LEAF: [u8; 32] = [0xff; 32];

/// The result of comparing the ledger.
#[derive(Debug, Default)]
pub struct Compared {
    pub rows: u64,
    /// Rows that agree with their record.
    pub matched: u64,
    /// Rows that are older than the collected log.
    pub older: u64,
    /// By id, so that the same ones are reported each time, whatever order they are read in.
    differing: BTreeMap<Uuid, (Entry, SealedMovement, Writer)>,
    differing_more: Digest,
    leaves: Leaves,
    gone: HashSet<Uuid>,
    /// Rows that cannot be read, for which there are separate findings.
    told: HashSet<Uuid>,
    /// Rows that were written by another transaction than the one that they name.
    pub writers: Writers,
    unreadable: Vec<UnreadableRow>,
    /// Movements and counts that were made after the moment of this verification.
    pub young: HashSet<Uuid>,
}

/// The beginning of the log.
#[derive(Debug, Clone, Copy)]
pub struct LogBegin {
    /// The time of its first line.
    pub at: Option<Timestamp>,
    /// How many leaves of the ledger had been signed when older lines were dropped; `None` if none were.
    pub sealed_by_then: Option<u64>,
    /// How many counts and changes to master data had been signed by then.
    pub rows_by_then: u64,
}

impl LogBegin {
    /// Whether something posted at a time may precede the log, so that it has no record there. If older lines were
    /// dropped lawfully, its leaf decides, and postings near the limit are assumed to precede it.
    pub fn is_after(&self, posted_at: Timestamp) -> bool {
        let margin = if self.sealed_by_then.is_some() { WINDOW_MARGIN_MS } else { -WINDOW_MARGIN_MS };
        self.at.is_none_or(|at| posted_at.as_millisecond() < at.as_millisecond() + margin)
    }
}

impl Compared {
    /// Reads the ledger and compares it.
    pub async fn run(
        store: &Store,
        scope: &LedgerScope,
        moment: &Moment,
        analyser: &mut LogAnalyser,
        begin: LogBegin,
        progress: &Progress<'_>,
    ) -> Result<Self, VerifyError> {
        let base = match scope {
            LedgerScope::All => 0,
            LedgerScope::Since { leaf, .. } => *leaf,
        };
        let mut compared = Self { leaves: Leaves::from(base), ..Self::default() };
        let mut read = 0;
        store
            .ledger_entries(scope, moment, |entry| {
                compared.take(entry, analyser, begin);
                read += 1;
                if read % PROGRESS_ROWS == 0 {
                    progress(Step::Movements, read, 0);
                }
            })
            .await?;
        Ok(compared)
    }

    fn take(&mut self, entry: LedgerEntry, analyser: &mut LogAnalyser, begin: LogBegin) {
        let LedgerEntry { movement, leaf, visible, judged, writer } = entry;
        let leaf = leaf.map(|(leaf_no, id, stored)| {
            (leaf_no, id, <[u8; 32]>::try_from(stored.as_slice()).unwrap_or_default())
        });
        let Some(movement) = movement else {
            if let Some((leaf_no, id, stored)) = leaf {
                self.gone.insert(id);
                // The checkpoint that confirms its stored hash proves what the row was.
                self.leaves.note(Leaf { number: leaf_no, stored, found: stored });
                let what =
                    format!("movement {id} was sealed as leaf {leaf_no} and is no longer in the ledger");
                let finding =
                    Finding::alarm(Kind::MovementGone, Verdict::CommittedWithoutRow, what).about(id);
                let former =
                    format!("movement {id} was sealed as leaf {leaf_no} and is no longer in the ledger");
                analyser.findings.add(finding.of(leaf_no).formerly(former));
            }
            return;
        };
        let movement = match movement {
            Ok(movement) => movement,
            Err(row) => return self.take_unreadable(row, leaf),
        };
        // The row consists of numbers, texts and times, which JSON can always represent.
        let hash = leaf.map(|_| leaf_hash(&movement.leaf().unwrap_or_default()));
        let leaf = leaf.zip(hash).map(|((number, _, stored), found)| {
            let leaf = Leaf { number, stored, found };
            self.leaves.note(leaf);
            leaf
        });
        let sealed_otherwise = leaf.is_some_and(|leaf| !leaf.agrees());
        if !visible {
            self.young.insert(movement.facts.id);
        }
        if !visible || judged {
            if sealed_otherwise {
                let id = movement.facts.id;
                let what = format!("movement {id} differs from what was sealed");
                let now = hash.map(|hash| format!("leaf {}", root_text(hash)));
                let finding =
                    Finding::alarm(Kind::MovementDiffersFromSeal, Verdict::ContentDiffers, what).about(id);
                let former = format!("movement {id} is not what was sealed");
                let finding = finding.written_in(writer.other());
                analyser.findings.add(finding.change(None, now).formerly(former));
            }
            return;
        }
        self.rows += 1;
        let id = movement.facts.id;
        let txid = low_half(movement.xid);
        self.writers.note_future(Posted::Movements, id, writer);
        match analyser.records.find_movement(id, txid) {
            Some((entry, same_transaction)) => {
                let agrees = same_transaction
                    && entry.content == fingerprint(&movement.facts)
                    && analyser.records.name(entry.login) == movement.posted_by;
                if agrees && !sealed_otherwise {
                    self.matched += 1;
                    self.writers.note_other(Posted::Movements, id, writer);
                } else {
                    self.note_differing(entry, movement, writer);
                }
            }
            None => self.without_record(&movement, writer, leaf, analyser, begin),
        }
    }

    fn take_unreadable(&mut self, row: UnreadableRow, leaf: Option<(u64, Uuid, [u8; 32])>) {
        if let Some((leaf_no, _, stored)) = leaf {
            // Its values are those of no movement, so it has no leaf of its own to compare.
            self.leaves.note(Leaf { number: leaf_no, stored, found: UNREADABLE_LEAF });
        }
        self.told.extend(row.id);
        if !self.unreadable.contains(&row) {
            self.unreadable.push(row);
        }
    }

    fn note_differing(&mut self, entry: Entry, movement: SealedMovement, writer: Writer) {
        self.differing.insert(movement.facts.id, (entry, movement, writer));
        if self.differing.len() > DETAILS_MAX
            && let Some((id, (entry, movement, _))) = self.differing.pop_last()
        {
            let leaf = root_text(leaf_hash(&movement.leaf().unwrap_or_default()));
            self.differing_more.add(&format!("{id} {} {leaf}", entry.line_no));
        }
    }

    fn without_record(
        &mut self,
        movement: &SealedMovement,
        writer: Writer,
        leaf: Option<Leaf>,
        analyser: &mut LogAnalyser,
        begin: LogBegin,
    ) {
        let logins = &analyser.records.logins;
        let foreign = analyser.records.foreign.get_mut(&low_half(movement.xid)).and_then(|records| {
            records.iter_mut().find(|record| {
                record.found < record.rows
                    && logins.get(record.login as usize).is_some_and(|login| *login == movement.posted_by)
            })
        });
        if let Some(record) = foreign {
            record.found += 1;
            return;
        }
        let id = movement.facts.id;
        if begin.is_after(movement.posted_at) {
            let known = match begin.sealed_by_then {
                Some(sealed) => leaf.is_some_and(|leaf| leaf.number < sealed),
                None => true,
            };
            match leaf {
                Some(leaf) if !leaf.agrees() => {
                    let what = format!("movement {id} differs from what was sealed");
                    let now = format!("{}, leaf {}", facts_words(&movement.facts), root_text(leaf.found));
                    let former = format!("movement {id} is not what was sealed");
                    let finding =
                        Finding::alarm(Kind::MovementDiffersFromSeal, Verdict::ContentDiffers, what);
                    let finding = finding.about(id).written_in(writer.other());
                    analyser.findings.add(finding.change(None, Some(now)).formerly(former));
                    return;
                }
                _ if known => {
                    self.older += 1;
                    self.writers.note_other(Posted::Movements, id, writer);
                    return;
                }
                _ => {}
            }
        }
        let older = begin.is_after(movement.posted_at);
        let (verdict, why, former) = if older && begin.sealed_by_then.is_some() {
            (
                Verdict::RowWithoutRecord,
                "by its time it was posted before the log begins, but it had not been sealed when older log entries were pruned",
                "by its time it was posted before the log begins, but it had not been sealed when older log entries were dropped",
            )
        } else if analyser.windows.iter().any(|window| window.covers(movement.posted_at)) {
            let why = "records were lost around the time at which it was posted";
            (Verdict::Unknown, why, why)
        } else {
            (
                Verdict::RowWithoutRecord,
                "it was inserted without being recorded",
                "it was put there past the audit",
            )
        };
        let mut finding = Finding::alarm(
            Kind::MovementWithoutRecord,
            verdict,
            format!("movement {id} has no audit record: {why}"),
        )
        .about(id)
        .formerly(format!("no record explains movement {id}: {former}"));
        finding.who = Some(movement.posted_by.clone());
        finding.when = Some(movement.posted_at.to_string());
        let finding = finding.of_posting().written_in(writer.other());
        analyser.findings.add(finding.change(None, Some(facts_words(&movement.facts))));
    }

    /// Whether a movement was sealed and is gone; then its record needs no separate finding.
    pub fn is_gone(&self, id: Uuid) -> bool {
        self.gone.contains(&id)
    }

    /// Whether a row was reported for its contents; then its record needs no separate finding.
    pub fn is_told(&self, id: Uuid) -> bool {
        self.told.contains(&id)
    }

    /// Reports what differs, row by row.
    pub async fn report_differing(
        &mut self,
        store: &Store,
        analyser: &mut LogAnalyser,
    ) -> Result<(), VerifyError> {
        self.unreadable.sort_by_key(|row| row.id);
        for row in std::mem::take(&mut self.unreadable) {
            let name = row.id.map_or_else(|| "without an id".to_owned(), |id| id.to_string());
            let what = format!("movement {name} has a value that no movement can have");
            let words = store.unreadable_movement(row).await?;
            let mut finding = Finding::alarm(Kind::MovementUnreadable, Verdict::ContentDiffers, what)
                .change(None, Some(words));
            finding.movement = row.id;
            analyser.findings.add(finding);
        }
        for (entry, movement, writer) in std::mem::take(&mut self.differing).into_values() {
            let line = store.kept_lines(entry.line_no, entry.line_no + 1).await?.pop();
            let recorded = line.as_ref().and_then(|line| facts_of(&line.raw, movement.facts.id));
            let id = movement.facts.id;
            let recorder = analyser.records.name(entry.login).to_owned();
            let differences = differences(recorded.as_ref(), &entry, &recorder, &movement);
            let (kind, what, former) = if differences.0.is_empty() {
                (
                    Kind::MovementDiffersFromSeal,
                    format!(
                        "movement {id} agrees with its audit record but differs from what was sealed: a value that the server set was changed"
                    ),
                    format!(
                        "movement {id} agrees with its record, and is not what was sealed: what the server filled in was changed"
                    ),
                )
            } else {
                (
                    Kind::MovementDiffers,
                    format!("movement {id} differs from its audit record"),
                    format!("movement {id} is not what its record says"),
                )
            };
            let mut finding = Finding::alarm(kind, Verdict::ContentDiffers, what)
                .about(id)
                .at_line(entry.line_no)
                .formerly(former);
            finding.who = Some(movement.posted_by.clone());
            finding.when = Some(movement.posted_at.to_string());
            let finding = finding.of_posting().written_in(writer.other());
            let told = |text: String| (!text.is_empty()).then_some(text);
            analyser.findings.add(finding.change(told(differences.0), told(differences.1)));
        }
        if let Some((count, digest)) = self.differing_more.told() {
            let what = format!("{count} more movements differ from their audit records");
            let finding = Finding::alarm(Kind::MoreMovementsDiffer, Verdict::ContentDiffers, what)
                .of(count)
                .formerly(format!("{count} more movements are not what their records say"));
            analyser.findings.add(finding.change(None, Some(format!("all of them together {digest}"))));
        }
        Ok(())
    }

    /// Compares the trees over the rows with the checkpoints, and returns them as far as they reach.
    pub fn hold_against(
        &mut self,
        trees: Trees,
        checkpoints: &[Checkpoint],
        analyser: &mut LogAnalyser,
    ) -> Trees {
        std::mem::take(&mut self.leaves).hold_against(Tree::Ledger, trees, checkpoints, analyser)
    }
}

/// The finding about a checkpoint of a larger tree than the present one.
pub fn older_state(what: &str, size: u64, checkpoint: &Checkpoint) -> Finding {
    let mut finding = Finding::alarm(
        Kind::OlderState,
        Verdict::EvidenceAltered,
        format!(
            "according to the checkpoint {} {what}, but the database has {size}: an older backup was restored, or evidence was removed",
            checkpoint.size
        ),
    );
    finding.when = checkpoint.signed_at.map(|time| time.to_string());
    let (tree, size) = (checkpoint.tree.as_str(), checkpoint.size);
    let root = root_text(checkpoint.root);
    let former = format!("older state {tree} {size} {root}");
    finding.of(tree).of(size).of(root).whatever_its_values().formerly(former)
}

/// The half of a transaction's number that the log contains.
pub fn low_half(xid: u64) -> u32 {
    (xid & u64::from(u32::MAX)) as u32
}

/// What a line records about a movement.
pub fn facts_of(raw: &[u8], id: Uuid) -> Option<MovementFacts> {
    let text = text(raw);
    let line = LogLine::read(&text)?;
    let record = AuditRecord::read(&line.message).ok()?;
    movements_in(&record).ok()?.into_iter().find(|facts| facts.id == id)
}

/// A movement or count as text for a finding.
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

/// The columns that differ, with their former and present values.
fn differences(
    recorded: Option<&MovementFacts>,
    entry: &Entry,
    recorder: &str,
    movement: &SealedMovement,
) -> (String, String) {
    let mut pairs: Vec<(String, String, String)> = Vec::new();
    if let Some(recorded) = recorded {
        let (before, after) = (columns(recorded), columns(&movement.facts));
        let names: BTreeSet<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
        // A column may be left out if it has no value.
        let value = |columns: &[(String, String)], wanted: &str| {
            let found = columns.iter().find(|(name, _)| name == wanted);
            found.map_or_else(|| "null".to_owned(), |(_, value)| value.clone())
        };
        for name in names {
            let pair = (value(&before, name), value(&after, name));
            if pair.0 != pair.1 {
                pairs.push((name.clone(), pair.0, pair.1));
            }
        }
    }
    if recorder != movement.posted_by {
        pairs.push(("posted_by".to_owned(), recorder.to_owned(), movement.posted_by.clone()));
    }
    if !entry.is_by(low_half(movement.xid)) {
        pairs.push(("transaction".to_owned(), entry.txid.to_string(), low_half(movement.xid).to_string()));
    }
    let join = |pick: fn(&(String, String, String)) -> &String| {
        pairs.iter().map(|pair| format!("{} {}", pair.0, pick(pair))).collect::<Vec<_>>().join(", ")
    };
    (join(|pair| &pair.1), join(|pair| &pair.2))
}

/// Whether the row of a record exists after all, and agrees with it. After a crash a transaction may have a number that
/// an earlier snapshot regarded as ended, so that its rows are not among the new ones.
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
        let Some(row) = store.ledger_rows(&[id]).await?.remove(&id).flatten() else { return Ok(false) };
        (fingerprint(&row.facts), row.posted_by, row.xid)
    };
    Ok(content == entry.content && posted_by == recorder && entry.is_by(low_half(xid)))
}
