//! The values of master data that a record of pgaudit holds. They can be read when the statement is one of those that
//! the program sends. Of any other statement, the text tells which columns it may change, and no more.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::array;
use super::message::{AuditRecord, Parameters};
use crate::store::master_data_statements as sent;

/// Of a longer statement it is not known which columns it names: it was written by a program, and would cost memory.
const STATEMENT_BYTES_MAX: usize = 64 * 1024;
/// How many names a column can be among. More are literals.
const NAMES_MAX: usize = 2_000;

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
}

/// Values by column; an empty text is NULL.
pub type Columns = BTreeMap<String, String>;

/// How the values of a statement stand in its parameters, which are counted from 1.
enum Form {
    /// One row. Each column with the parameter of its value and, if there is one, of the flag that says whether it is set.
    Scalars(&'static [(&'static str, usize, Option<usize>)]),
    /// A row for each element of arrays.
    Arrays(&'static [(&'static str, usize)]),
    /// A row for each object of a JSON array; these columns of it.
    Objects(&'static [&'static str]),
}

struct Statement {
    text: &'static str,
    /// The columns that identify a row.
    key: &'static [&'static str],
    form: Form,
    /// Columns that it sets to values that are not among its parameters.
    computed: &'static [&'static str],
}

const ADDED_PRODUCT: &[&str] =
    &["sku", "decimals", "tracking", "name", "unit", "category", "reorder_point", "unit_cost", "unit_price"];
const CHANGED_PRODUCT: &[&str] =
    &["sku", "name", "unit", "category", "reorder_point", "unit_cost", "unit_price"];

/// Every statement of the program that changes master data.
const STATEMENTS: [Statement; 20] = [
    Statement { text: sent::ADD_PRODUCTS, key: &["sku"], form: Form::Objects(ADDED_PRODUCT), computed: &[] },
    Statement {
        text: sent::CHANGE_PRODUCTS,
        key: &["sku"],
        form: Form::Objects(CHANGED_PRODUCT),
        computed: &[],
    },
    Statement {
        text: sent::ARCHIVE_PRODUCT,
        key: &["sku"],
        form: Form::Scalars(&[("sku", 1, None)]),
        computed: &["archived_at"],
    },
    Statement {
        text: sent::ADD_BARCODES,
        key: &["barcode"],
        form: Form::Arrays(&[("barcode", 2), ("pack_quantity", 3)]),
        computed: &["product_id"],
    },
    Statement {
        text: sent::ADD_BARCODE,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None), ("product_id", 2, None), ("pack_quantity", 3, None)]),
        computed: &[],
    },
    Statement {
        text: sent::REMOVE_BARCODE,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None), ("product_id", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::REMOVE_BARCODE_OF_SKU,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None)]),
        computed: &[],
    },
    Statement {
        text: sent::ADD_LOCATION,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None), ("name", 2, None), ("kind", 4, None)]),
        computed: &["parent_id"],
    },
    Statement {
        text: sent::CHANGE_LOCATION,
        key: &["location_id"],
        form: Form::Scalars(&[
            ("location_id", 1, None),
            ("name", 3, Some(2)),
            ("parent_id", 5, Some(4)),
            // NULL keeps the kind.
            ("kind", 6, Some(6)),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::ARCHIVE_LOCATION,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None)]),
        computed: &["archived_at"],
    },
    Statement {
        text: sent::ADD_LOTS,
        key: &["product_id", "code"],
        form: Form::Arrays(&[("product_id", 1), ("code", 2), ("expires_on", 3)]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_LOT,
        key: &["product_id", "code"],
        form: Form::Scalars(&[("product_id", 1, None), ("code", 2, None), ("expires_on", 4, Some(3))]),
        computed: &[],
    },
    Statement {
        text: sent::ADD_PARTNERS,
        key: &["code"],
        form: Form::Arrays(&[("code", 1), ("name", 2), ("kind", 3)]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_PARTNER,
        key: &["code"],
        form: Form::Scalars(&[
            ("code", 1, None),
            ("name", 3, Some(2)),
            ("contact_name", 5, Some(4)),
            ("email", 7, Some(6)),
            ("telephone", 9, Some(8)),
            ("address", 11, Some(10)),
            ("tax_number", 13, Some(12)),
            ("note", 15, Some(14)),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::ERASE_PARTNER,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None)]),
        computed: &["contact_name", "email", "telephone", "address", "tax_number", "note"],
    },
    Statement {
        text: sent::SET_FIELD_PERSONAL,
        key: &["field"],
        form: Form::Scalars(&[("field", 1, None), ("personal", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::SET_PERSON_NAME,
        key: &["login"],
        form: Form::Scalars(&[("login", 1, None), ("full_name", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::ERASE_PERSON,
        key: &["login"],
        form: Form::Scalars(&[("login", 1, None)]),
        computed: &[],
    },
    Statement {
        text: sent::SUBJECT_EVENT,
        key: &["kind"],
        form: Form::Scalars(&[
            ("kind", 1, None),
            ("subject_kind", 2, None),
            ("subject", 3, None),
            ("key_id", 4, None),
            ("ground", 5, None),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::KEYRING_EVENT,
        key: &["kind"],
        form: Form::Scalars(&[("kind", 1, None), ("key_version", 2, None), ("fingerprint", 3, None)]),
        computed: &[],
    },
];

/// What a record says of the rows of master data that its statement changed.
#[must_use]
pub fn values_in(record: &AuditRecord<'_>) -> RecordedValues {
    let text = record.statement.trim_end();
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
                let given = columns.iter().filter_map(|column| Some((*column, object.get(*column)?)));
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

impl RecordedValues {
    /// Whether one of the recorded rows is this one; `None` where that cannot be told.
    #[must_use]
    pub fn has_row(&self, row: &StoredRow) -> Option<bool> {
        let Self::Rows { key, rows, .. } = self else { return None };
        Some(rows.contains_key(&key_of(key, |column| row.get(column).map(text_of))))
    }

    /// The columns of a row in the history that are not what the record says. `before` is the row before the change,
    /// and `None` for one that was inserted.
    #[must_use]
    pub fn differences(&self, row: &StoredRow, before: Option<&StoredRow>, deleted: bool) -> Vec<Difference> {
        let mut changed = before.map(|before| changed(before, row)).unwrap_or_default();
        match self {
            // What is deleted is as it was.
            _ if deleted => {}
            Self::Unknown => changed.clear(),
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
