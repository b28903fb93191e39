//! Compares the counts with their records.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::analyser::LogAnalyser;
use super::leaves::Leaf;
use super::ledger::{LogBegin, facts_words, low_half};
use super::records::fingerprint;
use super::writers::{Posted, Writers};
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::store::audit::{CountRow, UnreadableCount};

/// The result of comparing the counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ComparedCounts {
    pub judged: u64,
    /// Counts that were made after the moment of the verification.
    pub young: HashSet<Uuid>,
    /// Counts that cannot be read, for which there are separate findings.
    pub told: HashSet<Uuid>,
}

/// Compares the counts with their records.
pub fn compare_counts(
    rows: &[Result<CountRow, UnreadableCount>],
    analyser: &mut LogAnalyser,
    begin: LogBegin,
    leaves: &HashMap<Uuid, Leaf>,
    writers: &mut Writers,
) -> ComparedCounts {
    let mut compared = ComparedCounts::default();
    for row in rows {
        match row {
            Ok(row) if row.visible => {
                compared.judged += 1;
                compare(row, leaves.get(&row.facts.id), analyser, begin, writers);
            }
            Ok(row) => drop(compared.young.insert(row.facts.id)),
            Err(row) => {
                compared.told.extend(row.id);
                report_unreadable(row, analyser);
            }
        }
    }
    compared
}

fn report_unreadable(row: &UnreadableCount, analyser: &mut LogAnalyser) {
    let name = row.id.map_or_else(|| "without an id".to_owned(), |id| id.to_string());
    let what = format!("count {name} has a value that no count can have");
    let mut finding = Finding::alarm(Kind::CountUnreadable, Verdict::ContentDiffers, what)
        .change(None, Some(row.words.clone()));
    finding.movement = row.id;
    analyser.findings.add(finding);
}

fn compare(
    row: &CountRow,
    leaf: Option<&Leaf>,
    analyser: &mut LogAnalyser,
    begin: LogBegin,
    writers: &mut Writers,
) {
    let id = row.facts.id;
    let txid = low_half(row.xid);
    writers.note_future(Posted::Counts, id, row.writer);
    let Some((entry, same_transaction)) = analyser.records.find_count(id, txid) else {
        let foreign = analyser
            .records
            .foreign
            .get_mut(&txid)
            .and_then(|records| records.iter_mut().find(|record| record.found < record.rows));
        match foreign {
            Some(record) => record.found += 1,
            None if leaf.is_some_and(|leaf| !leaf.agrees()) => report_resealed(row, analyser),
            None if begin.sealed_by_then.is_some()
                && begin.is_after(row.posted_at)
                && leaf.is_some_and(|leaf| leaf.number < begin.rows_by_then) =>
            {
                writers.note_other(Posted::Counts, id, row.writer);
            }
            None => without_record(row, analyser),
        }
        return;
    };
    let agrees = same_transaction
        && entry.content == fingerprint(&row.facts)
        && analyser.records.name(entry.login) == row.posted_by;
    if agrees && leaf.is_some_and(|leaf| !leaf.agrees()) {
        report_resealed(row, analyser);
    } else if agrees {
        writers.note_other(Posted::Counts, id, row.writer);
    } else {
        let mut finding = Finding::alarm(
            Kind::CountDiffers,
            Verdict::ContentDiffers,
            format!("count {id} differs from its audit record"),
        )
        .formerly(format!("count {id} is not what its record says"))
        .about(id)
        .at_line(entry.line_no);
        finding.who = Some(row.posted_by.clone());
        let finding = finding.of_posting().written_in(row.writer.other());
        let now = format!("{}, transaction {txid}", facts_words(&row.facts));
        analyser.findings.add(finding.change(None, Some(now)));
    }
}

/// Reports a count that differs from what was sealed although its record, if there is one, agrees: what the server
/// filled in was changed.
fn report_resealed(row: &CountRow, analyser: &mut LogAnalyser) {
    let id = row.facts.id;
    let mut finding = Finding::alarm(
        Kind::CountDiffersFromSeal,
        Verdict::ContentDiffers,
        format!("count {id} differs from what was sealed"),
    )
    .formerly(format!("count {id} is not what was sealed"))
    .about(id);
    finding.who = Some(row.posted_by.clone());
    let finding = finding.of_posting().written_in(row.writer.other());
    let now = format!(
        "{}, expected {}, posted at {}, transaction {}",
        facts_words(&row.facts),
        row.expected,
        row.posted_at,
        row.xid
    );
    analyser.findings.add(finding.change(None, Some(now)));
}

fn without_record(row: &CountRow, analyser: &mut LogAnalyser) {
    let id = row.facts.id;
    let (verdict, why) = if analyser.windows.iter().any(|window| window.covers(row.posted_at)) {
        (Verdict::Unknown, ": records were lost around the time at which it was posted")
    } else {
        (Verdict::RowWithoutRecord, "")
    };
    let mut finding =
        Finding::alarm(Kind::CountWithoutRecord, verdict, format!("count {id} has no audit record{why}"))
            .formerly(format!("no record explains count {id}{why}"))
            .about(id);
    finding.who = Some(row.posted_by.clone());
    finding.when = Some(row.posted_at.to_string());
    let finding = finding.of_posting().written_in(row.writer.other());
    analyser.findings.add(finding.change(None, Some(facts_words(&row.facts))));
}

#[cfg(test)]
mod tests;
