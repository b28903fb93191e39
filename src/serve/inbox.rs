//! A watched directory: finds complete files, claims them, and moves them to where they end.
//!
//! A file is claimed by renaming it into `processing/`, so that only one of two services gets it, and a file claimed by
//! a service that was killed is found by the next one. It ends in `done/` or `failed/`, with its rejects and its report
//! beside it. Its name there begins with the time and the number of its run and contains only safe characters; the name
//! under which it arrived is in the database.
//!
//! Boundary: names, sizes and renames. The contents of a file are up to the part that imports it.

use std::collections::{BinaryHeap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use rustix::process::geteuid;
use uuid::Uuid;

use super::PartError;

/// How long a file must be unchanged before it is claimed.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// How many files are examined in one round; the rest follows in the next.
const FILES_PER_ROUND_MAX: usize = 1_000;
/// Extensions that programs give to files that they are still writing.
const DRAFT_ENDINGS: [&str; 7] = ["part", "partial", "tmp", "temp", "filepart", "crdownload", "swp"];
/// The longest part of a file's name that is kept, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name that the database can store, in characters.
const STORED_CHARS_MAX: usize = 255;
/// The extensions that are added to the name of a file that is being processed.
const REJECTS_ENDING: &str = ".rejects.csv";
const REPORT_ENDING: &str = ".report.json";
/// The separator between the number of the run and the name.
const SEPARATOR: &str = "__";

/// The directory in which a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Done,
    Failed,
}

impl Place {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// The properties by which a change of a file is detected. The file that was changed last is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp {
    modified_at: (i64, i64),
    pub bytes: u64,
    inode: u64,
}

impl Stamp {
    pub(super) fn of(data: &Metadata) -> Self {
        Self { bytes: data.len(), inode: data.ino(), modified_at: (data.mtime(), data.mtime_nsec()) }
    }
}

/// A file that has been claimed by a run.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub run_id: Uuid,
    pub path: PathBuf,
    /// The name under which it arrived, as far as it can be stored.
    pub name: String,
}

/// A watched directory, and the directory of the files claimed from it.
#[derive(Debug)]
pub(super) struct Inbox {
    directory: PathBuf,
    processing: PathBuf,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> PartError {
    let path = path.to_owned();
    move |source| PartError::File { path: path.clone(), source }
}

impl Inbox {
    /// Opens a directory, which must exist: one that was not mounted must not be taken for an empty one.
    pub(super) fn open(directory: &Path) -> Result<Self, PartError> {
        fs::read_dir(directory).map_err(failed(directory))?;
        for name in ["processing", Place::Done.as_str(), Place::Failed.as_str()] {
            let path = directory.join(name);
            // Nobody but the service may replace what it has claimed.
            let mode = if name == "processing" { 0o700 } else { 0o750 };
            match DirBuilder::new().mode(mode).create(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(failed(&path)(error));
                }
                _ => {}
            }
            let data = fs::symlink_metadata(&path).map_err(failed(&path))?;
            if !data.is_dir() {
                return Err(PartError::Found(format!("{} is not a directory", path.display())));
            }
            if data.uid() != geteuid().as_raw() || data.mode() & 0o022 != 0 {
                return Err(PartError::Found(format!(
                    "{} must belong to the account of the service, and nobody else may write to it",
                    path.display()
                )));
            }
        }
        Ok(Self { directory: directory.to_owned(), processing: directory.join("processing") })
    }

    /// The files claimed by a service that was killed, the oldest first.
    pub(super) fn claimed(&self) -> Result<Vec<Claimed>, PartError> {
        let mut claimed = Vec::new();
        for entry in fs::read_dir(&self.processing).map_err(failed(&self.processing))? {
            let path = entry.map_err(failed(&self.processing))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(REJECTS_ENDING) || name.ends_with(REPORT_ENDING) {
                continue;
            }
            let Some((number, name)) = name.split_once(SEPARATOR) else { continue };
            if let Ok(run_id) = number.parse() {
                claimed.push(Claimed { run_id, name: name.to_owned(), path: path.clone() });
            }
        }
        claimed.sort_by_key(|file| file.run_id);
        claimed.truncate(FILES_PER_ROUND_MAX);
        Ok(claimed)
    }

    /// The files that have arrived, and how many there are in all; if there are very many, only the oldest.
    pub(super) fn arrivals(&self) -> Result<(HashMap<PathBuf, Stamp>, usize), PartError> {
        let (mut oldest, mut number) = (BinaryHeap::new(), 0);
        for entry in fs::read_dir(&self.directory).map_err(failed(&self.directory))? {
            let path = entry.map_err(failed(&self.directory))?.path();
            // A link could lead to any file that the service may read; a file that is gone was claimed by somebody
            // else.
            let Ok(data) = fs::symlink_metadata(&path) else { continue };
            if !data.is_file() || is_draft(path.file_name().unwrap_or_default()) {
                continue;
            }
            number += 1;
            oldest.push((Stamp::of(&data), path));
            if oldest.len() > FILES_PER_ROUND_MAX {
                oldest.pop();
            }
        }
        Ok((oldest.into_iter().map(|(stamp, path)| (path, stamp)).collect(), number))
    }

    /// Those of some files that have not changed since they were examined, the oldest first.
    pub(super) fn unchanged(&self, before: HashMap<PathBuf, Stamp>, since: Instant) -> Vec<PathBuf> {
        if since.elapsed() < QUIET {
            return Vec::new();
        }
        let mut files: Vec<(Stamp, PathBuf)> = before
            .into_iter()
            .filter_map(|(path, stamp)| {
                let now = Stamp::of(&fs::symlink_metadata(&path).ok()?);
                (now == stamp).then_some((stamp, path))
            })
            .collect();
        files.sort();
        files.into_iter().map(|(_, path)| path).collect()
    }

    /// Claims a file; none if somebody else was faster.
    pub(super) fn claim(&self, path: &Path) -> Result<Option<Claimed>, PartError> {
        let run_id = Uuid::now_v7();
        let name = path.file_name().unwrap_or_default();
        let to = self.processing.join(format!("{run_id}{SEPARATOR}{}", plain(name)));
        match fs::rename(path, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(path)(error)),
        }
        let stored: String = name.to_string_lossy().chars().take(STORED_CHARS_MAX).collect();
        Ok(Some(Claimed { run_id, path: to, name: stored }))
    }

    /// Where a file ends if [`Inbox::file_away`] moves it.
    pub(super) fn destination(&self, file: &Claimed, place: Place) -> Claimed {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.split_once(SEPARATOR).map_or(&*name, |(_, name)| name).to_owned();
        let path = self.directory.join(place.as_str()).join(format!("{}{name}", prefix(file.run_id)));
        Claimed { path, ..file.clone() }
    }

    /// Moves a file, its rejects and its report to where they end. What has been moved already is skipped.
    pub(super) fn file_away(&self, file: &Claimed, place: Place) -> Result<(), PartError> {
        let to = self.destination(file, place);
        // The file itself last: as long as it is in processing/, the next service continues here.
        for (from, to) in
            [(file.rejects(), to.rejects()), (file.report(), to.report()), (file.path.clone(), to.path)]
        {
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&from)(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Claimed {
    /// The path of its rejected rows.
    pub(super) fn rejects(&self) -> PathBuf {
        with_ending(&self.path, REJECTS_ENDING)
    }

    /// The path of its report.
    pub(super) fn report(&self) -> PathBuf {
        with_ending(&self.path, REPORT_ENDING)
    }

    /// Writes the report beside the file, atomically.
    pub(super) fn write_report(&self, report: &serde_json::Value) -> Result<(), PartError> {
        let path = self.report();
        let draft = with_ending(&path, ".partial");
        fs::write(&draft, format!("{report:#}\n"))
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(failed(&path))
    }

    /// Removes a file of rejects that is empty.
    pub(super) fn drop_rejects(&self) -> Result<(), PartError> {
        match fs::remove_file(self.rejects()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.rejects())(error)),
            _ => Ok(()),
        }
    }

    /// The properties by which a change is detected while it is read; anything but a regular file is refused.
    pub(super) fn stamp(&self) -> Result<Stamp, String> {
        let data = fs::symlink_metadata(&self.path).map_err(|error| error.to_string())?;
        if data.is_file() { Ok(Stamp::of(&data)) } else { Err("this is not a regular file".to_owned()) }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The beginning of a file's name where it ends: when it was claimed, and by which run.
fn prefix(run_id: Uuid) -> String {
    let claimed_at = run_id
        .get_timestamp()
        .and_then(|time| {
            let (seconds, nanoseconds) = time.to_unix();
            SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
        })
        .and_then(|time| Timestamp::try_from(time).ok());
    let time = claimed_at.map(|time| time.strftime("%Y%m%dT%H%M%SZ").to_string()).unwrap_or_default();
    let number = run_id.simple().to_string();
    // The last digits of the number are random; the first ones are the time.
    format!("{time}-{}-", &number[number.len() - 8..])
}

/// Whether the name shows that the file is still being written, or is hidden.
fn is_draft(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let ending = Path::new(&*name).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    name.starts_with('.')
        || name.ends_with('~')
        || ending.is_some_and(|ending| DRAFT_ENDINGS.contains(&ending.as_str()))
}

/// A name of letters, digits and `-_.`, which is safe in a shell, a log and a listing.
fn plain(name: &OsStr) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.to_string_lossy().chars().map(safe).collect();
    // The end of a name shows the kind of file.
    let surplus = name.len().saturating_sub(NAME_CHARS_MAX);
    name[surplus..].trim_start_matches(['-', '.']).replace(SEPARATOR, "_")
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn only_whole_files_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path()).unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.csv", "growing.csv", ".hidden.csv", "b.csv.part", "c.TMP", "d~"] {
            fs::write(at(name), "x\n").unwrap();
        }
        symlink("/etc/passwd", at("link.csv")).unwrap();
        fs::create_dir(at("folder.csv")).unwrap();
        mknodat(CWD, at("pipe.csv"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let (files, number) = inbox.arrivals().unwrap();
        assert_eq!((files.len(), number), (2, 2), "{files:?}");
        let long_ago = Instant::now().checked_sub(QUIET).unwrap();
        fs::write(at("growing.csv"), "x\ny\n").unwrap();
        assert!(inbox.unchanged(files.clone(), Instant::now()).is_empty(), "it was looked at just now");
        assert_eq!(names(&inbox.unchanged(files, long_ago)), ["a.csv"]);
    }

    #[test]
    fn a_file_is_claimed_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path()).unwrap();
        let path = folder.path().join(OsStr::from_bytes(b"..\xFF a; rm -rf__$(x)\n\x1b[31m.csv"));
        fs::write(&path, "x\n").unwrap();
        let claimed = inbox.claim(&path).unwrap().unwrap();
        assert!(inbox.claim(&path).unwrap().is_none(), "somebody was quicker");
        let name = claimed.path.file_name().unwrap().to_str().unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{name}");
        let again = inbox.claimed().unwrap();
        assert_eq!((again.len(), again[0].run_id), (1, claimed.run_id));
        claimed.write_report(&serde_json::json!({"rows_read": 1})).unwrap();
        fs::write(claimed.rejects(), "reject_line\n").unwrap();
        assert_eq!(inbox.claimed().unwrap().len(), 1, "rejects and reports are no files to import");
        inbox.file_away(&claimed, Place::Done).unwrap();
        // As after a kill between the renames.
        inbox.file_away(&claimed, Place::Done).unwrap();
        let done: Vec<PathBuf> =
            fs::read_dir(folder.path().join("done")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(done.len(), 3, "{done:?}");
        assert!(inbox.claimed().unwrap().is_empty());
    }

    #[test]
    fn a_directory_that_is_gone_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("not mounted");
        assert!(matches!(Inbox::open(&missing), Err(PartError::File { .. })));
        assert!(!missing.exists());
    }

    #[test]
    fn of_very_many_files_the_oldest_are_taken_first() {
        const FILES: usize = 10_000;
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path()).unwrap();
        let now = SystemTime::now();
        // Written in an order that is not that of their age.
        for number in (0..FILES).map(|number| number * 7_919 % FILES) {
            let file = fs::File::create(folder.path().join(format!("{number:05}.csv"))).unwrap();
            let age = Duration::from_secs(u64::try_from(FILES - number).unwrap());
            file.set_modified(now - age).unwrap();
        }
        let (files, number) = inbox.arrivals().unwrap();
        assert_eq!((files.len(), number), (FILES_PER_ROUND_MAX, FILES));
        let taken = names(&inbox.unchanged(files, Instant::now().checked_sub(QUIET).unwrap()));
        let oldest: Vec<String> = (0..FILES_PER_ROUND_MAX).map(|number| format!("{number:05}.csv")).collect();
        assert_eq!(taken, oldest);
    }

    #[test]
    fn nobody_else_may_write_where_files_are_processed() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = folder.path().join("processing");
        fs::create_dir(&prepared).unwrap();
        fs::set_permissions(&prepared, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Inbox::open(folder.path()), Err(PartError::Found(_))));
        fs::set_permissions(&prepared, fs::Permissions::from_mode(0o700)).unwrap();
        Inbox::open(folder.path()).unwrap();
        fs::remove_dir(&prepared).unwrap();
        symlink("/tmp", &prepared).unwrap();
        assert!(matches!(Inbox::open(folder.path()), Err(PartError::Found(_))));
    }
}
