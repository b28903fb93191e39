//! Records of changes to master data, which are compared with their history.

use super::LogAnalyser;
use crate::audit::reconcile::known::is_ours;
use crate::audit::reconcile::records::MasterRecord;
use crate::audit::record::master::{RecordedValues, is_inserted, values_in};
use crate::audit::record::{AuditRecord, LogLine};

/// The history of master data and orders, which only a trigger writes.
pub(super) const MASTER_HISTORY: &str = "stock.master_history";
/// The tables whose rows are in the history.
pub(super) const MASTER_DATA: [&str; 14] = [
    "stock.products",
    "stock.barcodes",
    "stock.locations",
    "stock.lots",
    "stock.partners",
    "stock.partner_fields",
    "stock.privacy_events",
    "stock.person_names",
    "stock.orders",
    "stock.order_lines",
    "stock.product_suppliers",
    "stock.order_events",
    "stock.reservations",
    "stock.order_policies",
];
/// The lines of orders. Only a statement of the program removes them, from drafts.
const ORDER_LINES: &str = "stock.order_lines";
/// The wrapped data keys. The functions that write them leave no record, so any record is from something else.
pub(super) const DATA_KEYS: &str = "stock.data_keys";
/// What pgaudit calls the trigger that writes the history of a table, before the name of the table.
const MASTER_TRIGGER: &str = "keep_master_history on stock.";

impl LogAnalyser {
    /// The history of a table begins with its trigger: earlier records of that table have no rows in it. Releases add
    /// tables, so those of other tables stay.
    pub(super) fn take_beginning(&mut self, record: &AuditRecord<'_>) {
        let Some(table) = record.object_name.strip_prefix(MASTER_TRIGGER) else { return };
        if record.command != "CREATE TRIGGER" || !is_ours(&record.statement) {
            return;
        }
        for records in self.records.master.values_mut() {
            records.retain(|earlier| earlier.table.as_deref() != Some(table));
        }
        self.records.master.retain(|_, records| !records.is_empty());
    }

    /// The record of a change to master data. If it changed nothing or precedes the history, it has no rows there.
    pub(super) fn take_master(&mut self, line: &LogLine<'_>, line_no: u64, record: &AuditRecord<'_>) {
        if is_ours(&record.statement) {
            return;
        }
        let named = record.object_name.strip_prefix("stock.").map(str::to_owned);
        let values = if named.is_some() { values_in(record) } else { RecordedValues::Unknown };
        let inserted = matches!(values, RecordedValues::Inserted(_));
        // What says which rows it inserted must have inserted them.
        if named.is_some() && record.rows == Some(0) && !inserted {
            return;
        }
        let read = inserted || matches!(values, RecordedValues::Rows { .. });
        let only_by_program = match record.command.as_ref() {
            "INSERT" => named.as_deref().is_some_and(is_inserted),
            "DELETE" => record.object_name == ORDER_LINES,
            _ => false,
        };
        let login = self.records.login(&line.user);
        let rows = record.rows.filter(|_| named.is_some());
        let foreign = only_by_program && !read;
        let found = MasterRecord { line_no, table: named, login, rows, found: 0, values, foreign };
        let txid = u32::try_from(line.txid).unwrap_or(0);
        self.records.master.entry(txid).or_default().push(found);
    }
}
