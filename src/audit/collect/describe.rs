//! Turns a line into what is stored: its bytes, its leaf, and the columns by which people search.

use super::note::Note;
use crate::audit::record::columns::{columns_of, columns_of_other, record_in};
use crate::audit::record::{LogLine, text};
use crate::audit::seal::leaf_of_line;
use crate::store::audit::NewLine;

/// The line with its leaf and its columns.
pub(super) fn described(file: &str, file_offset: u64, raw: &[u8]) -> NewLine {
    let text = text(raw);
    let columns = match LogLine::read(&text) {
        Some(line) => columns_of(&line, record_in(&line).as_ref()).into_owned(),
        None => columns_of_other(Note::read(&text).is_some()),
    };
    NewLine { file_offset, columns, raw: raw.to_vec(), leaf_hash: leaf_of_line(file, file_offset, raw) }
}
