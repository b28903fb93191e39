//! The journal: each command is written to a local file before it is sent, and the file is removed once the outcome is
//! known and has been reported. The entries that remain after a crash are the commands to look up.
//!
//! There is one file per command, locked by the program that is processing it. An entry says what was sent and to which
//! database. It is not used to send the command again: the person may have entered it again by hand.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::domain::PostingId;
use crate::store::ConnectionSettings;

/// The most entries read when the program starts. More than this means that something else is wrong; the rest is read
/// at the next start.
const ENTRIES_MAX: usize = 1_000;
/// The largest file that is read as an entry, in bytes.
const ENTRY_BYTES_MAX: u64 = 64 * 1024;
/// The suffix of a file that is still being written.
const DRAFT_SUFFIX: &str = ".draft";
/// Older drafts were left by a program that was killed before it sent anything; writing one takes milliseconds.
const DRAFT_AGE_MAX: Duration = Duration::from_secs(3_600);

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file or the directory cannot be used.
    #[error("the journal {path} cannot be {what}: {source}; set STOCKROOM_STATE_DIR to a writable directory", path = path.display())]
    File { path: PathBuf, what: &'static str, source: std::io::Error },
    /// Another program is sending a command with the same id.
    #[error(
        "another program is processing the id {0}; wait until it has finished, then send the command again"
    )]
    IdInUse(PostingId),
}

/// The use case that wrote the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    Post,
    Count,
    /// An order was created, or something was decided about it.
    Order,
    /// Stock was reserved or released.
    Reserve,
}

/// The contents of an entry. The names of the fields are those in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryContents {
    /// The id that was sent.
    pub id: PostingId,
    /// A short description of the command, for display.
    pub words: String,
    pub command: Command,
    /// The database that it was sent to: `user@host:port/database`.
    pub database: String,
    /// The `application_name` of the sessions that sent it.
    pub session_name: String,
    pub written_at: Timestamp,
}

/// An entry that this program has locked.
#[derive(Debug)]
pub struct Entry {
    path: PathBuf,
    /// Holds the lock until the entry is dropped.
    _file: File,
    pub contents: EntryContents,
}

impl Entry {
    /// Removes the entry, because the outcome of its command is known.
    ///
    /// # Errors
    /// [`JournalError`] when the file cannot be removed.
    pub fn clear(self) -> Result<(), JournalError> {
        match fs::remove_file(&self.path) {
            // Somebody else has removed the file, which has the same effect.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            outcome => outcome.map_err(|source| JournalError::File {
                path: self.path.clone(),
                what: "cleared",
                source,
            }),
        }
    }

    /// Removes the entry, and only logs a failure: the outcome is more important, and a remaining entry is looked up
    /// and removed at the next start.
    pub fn clear_if_possible(self) {
        if let Err(error) = self.clear() {
            tracing::warn!(%error, "An entry of the journal could not be cleared");
        }
    }
}

/// Renames a draft to its final name. An existing entry of that name is replaced unless it is locked, which is the
/// only reason for `WouldBlock`.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let existing = File::open(path)?;
            if flock(&existing, FlockOperation::NonBlockingLockExclusive).is_err() {
                return Err(std::io::ErrorKind::WouldBlock.into());
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

/// A directory with the entries of commands whose outcome is not known or not reported yet.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    /// Whether an entry is kept until its outcome has been reported to the person.
    until_told: bool,
    /// The entries of commands that were posted but not reported yet.
    untold: Mutex<Vec<Entry>>,
}

impl Journal {
    /// Opens the journal in a directory, which is created with mode 0700 if it is missing.
    ///
    /// # Errors
    /// [`JournalError`] if it cannot be created.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|source| JournalError::File { path: directory.to_owned(), what: "created", source })?;
        Ok(Self { directory: directory.to_owned(), until_told: false, untold: Mutex::default() })
    }

    /// The same journal, which keeps the entry of a posted command until [`crate::service::Service::told`] is called. A
    /// program that is killed after the commit and before the person learns of it then reports it at its next start.
    #[must_use]
    pub fn until_told(mut self) -> Self {
        self.until_told = true;
        self
    }

    /// Disposes of the entry of a command that was posted.
    pub(super) fn posted(&self, entry: Entry) {
        match self.until_told {
            true => self.untold.lock().unwrap_or_else(PoisonError::into_inner).push(entry),
            false => entry.clear_if_possible(),
        }
    }

    /// Removes the entries of posted commands, because they have been reported.
    pub(super) fn told(&self) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        untold.drain(..).for_each(Entry::clear_if_possible);
    }

    /// Writes an entry, and returns when it is on disk.
    ///
    /// # Errors
    /// [`JournalError`] if it cannot be written.
    pub fn write(
        &self,
        settings: &ConnectionSettings,
        id: PostingId,
        words: &str,
        command: Command,
    ) -> Result<Entry, JournalError> {
        let contents = EntryContents {
            id,
            words: words.to_owned(),
            command,
            database: settings.identity(),
            session_name: settings.session_name().to_owned(),
            written_at: Timestamp::now(),
        };
        // The same id again, before the first time was reported: this entry replaces that one.
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).retain(|entry| entry.contents.id != id);
        let path = self.directory.join(format!("{id}.json"));
        let draft = self.directory.join(format!("{id}.{:08x}{DRAFT_SUFFIX}", rand::random::<u32>()));
        let file = self.write_draft(&draft, &contents).and_then(|file| publish(&draft, &path).map(|()| file));
        match file {
            Ok(file) => Ok(Entry { path, _file: file, contents }),
            Err(source) => {
                // Best effort: `abandoned` removes old drafts.
                let _ = fs::remove_file(&draft);
                Err(match source.kind() {
                    std::io::ErrorKind::WouldBlock => JournalError::IdInUse(id),
                    _ => JournalError::File { path, what: "written", source },
                })
            }
        }
    }

    /// Writes a draft and locks it, so that no incomplete or unlocked entry is ever visible.
    fn write_draft(&self, draft: &Path, contents: &EntryContents) -> std::io::Result<File> {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(draft)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        file.write_all(serde_json::to_string(contents)?.as_bytes())?;
        file.sync_all()?;
        Ok(file)
    }

    /// The entries for this database that no running program is processing. Other files are ignored.
    ///
    /// # Errors
    /// [`JournalError`] if the directory cannot be read.
    pub fn abandoned(&self, settings: &ConnectionSettings) -> Result<Vec<Entry>, JournalError> {
        let failed = |source| JournalError::File { path: self.directory.clone(), what: "read", source };
        let mut entries = Vec::new();
        for found in fs::read_dir(&self.directory).map_err(failed)?.take(ENTRIES_MAX) {
            let path = found.map_err(failed)?.path();
            let Ok(file) = File::open(&path) else { continue };
            if path.to_string_lossy().ends_with(DRAFT_SUFFIX) {
                // A recent one may still be in use, and locking it here would make its writer fail.
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
            // Its program may have removed it between its being opened and locked here.
            if !file.metadata().is_ok_and(|data| data.nlink() > 0) {
                continue;
            }
            let Ok(contents) = serde_json::from_reader::<_, EntryContents>(&file) else {
                tracing::warn!(path = %path.display(), "A file in the journal cannot be read and is ignored");
                continue;
            };
            if contents.database == settings.identity() {
                entries.push(Entry { path, _file: file, contents });
            }
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::new_id;

    /// Retries until it succeeds. Other tests of this process start programs, and between fork and exec a child holds
    /// every lock of its parent, even those that the parent has since released.
    fn retry<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
        for _ in 0..500 {
            if let Some(value) = attempt() {
                return value;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not succeed within five seconds");
    }

    /// The abandoned entries, once there are any.
    fn abandoned(journal: &Journal, settings: &ConnectionSettings) -> Vec<Entry> {
        retry(|| Some(journal.abandoned(settings).unwrap()).filter(|found| !found.is_empty()))
    }

    #[test]
    fn an_entry_counts_as_abandoned_only_after_its_writer_has_gone() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let elsewhere: ConnectionSettings = "postgres://ann@elsewhere/stock_management".parse().unwrap();
        let entry = journal.write(&here, new_id(), "receipt of 1 A", Command::Post).unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty(), "the writer is still running");
        let contents = entry.contents.clone();
        drop(entry);
        assert!(journal.abandoned(&elsewhere).unwrap().is_empty());
        let mut found = abandoned(&journal, &here);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].contents, contents);
        found.remove(0).clear().unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
    }

    #[test]
    fn an_entry_is_kept_until_it_was_told_and_gives_way_to_the_same_id() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap().until_told();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let id = new_id();
        let write = || retry(|| journal.write(&here, id, "receipt of 1 A", Command::Post).ok());
        let entries = || fs::read_dir(directory.path()).unwrap().count();
        journal.posted(write());
        assert_eq!(entries(), 1);
        journal.posted(write());
        assert_eq!(entries(), 1);
        journal.told();
        assert_eq!(entries(), 0);
    }

    #[test]
    fn an_entry_that_another_program_has_locked_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let id = new_id();
        let first = journal.write(&here, id, "the first", Command::Post).unwrap();
        let error = journal.write(&here, id, "the second", Command::Post).unwrap_err();
        assert!(matches!(error, JournalError::IdInUse(used) if used == id), "{error}");
        drop(first);
        let found = abandoned(&journal, &here);
        assert_eq!(found[0].contents.words, "the first", "the entry of the first is intact");
        drop(found);
        let third = retry(|| journal.write(&here, id, "the third", Command::Post).ok());
        drop(third);
        assert_eq!(abandoned(&journal, &here)[0].contents.words, "the third");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn an_old_draft_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        let draft = directory.path().join(format!("x{DRAFT_SUFFIX}"));
        fs::write(&draft, "{}").unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(draft.exists(), "it may still be in use");
        let old = std::time::SystemTime::now() - 2 * DRAFT_AGE_MAX;
        File::options().write(true).open(&draft).unwrap().set_modified(old).unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(!draft.exists());
    }

    #[test]
    fn other_files_are_ignored() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        fs::write(directory.path().join("notes.txt"), "not an entry").unwrap();
        let here: ConnectionSettings = "postgres://ann@localhost/stock_management".parse().unwrap();
        assert!(journal.abandoned(&here).unwrap().is_empty());
        assert!(directory.path().join("notes.txt").exists());
    }
}
