//! The history of a record: its versions, and what each changed.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The longest value of a field that is displayed, in characters; nothing that people enter is longer.
const VALUE_CHARS_MAX: usize = 200;
/// How bytes begin in a row that was converted to JSON. Only ciphertext is stored as bytes.
const BYTES: &str = "\\x";
/// Columns that only identify the row within the database.
const KEY_COLUMNS: [&str; 4] = ["product_id", "location_id", "lot_id", "partner_id"];

/// One version of a record, as the history lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    pub changed_at: Timestamp,
    /// The login that made it.
    pub changed_by: String,
    /// insert, update or delete; existing for what was there before changes were recorded.
    pub operation: String,
    /// The fields that it changed.
    pub fields: Vec<FieldVersion>,
}

/// A field that a version changed, by the name of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldVersion {
    pub column: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl FieldVersion {
    /// The fields in which two states of a row differ. A new row has no state before.
    #[must_use]
    pub fn between(before: Option<&Map<String, Value>>, after: &Map<String, Value>) -> Vec<Self> {
        let changed = |(column, value): (&String, &Value)| {
            let (before, after) = (before.and_then(|before| shown(before.get(column)?)), shown(value));
            let is_key = KEY_COLUMNS.contains(&column.as_str());
            (!is_key && before != after).then(|| Self { column: column.clone(), before, after })
        };
        after.iter().filter_map(changed).collect()
    }
}

/// A value as text for display; none if it is missing.
fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        // Ciphertext says nothing, but that it changed does.
        Value::String(text) if text.starts_with(BYTES) => format!("… {}", last_characters(text)),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(text.chars().take(VALUE_CHARS_MAX).collect())
}

/// The end of a ciphertext, enough to distinguish it from another.
fn last_characters(text: &str) -> String {
    let from = text.chars().count().saturating_sub(8);
    text.chars().skip(from).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_version_tells_what_it_changed() {
        let before = map(json!({"product_id": 7, "name": "Cup", "unit_cost": 1.5, "category": null}));
        let after = map(json!({"product_id": 7, "name": "Mug", "unit_cost": 1.5, "category": "Kitchen"}));
        let field = |column: &str, before: Option<&str>, after: Option<&str>| FieldVersion {
            column: column.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            FieldVersion::between(Some(&before), &after),
            [field("category", None, Some("Kitchen")), field("name", Some("Cup"), Some("Mug"))]
        );
        // A new row: everything that it has.
        let added: Vec<String> =
            FieldVersion::between(None, &after).into_iter().map(|field| field.column).collect();
        assert_eq!(added, ["category", "name", "unit_cost"]);
    }

    #[test]
    fn ciphertext_is_not_shown_in_full() {
        let before = map(json!({"email": "\\x0102030405060708090a"}));
        let after = map(json!({"email": "\\x0102030405060708090b"}));
        let fields = FieldVersion::between(Some(&before), &after);
        assert_eq!(fields[0].before.as_deref(), Some("… 0708090a"));
        assert_eq!(fields[0].after.as_deref(), Some("… 0708090b"));
    }
}
