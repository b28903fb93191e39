//! Suggestions for a field while it is typed.

use super::LocationRow;

/// What kind of code a field takes, and so what is suggested for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggested {
    Location,
    Product,
    Partner,
    Login,
}

/// A suggestion for what has been typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The code that the field then contains.
    pub code: String,
    /// The name, or what else distinguishes it from others.
    pub note: String,
}

impl From<&LocationRow> for Suggestion {
    fn from(row: &LocationRow) -> Self {
        Self { code: row.code.to_string(), note: row.name.as_deref().unwrap_or_default().to_owned() }
    }
}
