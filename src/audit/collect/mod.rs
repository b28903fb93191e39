//! The collector: reads the server's log as bytes, stores every line with its position exactly once, and seals what it
//! stored.
//!
//! Storing exactly once depends on one thing: lines and the position after them are written in one transaction.
//! Whatever happens to this program, to the connection or to the server, the next run continues after the last line in
//! the database.

mod describe;
pub mod follow;
pub mod note;
mod recheck;
mod source;

use std::collections::HashMap;
use std::path::PathBuf;

pub use super::record::columns::{FORGED, NOTE, UNREADABLE};
pub use follow::{Notice, Plan, RunError, collect_once, collect_until_failure, follow, keep_months_ahead};
pub use source::Source;

use super::record::RECORD_BYTES_MAX;
use super::record::segments;
use super::seal::Frontier;
use super::seal::tree::{DamagedFrontier, leaf_hash};
use crate::domain::EndedSession;
use crate::store::audit::{
    CollectorSession, FileProgress, LineBatch, LogFile, NewLine, SealScope, TreeState,
};
use crate::store::{self, Store};
use note::Note;

/// How many bytes are read at a time. Together with the lines made from them, and their copy on the way to the
/// database, this limits the memory: about ten times as much is in use at once.
const CHUNK_BYTES: usize = 4 << 20;
/// How long a file must have been unchanged, if there is a newer one, before an incomplete line at its end is taken as
/// final.
const QUIET_SECONDS: u64 = 10;

/// Why collecting the server's log failed.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The stored state of a tree.
    #[error(transparent)]
    Damaged(#[from] DamagedFrontier),
    /// A log file or directory of this machine could not be read.
    #[error("the log cannot be read: {path}: {source}")]
    Directory { path: PathBuf, source: std::io::Error },
}

/// What a pass or a run of the collector did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Collected {
    pub lines: u64,
    pub bytes: u64,
    /// How many of them are not readable records of the log.
    pub unreadable: u64,
    /// How many only look like records of pgaudit.
    pub forged: u64,
    /// Rows of the ledger that were sealed.
    pub sealed: u64,
}

impl Collected {
    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.unreadable += other.unreadable;
        self.forged += other.forged;
        self.sealed += other.sealed;
    }
}

/// How far a file has been read, and whether it was read to its end after a newer one existed.
#[derive(Debug)]
struct FileState {
    progress: FileProgress,
    read_out: bool,
}

/// A running collector: its session, the files it has read, and the tree over the lines.
#[derive(Debug)]
pub struct Collector {
    session: CollectorSession,
    source: Source,
    files: HashMap<String, FileState>,
    tree: Frontier,
    newest: Option<String>,
    waiting_bytes: u64,
}

impl Collector {
    /// Resumes collecting at the position stored in the database.
    ///
    /// # Errors
    /// [`CollectError::Store`] for another login than the collector's, or if another collector is running.
    pub async fn open(store: &Store, source: Source) -> Result<Self, CollectError> {
        let session = store.collector_session(source == Source::Sql).await?;
        let tree = session.line_tree().await?;
        let files = session.progress().await?;
        // The newest file that was read: if it were gone, lines could be missing.
        let newest = files.iter().max_by_key(|(_, progress)| progress.file_id).map(|(name, _)| name.clone());
        let files = files
            .into_iter()
            .map(|(name, progress)| (name, FileState { progress, read_out: false }))
            .collect();
        let tree = Frontier::resume("lines", tree.size, &tree.frontier)?;
        Ok(Self { session, source, files, tree, newest, waiting_bytes: 0 })
    }

    /// The tree over the lines collected so far.
    #[must_use]
    pub fn lines(&self) -> &Frontier {
        &self.tree
    }

    /// How many bytes of the log had not been collected when the last pass began.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        self.waiting_bytes
    }

    /// Reads every file to its end once, the oldest first.
    ///
    /// A file is complete once a newer one exists and it was read to its end after that was seen. When a line of a file
    /// is stored, all lines of older files have therefore been stored.
    ///
    /// # Errors
    /// As any read or write; what was stored before remains.
    pub async fn pass(&mut self) -> Result<Collected, CollectError> {
        let mut total = Collected::default();
        let mut listed = self.source.files(&self.session).await?;
        // Their names contain the time at which they were begun, and the clock may have been set back since: files that
        // have been collected from come before new ones.
        listed.sort_by_key(|file| {
            let known = self.files.get(&file.name).and_then(|state| state.progress.file_id);
            known.unwrap_or(i32::MAX)
        });
        self.waiting_bytes =
            listed.iter().map(|file| file.size.saturating_sub(self.read_to(&file.name))).sum();
        total.add(self.note_vanished(&listed).await?);
        for (position, file) in listed.iter().enumerate() {
            let has_newer = position + 1 < listed.len();
            let state = self.files.entry(file.name.clone()).or_insert_with(|| FileState {
                progress: FileProgress { file_id: None, read_to: 0 },
                read_out: false,
            });
            if file.size < state.progress.read_to {
                total.add(self.note_truncated(file).await?);
            } else if file.size > state.progress.read_to || (has_newer && !state.read_out) {
                total.add(self.read_file(file, has_newer).await?);
            }
            if let Some(state) = self.files.get_mut(&file.name) {
                state.read_out = has_newer;
            }
        }
        self.newest = listed.last().map(|file| file.name.clone()).or_else(|| self.newest.take());
        Ok(total)
    }

    /// Seals new rows of the ledger, counts and changes to master data.
    ///
    /// # Errors
    /// As any write.
    pub async fn seal(&mut self, scope: SealScope) -> Result<Collected, CollectError> {
        let ledger = |state: &mut TreeState, leaves: &[Vec<u8>]| append_leaves("ledger", state, leaves);
        let sealed = self.session.seal_ledger(scope, ledger).await?;
        let rows = |state: &mut TreeState, leaves: &[Vec<u8>]| append_leaves("rows", state, leaves);
        self.session.seal_rows(scope, rows).await?;
        Ok(Collected { sealed, ..Collected::default() })
    }

    /// Ends sessions that block others: see `stock.end_stale_sessions`.
    ///
    /// # Errors
    /// As any read.
    pub async fn end_stale_sessions(&self) -> Result<Vec<EndedSession>, CollectError> {
        Ok(self.session.end_stale_sessions().await?)
    }

    /// Reads a file from its stored position to its end.
    async fn read_file(&mut self, file: &LogFile, has_newer: bool) -> Result<Collected, CollectError> {
        let mut total = Collected::default();
        let finished = has_newer && file.quiet_seconds >= QUIET_SECONDS;
        let mut size = CHUNK_BYTES;
        loop {
            let first = self.read_to(&file.name);
            let part = self.source.read(&self.session, &file.name, first, size).await?;
            let at_end = part.len() < size;
            let split = segments(&part, at_end && finished);
            if split.used > 0 {
                let lines: Vec<NewLine> = split
                    .records
                    .iter()
                    .map(|(offset, raw)| describe::described(&file.name, first + *offset as u64, raw))
                    .collect();
                total.add(self.keep(&file.name, first + split.used as u64, lines).await?);
                size = CHUNK_BYTES;
            } else if !at_end {
                // The beginning of a long line: read more of it at once.
                size = (size * 2).min(RECORD_BYTES_MAX + CHUNK_BYTES);
            }
            if at_end {
                return Ok(total);
            }
        }
    }

    fn read_to(&self, name: &str) -> u64 {
        self.files.get(name).map_or(0, |state| state.progress.read_to)
    }

    /// Stores lines of one file, and the position at which to continue.
    async fn keep(
        &mut self,
        name: &str,
        read_to: u64,
        lines: Vec<NewLine>,
    ) -> Result<Collected, CollectError> {
        let class = |line: &NewLine, wanted| u64::from(line.columns.class.as_deref() == Some(wanted));
        let kept = Collected {
            lines: lines.len() as u64,
            bytes: lines.iter().map(|line| line.raw.len() as u64).sum(),
            unreadable: lines.iter().map(|line| class(line, UNREADABLE)).sum(),
            forged: lines.iter().map(|line| class(line, FORGED)).sum(),
            sealed: 0,
        };
        let state = self.files.entry(name.to_owned()).or_insert_with(|| FileState {
            progress: FileProgress { file_id: None, read_to: 0 },
            read_out: false,
        });
        let mut grown = self.tree.clone();
        lines.iter().for_each(|line| grown.append(line.leaf_hash));
        let batch = LineBatch {
            file: name,
            progress: &state.progress,
            read_to,
            before: &tree_state(&self.tree),
            after: &tree_state(&grown),
            lines: &lines,
        };
        let file_id = self.session.keep_lines(&batch).await?;
        state.progress = FileProgress { file_id: Some(file_id), read_to };
        self.tree = grown;
        Ok(kept)
    }

    async fn note_truncated(&mut self, file: &LogFile) -> Result<Collected, CollectError> {
        let read_to = self.read_to(&file.name);
        let note = Note::Truncated { file: file.name.clone(), read_to, size: file.size };
        tracing::warn!(?note, "A log file has become shorter than what was collected of it");
        // If it still begins as before, its end was cut off; otherwise it was emptied, and everything in it is new.
        let first = self.session.first_line(&file.name).await?.unwrap_or_default();
        let begin = self.source.read(&self.session, &file.name, 0, first.len()).await?;
        let read_on = if begin == first { file.size } else { 0 };
        let line = describe::described(&file.name, read_on, &note.line());
        self.keep(&file.name, read_on, vec![line]).await
    }

    /// Stores a note if the newest file is gone. Older ones may be removed as part of normal maintenance.
    async fn note_vanished(&mut self, listed: &[LogFile]) -> Result<Collected, CollectError> {
        let Some(newest) = self.newest.take() else { return Ok(Collected::default()) };
        if listed.iter().any(|file| file.name == newest) {
            return Ok(Collected::default());
        }
        let read_to = self.read_to(&newest);
        let note = Note::Vanished { file: newest.clone(), read_to };
        tracing::warn!(?note, "The log file that was being written is gone");
        let line = describe::described(&newest, read_to, &note.line());
        self.keep(&newest, read_to, vec![line]).await
    }
}

fn tree_state(tree: &Frontier) -> TreeState {
    TreeState { size: tree.size(), frontier: tree.bytes() }
}

/// Appends leaves to a tree.
fn append_leaves(
    name: &'static str,
    state: &mut TreeState,
    leaves: &[Vec<u8>],
) -> Result<Vec<[u8; 32]>, store::Error> {
    let damaged = |message: String| store::Error::NotPrepared { message };
    let mut tree =
        Frontier::resume(name, state.size, &state.frontier).map_err(|error| damaged(error.to_string()))?;
    let mut hashes = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let hash = leaf_hash(leaf);
        tree.append(hash);
        hashes.push(hash);
    }
    *state = tree_state(&tree);
    Ok(hashes)
}
