//! Where lines stand in their files: each begins where the one before it ended. The position up to which a file has been
//! read is a column of the database; whoever moves it on makes the collector leave out what is in between.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LogAnalyser;
use crate::audit::collect::note::Note;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::text;
use crate::store::audit::KeptLine;

/// For how many of the newest files the end is remembered; lines of older ones do not follow.
const FILES_MAX: usize = 16;

/// The end of the last line of each file; none where the length of that line is not to be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    ends: BTreeMap<i32, Option<u64>>,
}

/// What else is known of a line.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The line before it is there.
    pub follows: bool,
    /// It differs from what was collected, which is a finding of its own.
    pub altered: bool,
}

impl Places {
    /// Takes a line; returns where it should have begun if that is somewhere else.
    fn take(&mut self, line: &KeptLine, known: Known) -> Option<u64> {
        let note = Note::read(&text(&line.raw));
        if note.as_ref().is_some_and(|note| !matches!(note, Note::Truncated { .. })) {
            return None;
        }
        // What the server goes on with in a file that was cut follows the note about it.
        let length = if note.is_some() { 0 } else { line.raw.len() as u64 };
        let end = line.file_offset.saturating_add(length);
        // The first file may have been begun before the log that is kept.
        let expected = match self.ends.get(&line.file_id) {
            Some(end) => *end,
            None if self.ends.is_empty() && line.line_no > 0 => None,
            None => Some(0),
        };
        self.ends.insert(line.file_id, (!known.altered).then_some(end));
        while self.ends.len() > FILES_MAX {
            self.ends.pop_first();
        }
        // One byte is the end of the line.
        let fits = |expected: u64| line.file_offset == expected || line.file_offset == expected + 1;
        expected.filter(|expected| known.follows && note.is_none() && !fits(*expected))
    }
}

impl LogAnalyser {
    /// Reports a line that does not begin where the one before it in its file ended.
    pub fn take_place(&mut self, line: &KeptLine, file: &str, known: Known) {
        let Some(expected) = self.state.places.take(line, known) else { return };
        let offset = line.file_offset;
        let what = if offset > expected {
            format!(
                "bytes {expected} to {offset} of log file {file} were left out: somebody moved the position of the collector"
            )
        } else {
            format!(
                "log file {file} was collected again from byte {offset}: somebody moved the position of the collector"
            )
        };
        let finding = Finding::alarm(Kind::BytesLeftOut, Verdict::EvidenceAltered, what)
            .of(file)
            .of(expected)
            .of(offset)
            .at_line(line.line_no);
        self.findings.add(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::ColumnsDigest;

    const WHOLE: Known = Known { follows: true, altered: false };

    fn line(line_no: u64, file_id: i32, file_offset: u64, raw: &[u8]) -> KeptLine {
        KeptLine {
            line_no,
            file_id,
            file_offset,
            raw: raw.to_vec(),
            leaf_hash: Vec::new(),
            collected_at: None,
            columns: ColumnsDigest::default(),
        }
    }

    #[test]
    fn each_line_begins_where_the_one_before_it_ended() {
        let mut places = Places::default();
        let cut = Note::Truncated { file: "b".to_owned(), read_to: 3, size: 0 }.line();
        for (line, expected) in [
            (line(7, 1, 90, b"abc"), None),
            (line(8, 1, 94, b"de"), None),
            (line(9, 1, 96, b"glued"), None),
            (line(10, 1, 110, b"x"), Some(101)),
            (line(11, 2, 0, b"new"), None),
            (line(12, 2, 0, &cut), None),
            (line(13, 2, 0, b"new"), None),
            (line(14, 2, 0, b"again"), Some(3)),
            (line(15, 3, 5, b"new"), Some(0)),
        ] {
            assert_eq!(places.take(&line, WHOLE), expected, "line {}", line.line_no);
        }
        let alone = Known { follows: false, ..WHOLE };
        assert_eq!(places.take(&line(20, 3, 99, b"x"), alone), None, "lines before it are gone");
        assert_eq!(Places::default().take(&line(0, 1, 5, b"x"), WHOLE), Some(0));
    }

    #[test]
    fn the_length_of_an_altered_line_says_nothing_about_the_next() {
        let mut places = Places::default();
        assert_eq!(places.take(&line(0, 1, 0, b"abc"), Known { altered: true, ..WHOLE }), None);
        assert_eq!(places.take(&line(1, 1, 2, b"x"), WHOLE), None);
        assert_eq!(places.take(&line(2, 1, 9, b"y"), WHOLE), Some(3));
    }
}
