//! Whatever a log file contains, reading and judging it neither panics nor loses a byte. Without a nightly toolchain
//! there is no cargo-fuzz; this does the same with proptest, for as long as PROPTEST_CASES says.

use proptest::prelude::*;
use stockroom::audit::collect::note::Note;
use stockroom::audit::events::Event;
use stockroom::audit::record::{AuditRecord, LogLine, array, counts_in, movements_in, segments, text};
use stockroom::store::audit::EventRow;
use stockroom::store::{INSERT_COUNT, INSERT_MOVEMENT, INSERT_POSTING};

const ID: &str = "01a0a5d1-9c00-7000-8000-000000000001";

/// How many cases there are when nobody asks for more.
const CASES_DEFAULT: u32 = 3_000;

fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(CASES_DEFAULT))
}

/// A list as pgaudit writes it.
fn list(fields: &[&str]) -> String {
    let quoted = |field: &&str| {
        if field.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            (*field).to_owned()
        }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// Lines as the server writes them, one of each kind.
fn lines() -> Vec<String> {
    let time = "2026-11-20 23:00:00.5+00";
    let one = list(&[ID, time, ID, "issue", "5", "", "7", "", "", "3", "2.55", "Invoice, \"7\"", "", ""]);
    let ids = format!("{{{ID}}}");
    let several =
        list(&[time, ID, "receipt", "", "", "", &ids, "{5}", "{NULL}", "{}", "{7}", "{3}", "{2.55}", "{}"]);
    let two = format!("{{{ID},01a0a5d1-9c00-7000-8000-000000000002}}");
    let sheet = list(&[time, ID, &two, "{5,6}", "{7,7}", "{NULL,9}", "{12,0.5}"]);
    let record = |statement: &str, parameters: &str, object: &str| {
        let fields =
            list(&["SESSION", "3", "1", "WRITE", "INSERT", "TABLE", object, statement, parameters, "1"]);
        serde_json::json!({
            "timestamp": "2026-11-20 23:00:00.500 UTC", "user": "clerk", "dbname": "stock_management", "pid": 1,
            "session_id": "6b00a575.3aad", "line_num": 4, "txid": 7, "error_severity": "LOG",
            "message": format!("AUDIT: {fields}"), "func_name": "log_audit_event", "file_name": "pgaudit.c",
            "backend_type": "client backend",
        })
        .to_string()
    };
    vec![
        record(INSERT_MOVEMENT, &one, "stock.transactions"),
        record(INSERT_POSTING, &several, "stock.transactions"),
        record(INSERT_COUNT, &sheet, "stock.stock_counts"),
        r#"{"timestamp":"2026-11-20 23:00:00.500 UTC","session_id":"6b00a575.1","line_num":1,"error_severity":"LOG","message":"starting PostgreSQL 15","backend_type":"postmaster"}"#.to_owned(),
        r#"{"collector":"truncated","file":"x.json","read_to":9,"size":3}"#.to_owned(),
    ]
}

/// All that is done with a line anywhere.
fn read(raw: &[u8]) {
    let text = text(raw);
    drop(Note::read(&text));
    if let Some(line) = LogLine::read(&text) {
        let _ = (line.logged_at(), line.provenance());
        if let Ok(record) = AuditRecord::read(&line.message) {
            drop(movements_in(&record));
            drop(counts_in(&record));
            drop(array::elements(&record.statement));
        }
    }
    let row = EventRow { line_no: 0, collected_at: jiff::Timestamp::UNIX_EPOCH, raw: raw.to_vec() };
    drop(Event::of(&row).words());
}

#[test]
fn lines_are_read_whole() {
    let lines = lines();
    for (line, (movements, counts)) in lines.iter().zip([(1, 0), (1, 0), (0, 2)]) {
        let line = LogLine::read(line).unwrap();
        let record = AuditRecord::read(&line.message).unwrap();
        assert_eq!(movements_in(&record).map(|found| found.len()).unwrap_or(0), movements);
        assert_eq!(counts_in(&record).map(|found| found.len()).unwrap_or(0), counts);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn damaged_lines_do_no_harm(
        which in 0usize..5,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>(), prop::sample::select(vec!['"', ',', '\\', '{', '}', '\n', 'u', '0'])), 0..8),
    ) {
        let mut bytes = lines()[which].clone().into_bytes();
        for (place, kind, byte, character) in edits {
            if bytes.is_empty() {
                break;
            }
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, character as u8),
                2 => drop(bytes.remove(place)),
                _ => bytes.truncate(place),
            }
        }
        let split = segments(&bytes, true);
        prop_assert_eq!(split.used, bytes.len());
        for (_, raw) in split.records {
            read(raw);
        }
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for (_, raw) in segments(&bytes, true).records {
            read(raw);
        }
    }

    #[test]
    fn values_that_a_record_holds_are_read_back(
        reference in proptest::option::of("[^\\x00-\\x1f\\x7f-\\x9f]{1,20}"),
        lot in proptest::option::of(any::<i64>()),
        quantity in 1i64..99_999_999,
        scale in 0u32..4,
    ) {
        let quantity = rust_decimal::Decimal::new(quantity, scale);
        let (lot_text, quantity_text) = (lot.map(|lot| lot.to_string()).unwrap_or_default(), quantity.to_string());
        let parameters = list(&[ID, "2026-11-20 23:00:00+00", ID, "issue", "5", &lot_text, "7", "", "", &quantity_text, "", reference.as_deref().unwrap_or_default(), "", ""]);
        let message = format!("AUDIT: {}", list(&["SESSION", "1", "1", "WRITE", "INSERT", "TABLE", "stock.transactions", INSERT_MOVEMENT, &parameters, "1"]));
        let found = movements_in(&AuditRecord::read(&message).unwrap()).unwrap().remove(0);
        prop_assert_eq!(found.lot_id, lot);
        prop_assert_eq!(found.quantity, quantity);
        prop_assert_eq!(found.reference, reference);
        prop_assert!(found.unit_price.is_none() && found.reason.is_none());
    }
}
