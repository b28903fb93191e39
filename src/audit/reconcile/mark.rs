//! A mark in the log, which shows how far the log has been collected, and whether pgaudit recorded it.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::VerifyError;
use crate::audit::record::{LogLine, text};
use crate::store::Store;
use crate::store::audit::{BEFORE_BARRIER, BEHIND_BARRIER, Moment};

/// How often to check whether the mark has been collected.
const PAUSE: Duration = Duration::from_millis(50);
/// After which time the mark is written in another way, in case pgaudit was switched off or its line was lost.
const UNRECORDED_PAUSE: Duration = Duration::from_secs(3);

/// Whether pgaudit recorded a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    Yes,
    /// It did not, and no line is missing where the record would be.
    No,
    /// Lines are missing where the record would be.
    NotKnown,
}

/// A mark that has been collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The number after its line.
    pub end: u64,
    pub recorded: Recorded,
}

impl Mark {
    /// Writes a mark into the log and waits until it has been collected.
    pub async fn make(store: &Store, moment: &Moment, patience: Duration) -> Result<Self, VerifyError> {
        let token = Uuid::from_bytes(rand::random());
        store.audit_barrier(token).await?;
        let began = Instant::now();
        let mut once_more = false;
        while began.elapsed() < patience {
            if let Some(mark) = Self::among(&store.find_barrier(token, moment.lines).await?) {
                return Ok(mark);
            }
            if !once_more && began.elapsed() > UNRECORDED_PAUSE {
                store.audit_barrier_between_errors(token).await?;
                once_more = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(VerifyError::NotCollected { seconds: patience.as_secs() })
    }

    /// Finds the mark among the collected lines that contain it.
    fn among(lines: &[(u64, bool, Vec<u8>)]) -> Option<Self> {
        if let Some((line_no, _, _)) = lines.iter().find(|(_, is_record, _)| *is_record) {
            return Some(Self { end: line_no + 1, recorded: Recorded::Yes });
        }
        // Number of the line, session and number within it, of the statement that failed.
        let failed = |which: &str| {
            lines.iter().find_map(|(line_no, _, raw)| {
                let text = text(raw);
                let line = LogLine::read(&text).filter(|line| line.message.contains(which))?;
                Some((*line_no, line.session_id.into_owned(), line.line_num))
            })
        };
        let behind = failed(BEHIND_BARRIER)?;
        let is_next = |before: (u64, String, u64)| before.1 == behind.1 && before.2 + 1 == behind.2;
        let recorded =
            if failed(BEFORE_BARRIER).is_some_and(is_next) { Recorded::No } else { Recorded::NotKnown };
        Some(Self { end: behind.0 + 1, recorded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line_no: u64, which: &str, session: &str, line_num: u64) -> (u64, bool, Vec<u8>) {
        let line = serde_json::json!({
            "timestamp": "2026-11-20 23:00:00.500 UTC", "session_id": session, "line_num": line_num,
            "error_severity": "ERROR", "message": format!("invalid input: \"{which} x\""),
        });
        (line_no, false, line.to_string().into_bytes())
    }

    #[test]
    fn only_what_is_certain_is_said() {
        let (before, behind) = (line(10, BEFORE_BARRIER, "a.1", 4), line(12, BEHIND_BARRIER, "a.1", 5));
        let record = (11, true, b"{}".to_vec());
        let mark = |recorded| Some(Mark { end: 13, recorded });
        assert_eq!(Mark::among(&[]), None);
        assert_eq!(Mark::among(std::slice::from_ref(&before)), None, "more is to come");
        assert_eq!(Mark::among(&[before.clone(), behind.clone()]), mark(Recorded::No));
        assert_eq!(Mark::among(std::slice::from_ref(&behind)), mark(Recorded::NotKnown));
        let later = line(12, BEHIND_BARRIER, "a.1", 6);
        assert_eq!(Mark::among(&[before.clone(), later]), mark(Recorded::NotKnown), "a line is missing");
        let found = Mark::among(&[before, record, behind]);
        assert_eq!(found, Some(Mark { end: 12, recorded: Recorded::Yes }));
    }
}
