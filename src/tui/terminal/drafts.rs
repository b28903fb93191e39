//! Drafts as files: one for each screen of each running terminal, in the state directory, readable by its owner only.
//!
//! Boundary: reads and writes files. What is in a draft is known by its screen.

use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::process::{Pid, getpid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::tui::command::Command;
use crate::tui::view::{Draft, FoundDraft};

/// The most files that are looked at; more mean that something else is wrong.
const FILES_MAX: usize = 200;
/// The largest file that is read, in bytes: a form with the most lines that it can have.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What stands in a file.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    /// Whose it is: login and database.
    owner: String,
    /// The name of the command of its screen.
    screen: String,
    /// The process that keeps it.
    pid: i32,
    saved_at: Timestamp,
    lines: usize,
    content: String,
}

/// The directory of drafts.
#[derive(Debug)]
pub(super) struct Drafts {
    directory: PathBuf,
}

impl Drafts {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    fn path(&self, owner: &str, screen: Command) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        owner.hash(&mut hasher);
        let pid = getpid().as_raw_nonzero();
        self.directory.join(format!("{:016x}.{}.{pid}.json", hasher.finish(), screen.entry().name))
    }

    /// Writes the draft of a screen, or removes it when there is nothing left to keep. A reader sees the old or the
    /// new one, never a part.
    pub(super) fn keep(
        &self,
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
            pid: getpid().as_raw_nonzero().get(),
            saved_at: now,
            lines: draft.lines,
            content: draft.content.clone(),
        };
        let new = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(&contents)?)?;
        fs::rename(&new, &path)
    }

    /// Removes a draft.
    pub(super) fn drop(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// The drafts of somebody that are kept by no terminal that is running.
    pub(super) fn find(&self, owner: &str) -> Vec<FoundDraft> {
        let Ok(directory) = fs::read_dir(&self.directory) else { return Vec::new() };
        let paths = directory.filter_map(|entry| Some(entry.ok()?.path()));
        let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        files.take(FILES_MAX).filter_map(|path| found(path, owner)).collect()
    }
}

fn found(path: PathBuf, owner: &str) -> Option<FoundDraft> {
    let mut text = String::new();
    let file = fs::File::open(&path).ok()?;
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    let contents: Contents = match serde_json::from_str(&text) {
        Ok(contents) => contents,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "A draft cannot be read");
            return None;
        }
    };
    let running = Pid::from_raw(contents.pid).is_some_and(|pid| test_kill_process(pid).is_ok());
    if contents.owner != owner || running {
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

    use super::*;

    #[test]
    fn a_draft_is_found_once_its_terminal_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(&directory.path().join("drafts"));
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(drafts.find("ann@db"), []);
        let draft = Draft { lines: 3, content: "{}".to_owned() };
        drafts.keep("ann@db", Command::Receive, Some(&draft), now).unwrap();
        let path = drafts.path("ann@db", Command::Receive);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(drafts.find("ann@db"), [], "this terminal is still running");
        // As a process left it that has ended since.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(
            &path,
            text.replace(&format!("\"pid\":{}", getpid().as_raw_nonzero()), &format!("\"pid\":{pid}")),
        )
        .unwrap();
        let found = drafts.find("ann@db");
        assert_eq!((found.len(), found[0].screen, &found[0].draft), (1, Command::Receive, &draft));
        assert_eq!(drafts.find("bob@db"), [], "it is somebody else's");
        fs::write(&path, "no JSON").unwrap();
        assert_eq!(drafts.find("ann@db"), []);
        drafts.keep("ann@db", Command::Receive, None, now).unwrap();
        assert!(!path.exists());
        drafts.drop(&path).unwrap();
    }
}
