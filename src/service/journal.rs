//! The journal: what is about to be posted, written to a local file before it is sent and struck out
//! when its outcome is known. A terminal that was killed finds there what it must ask about.
//!
//! One file per command, held under a lock by the program that is at work on it. The file says what
//! was sent and where to, in words; it is not used to send the command again: whoever saw the terminal
//! die may have entered it anew.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::domain::PostingId;
use crate::store::ConnectionSettings;

/// The most entries looked at when the program starts. More means that something else is wrong, and
/// the rest is looked at the next time.
const ENTRIES_MAX: usize = 1_000;
/// The largest file that is taken for an entry, in bytes.
const ENTRY_BYTES_MAX: u64 = 64 * 1024;
/// The end of the name of a file that is still being written.
const DRAFT_SUFFIX: &str = ".draft";
/// A file that is older than this and still a draft was left by a program that was killed before it
/// sent anything; writing one takes milliseconds.
const DRAFT_AGE_MAX: Duration = Duration::from_secs(3_600);

/// What went wrong with the journal.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} cannot be {what}: {source}; set STOCKROOM_STATE_DIR to a directory that can be written", path = path.display())]
pub struct JournalError {
    path: PathBuf,
    what: &'static str,
    source: std::io::Error,
}

/// Which use case wrote the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// A posting.
    Post,
    /// A count.
    Count,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryText {
    /// The id that was sent.
    pub id: PostingId,
    /// What was sent, in words.
    pub words: String,
    /// What kind of command it was.
    pub command: Command,
    /// Which database it went to: `user@host:port/database`.
    pub database: String,
    /// The name of the sessions that sent it.
    pub session_name: String,
    /// When it was written down.
    pub written_at: Timestamp,
}

/// An entry that this program holds.
#[derive(Debug)]
pub struct Entry {
    path: PathBuf,
    /// Holds the lock; dropped with the entry.
    _file: File,
    /// What it says.
    pub text: EntryText,
}

impl Entry {
    /// Strikes the entry out: its outcome is known.
    ///
    /// # Errors
    /// [`JournalError`] when the file cannot be removed.
    pub fn strike(self) -> Result<(), JournalError> {
        match fs::remove_file(&self.path) {
            // Somebody has cleared the journal away, which is all that striking does.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            outcome => {
                outcome.map_err(|source| JournalError { path: self.path.clone(), what: "cleared", source })
            }
        }
    }

    /// Strikes the entry out after the answer has come. The answer matters more than the entry: one
    /// that stays behind is looked up, and struck, the next time.
    pub fn strike_if_possible(self) {
        if let Err(error) = self.strike() {
            tracing::warn!(%error, "An entry of the journal stays behind");
        }
    }
}

/// Gives a draft the name of an entry. An entry of that name that nobody holds is replaced.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let held = File::open(path)?;
            if flock(&held, FlockOperation::NonBlockingLockExclusive).is_err() {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::WouldBlock,
                    "another program is at work on this very id",
                ));
            }
            fs::rename(draft, path)?;
        }
        outcome => {
            outcome?;
            fs::remove_file(draft)?;
        }
    }
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// A directory of entries.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
}

impl Journal {
    /// Opens the journal in a directory, which is made if it is missing, for its owner alone.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be made.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|source| JournalError { path: directory.to_owned(), what: "made", source })?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// Writes an entry, and returns when it is on the disk.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be written.
    pub fn write(
        &self,
        settings: &ConnectionSettings,
        id: PostingId,
        words: &str,
        command: Command,
    ) -> Result<Entry, JournalError> {
        let text = EntryText {
            id,
            words: words.to_owned(),
            command,
            database: settings.identity(),
            session_name: settings.session_name().to_owned(),
            written_at: Timestamp::now(),
        };
        let path = self.directory.join(format!("{id}.json"));
        let draft = self.directory.join(format!("{id}.{:08x}{DRAFT_SUFFIX}", rand::random::<u32>()));
        let file = self.draft(&draft, &text).and_then(|file| publish(&draft, &path).map(|()| file));
        match file {
            Ok(file) => Ok(Entry { path, _file: file, text }),
            Err(source) => {
                // Best effort; what stays behind is cleared away by a later look through the journal.
                let _ = fs::remove_file(&draft);
                Err(JournalError { path, what: "written", source })
            }
        }
    }

    /// Writes a file that is complete and locked before it gets the name of an entry: nobody ever sees
    /// an entry that is half written or not yet held.
    fn draft(&self, draft: &Path, text: &EntryText) -> std::io::Result<File> {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(draft)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        file.write_all(serde_json::to_string(text)?.as_bytes())?;
        file.sync_all()?;
        Ok(file)
    }

    /// The entries for this database that no running program is at work on. Files that are no entries
    /// are left alone.
    ///
    /// # Errors
    /// [`JournalError`] when the directory cannot be read.
    pub fn abandoned(&self, settings: &ConnectionSettings) -> Result<Vec<Entry>, JournalError> {
        let failed = |source| JournalError { path: self.directory.clone(), what: "read", source };
        let mut entries = Vec::new();
        for found in fs::read_dir(&self.directory).map_err(failed)?.take(ENTRIES_MAX) {
            let path = found.map_err(failed)?.path();
            let Ok(file) = File::open(&path) else { continue };
            if path.to_string_lossy().ends_with(DRAFT_SUFFIX) {
                // A young one is being written just now, and a lock from here would be in its way.
                let written_at = file.metadata().and_then(|data| data.modified());
                if written_at.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > DRAFT_AGE_MAX)) {
                    let _ = fs::remove_file(&path);
                }
                continue;
            }
            let small = file.metadata().is_ok_and(|data| data.is_file() && data.len() <= ENTRY_BYTES_MAX);
            if !small || flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
                continue;
            }
            // Its program may have struck it between the opening and the lock.
            if !file.metadata().is_ok_and(|data| data.nlink() > 0) {
                continue;
            }
            let Ok(text) = serde_json::from_reader::<_, EntryText>(&file) else {
                tracing::warn!(path = %path.display(), "A file in the journal cannot be read and is left alone");
                continue;
            };
            if text.database == settings.identity() {
                entries.push(Entry { path, _file: file, text });
            }
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::new_id;

    /// Tries until it succeeds. Other tests of this process start programs, and a child holds every lock of its
    /// parent for the moment between fork and exec, although the parent has let go of it.
    fn at_last<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
        for _ in 0..500 {
            if let Some(value) = attempt() {
                return value;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not succeed within five seconds");
    }

    /// What is abandoned, when something is.
    fn abandoned(journal: &Journal, settings: &ConnectionSettings) -> Vec<Entry> {
        at_last(|| Some(journal.abandoned(settings).unwrap()).filter(|found| !found.is_empty()))
    }

    #[test]
    fn an_entry_is_seen_by_others_only_when_its_writer_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let elsewhere: ConnectionSettings = "postgres://ann@elsewhere/stock_management".parse().unwrap();
        let entry = journal.write(&here, new_id(), "receipt of 1 A", Command::Post).unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty(), "the writer is still at work");
        let text = entry.text.clone();
        drop(entry);
        assert!(journal.abandoned(&elsewhere).unwrap().is_empty());
        let mut found = abandoned(&journal, &here);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, text);
        found.remove(0).strike().unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
    }

    #[test]
    fn an_id_that_somebody_is_at_work_on_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let id = new_id();
        let first = journal.write(&here, id, "the first", Command::Post).unwrap();
        let error = journal.write(&here, id, "the second", Command::Post).unwrap_err();
        assert!(error.to_string().contains("another program is at work on this very id"), "{error}");
        drop(first);
        let found = abandoned(&journal, &here);
        assert_eq!(found[0].text.words, "the first", "the entry of the first is whole");
        drop(found);
        let third = at_last(|| journal.write(&here, id, "the third", Command::Post).ok());
        drop(third);
        assert_eq!(abandoned(&journal, &here)[0].text.words, "the third");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn a_draft_whose_program_was_killed_is_cleared_away() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let draft = directory.path().join(format!("x{DRAFT_SUFFIX}"));
        fs::write(&draft, "{}").unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(draft.exists(), "it may be in the making");
        let old = std::time::SystemTime::now() - 2 * DRAFT_AGE_MAX;
        File::options().write(true).open(&draft).unwrap().set_modified(old).unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(!draft.exists());
    }

    #[test]
    fn foreign_files_are_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        fs::write(directory.path().join("notes.txt"), "not an entry").unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(directory.path().join("notes.txt").exists());
    }
}
