//! Rows of lists as a table of texts, for the export of a list on the screen.
//!
//! Boundary: column names and plain values, exact and independent of the language. The format of the file is not known
//! here.

mod orders;

use std::fmt::Display;

use super::{CheckFinding, DaySum, ImportRun, Level, Record, RecordKind, StockRow};

/// A row that can be exported from a list.
pub trait Listed {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The values, one for each column.
    fn fields(&self) -> Vec<String>;
}

/// A table of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedTable {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl ListedTable {
    /// The table of some rows.
    pub fn of<'a, T: Listed + 'a>(rows: impl IntoIterator<Item = &'a T>) -> Self {
        Self { columns: T::COLUMNS.to_vec(), rows: rows.into_iter().map(Listed::fields).collect() }
    }

    /// The table of records of one kind; what is secret has no column.
    #[must_use]
    pub fn of_records(kind: RecordKind, records: &[Record]) -> Self {
        let fields = || kind.fields().iter().filter_map(|rule| Some((rule.field, rule.field.column()?)));
        let row = |record: &Record| {
            let values = fields().map(|(field, _)| record.text(field));
            values.chain([if record.is_out_of_use() { "yes" } else { "no" }.to_owned()]).collect()
        };
        let columns = fields().map(|(_, column)| column).chain(["out_of_use"]).collect();
        Self { columns, rows: records.iter().map(row).collect() }
    }
}

/// The text of an optional value; empty if it is missing.
pub(in crate::domain) fn some<T: Display>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

impl Listed for StockRow {
    const COLUMNS: &'static [&'static str] = &[
        "sku",
        "name",
        "category",
        "unit",
        "tracking",
        "on_hand",
        "available",
        "places",
        "expires_on",
        "reorder_point",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            some(self.category.as_ref()),
            self.unit.to_string(),
            self.tracking.as_str().to_owned(),
            self.on_hand.to_string(),
            self.available.to_string(),
            self.places.to_string(),
            some(self.expires_on.as_ref()),
            some(self.reorder_point.as_ref()),
        ]
    }
}

impl Listed for Level {
    const COLUMNS: &'static [&'static str] =
        &["sku", "location", "lot", "expires_on", "on_hand", "reserved", "available", "blocked_by"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.location.to_string(),
            some(self.lot.as_ref()),
            some(self.expires_on.as_ref()),
            self.on_hand.to_string(),
            self.reserved.to_string(),
            self.available.to_string(),
            some(self.blocked_by.as_ref()),
        ]
    }
}

impl Listed for ImportRun {
    const COLUMNS: &'static [&'static str] = &[
        "started_at",
        "finished_at",
        "outcome",
        "feed",
        "file",
        "started_by",
        "rows_read",
        "rows_posted",
        "rows_rejected",
        "seconds",
        "message",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.started_at.to_string(),
            some(self.finished_at.as_ref()),
            self.outcome.map(|outcome| outcome.as_str().to_owned()).unwrap_or_default(),
            self.feed.clone(),
            self.file_name.clone(),
            self.started_by.clone(),
            some(self.rows_read.as_ref()),
            some(self.rows_posted.as_ref()),
            some(self.rows_rejected.as_ref()),
            some(self.seconds.as_ref()),
            self.message.clone().unwrap_or_default(),
        ]
    }
}

impl Listed for DaySum {
    const COLUMNS: &'static [&'static str] = &["day", "login", "class", "command", "object", "records"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.day.to_string(),
            self.login.clone(),
            self.class.clone(),
            self.command.clone(),
            self.object.clone(),
            self.records.to_string(),
        ]
    }
}

impl Listed for CheckFinding {
    const COLUMNS: &'static [&'static str] = &["severity", "subject", "found", "remedy"];

    fn fields(&self) -> Vec<String> {
        vec![self.severity.as_str().to_owned(), self.subject.clone(), self.found.clone(), self.remedy.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{level, location_row, order, receipt, stock_row};

    fn fits<T: Listed>(row: &T) -> Vec<(&'static str, String)> {
        let fields = row.fields();
        assert_eq!(T::COLUMNS.len(), fields.len());
        T::COLUMNS.iter().copied().zip(fields).collect()
    }

    fn value<'a>(row: &'a [(&'static str, String)], column: &str) -> &'a str {
        row.iter().find(|(name, _)| *name == column).map(|(_, value)| value.as_str()).unwrap()
    }

    #[test]
    fn every_value_stands_under_its_column() {
        let stock = fits(&stock_row("W1", "Lantern"));
        assert_eq!(
            (value(&stock, "sku"), value(&stock, "name"), value(&stock, "on_hand")),
            ("W1", "Lantern", "0")
        );
        let level = fits(&level("W1", "A-01", 7));
        assert_eq!(
            (value(&level, "location"), value(&level, "available"), value(&level, "lot")),
            ("A-01", "7", "")
        );
        let id = crate::domain::PostingId::at("2026-11-20T09:30:00Z".parse().unwrap(), [7; 10]);
        let row = fits(&receipt(id, "W1", "MAIN", 3));
        assert_eq!((value(&row, "to"), value(&row, "posted_by"), value(&row, "from")), ("MAIN", "marie", ""));
        assert_eq!(value(&row, "posting_id"), id.to_string());
        let order = order();
        let row = fits(&order.row);
        assert_eq!((value(&row, "order"), value(&row, "late"), value(&row, "to")), ("SO-000017", "yes", ""));
        let line = fits(&order.lines[0]);
        assert_eq!((value(&line, "line"), value(&line, "open"), value(&line, "unit_price")), ("1", "5", ""));
        let event = fits(&order.events[1]);
        assert_eq!((value(&event, "decision"), value(&event, "change")), ("line_changed", "-3"));
    }

    #[test]
    fn records_have_the_columns_of_their_kind_and_no_secret() {
        let records = [Record::Location(location_row("A-01"))];
        let table = ListedTable::of_records(RecordKind::Location, &records);
        assert_eq!(table.columns, ["code", "name", "kind", "parent", "out_of_use"]);
        assert_eq!(table.rows, [["A-01", "", "bin", "", "no"]]);
        let people = ListedTable::of_records(RecordKind::Person, &[]);
        assert_eq!(people.columns, ["login", "role", "out_of_use"]);
    }
}
