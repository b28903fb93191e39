//! The lock that lets one process at a time start, stop or own an instance.
//!
//! It is a lock of the operating system on an open file, so it ends with its holders however they end.
//! Children that must finish first (initdb, pg_ctl, the watchdog) hold the same open file.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::error::ServerError;
use super::instance::Layout;

/// How often a lock that is held is tried again.
const POLL: Duration = Duration::from_millis(50);

/// Marks a holder who keeps the lock for as long as its server lives, so that waiting is no use.
const OWNER: &str = "its owner, process";

/// A lock that is held.
#[derive(Debug)]
pub(super) struct InstanceLock {
    file: File,
}

impl InstanceLock {
    /// Takes the lock, waiting at most `patience` for somebody who is starting or stopping the server.
    pub(super) fn acquire(layout: &Layout, patience: Duration) -> Result<Self, ServerError> {
        let path = layout.lock();
        let deadline = Instant::now() + patience;
        loop {
            let mut file = fs::OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)
                .map_err(ServerError::file("open", &path))?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    let lock = Self { file };
                    lock.describe(&format!("process {}", std::process::id()), &path)?;
                    return Ok(lock);
                }
                // The instance was deleted while this waited; the file at the path is another one.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    file.read_to_string(&mut holder).map_err(ServerError::file("read", &path))?;
                    if is_kept(&holder) || Instant::now() >= deadline {
                        return Err(ServerError::InUse { dir: layout.root().to_owned(), holder });
                    }
                    thread::sleep(POLL);
                }
                Err(TryLockError::Error(error)) => {
                    return Err(ServerError::file("lock", path)(error));
                }
            }
        }
    }

    /// Notes that the lock will be kept for the life of the server.
    pub(super) fn keep(&self, layout: &Layout) -> Result<(), ServerError> {
        self.describe(&format!("{OWNER} {}", std::process::id()), &layout.lock())
    }

    fn describe(&self, holder: &str, path: &Path) -> Result<(), ServerError> {
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(ServerError::file("write", path))
    }

    /// The lock as a stream of a child, which then holds it too.
    pub(super) fn share(&self, layout: &Layout) -> Result<Stdio, ServerError> {
        self.file.try_clone().map(Stdio::from).map_err(ServerError::file("share", layout.lock()))
    }
}

/// Whether the lock is held for good. An owner that has died leaves it to a watchdog, which soon ends.
fn is_kept(holder: &str) -> bool {
    holder
        .strip_prefix(OWNER)
        .and_then(|number| number.trim().parse().ok())
        .and_then(Pid::from_raw)
        .is_some_and(|owner| test_kill_process(owner) != Err(Errno::SRCH))
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(present)) => held.ino() == present.ino() && held.dev() == present.dev(),
        _ => false,
    }
}
