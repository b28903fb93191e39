//! Reads the rows of a delimited file one at a time, with the raw bytes of each and the line on which it begins.
//!
//! Boundary: finds rows and fields and reports what is wrong with their form. It never fails because of the contents of
//! a row, and its memory does not grow with the file.

use std::io::{self, Read};

/// The most bytes of one row. More means a quote that was never closed.
pub const ROW_BYTES_MAX: usize = 64 * 1024;
const READ_BYTES: usize = 64 * 1024;
const COLUMNS_USUAL: usize = 256;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What is wrong with the form of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The row has more bytes than allowed.
    #[error("the row is longer than {ROW_BYTES_MAX} bytes{}", if *.quote { "; a quote in it is not closed" } else { " and was cut off here" })]
    TooLong {
        /// Whether it contains line breaks, as after a quote that is never closed.
        quote: bool,
    },
    /// The row has more or fewer fields than the header.
    #[error("the row has {found} fields, but the header has {expected}{}", if *.spans { "; a quote in it opens and does not close on the same line" } else { "" })]
    FieldCount {
        found: usize,
        /// How many the header has.
        expected: usize,
        /// Whether the fields extend over further lines, which are then read again.
        spans: bool,
    },
    /// A quote that is not closed, or is closed in the middle of a field.
    #[error("a quote in the row is not closed at the end of its field")]
    Quote,
    /// Bytes that are not UTF-8.
    #[error("byte {position} of the field is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The column, counted from 0.
        column: usize,
        /// The byte within the field, counted from 1.
        position: usize,
    },
}

/// One row. It borrows from the reader until the next row is read.
#[derive(Debug)]
pub struct Record<'r> {
    /// The line that the row begins on, counted from 1.
    pub line: u64,
    /// The raw bytes of the row, without the line break at its end.
    pub raw: &'r [u8],
    /// What is wrong with it, if anything.
    pub fault: Option<Fault>,
    fields: &'r [u8],
    ends: &'r [usize],
}

impl<'r> Record<'r> {
    /// The number of fields in the row.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the row has no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a field; none if the row is too short.
    #[must_use]
    pub fn bytes(&self, column: usize) -> Option<&'r [u8]> {
        let end = *self.ends.get(column)?;
        let start = column.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.fields.get(start..end)
    }

    /// A field without spaces at either end; empty if the row is too short or the field is not UTF-8.
    #[must_use]
    pub fn text(&self, column: usize) -> &'r str {
        self.bytes(column).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("").trim()
    }
}

/// Reads the rows of a byte stream into one buffer, which is reused.
pub struct RecordReader {
    source: Box<dyn Read + Send>,
    core: csv_core::Reader,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    line: u64,
    fields: Vec<u8>,
    ends: Vec<usize>,
    columns: Option<usize>,
    delimiter: u8,
    quoting: bool,
    after_return: bool,
}

/// Where a row ended, and how many bytes and fields it had.
#[derive(Default)]
struct Scan {
    stop: usize,
    fields: usize,
    ends: usize,
    fault: Option<Fault>,
}

impl RecordReader {
    /// Reads `source` with the given delimiter; without `quoting` a quote is an ordinary character.
    #[must_use]
    pub fn new(source: Box<dyn Read + Send>, delimiter: u8, quoting: bool) -> Self {
        Self {
            source,
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build(),
            buffer: vec![0; ROW_BYTES_MAX + READ_BYTES],
            start: 0,
            end: 0,
            at_end: false,
            line: 1,
            fields: vec![0; READ_BYTES],
            ends: vec![0; COLUMNS_USUAL],
            columns: None,
            delimiter,
            quoting,
            after_return: false,
        }
    }

    /// Reads the next row that is not empty; none at the end. The first row is the header, and all others are expected
    /// to have as many fields.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn read(&mut self) -> io::Result<Option<Record<'_>>> {
        self.skip_empty_lines()?;
        if self.start == self.end {
            return Ok(None);
        }
        let mut scan = self.scan()?;
        if scan.fault.is_some() {
            self.cut_long_row(&mut scan)?;
        } else {
            self.check_form(&mut scan);
        }
        let first = std::mem::replace(&mut self.start, scan.stop);
        let line = self.line;
        self.after_return = self.buffer[first..scan.stop].ends_with(b"\r");
        self.line += line_breaks(&self.buffer[first..scan.stop]);
        Ok(Some(Record {
            line,
            raw: trim_break(&self.buffer[first..scan.stop]),
            fault: scan.fault,
            fields: &self.fields[..scan.fields],
            ends: &self.ends[..scan.ends],
        }))
    }

    fn skip_empty_lines(&mut self) -> io::Result<()> {
        while self.line == 1 && self.columns.is_none() && self.end - self.start < BYTE_ORDER_MARK.len() {
            if !self.fill()? {
                break;
            }
        }
        if self.columns.is_none() && self.buffer[self.start..self.end].starts_with(BYTE_ORDER_MARK) {
            self.start += BYTE_ORDER_MARK.len();
        }
        loop {
            // Two bytes are needed to distinguish a single carriage return from one before a line feed.
            while self.end - self.start < 2 && self.fill()? {}
            // A row may end between the two; the line feed does not count as a line then.
            let within_pair = std::mem::take(&mut self.after_return);
            match &self.buffer[self.start..self.end] {
                [b'\n', ..] if within_pair => {
                    self.start += 1;
                    continue;
                }
                [b'\r', b'\n', ..] => self.start += 2,
                [b'\r' | b'\n', ..] => self.start += 1,
                _ => return Ok(()),
            }
            self.line += 1;
        }
    }

    /// Moves unread bytes to the front of the buffer and reads more; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.at_end = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn scan(&mut self) -> io::Result<Scan> {
        use csv_core::ReadRecordResult as Step;
        self.core.reset();
        let mut scan = Scan { stop: self.start, ..Scan::default() };
        loop {
            if scan.stop - self.start > ROW_BYTES_MAX {
                scan.fault = Some(Fault::TooLong { quote: false });
                return Ok(scan);
            }
            if scan.stop == self.end && !self.at_end {
                let read = scan.stop - self.start;
                self.fill()?;
                scan.stop = self.start + read;
            }
            let window = self.end.min(self.start + ROW_BYTES_MAX + 1);
            // At the end a line feed is added: if it does not end the row, a quote is still open.
            let ending = scan.stop == self.end;
            let input = if ending { b"\n" } else { &self.buffer[scan.stop..window] };
            if self.fields.len() < scan.fields + 2 {
                self.fields.resize(self.fields.len() * 2, 0);
            }
            let (step, read, fields, ends) =
                self.core.read_record(input, &mut self.fields[scan.fields..], &mut self.ends[scan.ends..]);
            if ending && matches!(step, Step::InputEmpty) {
                scan.fault = Some(Fault::Quote);
                return Ok(scan);
            }
            let read = if ending { 0 } else { read };
            scan.stop += read;
            scan.fields += fields;
            scan.ends += ends;
            match step {
                Step::InputEmpty => {}
                Step::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                Step::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                Step::Record | Step::End => break,
            }
        }
        Ok(scan)
    }

    /// Truncates a row over the limit at its first line break, where reading continues; without one, the rest of the
    /// line is skipped.
    fn cut_long_row(&mut self, scan: &mut Scan) -> io::Result<()> {
        (scan.fields, scan.ends) = (0, 0);
        if let Some(length) = first_break(&self.buffer[self.start..scan.stop]) {
            scan.stop = self.start + length;
            if scan.fault != Some(Fault::Quote) {
                scan.fault = Some(Fault::TooLong { quote: true });
            }
            return Ok(());
        }
        if scan.fault == Some(Fault::Quote) {
            return Ok(());
        }
        // The beginning stays at the front of the buffer while the rest is read after it.
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        loop {
            if let Some(length) = first_break(&self.buffer[ROW_BYTES_MAX..self.end]) {
                let rest = ROW_BYTES_MAX + length;
                let last = self.buffer[rest - 1];
                self.buffer.copy_within(rest..self.end, ROW_BYTES_MAX + 1);
                self.end -= rest - ROW_BYTES_MAX - 1;
                self.buffer[ROW_BYTES_MAX] = last;
                scan.stop = ROW_BYTES_MAX + 1;
                return Ok(());
            }
            self.end = ROW_BYTES_MAX;
            if !self.fill()? {
                scan.stop = self.end;
                return Ok(());
            }
        }
    }

    /// Checks the number of fields and their encoding.
    fn check_form(&mut self, scan: &mut Scan) {
        let expected = *self.columns.get_or_insert(scan.ends);
        if scan.ends != expected {
            let inner = first_break(trim_break(&self.buffer[self.start..scan.stop]));
            if let Some(length) = inner {
                scan.stop = self.start + length;
            }
            scan.fault = Some(Fault::FieldCount { found: scan.ends, expected, spans: inner.is_some() });
            return;
        }
        // A stray quote can span whole rows and still leave the right number of fields.
        let raw = trim_break(&self.buffer[self.start..scan.stop]);
        if self.quoting
            && let Some(length) = first_break(raw)
            && !quotes_are_sound(raw, self.delimiter)
        {
            scan.stop = self.start + length;
            scan.fault = Some(Fault::Quote);
            return;
        }
        // Most rows are valid, and checking them as a whole is faster than field by field.
        if let Ok(text) = std::str::from_utf8(&self.fields[..scan.fields])
            && self.ends[..scan.ends].iter().all(|end| text.is_char_boundary(*end))
        {
            return;
        }
        let mut from = 0;
        for (column, end) in self.ends[..scan.ends].iter().enumerate() {
            if let Err(error) = std::str::from_utf8(&self.fields[from..*end]) {
                scan.fault = Some(Fault::NotUtf8 { column, position: error.valid_up_to() + 1 });
                return;
            }
            from = *end;
        }
    }
}

fn trim_break(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

/// Whether every quote that opens a field is closed at its end.
fn quotes_are_sound(raw: &[u8], delimiter: u8) -> bool {
    let mut rest = raw;
    loop {
        if let Some(mut quoted) = rest.strip_prefix(b"\"") {
            loop {
                let Some(close) = quoted.iter().position(|byte| *byte == b'"') else { return false };
                quoted = &quoted[close + 1..];
                match quoted.strip_prefix(b"\"") {
                    Some(doubled) => quoted = doubled,
                    None => break,
                }
            }
            if !(quoted.is_empty() || quoted[0] == delimiter) {
                return false;
            }
            rest = quoted;
        }
        match rest.iter().position(|byte| *byte == delimiter) {
            Some(end) => rest = &rest[end + 1..],
            None => return true,
        }
    }
}

/// How many bytes there are up to and including the first line break.
fn first_break(bytes: &[u8]) -> Option<usize> {
    let position = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let pair = bytes[position] == b'\r' && bytes.get(position + 1) == Some(&b'\n');
    Some(position + 1 + usize::from(pair))
}

fn line_breaks(bytes: &[u8]) -> u64 {
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    let lone_returns = if bytes.contains(&b'\r') {
        let next = bytes.iter().skip(1).map(Some).chain([None]);
        bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\r' && *next != Some(&b'\n')).count()
    } else {
        0
    };
    (feeds + lone_returns) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one byte at a time, so that every possible boundary is tested.
    struct Trickle(std::io::Cursor<Vec<u8>>);

    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(1);
            self.0.read(&mut into[..count])
        }
    }

    fn rows(input: &[u8], quoting: bool) -> Vec<(u64, String, Vec<String>, Option<Fault>)> {
        let mut reader =
            RecordReader::new(Box::new(Trickle(std::io::Cursor::new(input.to_vec()))), b',', quoting);
        let mut rows = Vec::new();
        while let Some(record) = reader.read().unwrap() {
            let fields = (0..record.len()).map(|column| record.text(column).to_owned()).collect();
            rows.push((record.line, String::from_utf8_lossy(record.raw).into_owned(), fields, record.fault));
        }
        rows
    }

    #[test]
    fn keeps_lines_and_raw_bytes_through_marks_breaks_and_quotes() {
        let found = rows(b"\xEF\xBB\xBFa,b\r\n\r\n1,\"x\r\ny\"\r\n\n2,z", true);
        let lines: Vec<_> = found.iter().map(|row| (row.0, row.1.as_str())).collect();
        assert_eq!(lines, [(1, "a,b"), (3, "1,\"x\r\ny\""), (6, "2,z")]);
        assert_eq!(found[1].2, ["1", "x\r\ny"]);
        assert!(found.iter().all(|row| row.3.is_none()));
    }

    #[test]
    fn lone_carriage_returns_end_rows() {
        let found = rows(b"a,b\r1,2\r3,4", true);
        assert_eq!(found.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn an_open_quote_costs_its_own_line_only() {
        let found = rows(b"a,b\n1,\"x\n2,y\n3,z\n", true);
        assert_eq!(found.len(), 4);
        assert_eq!((found[1].3.clone(), found[2].2.join("|")), (Some(Fault::Quote), "2,y".replace(',', "|")));
        let found = rows(b"a,b\n1,\"x\n2,y\n3,\"z\"\n", true);
        assert_eq!(found.len(), 4);
        assert_eq!(found[1].3, Some(Fault::Quote));
        assert_eq!(found[3].2, ["3", "z"]);
        let text = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(ROW_BYTES_MAX / 4 + 9));
        let found = rows(text.as_bytes(), true);
        assert_eq!(found[1].3, Some(Fault::TooLong { quote: true }));
        assert_eq!(found[1].1, "1,\"x");
        assert_eq!(found.len(), 2 + ROW_BYTES_MAX / 4 + 9);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_read() {
        for tail in ["\n2,y\n", "\r\n2,y", ""] {
            let text = format!("a,b\n1,{}{tail}", "x".repeat(3 * ROW_BYTES_MAX));
            let found = rows(text.as_bytes(), true);
            assert_eq!(found[1].3, Some(Fault::TooLong { quote: false }));
            assert_eq!(found[1].1.len(), ROW_BYTES_MAX);
            assert_eq!(found.len(), if tail.is_empty() { 2 } else { 3 });
            if let Some(last) = found.get(2) {
                assert_eq!((last.0, last.1.as_str(), last.3.clone()), (3, "2,y", None));
            }
        }
    }

    #[test]
    fn a_quote_is_data_where_the_file_does_not_quote() {
        let found = rows(b"a,b\n\"x,y\n", false);
        assert_eq!(found[1].2, ["\"x", "y"]);
    }

    #[test]
    fn names_the_byte_that_is_no_utf8() {
        let found = rows(b"a,b\n1,caf\xE9\n", true);
        assert_eq!(found[1].3, Some(Fault::NotUtf8 { column: 1, position: 4 }));
        // Halves of one character in two fields are invalid.
        let found = rows(b"a,b\n\xC3,\xA9\n", true);
        assert_eq!(found[1].3, Some(Fault::NotUtf8 { column: 0, position: 1 }));
    }
}
