//! Files for the textfile collector of the Prometheus node exporter: written under another name and renamed, so that it
//! never reads an incomplete file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{Metric, Metrics};

/// The permissions of the file: the exporter runs as another user. It contains no personal data.
const MODE: u32 = 0o644;

/// The file of a target: itself, or `stockroom_NAME.prom` in a directory.
#[must_use]
pub fn path_in(target: &Path, name: &str) -> PathBuf {
    if target.is_dir() { target.join(format!("stockroom_{name}.prom")) } else { target.to_owned() }
}

/// The values of a metric with one label in a text, each with the value of the label.
pub fn samples<'text>(text: &'text str, metric: &Metric) -> impl Iterator<Item = (&'text str, f64)> {
    let beginning = format!("{}{{", metric.name);
    text.lines().filter_map(move |line| {
        let (labels, value) = line.strip_prefix(&beginning)?.split_once("} ")?;
        Some((labels.split('"').nth(1)?, value.trim().parse().ok()?))
    })
}

/// Writes the metrics into a file, or into `stockroom_NAME.prom` in a directory.
///
/// # Errors
/// If the file cannot be written; an existing file is then unchanged.
pub fn write(metrics: &Metrics, target: &Path, name: &str) -> io::Result<PathBuf> {
    let path = path_in(target, name);
    let text = metrics.render().map_err(io::Error::other)?;
    // The exporter reads every file whose name ends in .prom.
    let mut draft = path.clone().into_os_string();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = write_draft(&draft, text.as_bytes()).and_then(|()| fs::rename(&draft, &path));
    if let Err(error) = written {
        // The draft may not have been created.
        let _ = fs::remove_file(&draft);
        return Err(error);
    }
    Ok(path)
}

fn write_draft(draft: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(MODE).open(draft)?;
    rustix::fs::fchmod(&file, rustix::fs::Mode::from_raw_mode(MODE))?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::table::COMMAND_SUCCESS;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_a_failure_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let metrics = Metrics::new();
        metrics.set(&COMMAND_SUCCESS, &["verify"], 1.0);
        let path = write(&metrics, folder.path(), "verify").unwrap();
        assert_eq!(path, folder.path().join("stockroom_verify.prom"));
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.contains("stockroom_command_success{command=\"verify\"} 1\n"));
        assert_eq!(samples(&before, &COMMAND_SUCCESS).collect::<Vec<_>>(), [("verify", 1.0)]);
        metrics.set(&COMMAND_SUCCESS, &["verify"], 0.0);
        assert!(write(&metrics, &folder.path().join("missing/x.prom"), "verify").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        write(&metrics, &path, "verify").unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("} 0\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}
