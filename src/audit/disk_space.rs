//! The free space on the log's disk. When the disk is full, records are lost and the server continues without them.
//!
//! SQL cannot tell, so the file system is queried, if the log is on this machine. This is not inferred from an address
//! or a path: a mark that was written into the log over SQL must appear there.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use uuid::Uuid;

use crate::domain::{CheckFinding, CheckSeverity};
use crate::store::prepare::{LogFiles, LogPlace};
use crate::store::{self, Store};

/// Below this the disk is as good as full: room for two files of the log, as large as `pgaudit/audit.conf` lets them
/// grow.
const FREE_BYTES_UNSAFE: u64 = 128 << 20;
/// Below this it is time to free space: room for some 800,000 postings.
const FREE_BYTES_LOW: u64 = 1 << 30;
/// There should be room for this many days, at the rate at which the present log has grown.
const DAYS_MIN: u64 = 7;
/// The minimum age of the log for computing a rate; a younger one mainly records the installation.
const RATE_SECONDS_MIN: u64 = 86_400;
const SECONDS_PER_DAY: u64 = 86_400;

/// How long the server may take to write the mark, and after which time it is written in another way, in case pgaudit
/// is switched off.
const MARK_PATIENCE: Duration = Duration::from_secs(2);
const MARK_PAUSE: Duration = Duration::from_millis(20);
const UNRECORDED_PAUSE: Duration = Duration::from_millis(700);
/// How far from its end a file is searched for the mark; even a busy server writes less in the meantime.
const TAIL_BYTES: u64 = 4 << 20;
/// Files that were last written longer ago than this are not searched.
const FILE_AGE_MAX: Duration = Duration::from_secs(60);

/// The total and free size of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DiskSpace {
    /// Bytes that are available to the server.
    pub free_bytes: u64,
    pub total_bytes: u64,
}

impl DiskSpace {
    /// Queries the file system of a directory.
    ///
    /// # Errors
    /// If the query fails.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let stat = rustix::fs::statvfs(directory)?;
        // Blocks reserved for the superuser are not available to the server.
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(Self { free_bytes: bytes(stat.f_bavail), total_bytes: bytes(stat.f_blocks) })
    }

    /// How serious a lack of free space is, if there is one; `files` tell how fast the log grows.
    #[must_use]
    pub fn severity(&self, files: Option<LogFiles>) -> Option<CheckSeverity> {
        if self.free_bytes < FREE_BYTES_UNSAFE {
            return Some(CheckSeverity::Unsafe);
        }
        let days = files.and_then(|files| days_left(self.free_bytes, files));
        let is_low = self.free_bytes < FREE_BYTES_LOW || days.is_some_and(|days| days < DAYS_MIN);
        is_low.then_some(CheckSeverity::Advice)
    }

    /// The free and total size in words, for findings and messages.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} of {} free", size_words(self.free_bytes), size_words(self.total_bytes))
    }
}

/// For how many days there is room, if the log is old enough to tell.
fn days_left(free_bytes: u64, files: LogFiles) -> Option<u64> {
    (files.oldest_seconds >= RATE_SECONDS_MIN && files.bytes > 0).then(|| {
        let days = u128::from(free_bytes) * u128::from(files.oldest_seconds)
            / (u128::from(files.bytes) * u128::from(SECONDS_PER_DAY));
        u64::try_from(days).unwrap_or(u64::MAX)
    })
}

/// A number of bytes as text with a suitable unit.
fn size_words(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
        None => format!("{bytes} bytes"),
    }
}

/// Whether the log is accessible from this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// In this directory: the mark was found in it.
    Here(PathBuf),
    /// It is not accessible, for this reason.
    NotSeen(String),
}

/// What is known of the space for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogDiskSpace {
    #[serde(flatten)]
    pub place: LogPlace,
    /// The directory on this machine, if the log is on it.
    pub directory: Option<PathBuf>,
    /// The free space on its file system.
    pub room: Option<DiskSpace>,
    /// Why the space is not known.
    pub not_seen: Option<String>,
}

impl LogDiskSpace {
    /// Determines where the log is and how much space it has left.
    ///
    /// # Errors
    /// As any read of the database. A log on another machine is not an error.
    pub async fn ask(store: &Store) -> Result<Self, store::Error> {
        let place = store.log_place().await?;
        Ok(match find(store, &place).await? {
            Visibility::Here(directory) => match DiskSpace::of(&directory) {
                Ok(room) => Self { place, directory: Some(directory), room: Some(room), not_seen: None },
                Err(error) => {
                    Self { place, directory: Some(directory), room: None, not_seen: Some(error.to_string()) }
                }
            },
            Visibility::NotSeen(why) => Self { place, directory: None, room: None, not_seen: Some(why) },
        })
    }

    /// The finding for `db check` about too little free space, or that it could not be determined.
    #[must_use]
    pub fn finding(&self) -> Option<CheckFinding> {
        let subject = "disk of the log".to_owned();
        let log = self.place.files.map_or_else(
            || "this login cannot read the size of the log".to_owned(),
            |files| {
                let days = files.oldest_seconds / SECONDS_PER_DAY;
                format!(
                    "the log has {} files and {}, the oldest of {days} days ago",
                    files.count,
                    size_words(files.bytes)
                )
            },
        );
        let named = self.directory.as_deref().map(|directory| directory.display().to_string());
        let named = named
            .or_else(|| self.place.log_directory.clone())
            .unwrap_or_else(|| "the log directory".to_owned());
        let Some(room) = self.room else {
            let why = self.not_seen.as_deref().unwrap_or("it was not requested");
            return Some(CheckFinding {
                severity: CheckSeverity::Advice,
                subject,
                found: format!("the free space cannot be determined from here: {why}; {log}"),
                remedy: format!(
                    "run stockroom db check, or df {named}, on the server as root or as the account of PostgreSQL; set an alarm there at {}",
                    size_words(FREE_BYTES_LOW)
                ),
            });
        };
        let severity = room.severity(self.place.files)?;
        let days = self.place.files.and_then(|files| days_left(room.free_bytes, files));
        let days = days.map_or_else(String::new, |days| format!(", enough for {days} days"));
        Some(CheckFinding {
            severity,
            subject,
            found: format!(
                "{}{days}; {log}. When it is full, records are lost, but postings continue",
                room.words()
            ),
            remedy: format!(
                "make room on the file system of {named}: remove old log files that have been collected, or enlarge it"
            ),
        })
    }
}

/// Finds the directory of the log on this machine.
///
/// # Errors
/// As any statement.
pub async fn find(store: &Store, place: &LogPlace) -> Result<Visibility, store::Error> {
    // The working directory of a server process is the data directory. A login that may not read the settings can learn
    // it from there if it is on the same machine with the rights of the server's account.
    let process = || fs::read_link(format!("/proc/{}/cwd", place.backend_pid)).ok();
    let Some(data) = place.data_directory.as_ref().map(PathBuf::from).or_else(process) else {
        return Ok(Visibility::NotSeen("this login cannot read the name of the directory".to_owned()));
    };
    let directory = data.join(place.log_directory.as_deref().unwrap_or("log"));
    if let Err(error) = fs::read_dir(&directory) {
        return Ok(Visibility::NotSeen(match error.kind() {
            io::ErrorKind::NotFound => format!("{} is not on this machine", directory.display()),
            _ => format!("{}: {error}", directory.display()),
        }));
    }
    let token = Uuid::from_bytes(rand::random());
    store.audit_barrier(token).await?;
    let began = Instant::now();
    let mut once_more = false;
    while began.elapsed() < MARK_PATIENCE {
        match holds(&directory, token.to_string().as_bytes()) {
            Ok(true) => return Ok(Visibility::Here(directory)),
            Ok(false) => {}
            Err(error) => return Ok(Visibility::NotSeen(format!("{}: {error}", directory.display()))),
        }
        if !once_more && began.elapsed() > UNRECORDED_PAUSE {
            store.audit_barrier_between_errors(token).await?;
            once_more = true;
        }
        tokio::time::sleep(MARK_PAUSE).await;
    }
    Ok(Visibility::NotSeen(format!(
        "{} on this machine is not the directory to which the server writes its log",
        directory.display()
    )))
}

/// Whether one of the files that are being written contains a mark near its end.
fn holds(directory: &Path, mark: &[u8]) -> io::Result<bool> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        let age = SystemTime::now().duration_since(metadata.modified()?).unwrap_or_default();
        if !metadata.is_file() || age > FILE_AGE_MAX {
            continue;
        }
        let mut file = fs::File::open(entry.path())?;
        file.seek(SeekFrom::Start(metadata.len().saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(2 * TAIL_BYTES).read_to_end(&mut bytes)?;
        if memchr::memmem::find(&bytes, mark).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How often a running collector queries the free space.
const WATCH_PAUSE: Duration = Duration::from_secs(30);

/// Monitors the free space for a collector, and reports when it becomes low or is sufficient again.
#[derive(Debug)]
pub struct DiskSpaceWatch {
    directory: Option<PathBuf>,
    asked_at: Option<Instant>,
    told: Option<CheckSeverity>,
    room: Option<DiskSpace>,
}

impl DiskSpaceWatch {
    /// The free space when it was last queried, if it is accessible from here.
    #[must_use]
    pub fn room(&self) -> Option<DiskSpace> {
        self.room
    }

    /// Monitors the log in a directory of this machine, or the log of the server, wherever it is.
    ///
    /// # Errors
    /// As any statement.
    pub async fn open(
        store: &Store,
        directory: Option<&Path>,
        tell: &impl Fn(&str),
    ) -> Result<Self, store::Error> {
        let directory = match directory {
            Some(directory) => Some(directory.to_owned()),
            None => match find(store, &store.log_place().await?).await? {
                Visibility::Here(directory) => Some(directory),
                Visibility::NotSeen(why) => {
                    tracing::info!(
                        why,
                        "The free space on the disk of the log cannot be determined from here"
                    );
                    tell(&format!(
                        "the free space on the disk of the log cannot be determined from here: {why}; set an alarm on the server"
                    ));
                    None
                }
            },
        };
        Ok(Self { directory, asked_at: None, told: None, room: None })
    }

    /// Queries the free space, unless that was done a short while ago.
    pub fn look(&mut self, tell: &impl Fn(&str)) {
        let Some(directory) = &self.directory else { return };
        if self.asked_at.is_some_and(|time| time.elapsed() < WATCH_PAUSE) {
            return;
        }
        self.asked_at = Some(Instant::now());
        // A missing directory is reported by whoever reads it.
        let Ok(room) = DiskSpace::of(directory) else { return };
        self.room = Some(room);
        let severity = room.severity(None);
        if severity == self.told {
            return;
        }
        self.told = severity;
        let (words, place) = (room.words(), directory.display());
        if severity.is_some() {
            tracing::warn!(%place, room = words, "The disk of the log is getting full");
            tell(&format!(
                "the disk of the log is getting full: {words} at {place}; when it is full, records are lost, but postings continue"
            ));
        } else {
            tracing::info!(%place, room = words, "There is enough room for the log again");
            tell(&format!("there is enough room for the log again: {words} at {place}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = SECONDS_PER_DAY;

    #[test]
    fn how_serious_it_is() {
        let files = |bytes, oldest_seconds| Some(LogFiles { count: 3, bytes, oldest_seconds });
        for (free_bytes, files, severity) in [
            (0, None, Some(CheckSeverity::Unsafe)),
            (FREE_BYTES_UNSAFE - 1, None, Some(CheckSeverity::Unsafe)),
            (FREE_BYTES_UNSAFE, None, Some(CheckSeverity::Advice)),
            (FREE_BYTES_LOW - 1, files(1, 100 * DAY), Some(CheckSeverity::Advice)),
            (FREE_BYTES_LOW, None, None),
            // Ten days of it took as much as is free, or twice as much.
            (FREE_BYTES_LOW, files(FREE_BYTES_LOW, 10 * DAY), None),
            (FREE_BYTES_LOW, files(2 * FREE_BYTES_LOW, 10 * DAY), Some(CheckSeverity::Advice)),
            (FREE_BYTES_LOW, files(2 * FREE_BYTES_LOW, DAY / 2), None),
            (FREE_BYTES_LOW, files(0, 10 * DAY), None),
            (u64::MAX, files(1, u64::MAX), None),
        ] {
            let room = DiskSpace { free_bytes, total_bytes: u64::MAX };
            assert_eq!(room.severity(files), severity, "{free_bytes} {files:?}");
        }
    }

    #[test]
    fn sizes_for_people() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1_023, "1023 bytes"),
            (1_536, "1.5 KiB"),
            (9 << 20, "9.0 MiB"),
            (3 << 30, "3.0 GiB"),
        ] {
            assert_eq!(size_words(bytes), words);
        }
    }
}
