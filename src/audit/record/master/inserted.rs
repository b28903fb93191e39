//! Rows of orders, order lines, order events and reservations as the audit records of their INSERTs have them. Such a
//! statement writes each of its rows or fails, so each must be found in the history once, with every value that was
//! sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Difference, StoredRow, agrees, text_of};
use crate::audit::record::array;
use crate::store::order_statements as sent;

/// Separates the values of a row in its text. No column can hold this character.
const SEPARATOR: char = '\u{1f}';
/// The columns that the server fills with the login that inserts the row and with the transaction id.
const SERVER_FILLED: [&str; 3] = ["posted_by", "created_by", "xid"];

/// Which parameter of a statement, counted from 1, is the value of a column.
enum Place {
    /// A scalar: the same value for every row.
    All(usize),
    /// An array with one value per row.
    Each(usize),
}

/// A statement of the program that inserts rows into a table, with the parameters that hold their values.
pub(super) struct Insert {
    pub text: &'static str,
    /// The name of the table, without its schema.
    table: &'static str,
    /// The columns, each with the parameter that holds its value. The first is the id.
    columns: &'static [(&'static str, Place)],
}

use Place::{All, Each};

/// Every statement of the program that inserts into these tables.
pub(super) const INSERTS: [Insert; 4] = [
    Insert {
        text: sent::INSERT_ORDER,
        table: "orders",
        columns: &[
            ("order_id", All(1)),
            ("kind", All(2)),
            ("partner_id", All(3)),
            ("partner_reference", All(4)),
            ("due_on", All(5)),
            ("ship_to_id", All(6)),
            ("to_location_id", All(7)),
            ("note", All(8)),
        ],
    },
    Insert {
        text: sent::INSERT_LINES,
        table: "order_lines",
        columns: &[
            ("order_line_id", Each(2)),
            ("order_id", All(1)),
            ("line_no", Each(3)),
            ("product_id", Each(4)),
            ("quantity", Each(5)),
            ("unit_price", Each(6)),
            ("over_percent", Each(7)),
        ],
    },
    Insert {
        text: sent::INSERT_ORDER_EVENT,
        table: "order_events",
        columns: &[
            ("id", All(1)),
            ("order_id", All(2)),
            ("order_line_id", All(3)),
            ("kind", All(4)),
            ("change", All(5)),
            ("reason", All(6)),
        ],
    },
    Insert {
        text: sent::INSERT_RESERVATIONS,
        table: "reservations",
        columns: &[
            ("id", Each(3)),
            ("posting_id", All(1)),
            ("order_line_id", Each(4)),
            ("product_id", Each(5)),
            ("location_id", Each(6)),
            ("lot_id", Each(7)),
            ("change", Each(8)),
            ("reason", All(2)),
        ],
    },
];

/// Whether the rows of a table, without its schema, are inserted by these statements alone.
#[must_use]
pub fn is_inserted(table: &str) -> bool {
    INSERTS.iter().any(|insert| insert.table == table)
}

impl Insert {
    /// The rows that the parameters describe; `None` if the parameters are not of the form that the program sends.
    pub(super) fn rows(&self, values: &[String]) -> Option<InsertedRows> {
        if values.len() != self.columns.len() {
            return None;
        }
        let mut lists = Vec::with_capacity(self.columns.len());
        for (_, place) in self.columns {
            lists.push(match place {
                All(number) => (values.get(number - 1)?, None),
                Each(number) => {
                    let value = values.get(number - 1)?;
                    (value, Some(array::elements(value)?))
                }
            });
        }
        // All lists have the length of the first, for the program fills them row by row.
        let count = lists.first()?.1.as_ref().map_or(1, Vec::len);
        let mut rows = BTreeMap::new();
        for row in 0..count {
            let value = |(same, each): &(&String, Option<Vec<Option<String>>>)| match each {
                None => Some((*same).clone()),
                Some(list) => list.get(row).map(|value| value.clone().unwrap_or_default()),
            };
            let values: Vec<String> = lists.iter().map(value).collect::<Option<_>>()?;
            let id: Uuid = values.first()?.parse().ok()?;
            rows.insert(id, values.join(&SEPARATOR.to_string()));
        }
        Some(InsertedRows { table: self.table.to_owned(), rows })
    }
}

/// The rows of one INSERT that have not been found in the history yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsertedRows {
    table: String,
    rows: BTreeMap<Uuid, String>,
}

impl InsertedRows {
    /// The ids of the rows.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.rows.keys().copied()
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    fn columns(&self) -> impl Iterator<Item = &'static str> {
        let insert = INSERTS.iter().find(|insert| insert.table == self.table);
        insert.map(|insert| insert.columns).unwrap_or_default().iter().map(|(column, _)| *column)
    }

    fn id_of(&self, row: &StoredRow) -> Option<Uuid> {
        row.get(self.columns().next()?)?.as_str()?.parse().ok()
    }

    /// Whether a row is one of them.
    #[must_use]
    pub fn has(&self, row: &StoredRow) -> bool {
        self.id_of(row).is_some_and(|id| self.rows.contains_key(&id))
    }

    /// Removes a row, and returns the columns in which it differs.
    pub(super) fn take(&mut self, row: &StoredRow) -> Option<Vec<Difference>> {
        let recorded = self.rows.remove(&self.id_of(row)?)?;
        let values = recorded.split(SEPARATOR).map(str::to_owned);
        Some(differing(row, self.columns().zip(values)))
    }

    /// Removes the rows with these ids.
    pub fn leave_out(&mut self, ids: &[Uuid]) {
        self.rows.retain(|id, _| !ids.contains(id));
    }

    /// The first `at_most` rows as text for a finding, and how many more there are.
    #[must_use]
    pub fn words(&self, at_most: usize) -> String {
        let columns: Vec<&str> = self.columns().collect();
        let one = |values: &String| {
            let pairs = columns.iter().zip(values.split(SEPARATOR)).filter(|(_, value)| !value.is_empty());
            pairs.map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ")
        };
        let told: Vec<String> = self.rows.values().take(at_most).map(one).collect();
        let more = self.rows.len().saturating_sub(at_most);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        format!("{}{more}", told.join("; "))
    }
}

/// Compares the login and the transaction that the server filled into an inserted row with those of the record. Columns
/// that the table does not have are left out.
pub(super) fn server_filled(row: &StoredRow, login: &str, xid: u64) -> Vec<Difference> {
    let filled = SERVER_FILLED.into_iter().filter(|column| row.contains_key(*column));
    differing(
        row,
        filled.map(|column| (column, if column == "xid" { xid.to_string() } else { login.to_owned() })),
    )
}

/// The columns of a row whose values are not the wanted ones.
fn differing<'a>(row: &StoredRow, wanted: impl Iterator<Item = (&'a str, String)>) -> Vec<Difference> {
    wanted
        .filter_map(|(column, expected)| {
            let found = row.get(column).unwrap_or(&Value::Null);
            let found_text = text_of(found);
            (!agrees(&expected, found)).then(|| Difference {
                column: column.to_owned(),
                expected,
                found: found_text,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "01930000-0000-7000-8000-000000000001";
    const OTHER: &str = "01930000-0000-7000-8000-000000000002";
    const LINE: &str = "01930000-0000-7000-8000-00000000000a";

    fn read(text: &str, values: &[&str]) -> Option<InsertedRows> {
        let insert = INSERTS.iter().find(|insert| insert.text == text).unwrap();
        insert.rows(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    fn row(value: Value) -> StoredRow {
        let Value::Object(columns) = value else { panic!("{value}") };
        columns
    }

    /// The differences as `column expected found`.
    fn told(differences: Option<Vec<Difference>>) -> Option<Vec<String>> {
        let words = |one: &Difference| format!("{} {} {}", one.column, one.expected, one.found);
        differences.map(|list| list.iter().map(words).collect())
    }

    #[test]
    fn each_statement_has_the_parameters_and_columns_that_are_named() {
        for insert in INSERTS {
            let mut numbers: Vec<usize> = Vec::new();
            for (column, place) in insert.columns {
                assert!(insert.text.contains(column), "{column} in {}", insert.text);
                let (All(number) | Each(number)) = place;
                numbers.push(*number);
            }
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=insert.columns.len()).collect::<Vec<_>>(), "{}", insert.text);
            assert!(insert.text.starts_with(&format!("INSERT INTO stock.{} (", insert.table)));
            assert!(is_inserted(insert.table));
        }
        assert!(!is_inserted("products"));
    }

    #[test]
    fn each_value_of_a_reservation_is_compared_once() {
        let ids = format!("{{{ID},{OTHER}}}");
        let lines = format!("{{{LINE},{LINE}}}");
        let values = [ID, "", &ids, &lines, "{5,6}", "{7,7}", "{NULL,9}", "{4,2.500}"];
        let mut rows = read(sent::INSERT_RESERVATIONS, &values).unwrap();
        let stored = |id: &str, product: i64, lot: Value, change: Value| {
            row(
                json!({"id": id, "posting_id": ID, "order_line_id": LINE, "product_id": product, "location_id": 7,
                       "lot_id": lot, "change": change, "reason": null, "posted_by": "clerk", "xid": "740"}),
            )
        };
        assert_eq!(rows.count(), 2);
        let first = stored(ID, 5, Value::Null, json!(4));
        assert!(rows.has(&first));
        assert_eq!(told(rows.take(&first)), Some(Vec::new()));
        assert_eq!(told(rows.take(&first)), None, "it was found before");
        let second = stored(OTHER, 6, json!(8), json!(2.5));
        assert_eq!(told(rows.clone().take(&second)), Some(vec!["lot_id 9 8".to_owned()]));
        assert_eq!(
            rows.words(1),
            format!(
                "id {OTHER}, posting_id {ID}, order_line_id {LINE}, product_id 6, location_id 7, lot_id 9, change 2.500"
            )
        );
        let other: Uuid = OTHER.parse().unwrap();
        assert_eq!(rows.ids().collect::<Vec<_>>(), [other]);
        rows.leave_out(&[other]);
        assert_eq!(rows.count(), 0);
    }

    #[test]
    fn one_row_in_plain_parameters_is_read() {
        let values = [ID, OTHER, "", "closed", "", "it's over, \"all\" of it"];
        let mut rows = read(sent::INSERT_ORDER_EVENT, &values).unwrap();
        let event = json!({"id": ID, "order_id": OTHER, "order_line_id": null, "kind": "closed", "change": null,
                           "reason": "over", "posted_by": "admin", "xid": "9"});
        assert_eq!(
            told(rows.take(&row(event))),
            Some(vec!["reason it's over, \"all\" of it over".to_owned()])
        );
    }

    #[test]
    fn what_the_server_fills_in_is_the_login_and_transaction_of_the_record() {
        let event = row(json!({"id": ID, "posted_by": "clerk", "xid": "740"}));
        assert_eq!(told(Some(server_filled(&event, "clerk", 740))), Some(Vec::new()));
        let other = told(Some(server_filled(&event, "admin", 741))).unwrap();
        assert_eq!(other, ["posted_by admin clerk", "xid 741 740"]);
        assert_eq!(server_filled(&row(json!({"sku": "A"})), "clerk", 740), []);
    }

    #[test]
    fn values_that_the_program_does_not_send_are_not_read_in_part() {
        for values in [
            [ID, "", "{}", "{}", "{}", "{}", "{}", "{}"].as_slice(),
            &[ID, "", ID, "{}", "{}", "{}", "{}", "{}"],
            &[ID, "", &format!("{{{ID}}}"), "{}", "{5}", "{7}", "{NULL}", "{1}"],
            &[ID, "", "{x}", "{x}", "{5}", "{7}", "{NULL}", "{1}"],
            &[ID],
        ] {
            let rows = read(sent::INSERT_RESERVATIONS, values);
            assert!(rows.is_none_or(|rows| rows.count() == 0), "{values:?}");
        }
    }
}
