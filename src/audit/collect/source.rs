//! Where the log is read from: over SQL, or from a directory of this machine.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::CollectError;
use crate::store::audit::{CollectorSession, LogFile};

/// The extension of log files; beside each of them the server keeps a `.log`, which is empty.
const LOG_ENDING: &str = "json";

/// Where the log is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On the server, over SQL.
    Sql,
    /// In a directory of this machine.
    Directory(PathBuf),
}

impl Source {
    /// The files of the log, the oldest first: their names contain the time at which they were begun.
    pub(super) async fn files(&self, session: &CollectorSession) -> Result<Vec<LogFile>, CollectError> {
        match self {
            Self::Sql => Ok(session.log_files().await?),
            Self::Directory(directory) => {
                list(directory).map_err(|source| CollectError::Directory { path: directory.clone(), source })
            }
        }
    }

    /// At most `count` bytes of a file from a position on; empty at its end, or if it is gone.
    pub(super) async fn read(
        &self,
        session: &CollectorSession,
        name: &str,
        first: u64,
        count: usize,
    ) -> Result<Vec<u8>, CollectError> {
        match self {
            Self::Sql => Ok(session.read_log(name, first, count).await?),
            Self::Directory(directory) => {
                let path = directory.join(name);
                read_part(&path, first, count).map_err(|source| CollectError::Directory { path, source })
            }
        }
    }
}

fn list(directory: &Path) -> io::Result<Vec<LogFile>> {
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let is_log = Path::new(&entry.file_name()).extension().is_some_and(|ending| ending == LOG_ENDING);
        if let Ok(name) = entry.file_name().into_string()
            && is_log
            && metadata.is_file()
        {
            let quiet = now.duration_since(metadata.modified()?).unwrap_or_default();
            files.push(LogFile { name, size: metadata.len(), quiet_seconds: quiet.as_secs() });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn read_part(path: &Path, first: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    file.seek(SeekFrom::Start(first))?;
    let mut bytes = Vec::new();
    file.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
