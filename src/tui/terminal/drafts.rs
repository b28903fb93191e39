//! Drafts as files: one for each screen of each running terminal, in the state directory, readable only by the owner. A
//! terminal holds a lock on its files, which ends with its process in any case.
//!
//! Boundary: reads and writes files. The contents of a draft are known to its screen.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::tui::command::Command;
use crate::tui::view::{Draft, FoundDraft};

/// The most files that are examined; more mean that something else is wrong.
const FILES_MAX: usize = 200;
/// The largest file that is read, in bytes: a form with the most lines that it can have.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The contents of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    /// The login and the database that it belongs to.
    owner: String,
    /// The name of the command of its screen.
    screen: String,
    saved_at: Timestamp,
    lines: usize,
    content: String,
}

/// The directory of drafts, and the files that this terminal has locked.
#[derive(Debug)]
pub(super) struct Drafts {
    directory: PathBuf,
    /// Distinguishes the files of this terminal from those of others.
    terminal: u64,
    /// The files of this terminal, each with its lock.
    locked: HashMap<PathBuf, File>,
}

impl Drafts {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), terminal: rand::random(), locked: HashMap::new() }
    }

    fn path(&self, owner: &str, screen: Command) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        owner.hash(&mut hasher);
        let (owner, screen) = (hasher.finish(), screen.entry().name);
        self.directory.join(format!("{owner:016x}.{screen}.{:016x}.json", self.terminal))
    }

    /// Writes the draft of a screen, or removes it if there is nothing to save. A reader sees either the old or the new
    /// one.
    pub(super) fn keep(
        &mut self,
        owner: &str,
        screen: Command,
        draft: Option<&Draft>,
        now: Timestamp,
    ) -> io::Result<()> {
        let path = self.path(owner, screen);
        let Some(draft) = draft else { return self.drop(&path) };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let contents = Contents {
            owner: owner.to_owned(),
            screen: screen.entry().name.to_owned(),
            saved_at: now,
            lines: draft.lines,
            content: draft.content.clone(),
        };
        let new = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        // Locked before it is renamed to a draft, so that it is never found without its lock.
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        file.write_all(&serde_json::to_vec(&contents)?)?;
        fs::rename(&new, &path)?;
        self.locked.insert(path, file);
        Ok(())
    }

    /// Releases and removes the file of a draft; a missing file is not an error.
    pub(super) fn drop(&mut self, path: &Path) -> io::Result<()> {
        self.locked.remove(path);
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// The drafts of somebody that no running terminal holds.
    pub(super) fn find(&self, owner: &str) -> Vec<FoundDraft> {
        let Ok(directory) = fs::read_dir(&self.directory) else { return Vec::new() };
        let paths = directory.filter_map(|entry| Some(entry.ok()?.path()));
        let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        files.take(FILES_MAX).filter_map(|path| found(path, owner)).collect()
    }
}

fn found(path: PathBuf, owner: &str) -> Option<FoundDraft> {
    let mut text = String::new();
    let file = File::open(&path).ok()?;
    // A shared lock, so that two terminals that search at the same time do not regard each other as the owner.
    if flock(&file, FlockOperation::NonBlockingLockShared).is_err() {
        return None;
    }
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    let contents: Contents = match serde_json::from_str(&text) {
        Ok(contents) => contents,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "A draft cannot be read");
            return None;
        }
    };
    if contents.owner != owner {
        return None;
    }
    Some(FoundDraft {
        path,
        screen: Command::named(&contents.screen)?,
        saved_at: contents.saved_at,
        draft: Draft { lines: contents.lines, content: contents.content },
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, Instant};

    use super::*;

    /// The drafts of somebody, once there are any. Other tests of this process start programs, and between fork and
    /// exec a child holds every lock of its parent, even those that the parent has since released.
    fn found_at_last(drafts: &Drafts, owner: &str) -> Vec<FoundDraft> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = drafts.find(owner);
            if !found.is_empty() || Instant::now() > deadline {
                return found;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_draft_is_found_once_its_terminal_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("drafts");
        let (mut drafts, mut others) = (Drafts::new(&path), Drafts::new(&path));
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(others.find("ann@db"), []);
        let draft = |lines| Draft { lines, content: "{}".to_owned() };
        drafts.keep("ann@db", Command::Receive, Some(&draft(2)), now).unwrap();
        drafts.keep("ann@db", Command::Receive, Some(&draft(3)), now).unwrap();
        let path = drafts.path("ann@db", Command::Receive);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!((drafts.find("ann@db"), others.find("ann@db")), (vec![], vec![]), "it is still running");
        // The lock ends with the terminal.
        drop(drafts);
        let found = found_at_last(&others, "ann@db");
        assert_eq!((found.len(), found[0].screen, &found[0].draft), (1, Command::Receive, &draft(3)));
        assert_eq!(others.find("bob@db"), [], "it is somebody else's");
        fs::write(&path, "no JSON").unwrap();
        assert_eq!(others.find("ann@db"), []);
        others.drop(&path).unwrap();
        assert!(!path.exists());
        others.keep("ann@db", Command::Issue, Some(&draft(1)), now).unwrap();
        others.keep("ann@db", Command::Issue, None, now).unwrap();
        assert!(!others.path("ann@db", Command::Issue).exists());
    }
}
