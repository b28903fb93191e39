//! The input of an import: a file, standard input or bytes in memory, plain or compressed with gzip.
//!
//! Boundary: bytes only. `records` interprets them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use uuid::Uuid;

use super::ImportError;

/// Where the rows of an import come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file, which can be read twice.
    Path(PathBuf),
    /// Standard input, which can be read once; an import that reads its source several times copies it to a file first.
    Stdin,
    /// Bytes in memory, such as [`super::sample`].
    Bytes(&'static [u8]),
    /// A copy of what could be read once, in a file without a name.
    Kept(Arc<File>),
}

/// Reads a kept copy from its beginning, whatever others have read of it.
struct FromBeginning {
    file: Arc<File>,
    offset: u64,
}

impl Read for FromBeginning {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.offset)?;
        self.offset += length as u64;
        Ok(length)
    }
}

/// Compressed formats that are not supported, by their first bytes.
const OTHER_PACKERS: [(&[u8], &str); 6] = [
    (b"\xFD7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"PK\x03\x04", "zip (if it is a spreadsheet, export it as CSV)"),
    (b"\xD0\xCF\x11\xE0", "that of an old spreadsheet (export it as CSV)"),
];
const GZIP: &[u8] = b"\x1F\x8B";
/// Long enough for every signature above.
const MARK_BYTES_MAX: usize = 8;

impl Source {
    /// The input named by an argument: `-` is standard input; anything else is a path.
    #[must_use]
    pub fn from_argument(argument: &str) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(PathBuf::from(argument)) }
    }

    /// The name of the input in messages.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Stdin | Self::Kept(_) => "standard input".to_owned(),
            Self::Bytes(_) => "the built-in sample".to_owned(),
        }
    }

    /// Whether it can be read from the beginning again: pipes cannot.
    #[must_use]
    pub fn can_be_read_twice(&self) -> bool {
        match self {
            Self::Path(path) => path.metadata().map_or(true, |metadata| metadata.is_file()),
            Self::Stdin => false,
            Self::Bytes(_) | Self::Kept(_) => true,
        }
    }

    /// The same input if it can be read twice, or else a copy of it on the disk, which is gone with the program.
    ///
    /// # Errors
    /// [`ImportError::Read`] if it cannot be read or copied.
    pub(super) fn kept(&self) -> Result<Self, ImportError> {
        if self.can_be_read_twice() {
            return Ok(self.clone());
        }
        let copy = || {
            let path = std::env::temp_dir().join(format!("stockroom-{}", Uuid::now_v7()));
            let mut file =
                OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
            fs::remove_file(&path)?;
            match self {
                Self::Path(path) => io::copy(&mut File::open(path)?, &mut file)?,
                _ => io::copy(&mut io::stdin().lock(), &mut file)?,
            };
            Ok(Self::Kept(Arc::new(file)))
        };
        copy().map_err(|source| ImportError::Read { label: self.label(), source })
    }

    /// The size of the input as stored, if it is known.
    pub(super) fn bytes_total(&self) -> Option<u64> {
        match self {
            Self::Path(path) => path.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len()),
            Self::Stdin => None,
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Kept(file) => file.metadata().ok().map(|m| m.len()),
        }
    }

    /// Opens the input, decompresses gzip, and counts the compressed bytes in the progress bar.
    ///
    /// # Errors
    /// [`ImportError`] if it cannot be opened or is compressed in another format.
    pub(super) fn open(&self, progress: &ProgressBar) -> Result<Box<dyn Read + Send>, ImportError> {
        let failed = |source| ImportError::Read { label: self.label(), source };
        let raw: Box<dyn Read + Send> = match self {
            Self::Path(path) => Box::new(File::open(path).map_err(failed)?),
            Self::Stdin => Box::new(io::stdin()),
            Self::Bytes(bytes) => Box::new(Cursor::new(*bytes)),
            Self::Kept(file) => Box::new(FromBeginning { file: Arc::clone(file), offset: 0 }),
        };
        let mut raw = progress.wrap_read(raw);
        let mut mark = Vec::with_capacity(MARK_BYTES_MAX);
        (&mut raw).take(MARK_BYTES_MAX as u64).read_to_end(&mut mark).map_err(failed)?;
        if let Some((_, format)) = OTHER_PACKERS.iter().find(|(magic, _)| mark.starts_with(magic)) {
            return Err(ImportError::Packed { label: self.label(), format });
        }
        let gzip = mark.starts_with(GZIP);
        let whole = Cursor::new(mark).chain(raw);
        Ok(if gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
    }
}
