//! What is offered to complete a field while it is typed.

use super::LocationRow;

/// What a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggested {
    Location,
    Product,
    Partner,
    /// A person, by login.
    Login,
}

/// One that fits what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What the field then holds.
    pub code: String,
    /// Its name, or what else tells it from others.
    pub note: String,
}

impl From<&LocationRow> for Suggestion {
    fn from(row: &LocationRow) -> Self {
        Self { code: row.code.to_string(), note: row.name.as_deref().unwrap_or_default().to_owned() }
    }
}
