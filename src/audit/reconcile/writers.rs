//! Rows that were written by another transaction than the one they name. Posted rows are never written again, and
//! whoever forges a row can choose everything in it except the number that the server stores with it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::analyser::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::store::audit::Writer;

/// The table that such rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Posted {
    Movements,
    Counts,
    /// Rows of the register of reversals.
    Reversals,
    /// Changes to master data; the number of the change stands for an id.
    Changes,
}

impl Posted {
    fn words(self) -> &'static str {
        match self {
            Self::Movements => "movements",
            Self::Counts => "counts",
            Self::Reversals => "registrations of reversals",
            Self::Changes => "changes to master data",
        }
    }
}

/// The rows, by table and by who wrote them: the first of them, and how many.
#[derive(Debug, Clone, Default)]
pub struct Writers {
    rows: BTreeMap<(Posted, Writer), (Uuid, u64)>,
}

impl Writers {
    /// Adds a row if it names a transaction of the future.
    pub fn note_future(&mut self, what: Posted, id: Uuid, writer: Writer) {
        if matches!(writer, Writer::NamesFuture(_)) {
            self.note(what, id, writer);
        }
    }

    /// Adds a row if another transaction wrote it. One that differs from its record is reported for that.
    pub fn note_other(&mut self, what: Posted, id: Uuid, writer: Writer) {
        if matches!(writer, Writer::Other(_)) {
            self.note(what, id, writer);
        }
    }

    /// Adds a row if it was not written by the transaction that it names.
    pub fn note(&mut self, what: Posted, id: Uuid, writer: Writer) {
        if writer != Writer::Named {
            let (first, rows) = self.rows.entry((what, writer)).or_insert((id, 0));
            (*first, *rows) = ((*first).min(id), *rows + 1);
        }
    }

    /// The name of a row in a finding.
    fn name(what: Posted, id: Uuid) -> String {
        if what == Posted::Changes { id.as_u64_pair().1.to_string() } else { id.to_string() }
    }

    /// Reports them, once for each transaction that wrote some. A row may have been rolled back and then inserted by
    /// hand, with its record to support it; rows restored from a dump look the same.
    pub fn report(&self, analyser: &mut LogAnalyser) {
        for ((what, writer), (id, rows)) in &self.rows {
            let first = Self::name(*what, *id);
            let (kind, writer, cause) = match writer {
                Writer::Named => continue,
                Writer::Other(writer) if *what == Posted::Movements => (
                    Kind::RowsWrittenByOther,
                    writer,
                    "not by the transaction that they name: inserted in place of rows that were rolled back, changed and changed back, or restored from a dump",
                ),
                Writer::Other(writer) => (
                    Kind::RowsWrittenByOther,
                    writer,
                    "not by the transaction that posted them: inserted, changed, or restored from a dump",
                ),
                Writer::NamesFuture(writer) => {
                    (Kind::RowsOfFuture, writer, "and name a transaction that has not begun yet")
                }
            };
            let words = what.words();
            let former = match kind {
                Kind::RowsOfFuture => {
                    format!("{rows} {words} of the future, from {first} on, written by {writer}")
                }
                _ if *what == Posted::Movements => format!("{rows} rows written by {writer}"),
                _ => format!("{rows} {words} written by {writer}"),
            };
            let sentence = format!(
                "{words} (rows: {rows}, first: {first}) were written by transaction {writer}, {cause}"
            );
            let mut finding = Finding::alarm(kind, Verdict::LedgerAltered, sentence)
                .of(words)
                .of(rows)
                .of(writer)
                .written_in(Some(*writer))
                .whatever_its_values()
                .formerly(former);
            finding.movement = (*what != Posted::Changes).then_some(*id);
            analyser.findings.add(finding);
        }
    }
}
