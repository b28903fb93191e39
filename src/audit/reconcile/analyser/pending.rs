//! Writes of the ledger's trigger that wait for the record of their posting.

use std::collections::HashMap;

use super::master::MASTER_DATA;
use super::{LEDGER, LogAnalyser, RESERVATIONS};
use crate::audit::reconcile::session::PendingWrite;
use crate::audit::record::{AuditRecord, LogLine};
use crate::store::audit::TransactionOutcome;

impl LogAnalyser {
    /// Writes of the ledger's trigger precede the record of their posting. If another statement follows instead, there
    /// was no posting.
    pub(super) fn settle_pending(&mut self, line: &LogLine<'_>, record: &AuditRecord<'_>) {
        let Some(session) = self.state.sessions.get_mut(line.session_id.as_ref()) else { return };
        if session.pending.is_empty() {
            return;
        }
        let explained = matches!(
            (record.object_name.as_ref(), record.command.as_ref()),
            (LEDGER | RESERVATIONS, "INSERT") | ("", "COPY" | "COPY FROM")
        ) || MASTER_DATA.contains(&record.object_name.as_ref());
        let (same, other): (Vec<PendingWrite>, Vec<PendingWrite>) = std::mem::take(&mut session.pending)
            .into_iter()
            .partition(|pending| pending.statement_id == record.statement_id);
        if !explained {
            session.pending = same;
        }
        self.state.unexplained.extend(other);
    }

    /// The pending writes of each session, and those that no session has.
    fn waiting(&mut self) -> impl Iterator<Item = &mut Vec<PendingWrite>> {
        let sessions = self.state.sessions.values_mut().map(|session| &mut session.pending);
        sessions.chain(std::iter::once(&mut self.state.unexplained))
    }

    /// The transactions of pending writes.
    pub fn pending_transactions(&mut self) -> Vec<u32> {
        self.waiting().flatten().filter_map(|write| u32::try_from(write.txid).ok()).collect()
    }

    /// Reports the writes that no posting accounts for, unless their transaction was rolled back or has not ended.
    pub fn report_pending(&mut self, outcomes: &HashMap<u32, TransactionOutcome>) {
        let outcome =
            |write: &PendingWrite| u32::try_from(write.txid).ok().and_then(|txid| outcomes.get(&txid));
        let mut unexplained = Vec::new();
        for writes in self.waiting() {
            writes.retain(|write| outcome(write) != Some(&TransactionOutcome::RolledBack));
            let over = writes.extract_if(.., |write| outcome(write) != Some(&TransactionOutcome::Later));
            unexplained.extend(over);
        }
        for write in unexplained {
            self.findings.add(write.finding());
        }
    }
}
