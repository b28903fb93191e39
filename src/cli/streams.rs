//! Files of the command line, where `-` is standard input or standard output.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use super::exit::CliError;

/// The name that means standard input or standard output.
const STREAM: &str = "-";

/// Whether a path stands for standard input or standard output.
pub(super) fn is_stream(path: &Path) -> bool {
    path == Path::new(STREAM)
}

/// Opens a file that is read.
pub(super) fn open_input(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    if is_stream(path) {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Reads a file as text, if it is not longer than so many bytes.
pub(super) fn read_input(path: &Path, bytes_max: u64) -> Result<String, CliError> {
    let mut text = String::new();
    open_input(path)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(CliError::Usage(format!("{} has more than {bytes_max} bytes", path.display())));
    }
    Ok(text)
}

/// Opens a file that is written; without a path it is standard output.
pub(super) fn open_output(path: Option<&Path>) -> io::Result<Box<dyn Write + Send>> {
    Ok(match path {
        Some(path) if !is_stream(path) => Box::new(BufWriter::new(File::create(path)?)),
        _ => Box::new(BufWriter::new(io::stdout())),
    })
}

/// The paths under which files are read by a module that knows no streams.
pub(super) fn input_paths(paths: &[PathBuf]) -> Vec<PathBuf> {
    let path = |path: &PathBuf| if is_stream(path) { PathBuf::from("/dev/stdin") } else { path.clone() };
    paths.iter().map(path).collect()
}

/// Parses the path of a file that is read several times, replaced as a whole, or secret, and so cannot be a stream.
pub(crate) fn file_only(text: &str) -> Result<PathBuf, String> {
    if is_stream(Path::new(text)) {
        return Err("this must be a file, not standard input or output".to_owned());
    }
    Ok(PathBuf::from(text))
}
