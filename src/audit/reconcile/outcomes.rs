//! The outcomes of transactions that left a record but no row, according to the server and to crashes in the log.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::VerifyError;
use super::analyser::LogAnalyser;
use super::context;
use super::counts::ComparedCounts;
use super::ledger::{Compared, facts_of, facts_words, is_there};
use super::records::Entry;
use super::rows::{ComparedRows, report_missing_changes};
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::{LogLine, text};
use crate::store::Store;
use crate::store::audit::{Moment, TransactionOutcome};

/// How many transactions are queried at a time.
const OUTCOMES_PER_ASK: usize = 10_000;

/// What became of the records without a row.
pub struct Ends {
    pub rolled_back: u64,
    pub waiting: Vec<(Uuid, Entry, bool)>,
}

/// The full number of a transaction from the half that the log contains: the one nearest to now.
fn whole_xid(txid: u32, next: u64) -> u64 {
    let epoch = next & !u64::from(u32::MAX);
    let candidates = [epoch.checked_sub(1 << 32), Some(epoch), epoch.checked_add(1 << 32)];
    candidates
        .into_iter()
        .flatten()
        .map(|epoch| epoch | u64::from(txid))
        .min_by_key(|xid| xid.abs_diff(next))
        .unwrap_or_else(|| u64::from(txid))
}

/// The outcomes of transactions, by the half of their number that the log contains.
pub async fn outcomes(
    store: &Store,
    txids: HashSet<u32>,
    moment: &Moment,
) -> Result<HashMap<u32, TransactionOutcome>, VerifyError> {
    let xids: Vec<(u32, u64)> =
        txids.into_iter().map(|txid| (txid, whole_xid(txid, moment.next_xid))).collect();
    let mut found = HashMap::with_capacity(xids.len());
    for part in xids.chunks(OUTCOMES_PER_ASK) {
        let numbers: Vec<u64> = part.iter().map(|(_, xid)| *xid).collect();
        let known = store.outcomes(&numbers, moment).await?;
        for (txid, xid) in part {
            found.insert(*txid, known.get(xid).copied().unwrap_or(TransactionOutcome::Forgotten));
        }
    }
    Ok(found)
}

/// Whether the row of a record was made after the moment, and whether there is a separate finding about it.
fn row_is(id: Uuid, is_count: bool, compared: &Compared, counts: &ComparedCounts) -> (bool, bool) {
    if is_count {
        (counts.young.contains(&id), counts.told.contains(&id))
    } else {
        (compared.young.contains(&id), compared.is_told(id))
    }
}

/// Determines what became of records for which no row was found.
pub async fn settle(
    store: &Store,
    moment: &Moment,
    compared: &Compared,
    counts: &ComparedCounts,
    rows: &ComparedRows,
    analyser: &mut LogAnalyser,
) -> Result<Ends, VerifyError> {
    let unmatched: Vec<(Uuid, Entry, bool)> = analyser.records.unmatched().collect();
    let mut asked: HashSet<u32> = unmatched.iter().map(|(_, entry, _)| entry.txid).collect();
    asked.extend(analyser.pending_transactions());
    asked.extend(analyser.records.master.keys());
    let outcomes = outcomes(store, asked, moment).await?;
    let mut ends = Ends { rolled_back: 0, waiting: Vec::new() };
    for (id, entry, is_count) in unmatched {
        // Its row exists, and was made after the moment: the next verification covers both. A row committed by then
        // would have been visible; a younger one was put in its place.
        let committed = outcomes.get(&entry.txid) == Some(&TransactionOutcome::Committed);
        let (young, told) = row_is(id, is_count, compared, counts);
        if young && !committed {
            ends.waiting.push((id, entry, is_count));
            continue;
        }
        if told {
            continue;
        }
        let recorder = analyser.records.name(entry.login).to_owned();
        if committed && is_there(store, moment, id, &entry, is_count, &recorder).await? {
            continue;
        }
        if analyser.is_cut_off(entry.txid, entry.line_no) {
            // If it was sealed and is gone, that is reported with its leaf.
            ends.rolled_back += 1;
            continue;
        }
        match outcomes.get(&entry.txid) {
            Some(TransactionOutcome::RolledBack) => {
                ends.rolled_back += 1;
                continue;
            }
            Some(TransactionOutcome::Later) => {
                ends.waiting.push((id, entry, is_count));
                continue;
            }
            // Reported with its leaf.
            _ if if is_count { rows.gone.contains(&id) } else { compared.is_gone(id) } => {
                tell_record(store, id, entry.line_no, analyser).await?;
                continue;
            }
            _ => {}
        }
        let (verdict, what, former) = record_without_row(id, is_count, &entry, committed);
        let mut finding = Finding::alarm(Kind::RecordWithoutRow, verdict, what)
            .about(id)
            .at_line(entry.line_no)
            .of_posting();
        if let Some(former) = former {
            finding = finding.formerly(former);
        }
        finding.who = Some(recorder);
        let line = store.kept_lines(entry.line_no, entry.line_no + 1).await?.pop();
        let before = line.and_then(|line| facts_of(&line.raw, id));
        analyser.findings.add(finding.change(before.map(|facts| facts_words(&facts)), None));
    }
    analyser.report_pending(&outcomes);
    report_missing_changes(store, analyser, &outcomes).await?;
    Ok(ends)
}

/// The finding about a record whose row does not exist, and its former sentence.
fn record_without_row(
    id: Uuid,
    is_count: bool,
    entry: &Entry,
    committed: bool,
) -> (Verdict, String, Option<String>) {
    let kind = if is_count { "count" } else { "movement" };
    if entry.txid == 0 {
        let what = format!(
            "{kind} {id} was recorded without the number of its transaction and is not there; it was refused, rolled back or removed"
        );
        (Verdict::Unknown, what, None)
    } else if committed {
        let what = format!(
            "{kind} {id} was recorded and its transaction was committed, but it is not there: it was removed, or rolled back to a savepoint while the trigger that refuses savepoints was off"
        );
        let former = format!(
            "{kind} {id} was recorded and its transaction was committed, but it is not there: it was removed, or taken back to a savepoint while the guard against that was off"
        );
        (Verdict::CommittedWithoutRow, what, Some(former))
    } else {
        let what = format!(
            "{kind} {id} was recorded but is not there; the server no longer knows whether its transaction was committed"
        );
        let former = format!(
            "{kind} {id} was recorded and is not there; the server has forgotten whether its transaction was committed"
        );
        (Verdict::Unknown, what, Some(former))
    }
}

/// Adds to the finding about a missing row who had posted its contents.
async fn tell_record(
    store: &Store,
    id: Uuid,
    line_no: u64,
    analyser: &mut LogAnalyser,
) -> Result<(), VerifyError> {
    let Some(kept) = store.kept_lines(line_no, line_no + 1).await?.pop() else { return Ok(()) };
    let text = text(&kept.raw);
    let Some(line) = LogLine::read(&text) else { return Ok(()) };
    let before = facts_of(&kept.raw, id).map(|facts| facts_words(&facts));
    analyser.findings.tell_more(id, |finding| {
        context::at(line_no, &line, finding).of_posting().change(before.clone(), None)
    });
    Ok(())
}

/// Reports postings by other programs, once for each record.
pub async fn report_foreign(
    store: &Store,
    moment: &Moment,
    analyser: &mut LogAnalyser,
) -> Result<(), VerifyError> {
    let foreign = std::mem::take(&mut analyser.records.foreign);
    let outcomes = outcomes(store, foreign.keys().copied().collect(), moment).await?;
    for (txid, records) in foreign {
        for record in records {
            let outcome = outcomes.get(&txid);
            let cut_off = analyser.is_cut_off(txid, record.line_no);
            if record.found == 0 && (cut_off || matches!(outcome, Some(TransactionOutcome::RolledBack))) {
                continue;
            }
            if matches!(outcome, Some(TransactionOutcome::Later)) {
                analyser.records.foreign.entry(txid).or_default().push(record);
                continue;
            }
            let mut finding = foreign_finding(store, record.line_no, record.rows, record.found).await?;
            finding.who = Some(analyser.records.name(record.login).to_owned());
            analyser.findings.add(finding);
        }
    }
    Ok(())
}

/// The finding about rows whose values could not be compared with their record.
pub async fn foreign_finding(
    store: &Store,
    line_no: u64,
    rows: u64,
    found: u64,
) -> Result<Finding, VerifyError> {
    let mut what = format!(
        "{rows} rows were posted by a statement that is not Stockroom's; its values cannot be compared"
    );
    if found < rows {
        what.push_str(&format!("; only {found} of them are there"));
    }
    let mut finding = Finding::alarm(Kind::ForeignStatement, Verdict::ForeignWriter, what)
        .at_line(line_no)
        .of(rows)
        .of(found);
    if let Some(line) = store.kept_lines(line_no, line_no + 1).await?.pop() {
        let text = text(&line.raw);
        if let Some(line) = LogLine::read(&text) {
            finding.when = Some(line.timestamp.as_ref().to_owned());
            finding.from = Some(context::from_words(&line));
            finding.session = Some(line.session_id.as_ref().to_owned());
            finding.statement = Some(line.message.as_ref().to_owned());
        }
    }
    Ok(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_of_a_transaction() {
        assert_eq!(whole_xid(700, 800), 700);
        assert_eq!(whole_xid(900, 800), 900);
        let next = (5 << 32) + 10;
        assert_eq!(whole_xid(u32::MAX, next), (4 << 32) + u64::from(u32::MAX));
        assert_eq!(whole_xid(3, next), (5 << 32) + 3);
        assert_eq!(whole_xid(2, (5 << 32) - 1), (5 << 32) + 2);
    }
}
