//! Splits the bytes of a log file into records.
//!
//! A record is one line. If the disk was full, the server may have written a part of a record, and the next one then
//! follows on the same line. Each record begins with the same bytes, which cannot occur within one, because quotes
//! within a JSON string are escaped; so the line is split there.

use memchr::{memchr, memmem};

/// The first bytes of every record of jsonlog.
const RECORD_START: &[u8] = b"{\"timestamp\":\"";

/// The longest record that is stored in one piece. A longer one is split, so that one statement of a gigabyte cannot
/// fill the memory of the collector; its pieces are stored and counted as unreadable.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// The records found in a part of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Split<'a> {
    /// Each record with its offset from the first byte, without the line break.
    pub records: Vec<(usize, &'a [u8])>,
    /// How many bytes were consumed. What follows is the beginning of an incomplete line.
    pub used: usize,
}

/// Splits a part of a file into records. With `at_end`, what follows the last line break is a record too: nothing will
/// be added to the file any more.
#[must_use]
pub fn segments(part: &[u8], at_end: bool) -> Split<'_> {
    let mut split = Split { records: Vec::new(), used: 0 };
    while split.used < part.len() {
        let rest = &part[split.used..];
        let (line, used) = match memchr(b'\n', rest) {
            Some(end) if end <= RECORD_BYTES_MAX => (&rest[..end], end + 1),
            None if rest.len() <= RECORD_BYTES_MAX => {
                if !at_end {
                    break;
                }
                (rest, rest.len())
            }
            Some(_) | None => (&rest[..RECORD_BYTES_MAX], RECORD_BYTES_MAX),
        };
        unglue(line, split.used, &mut split.records);
        split.used += used;
    }
    split
}

/// Adds the records of one line. An empty line is a record as well: the server writes none.
fn unglue<'a>(line: &'a [u8], offset: usize, records: &mut Vec<(usize, &'a [u8])>) {
    let mut begin = 0;
    for start in memmem::find_iter(line, RECORD_START) {
        if start > begin {
            records.push((offset + begin, &line[begin..start]));
            begin = start;
        }
    }
    records.push((offset + begin, &line[begin..]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_lines_only() {
        let split = segments(b"{\"timestamp\":\"a\"}\n{\"timestamp\":\"b\"}\n{\"time", false);
        assert_eq!(split.records.len(), 2);
        assert_eq!(split.records[1], (18, &b"{\"timestamp\":\"b\"}"[..]));
        assert_eq!(split.used, 36);
        assert_eq!(segments(b"abc", true).records, [(0, &b"abc"[..])]);
        assert_eq!(segments(b"", true).records, []);
    }

    #[test]
    fn a_truncated_record_is_separated_from_the_next() {
        let split = segments(b"{\"timestamp\":\"2026\",\"mess{\"timestamp\":\"b\"}\n", false);
        let texts: Vec<&[u8]> = split.records.iter().map(|(_, bytes)| *bytes).collect();
        assert_eq!(texts, [&b"{\"timestamp\":\"2026\",\"mess"[..], b"{\"timestamp\":\"b\"}"]);
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long = vec![b'x'; RECORD_BYTES_MAX + 10];
        let split = segments(&long, false);
        assert_eq!((split.records.len(), split.used), (1, RECORD_BYTES_MAX));
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(bytes in proptest::collection::vec(prop_oneof![
            Just(b'\n'), Just(b'{'), any::<u8>()], 0..400), glue in proptest::collection::vec(0usize..400, 0..4)) {
            let mut bytes = bytes;
            for place in glue {
                let place = place.min(bytes.len());
                bytes.splice(place..place, RECORD_START.iter().copied());
            }
            let split = segments(&bytes, true);
            prop_assert_eq!(split.used, bytes.len());
            let mut next = 0;
            for (offset, record) in &split.records {
                // Only ends of lines lie between two records.
                prop_assert!(*offset >= next && bytes[next..*offset].iter().all(|byte| *byte == b'\n'));
                prop_assert_eq!(&bytes[*offset..*offset + record.len()], *record);
                next = offset + record.len();
            }
            prop_assert!(bytes[next..].iter().all(|byte| *byte == b'\n'));
            // Reading in two parts gives the same records.
            let first = segments(&bytes[..bytes.len() / 2], false);
            let second = segments(&bytes[first.used..], true);
            prop_assert_eq!(first.records.len() + second.records.len(), split.records.len());
        }
    }
}
