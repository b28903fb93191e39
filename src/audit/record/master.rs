//! The values of master data that a record of pgaudit holds. They can be read when the statement is one of those that
//! the program sends. Of any other statement, the text tells which columns it may change, and no more.

mod inserted;
mod statements;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::array;
use super::message::{AuditRecord, Parameters};
use inserted::{INSERTS, server_filled};
use statements::{Form, STATEMENTS};

pub use inserted::{InsertedRows, is_inserted};

/// Of a longer statement it is not known which columns it names: it was written by a program, and would cost memory.
const STATEMENT_BYTES_MAX: usize = 64 * 1024;
/// How many names a column can be among. More are literals.
const NAMES_MAX: usize = 2_000;
/// Marks an inserted row in the history.
const INSERT: &str = "insert";
/// Marks a deleted row in the history.
const DELETE: &str = "delete";

/// What a record says of the rows that its statement changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedValues {
    /// Nothing that could be compared.
    #[default]
    Unknown,
    /// The names in the statement: a column that is none of them was not set.
    Names(BTreeSet<String>),
    /// The rows by what identifies them, with the values that were sent.
    Rows { key: Vec<String>, computed: Vec<String>, rows: BTreeMap<String, Columns> },
    /// Rows that were inserted, all of them or none.
    Inserted(InsertedRows),
}

/// Values by column; an empty text is NULL.
pub type Columns = BTreeMap<String, String>;

/// What a record says of the rows of master data that its statement changed.
#[must_use]
pub fn values_in(record: &AuditRecord<'_>) -> RecordedValues {
    let text = record.statement.trim_end();
    if let Some(insert) = INSERTS.iter().find(|insert| insert.text == text) {
        let Parameters::Values(values) = &record.parameters else { return RecordedValues::Unknown };
        return insert.rows(values).map_or(RecordedValues::Unknown, RecordedValues::Inserted);
    }
    let known = STATEMENTS.iter().find(|known| known.text.trim_end() == text);
    let Some(known) = known else { return names_in(text) };
    let Parameters::Values(values) = &record.parameters else { return RecordedValues::Unknown };
    let Some(rows) = rows(&known.form, values) else { return RecordedValues::Unknown };
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let key = owned(known.key);
    let mut computed = owned(known.computed);
    let mut by_key: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
        match by_key.entry(key_of(&key, |column| row.get(column).cloned())) {
            Entry::Vacant(place) => drop(place.insert(row)),
            // Which of two rows the server took is not known, so only what both say can be compared.
            Entry::Occupied(mut known) => known.get_mut().retain(|column, value| {
                let same = row.get(column) == Some(value);
                if !same {
                    computed.push(column.clone());
                }
                same
            }),
        }
    }
    RecordedValues::Rows { key, computed, rows: by_key }
}

/// What identifies a row, as one text.
fn key_of(key: &[String], value: impl Fn(&str) -> Option<String>) -> String {
    let parts: Vec<String> = key.iter().map(|column| value(column).unwrap_or_default()).collect();
    parts.join("\u{1f}")
}

fn rows(form: &Form, values: &[String]) -> Option<Vec<Columns>> {
    let parameter = |number: usize| values.get(number - 1);
    match form {
        Form::Scalars(columns) => {
            let mut row = Columns::new();
            for (column, value, flag) in *columns {
                let is_set = match flag {
                    Some(flag) if flag == value => !parameter(*flag)?.is_empty(),
                    Some(flag) => parameter(*flag)? == "t",
                    None => true,
                };
                if is_set {
                    row.insert((*column).to_owned(), parameter(*value)?.clone());
                }
            }
            Some(vec![row])
        }
        Form::Arrays(columns) => {
            let mut rows = Vec::new();
            for (column, number) in *columns {
                let elements = array::elements(parameter(*number)?)?;
                // `unnest` fills up the shorter lists with NULL.
                rows.resize_with(rows.len().max(elements.len()), Columns::new);
                for (row, element) in rows.iter_mut().zip(elements.into_iter().chain(std::iter::repeat(None)))
                {
                    row.insert((*column).to_owned(), element.unwrap_or_default());
                }
            }
            Some(rows)
        }
        Form::Objects(columns) => {
            let objects: Vec<serde_json::Map<String, Value>> = serde_json::from_str(parameter(1)?).ok()?;
            let row = |object: &serde_json::Map<String, Value>| {
                let columns = columns.iter().copied().flatten();
                let given = columns.filter_map(|column| Some((*column, object.get(*column)?)));
                given.map(|(column, value)| (column.to_owned(), text_of(value))).collect()
            };
            Some(objects.iter().map(row).collect())
        }
    }
}

/// The words of a statement that may be the names of columns.
fn names_in(text: &str) -> RecordedValues {
    let lower = text.to_lowercase();
    // A name with Unicode escapes may be any.
    if text.len() > STATEMENT_BYTES_MAX || lower.contains("u&\"") {
        return RecordedValues::Unknown;
    }
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let names: BTreeSet<String> = lower
        .split(|character| !is_name(character))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if names.len() > NAMES_MAX { RecordedValues::Unknown } else { RecordedValues::Names(names) }
}

/// A value of a JSON document as a parameter would have it.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a value of a row is the one that was recorded. Numbers may have more or fewer digits after the point.
fn agrees(recorded: &str, stored: &Value) -> bool {
    let stored_text = text_of(stored);
    let number = |text: &str| text.parse::<Decimal>().ok();
    recorded == stored_text
        || (stored.is_number() && number(recorded).is_some() && number(recorded) == number(&stored_text))
}

/// A column whose value is not the one that was recorded, or that the statement did not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub column: String,
    /// What the record says, or what it was before.
    pub expected: String,
    pub found: String,
}

impl Difference {
    /// The differences in words: what was expected, and what was found.
    #[must_use]
    pub fn words(differences: &[Self]) -> [String; 2] {
        let list = |value: fn(&Self) -> &str| {
            let shown = |text: &str| if text.is_empty() { "NULL".to_owned() } else { text.to_owned() };
            let words: Vec<String> =
                differences.iter().map(|one| format!("{} {}", one.column, shown(value(one)))).collect();
            words.join(", ")
        };
        [list(|one| &one.expected), list(|one| &one.found)]
    }
}

/// The values of a row by column, as its history has them.
pub type StoredRow = serde_json::Map<String, Value>;

/// The columns that a change made other than they were. Only columns of both are compared: a migration may have added
/// some in between.
#[must_use]
pub fn changed(before: &StoredRow, after: &StoredRow) -> Vec<Difference> {
    let both = after.iter().filter_map(|(column, found)| Some((column, before.get(column)?, found)));
    both.filter(|(_, expected, found)| expected != found)
        .map(|(column, expected, found)| Difference {
            column: column.clone(),
            expected: text_of(expected),
            found: text_of(found),
        })
        .collect()
}

/// A change to a row, as read from the history.
#[derive(Debug, Clone, Copy)]
pub struct StoredChange<'a> {
    /// `insert`, `update` or `delete`.
    pub operation: &'a str,
    pub row: &'a StoredRow,
    /// The row before the change; `None` for an insert.
    pub before: Option<&'a StoredRow>,
    pub login: &'a str,
    pub xid: u64,
}

impl RecordedValues {
    /// Whether the change is one of those that were recorded; `None` where that cannot be told.
    #[must_use]
    pub fn has(&self, change: &StoredChange<'_>) -> Option<bool> {
        match self {
            Self::Unknown | Self::Names(_) => None,
            Self::Rows { key, rows, .. } => {
                Some(rows.contains_key(&key_of(key, |column| change.row.get(column).map(text_of))))
            }
            Self::Inserted(rows) => Some(change.operation == INSERT && rows.has(change.row)),
        }
    }

    /// Removes a change from what was recorded, and returns the columns of its row whose values differ from the record.
    pub fn take(&mut self, change: &StoredChange<'_>) -> Vec<Difference> {
        let mut differences = match self {
            Self::Inserted(rows) => rows.take(change.row).unwrap_or_default(),
            _ => self.differences(change.row, change.before, change.operation == DELETE),
        };
        let mut filled = server_filled(change.row, change.login, change.xid);
        match self {
            _ if change.operation != INSERT => filled.clear(),
            Self::Unknown => filled.clear(),
            // A superuser may fill them by hand, in the open.
            Self::Names(names) => filled.retain(|one| !names.contains(&one.column)),
            Self::Rows { .. } | Self::Inserted(_) => {}
        }
        differences.append(&mut filled);
        differences
    }

    fn differences(&self, row: &StoredRow, before: Option<&StoredRow>, deleted: bool) -> Vec<Difference> {
        let mut changed = before.map(|before| changed(before, row)).unwrap_or_default();
        match self {
            // What is deleted is as it was; but it must be what was to be deleted.
            Self::Rows { key, rows, .. } if deleted => {
                let wanted = key_of(key, |column| row.get(column).map(text_of));
                return if rows.contains_key(&wanted) { changed } else { missing(key, row) };
            }
            _ if deleted => {}
            Self::Unknown | Self::Inserted(_) => changed.clear(),
            Self::Names(names) => changed.retain(|one| !names.contains(&one.column.to_lowercase())),
            Self::Rows { key, computed, rows } => {
                let wanted = key_of(key, |column| row.get(column).map(text_of));
                let recorded = rows.get(&wanted).or_else(|| {
                    // Its key is what differs.
                    let mut all = rows.values();
                    all.next().filter(|_| rows.len() == 1)
                });
                let Some(recorded) = recorded else { return missing(key, row) };
                changed.retain(|one| !recorded.contains_key(&one.column) && !computed.contains(&one.column));
                changed.extend(recorded.iter().filter_map(|(column, expected)| {
                    let found = row.get(column).unwrap_or(&Value::Null);
                    (!agrees(expected, found)).then(|| Difference {
                        column: column.clone(),
                        expected: expected.clone(),
                        found: text_of(found),
                    })
                }));
            }
        }
        changed
    }
}

/// A row that is none of those that were recorded.
fn missing(key: &[String], row: &StoredRow) -> Vec<Difference> {
    let found = |column: &String| row.get(column).map(text_of).unwrap_or_default();
    key.iter()
        .map(|column| Difference { column: column.clone(), expected: String::new(), found: found(column) })
        .collect()
}

#[cfg(test)]
mod tests;
