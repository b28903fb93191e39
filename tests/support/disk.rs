//! A small separate file system to be filled. It needs root and a mount.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system; gone with the value.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one at a directory, which is made if it is not there; `None` where that is not allowed.
    pub fn mount_at(path: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(path).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(path.to_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut size = 1 << 20;
        let mut bytes = Vec::new();
        // Ever smaller pieces, until nothing more fits.
        while size > 0 {
            bytes.resize(bytes.len() + size, 0);
            if fs::write(self.0.join("filler"), &bytes).is_err() {
                bytes.truncate(bytes.len() - size);
                drop(fs::write(self.0.join("filler"), &bytes));
                size /= 2;
            }
        }
    }

    /// Gives it another size.
    pub fn enlarge(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }

    /// Makes room again.
    pub fn clear(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
        drop(fs::remove_dir(&self.0));
    }
}
