//! Which transaction wrote a row, according to the system column `xmin`. The column `xid` of posted rows says the same,
//! but a superuser can write it.

/// The number of the next transaction. Any row that a statement can see was written by an earlier one.
pub(super) const NEXT: &str = "(SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()))";

/// Which transaction wrote a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Writer {
    /// The one that the row names, as for everything that was posted.
    Named,
    /// Another one than the row names; the low half of its number.
    Other(u32),
    /// A transaction, with this low half, that wrote the number of one that has not begun into the row.
    NamesFuture(u32),
}

impl Writer {
    /// The transaction that wrote the row, if it is not the one that posted it.
    #[must_use]
    pub fn other(self) -> Option<u32> {
        match self {
            Self::Named => None,
            Self::Other(transaction) | Self::NamesFuture(transaction) => Some(transaction),
        }
    }

    /// Reads the column that [`written_by`] selects.
    pub(super) fn read(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Named };
        match text.strip_prefix('-') {
            Some(xid) => Self::NamesFuture(xid.parse().unwrap_or(0)),
            None => Self::Other(text.parse().unwrap_or(0)),
        }
    }
}

/// The expression for the transaction that wrote a row of a table: null if it is the one that the row names.
pub(super) fn written_by(table: &str) -> String {
    format!(
        "CASE WHEN {table}.xid >= {NEXT} THEN '-' || {table}.xmin::text WHEN {table}.xmin <> {table}.xid::xid THEN {table}.xmin::text END"
    )
}

/// The expression for whether the transaction that wrote a row is visible in a snapshot, given as text.
///
/// `xmin` has no epoch: it is the last transaction with this low half. The column `xid` has one, and is used where the
/// two agree. A row that names an older transaction with the same low half is then visible, and is checked.
pub(super) fn visible(table: &str, snapshot: &str) -> String {
    let next = format!("{NEXT}::text::bigint");
    format!(
        "pg_catalog.pg_visible_in_snapshot(CASE WHEN {table}.xmin = {table}.xid::xid AND {table}.xid < {NEXT} THEN {table}.xid
              ELSE ({next} - (({next} - {table}.xmin::text::bigint) & 4294967295))::text::xid8 END, '{snapshot}'::pg_snapshot)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_read_as_the_server_writes_them() {
        assert_eq!(Writer::read(None), Writer::Named);
        assert_eq!(Writer::read(Some("741")), Writer::Other(741));
        assert_eq!(Writer::read(Some("-741")), Writer::NamesFuture(741));
    }
}
