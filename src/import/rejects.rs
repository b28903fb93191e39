//! Rejected rows: written with line, field and reason to a file that can be corrected and imported again.
//!
//! The file begins with three columns of its own, `reject_line`, `reject_field` and `reject_reason`, followed by the
//! header and the rows of the imported file, byte for byte and with its delimiter. So the same profile reads it:
//! columns that a profile does not name are ignored.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::ImportError;

/// How many rejected rows a report lists.
const SHOWN_MAX: usize = 10;
/// How many kinds of reasons a report counts separately; further ones are counted together.
const GROUPS_MAX: usize = 200;
/// The name that means standard output.
const STANDARD_OUTPUT: &str = "-";
const OTHER_REASONS: &str = "other reasons";

/// Why one row was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The line on which the row begins.
    pub line: u64,
    /// The name of the column at fault; empty if it is the whole row.
    pub field: String,
    /// The kind of reason, by which reports count.
    #[serde(skip)]
    pub group: Cow<'static, str>,
    pub reason: String,
}

/// How many rows were rejected for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectCount {
    pub reason: String,
    pub rows: u64,
}

/// Collects rejected rows: writes them to the file, if there is one, and keeps what a report shows.
pub(super) struct Rejects {
    file: Option<Box<dyn Write + Send>>,
    /// The header, as long as it is not written: on standard output it comes with the first rejected row.
    header: Option<Vec<u8>>,
    path: String,
    delimiter: u8,
    quoting: bool,
    first: Vec<Reject>,
    counts: BTreeMap<Cow<'static, str>, u64>,
}

impl Rejects {
    /// Creates the file, if one is wanted. An existing file is replaced: a run reads its input from the beginning and
    /// rejects the same rows again.
    pub(super) fn begin(
        path: Option<&Path>,
        delimiter: u8,
        quoting: bool,
        header: &[u8],
    ) -> Result<Self, ImportError> {
        let mut rejects = Self {
            file: None,
            header: None,
            path: path.map(|path| path.display().to_string()).unwrap_or_default(),
            delimiter,
            quoting,
            first: Vec::new(),
            counts: BTreeMap::new(),
        };
        if path == Some(Path::new(STANDARD_OUTPUT)) {
            rejects.file = Some(Box::new(BufWriter::new(io::stdout())));
            rejects.header = Some(header.to_vec());
        } else if let Some(path) = path {
            let file = File::create(path).map_err(|source| rejects.failed(source))?;
            rejects.file = Some(Box::new(BufWriter::new(file)));
            rejects.begin_with(header)?;
        }
        Ok(rejects)
    }

    fn begin_with(&mut self, header: &[u8]) -> Result<(), ImportError> {
        let own = [b"reject_line".as_slice(), b"reject_field", b"reject_reason", header];
        self.write(&own).map_err(|source| self.failed(source))?;
        self.flush()
    }

    fn failed(&self, source: io::Error) -> ImportError {
        ImportError::Rejects { path: self.path.clone(), source }
    }

    fn write(&mut self, fields: &[&[u8]]) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                file.write_all(&[self.delimiter])?;
            }
            file.write_all(field)?;
        }
        file.write_all(b"\n")
    }

    /// Writes one rejected row and counts its reason.
    pub(super) fn add(&mut self, reject: Reject, raw: &[u8]) -> Result<(), ImportError> {
        if let Some(header) = self.header.take() {
            self.begin_with(&header)?;
        }
        if self.file.is_some() {
            let line = reject.line.to_string();
            let field = self.own_field(&reject.field);
            let reason = self.own_field(&reject.reason);
            let fields = [line.as_bytes(), field.as_bytes(), reason.as_bytes(), raw];
            self.write(&fields).map_err(|source| self.failed(source))?;
        }
        let known = self.counts.contains_key(&reject.group) || self.counts.len() < GROUPS_MAX;
        let group = if known { reject.group.clone() } else { Cow::Borrowed(OTHER_REASONS) };
        *self.counts.entry(group).or_default() += 1;
        if self.first.len() < SHOWN_MAX {
            self.first.push(reject);
        }
        Ok(())
    }

    /// One of the additional fields, quoted so that a reader of the file's format takes it as one field.
    fn own_field(&self, text: &str) -> String {
        let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if self.quoting {
            format!("\"{}\"", one_line.replace('"', "\"\""))
        } else {
            one_line.replace(char::from(self.delimiter), " ")
        }
    }

    /// Writes what is buffered to the file, so that it is there if the run is killed.
    pub(super) fn flush(&mut self) -> Result<(), ImportError> {
        match &mut self.file {
            Some(file) => file.flush().map_err(|source| self.failed(source)),
            None => Ok(()),
        }
    }

    /// The content of a report: the first rows, and how many rows there were for each kind of reason, most first.
    pub(super) fn summary(&self) -> (Vec<Reject>, Vec<RejectCount>) {
        let mut counts: Vec<_> = self
            .counts
            .iter()
            .map(|(reason, rows)| RejectCount { reason: reason.to_string(), rows: *rows })
            .collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.rows));
        (self.first.clone(), counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64, reason: &str) -> Reject {
        Reject {
            line,
            field: "Qty \"net\"".into(),
            group: Cow::Owned(reason.to_owned()),
            reason: reason.into(),
        }
    }

    #[test]
    fn rows_come_through_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.csv");
        let mut rejects = Rejects::begin(Some(&path), b',', true, b"a,b").unwrap();
        rejects.add(reject(7, "not, a\nnumber"), b"1,\"caf\xE9\"").unwrap();
        rejects.flush().unwrap();
        let written = std::fs::read(&path).unwrap();
        let known: &[u8] = b"reject_line,reject_field,reject_reason,a,b\n7,\"Qty \"\"net\"\"\",\"not, a number\",1,\"caf\xE9\"\n";
        assert_eq!(written, known);
    }

    #[test]
    fn counts_stay_bounded() {
        let mut rejects = Rejects::begin(None, b',', true, b"").unwrap();
        for line in 0..1_000 {
            rejects.add(reject(line, &format!("reason {line}")), b"").unwrap();
        }
        let (first, counts) = rejects.summary();
        assert_eq!(first.len(), SHOWN_MAX);
        assert_eq!(counts[0], RejectCount { reason: OTHER_REASONS.into(), rows: 800 });
        assert_eq!(counts.iter().map(|count| count.rows).sum::<u64>(), 1_000);
    }
}
