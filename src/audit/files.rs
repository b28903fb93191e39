//! Writes the files of the evidence: only their owner may write them, whatever the umask is.
//!
//! Boundary: knows nothing of their contents.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Public keys, checkpoints and decisions may be read by everybody who may enter the directory.
const DIRECTORY_MODE: u32 = 0o755;
const READABLE_MODE: u32 = 0o644;
/// Reports and states contain statements, which may contain passwords.
const PRIVATE_MODE: u32 = 0o600;

/// Creates a directory and its missing parents.
///
/// # Errors
/// Any error of the file system.
pub fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)
}

/// Opens a file to which lines are appended.
///
/// # Errors
/// Any error of the file system.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(READABLE_MODE).open(path)
}

/// Replaces a file that only its owner may read, atomically.
///
/// # Errors
/// Any error of the file system.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        create_directory(directory)?;
    }
    let draft = path.with_extension("partial");
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(PRIVATE_MODE).open(&draft)?;
    // A draft left behind by a crash keeps its mode.
    file.set_permissions(Permissions::from_mode(PRIVATE_MODE))?;
    file.write_all(bytes)?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_writes_and_reports_are_private() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("audit/report.json");
        create_directory(path.parent().unwrap()).unwrap();
        fs::write(path.with_extension("partial"), "left behind").unwrap();
        fs::set_permissions(path.with_extension("partial"), Permissions::from_mode(0o666)).unwrap();
        replace_private(&path, b"{}").unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap().as_slice()), (0o600, b"{}".as_slice()));
        let lines = place.path().join("audit/accepted.jsonl");
        open_to_append(&lines).unwrap();
        for shared in [lines.as_path(), path.parent().unwrap()] {
            assert_eq!(mode(shared) & 0o022, 0, "{}", shared.display());
        }
    }
}
