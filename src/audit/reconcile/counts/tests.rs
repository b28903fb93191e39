//! Counts against their records, line by line.

use super::*;
use crate::audit::reconcile::analyser::AnalyserState;
use crate::audit::reconcile::records::Records;
use crate::store::INSERT_COUNT;
use crate::store::audit::{CountFacts, Writer};

const TIME: &str = "2026-11-20 23:00:00+00";
const BEGIN: LogBegin = LogBegin { at: None, sealed_by_then: None, rows_by_then: 0 };

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x01a0_a5d1_9c00_7000_8000_0000_0000_0000 + number)
}

/// An analyser that has read one record of a sheet with a number of lines, made by transaction 7.
fn analyser(lines: u128) -> LogAnalyser {
    let list = |value: &dyn Fn(u128) -> String| {
        let text = format!("{{{}}}", (0..lines).map(value).collect::<Vec<_>>().join(","));
        // Only what holds a comma is quoted.
        if lines > 1 { format!("\"{text}\"") } else { text }
    };
    let parameters = [
        TIME.to_owned(),
        id(0).to_string(),
        list(&|line| id(line).to_string()),
        list(&|line| (5 + line).to_string()),
        list(&|_| "7".to_owned()),
        list(&|line| if line == 0 { "NULL".to_owned() } else { (8 + line).to_string() }),
        list(&|line| format!("{line}.500")),
    ]
    .join(",");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let message = format!(
        "AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.stock_counts,{},{},{lines}",
        quoted(INSERT_COUNT),
        quoted(&parameters)
    );
    let line = serde_json::json!({
        "timestamp": "2026-11-20 23:00:00.500 UTC", "user": "clerk", "dbname": "stock", "pid": 1,
        "session_id": "6b00a575.3aad", "line_num": 1, "txid": 7, "error_severity": "LOG", "message": message,
        "func_name": "log_audit_event", "file_name": "pgaudit.c", "backend_type": "client backend",
    });
    let mut analyser = LogAnalyser::new("stock", AnalyserState::default(), Records::default());
    analyser.take(3, line.to_string().as_bytes());
    analyser
}

fn row(line: u128) -> CountRow {
    let number = i64::try_from(line).unwrap();
    let facts = CountFacts {
        id: id(line),
        counted_at: "2026-11-20T23:00:00Z".parse().unwrap(),
        posting_id: id(0),
        product_id: 5 + number,
        location_id: 7,
        lot_id: (line > 0).then_some(8 + number),
        counted: format!("{line}.5").parse().unwrap(),
    };
    CountRow {
        facts,
        expected: 0.into(),
        posted_at: "2026-11-20T23:00:00.5Z".parse().unwrap(),
        posted_by: "clerk".to_owned(),
        xid: 7,
        visible: true,
        writer: Writer::Named,
    }
}

/// The findings about rows and a record of a sheet with a number of lines, and the ids of missing rows.
fn found(lines: u128, rows: &[CountRow]) -> (Vec<(Verdict, Option<Uuid>)>, Vec<Uuid>) {
    let mut analyser = analyser(lines);
    let read: Vec<_> = rows.iter().cloned().map(Ok).collect();
    let compared = compare_counts(&read, &mut analyser, BEGIN, &HashMap::new(), &mut Writers::default());
    assert_eq!(compared, ComparedCounts { judged: rows.len() as u64, ..ComparedCounts::default() });
    let missing = analyser.records.unmatched().map(|(id, _, is_count)| (id, is_count));
    let missing = missing.map(|(id, is_count)| if is_count { id } else { Uuid::nil() }).collect();
    let findings = analyser.findings.into_list();
    (findings.into_iter().map(|finding| (finding.verdict, finding.movement)).collect(), missing)
}

#[test]
fn the_rows_of_a_sheet_agree_with_its_one_record() {
    for lines in [1, 2, 40] {
        let rows: Vec<CountRow> = (0..lines).map(row).collect();
        assert_eq!(found(lines, &rows), (vec![], vec![]), "{lines} lines");
    }
}

#[test]
fn each_value_of_each_row_is_compared() {
    let changes: [fn(&mut CountRow); 9] = [
        |row| row.facts.counted_at = "2026-11-20T23:00:01Z".parse().unwrap(),
        |row| row.facts.posting_id = id(9),
        |row| row.facts.product_id = 99,
        |row| row.facts.location_id = 99,
        |row| row.facts.lot_id = Some(99),
        |row| row.facts.lot_id = row.facts.lot_id.is_none().then_some(8),
        |row| row.facts.counted += rust_decimal::Decimal::ONE,
        |row| row.posted_by = "admin".to_owned(),
        |row| row.xid = 8,
    ];
    for lines in [1, 3] {
        for altered in 0..lines {
            for (number, change) in changes.iter().enumerate() {
                let mut rows: Vec<CountRow> = (0..lines).map(row).collect();
                change(&mut rows[usize::try_from(altered).unwrap()]);
                let differs = (Verdict::ContentDiffers, Some(id(altered)));
                assert_eq!(found(lines, &rows), (vec![differs], vec![]), "change {number} of {altered}");
            }
        }
    }
}

#[test]
fn rows_without_record_and_records_without_row_are_found_line_by_line() {
    for lines in [1, 3] {
        let more: Vec<CountRow> = (0..=lines).map(row).collect();
        let unexplained = (Verdict::RowWithoutRecord, Some(id(lines)));
        assert_eq!(found(lines, &more), (vec![unexplained], vec![]));
        let fewer = &more[..usize::try_from(lines - 1).unwrap()];
        assert_eq!(found(lines, fewer), (vec![], vec![id(lines - 1)]));
    }
}
