//! Compares stored lines that were not signed yet with the log itself. Until they are signed, whoever can write the tables
//! can replace them together with their hashes, and keep the collector waiting for as long as that takes.

use std::collections::HashMap;

use super::note::Note;
use super::{CHUNK_BYTES, CollectError, Collected, Collector, describe};
use crate::audit::record::text;
use crate::store::Store;
use crate::store::audit::KeptLine;

/// How many lines are read at a time; limits the memory.
const LINES_PER_READ: u64 = 2_000;

/// A part of a log file.
#[derive(Default)]
struct Part {
    file: String,
    first: u64,
    bytes: Vec<u8>,
}

impl Part {
    /// The bytes of the file where a line should be.
    fn at(&self, file: &str, line: &KeptLine) -> Option<&[u8]> {
        let begin = usize::try_from(line.file_offset.checked_sub(self.first)?).ok()?;
        (self.file == file).then_some(())?;
        self.bytes.get(begin..begin.checked_add(line.raw.len())?)
    }
}

impl Collector {
    /// Compares the lines from a number on with the log, and stores a note about those that are not in it. If nothing
    /// was ever signed, there is nothing to begin with.
    ///
    /// # Errors
    /// As any read or write.
    pub async fn recheck(&mut self, store: &Store, signed: u64) -> Result<Collected, CollectError> {
        let mut total = Collected::default();
        if signed == 0 {
            return Ok(total);
        }
        let files = store.log_file_names().await?;
        let mut replaced: Vec<(String, u64, u64)> = Vec::new();
        let mut part = Part::default();
        let mut begin = signed;
        while begin < self.tree.size() {
            let end = (begin + LINES_PER_READ).min(self.tree.size());
            for line in store.kept_lines(begin, end).await? {
                if Note::read(&text(&line.raw)).is_some() || self.is_in_log(&files, &line, &mut part).await? {
                    continue;
                }
                let file = files.get(&line.file_id).cloned().unwrap_or_default();
                match replaced.last_mut() {
                    Some((last_file, _, last)) if *last_file == file && *last + 1 == line.line_no => {
                        *last = line.line_no;
                    }
                    _ => replaced.push((file, line.line_no, line.line_no)),
                }
            }
            begin = end;
        }
        // Kept with the file that was read last, at the position that has been reached there.
        let Some(name) = self.newest.clone() else { return Ok(total) };
        let read_to = self.read_to(&name);
        for (file, first, last) in replaced {
            let note = Note::Replaced { file, first, last };
            tracing::warn!(?note, "Stored log entries are not those of the log");
            let line = describe::described(&name, read_to, &note.line());
            total.add(self.keep(&name, read_to, vec![line]).await?);
        }
        Ok(total)
    }

    /// Whether the log holds a line where it is said to have been. A file that is gone does not.
    async fn is_in_log(
        &self,
        files: &HashMap<i32, String>,
        line: &KeptLine,
        part: &mut Part,
    ) -> Result<bool, CollectError> {
        let Some(file) = files.get(&line.file_id) else { return Ok(false) };
        if part.at(file, line).is_none() {
            let size = CHUNK_BYTES.max(line.raw.len());
            let bytes = self.source.read(&self.session, file, line.file_offset, size).await?;
            *part = Part { file: file.clone(), first: line.file_offset, bytes };
        }
        Ok(part.at(file, line) == Some(line.raw.as_slice()))
    }
}
