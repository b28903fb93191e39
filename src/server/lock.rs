//! The lock that allows only one process at a time to start, stop or own an instance.
//!
//! It is an operating system lock on an open file, so it is released when its holders end, however they end.
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
use super::paths::InstancePaths;

/// How often a lock that is held is tried again.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Marks a holder that keeps the lock for the life of its server, so that waiting is useless.
const OWNER: &str = "its owner, process";

/// A lock that is held.
#[derive(Debug)]
pub(super) struct InstanceLock {
    file: File,
}

impl InstanceLock {
    /// Takes the lock, waiting at most `timeout` for a process that is starting or stopping the server.
    pub(super) fn acquire(paths: &InstancePaths, timeout: Duration) -> Result<Self, ServerError> {
        let path = paths.lock_file();
        let deadline = Instant::now() + timeout;
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
                Ok(()) if is_file_at(&file, &path) => {
                    let lock = Self { file };
                    lock.write_holder(&format!("process {}", std::process::id()), &path)?;
                    return Ok(lock);
                }
                // The instance was deleted while this waited; the file at the path is another one.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    file.read_to_string(&mut holder).map_err(ServerError::file("read", &path))?;
                    if has_living_owner(&holder) || Instant::now() >= deadline {
                        return Err(ServerError::InUse { dir: paths.root().to_owned(), holder });
                    }
                    thread::sleep(POLL_INTERVAL);
                }
                Err(TryLockError::Error(error)) => {
                    return Err(ServerError::file("lock", path)(error));
                }
            }
        }
    }

    /// Records that the lock will be kept as long as the server lives.
    pub(super) fn mark_as_owner(&self, paths: &InstancePaths) -> Result<(), ServerError> {
        self.write_holder(&format!("{OWNER} {}", std::process::id()), &paths.lock_file())
    }

    fn write_holder(&self, holder: &str, path: &Path) -> Result<(), ServerError> {
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.as_bytes()))
            .map_err(ServerError::file("write", path))
    }

    /// The lock as a standard stream for a child, which then holds it too.
    pub(super) fn share(&self, paths: &InstancePaths) -> Result<Stdio, ServerError> {
        self.file.try_clone().map(Stdio::from).map_err(ServerError::file("share", paths.lock_file()))
    }
}

/// Whether the holder is an owner that is still running. The watchdog of one that is not releases the lock soon.
fn has_living_owner(holder: &str) -> bool {
    holder
        .strip_prefix(OWNER)
        .and_then(|number| number.trim().parse().ok())
        .and_then(Pid::from_raw)
        .is_some_and(|owner| test_kill_process(owner) != Err(Errno::SRCH))
}

fn is_file_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(present)) => held.ino() == present.ino() && held.dev() == present.dev(),
        _ => false,
    }
}
