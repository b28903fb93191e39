//! What a clean verification leaves behind, so that the next one reads only what is new. It is a file of the
//! auditor's, outside the database: who can change the database cannot change what was found.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VerifyError;
use super::judge::JudgeState;
use super::records::{Entry, Records};
use super::sums::Sums;

/// The version of the form.
const VERSION: u32 = 2;

/// What was verified, and how far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// The installation and the database.
    pub system: String,
    /// The database.
    pub database: String,
    /// What the snapshot shows has been judged.
    pub snapshot: String,
    /// No transaction that it does not show began before this time.
    pub since: String,
    /// Lines below this number have been judged.
    pub lines: u64,
    /// The tree over these lines.
    pub lines_frontier: Vec<u8>,
    /// Rows below this leaf have been judged.
    pub leaves: u64,
    /// The tree over these rows.
    pub leaves_frontier: Vec<u8>,
    /// When.
    pub verified_at: String,
    /// The levels as they were.
    pub sums: Sums,
    /// What is known of sessions that go on.
    pub judge: JudgeState,
    /// Records of transactions that were not over.
    pub records: Records,
}

impl State {
    /// A state of the present form.
    #[expect(clippy::too_many_arguments, reason = "each is one field")]
    pub fn new(
        system: String,
        database: String,
        snapshot: String,
        since: String,
        lines: (u64, Vec<u8>),
        leaves: (u64, Vec<u8>),
        verified_at: String,
        sums: Sums,
        judge: JudgeState,
        records: Records,
    ) -> Self {
        Self {
            version: VERSION,
            system,
            database,
            snapshot,
            since,
            lines: lines.0,
            lines_frontier: lines.1,
            leaves: leaves.0,
            leaves_frontier: leaves.1,
            verified_at,
            sums,
            judge,
            records,
        }
    }

    /// Reads the file; `None` when there is none, or it is of another form or another database.
    pub fn load(path: &Path, system: &str, database: &str) -> Option<Self> {
        let state: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        (state.version == VERSION && state.system == system && state.database == database).then_some(state)
    }

    /// Writes the file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), VerifyError> {
        let failed = |error: std::io::Error| VerifyError::State { path: path.to_owned(), source: error };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let draft = path.with_extension("partial");
        let bytes = serde_json::to_vec(self).map_err(|error| VerifyError::Internal(error.to_string()))?;
        fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path)).map_err(failed)
    }
}

/// The records of transactions that were not over.
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

/// When the last clean verification was made, by the file that it left; `None` when there is none.
#[must_use]
pub fn last_verified(path: &Path) -> Option<String> {
    let state: State = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (state.version == VERSION).then_some(state.verified_at)
}
