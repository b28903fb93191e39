//! The state that a clean verification stores, so that the next one reads only what is new. It is a file of the
//! auditor's, outside the database: whoever can change the database cannot change it.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VerifyError;
use super::analyser::AnalyserState;
use super::beginning::KnownBeginning;
use super::logins::{KnownLogin, LoginStatements};
use super::records::{Entry, Records};
use super::sums::Sums;
use super::trees::Trees;
use crate::audit::files::replace_private;
use crate::audit::findings::Pin;
use crate::audit::findings::decisions::Head;
use crate::audit::seal::tree::DamagedFrontier;
use crate::audit::seal::{Frontier, Tree};

/// The version of the file's format.
pub const VERSION: u32 = 4;

/// What was verified, and how far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub version: u32,
    /// The identifier of the PostgreSQL installation.
    pub system: String,
    pub database: String,
    /// Everything that this snapshot shows has been verified.
    pub snapshot: String,
    /// No transaction that the snapshot does not show began before this time.
    pub since: String,
    /// Lines below this number have been verified.
    pub lines: u64,
    /// The tree over these lines.
    pub lines_frontier: Vec<u8>,
    /// The tree over the hashes stored with these lines, if it differs.
    #[serde(default)]
    pub lines_stored: Option<Vec<u8>>,
    /// Rows below this leaf have been verified.
    pub leaves: u64,
    /// The tree over these rows.
    pub leaves_frontier: Vec<u8>,
    /// The tree over the hashes stored with these rows, if it differs.
    #[serde(default)]
    pub leaves_stored: Option<Vec<u8>>,
    /// Counts and changes to master data below this leaf have been verified.
    pub rows: u64,
    /// The tree over these counts and changes.
    pub rows_frontier: Vec<u8>,
    /// The tree over the hashes stored with them, if it differs.
    #[serde(default)]
    pub rows_stored: Option<Vec<u8>>,
    /// The last decision known by then. After another decision the state is not used: it may treat as verified what is
    /// an alarm again, or not know what has been accepted since.
    #[serde(default)]
    pub decisions: Head,
    /// Where the lines begin, if older ones were dropped.
    pub beginning: KnownBeginning,
    pub verified_at: String,
    /// The sums of the movements at that time.
    pub sums: Sums,
    /// What is known of sessions that had not ended.
    #[serde(rename = "judge")]
    pub analyser: AnalyserState,
    /// Records of transactions that had not ended.
    pub records: Records,
    /// The logins of the server; none if an earlier release wrote the file.
    #[serde(default)]
    pub logins: Vec<KnownLogin>,
    /// The last statements that changed logins.
    #[serde(default)]
    pub login_statements: LoginStatements,
}

impl State {
    /// The trees over the lines.
    ///
    /// # Errors
    /// [`DamagedFrontier`] if the file was damaged.
    pub fn line_trees(&self, pins: Vec<Pin>) -> Result<Trees, DamagedFrontier> {
        trees(Tree::Lines, self.lines, &self.lines_frontier, self.lines_stored.as_deref(), pins)
    }

    /// The trees over the rows.
    ///
    /// # Errors
    /// [`DamagedFrontier`] if the file was damaged.
    pub fn ledger_trees(&self, pins: Vec<Pin>) -> Result<Trees, DamagedFrontier> {
        trees(Tree::Ledger, self.leaves, &self.leaves_frontier, self.leaves_stored.as_deref(), pins)
    }

    /// The trees over counts and changes to master data.
    ///
    /// # Errors
    /// [`DamagedFrontier`] if the file was damaged.
    pub fn row_trees(&self, pins: Vec<Pin>) -> Result<Trees, DamagedFrontier> {
        trees(Tree::Rows, self.rows, &self.rows_frontier, self.rows_stored.as_deref(), pins)
    }

    /// Reads the file; `None` if there is none, or it has another format or is of another database.
    pub fn load(path: &Path, system: &str, database: &str) -> Option<Self> {
        let state: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        (state.version == VERSION && state.system == system && state.database == database).then_some(state)
    }

    /// Writes the file atomically, so that a crash leaves either the old or the new one.
    pub fn save(&self, path: &Path) -> Result<(), VerifyError> {
        let failed = |error: std::io::Error| VerifyError::State { path: path.to_owned(), source: error };
        let bytes = serde_json::to_vec(self).map_err(|error| VerifyError::Internal(error.to_string()))?;
        replace_private(path, &bytes).map_err(failed)
    }
}

fn trees(
    tree: Tree,
    size: u64,
    found: &[u8],
    stored: Option<&[u8]>,
    pins: Vec<Pin>,
) -> Result<Trees, DamagedFrontier> {
    let found = Frontier::resume(tree.as_str(), size, found)?;
    let stored = stored.map(|stored| Frontier::resume(tree.as_str(), size, stored)).transpose()?;
    Ok(Trees::new(tree, found, stored, pins))
}

/// The records of transactions that had not ended.
pub fn waiting(records: &Records, list: &[(Uuid, Entry, bool)]) -> Records {
    let mut kept = records.without_entries();
    for (id, entry, is_count) in list {
        if *is_count {
            kept.add_count(*id, *entry);
        } else {
            kept.add_movement(*id, *entry);
        }
    }
    kept
}

/// When the last clean verification was made, according to the file; `None` if there is none.
#[must_use]
pub fn last_verified(path: &Path) -> Option<Timestamp> {
    // Only the two fields that are needed: the rest may be large, and this is called repeatedly.
    #[derive(Deserialize)]
    struct Head {
        version: u32,
        verified_at: String,
    }
    let head: Head = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    if head.version == VERSION { head.verified_at.parse().ok() } else { None }
}
