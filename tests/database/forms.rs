//! The rules for codes, texts, numbers and ids in `domain` and the CHECK constraints of the database agree: both are
//! given many values and must give the same answer.
//!
//! The program trims what a person typed before it stores it; only in this respect may the database accept less.

use std::str::FromStr;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use stockroom::domain::{
    Barcode, LocationCode, LocationKind, LotCode, MovementId, MovementKind, Name, Note, PartnerCode,
    PartnerKind, Quantity, Reference, Sku, Tracking, UnitPrice,
};
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::session::Session;

/// How many values each form is tried with.
const CASES: usize = 3_000;

/// Reads a text as the program does: the value that it would store, or nothing.
type Parse = fn(&str) -> Option<String>;

fn parsed<T: FromStr + ToString>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|value| value.to_string())
}

fn word<T: FromStr>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|_| text.to_owned())
}

/// Columns of text: table, column, constraint, the longest that it holds, and how the program reads it.
const TEXTS: [(&str, &str, &str, usize, Parse); 14] = [
    ("products", "sku", "products_sku_form", 40, parsed::<Sku>),
    ("products", "name", "products_name_form", 200, parsed::<Name>),
    ("products", "unit", "products_unit_form", 200, parsed::<Name>),
    ("products", "category", "products_category_form", 200, parsed::<Name>),
    ("products", "tracking", "products_tracking_known", 6, word::<Tracking>),
    ("barcodes", "barcode", "barcodes_barcode_form", 48, parsed::<Barcode>),
    ("locations", "code", "locations_code_form", 30, parsed::<LocationCode>),
    ("locations", "name", "locations_name_form", 200, parsed::<Name>),
    ("locations", "kind", "locations_kind_known", 10, word::<LocationKind>),
    ("lots", "code", "lots_code_form", 60, parsed::<LotCode>),
    ("partners", "code", "partners_code_form", 40, parsed::<PartnerCode>),
    ("partners", "kind", "partners_kind_known", 8, word::<PartnerKind>),
    ("transactions", "reference", "transactions_reference_form", 100, parsed::<Reference>),
    ("transactions", "reason", "transactions_reason_form", 200, parsed::<Note>),
];

/// Columns of numbers: table, column, constraint, decimal places, and how the program reads it.
const NUMBERS: [(&str, &str, &[&str], u32, Parse); 6] = [
    (
        "transactions",
        "quantity",
        &["transactions_quantity_positive", "transactions_quantity_range"],
        3,
        parsed::<Quantity>,
    ),
    ("barcodes", "pack_quantity", &["barcodes_pack_quantity_range"], 3, parsed::<Quantity>),
    (
        "stock_counts",
        "counted",
        &["stock_counts_counted_not_negative", "stock_counts_counted_range"],
        3,
        counted,
    ),
    (
        "transactions",
        "unit_price",
        &["transactions_unit_price_range", "transactions_unit_price_scale"],
        4,
        parsed::<UnitPrice>,
    ),
    ("products", "unit_cost", &["products_unit_cost_range"], 4, parsed::<UnitPrice>),
    ("products", "unit_price", &["products_unit_price_range"], 4, parsed::<UnitPrice>),
];

fn counted(text: &str) -> Option<String> {
    Quantity::parse_counted(text).ok().map(|value| value.to_string())
}

/// Characters that matter to one form or another: letters of both cases, digits of two scripts, all the
/// punctuation that a code may have and some that none has, spaces of several kinds, control
/// characters of both blocks, and what takes more than one byte or joins others.
fn character() -> impl Strategy<Value = char> {
    let odd = "._/+-!~ \"'\\%#@,;:|\u{7f}\t\n\r\u{1}\u{1b}\u{1f}\u{80}\u{85}\u{9f}\u{a0}\u{ad}ß１\u{300}\u{200b}\u{202e}\u{2028}\u{2029}\u{3000}\u{feff}日🙂";
    let odd: Vec<char> = odd.chars().collect();
    prop_oneof![
        6 => prop::char::range('A', 'Z'),
        4 => prop::char::range('0', '9'),
        1 => prop::char::range('a', 'z'),
        1 => prop::sample::select("._/+-".chars().collect::<Vec<_>>()),
        1 => prop::sample::select(odd),
    ]
}

/// Texts that are short, or about as long as the form allows; some with a mistake put in.
fn text(length_max: usize) -> impl Strategy<Value = String> {
    let of = |characters: BoxedStrategy<char>, length: std::ops::RangeInclusive<usize>| {
        prop::collection::vec(characters, length)
            .prop_map(|characters| characters.into_iter().collect::<String>())
    };
    let plain = || prop::char::range('A', 'Z').boxed();
    let around = length_max.saturating_sub(2)..=length_max + 2;
    let words = [
        "",
        " ",
        "A",
        "a",
        "none",
        "lot",
        "serial",
        "site",
        "bin",
        "dock",
        "supplier",
        "customer",
        "quarantine",
        "Bin",
        "bin ",
        "LOT",
    ];
    prop_oneof![
        4 => of(character().boxed(), 0..=6),
        3 => of(plain(), around.clone()),
        1 => of(character().boxed(), around),
        2 => (of(plain(), 1..=5), character(), of(plain(), 0..=5)).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        1 => prop::sample::select(words.map(str::to_owned).to_vec()),
    ]
}

/// Numbers in plain notation, most of them near a limit.
fn number() -> impl Strategy<Value = String> {
    let limits = [
        "0",
        "0.000",
        "0.0001",
        "0.00001",
        "-0",
        "-0.001",
        "99999999999",
        "99999999999.999",
        "99999999999.9994",
        "99999999999.9995",
        "100000000000",
        "9999999999.9999",
        "9999999999.99995",
        "10000000000",
        "NaN",
    ];
    prop_oneof![
        3 => (any::<bool>(), 0u64..200_000_000_000, 0u32..7, 0u32..1_000_000).prop_map(|(minus, whole, places, fraction)| {
            let fraction: String = format!("{fraction:06}").chars().take(places as usize).collect();
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{}{whole}{point}{fraction}", if minus && whole % 5 == 0 { "-" } else { "" })
        }),
        1 => prop::sample::select(limits.map(str::to_owned).to_vec()),
    ]
}

/// The same values in every run, so that a failure can be repeated.
fn examples<S: Strategy>(strategy: S) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..CASES).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// The database, asked about single CHECK constraints.
struct LogAnalyser {
    session: Session,
}

impl LogAnalyser {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        Self { session: Session::open(database.superuser_url()).await.unwrap() }
    }

    /// The expression of a constraint.
    async fn expression(&self, table: &str, constraint: &str) -> String {
        let sql = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
                   WHERE conrelid = ('stock.' || $1::text)::regclass AND conname = $2::text::name";
        self.session.client.query_one(sql, &[&table, &constraint]).await.unwrap().get(0)
    }

    /// The collation of a column, which its constraint is judged by.
    async fn collation(&self, table: &str, column: &str) -> String {
        let sql = "SELECT coalesce(quote_ident(l.collname), '\"default\"') FROM pg_attribute a
                   LEFT JOIN pg_collation l ON l.oid = a.attcollation
                   WHERE a.attrelid = ('stock.' || $1::text)::regclass AND a.attname = $2::text::name";
        self.session.client.query_one(sql, &[&table, &column]).await.unwrap().get(0)
    }

    /// Asks about many values at once. `$1` is the array of them, and the query gives one boolean each.
    async fn verdicts(&self, sql: &str, values: &[String]) -> Vec<bool> {
        let rows = self.session.client.query(sql, &[&values]).await.unwrap();
        assert_eq!(rows.len(), values.len());
        rows.iter().map(|row| row.get(0)).collect()
    }
}

#[tokio::test]
async fn program_and_database_agree_on_texts() {
    let judge = LogAnalyser::new().await;
    for (table, column, constraint, length_max, parse) in TEXTS {
        let expression = judge.expression(table, constraint).await;
        let collation = judge.collation(table, column).await;
        let sql = format!(
            "SELECT {expression} FROM (SELECT value COLLATE {collation} AS {column}, place
             FROM unnest($1::text[]) WITH ORDINALITY AS given (value, place)) AS row ORDER BY place"
        );
        let given = examples(text(length_max));
        // What the program would store in place of what was given.
        let stored: Vec<String> = given.iter().map(|text| parse(text).unwrap_or_default()).collect();
        let (of_given, of_stored) = (judge.verdicts(&sql, &given).await, judge.verdicts(&sql, &stored).await);
        let mut accepted = 0;
        for (place, text) in given.iter().enumerate() {
            match parse(text) {
                Some(value) => {
                    accepted += 1;
                    assert!(of_stored[place], "{constraint} refuses {value:?}, which the program takes");
                    let trimmed_only = value == text.trim();
                    assert!(
                        !of_given[place] || trimmed_only,
                        "{constraint} takes {text:?}, where the program stores {value:?}"
                    );
                }
                None => {
                    let blank = text.trim().is_empty();
                    assert!(
                        !of_given[place] || blank,
                        "{constraint} takes {text:?}, which the program refuses"
                    );
                }
            }
        }
        assert!(
            (CASES / 100..CASES).contains(&accepted),
            "{constraint}: {accepted} of {CASES} were accepted"
        );
    }
}

#[tokio::test]
async fn program_and_database_agree_on_numbers() {
    let judge = LogAnalyser::new().await;
    for (table, column, constraints, decimals, parse) in NUMBERS {
        let mut expressions = Vec::new();
        for constraint in constraints {
            expressions.push(judge.expression(table, constraint).await);
        }
        let (expression, constraint) = (expressions.join(" AND "), constraints.join(", "));
        // Where the type has no scale, a second constraint bounds the value and its decimals.
        let type_name = match constraints.len() {
            1 => format!("numeric(14,{decimals})"),
            _ => "numeric".to_owned(),
        };
        let shape = judge
            .session
            .value(&format!(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'stock.{table}'::regclass AND attname = '{column}'"
            ))
            .await;
        assert_eq!(shape, type_name, "{table}.{column}");
        // Taken as it is: neither too large for the type nor rounded by it. The decimals of a quantity are those of
        // its product, three at most.
        let sql = format!(
            "SELECT CASE WHEN value = 'NaN' OR (abs(value::numeric) < 10::numeric ^ (14 - {decimals}) AND value::numeric = round(value::numeric, {decimals}))
                    THEN (SELECT {expression} FROM (SELECT value::{type_name} AS {column}) AS row) ELSE false END
             FROM unnest($1::text[]) WITH ORDINALITY AS given (value, place) ORDER BY place"
        );
        let given = examples(number());
        let verdicts = judge.verdicts(&sql, &given).await;
        for (text, verdict) in given.iter().zip(verdicts) {
            let value = parse(text);
            assert_eq!(value.is_some(), verdict, "{constraint} and the program differ about {text}");
            if let Some(value) = value {
                assert_eq!(value.parse::<Decimal>().unwrap(), text.parse::<Decimal>().unwrap());
            }
        }
    }
}

#[tokio::test]
async fn program_and_database_agree_on_ids_and_their_time() {
    let judge = LogAnalyser::new().await;
    let (year_2000, year_2100) = (946_684_800_000_u64, 4_102_444_800_000);
    let of_version_7 = (year_2000..year_2100, any::<[u8; 10]>())
        .prop_map(|(time, random)| uuid::Builder::from_unix_timestamp_millis(time, &random).into_uuid());
    let any_id = any::<[u8; 16]>().prop_map(Uuid::from_bytes);
    let given: Vec<String> =
        examples(prop_oneof![of_version_7, any_id]).iter().map(ToString::to_string).collect();
    for (table, constraint) in
        [("transactions", "transactions_id_version_7"), ("stock_counts", "stock_counts_id_version_7")]
    {
        let version = judge.expression(table, constraint).await;
        let sql = format!(
            "SELECT {version} FROM (SELECT value::uuid AS id, place FROM unnest($1::text[]) WITH ORDINALITY AS given (value, place)) AS row ORDER BY place"
        );
        for (text, verdict) in given.iter().zip(judge.verdicts(&sql, &given).await) {
            assert_eq!(text.parse::<MovementId>().is_ok(), verdict, "{constraint}: {text}");
        }
    }
    let ids: Vec<MovementId> = given.iter().filter_map(|text| text.parse().ok()).collect();
    let ids: Vec<MovementId> =
        ids.into_iter().filter(|id| id.occurred_at().as_millisecond() < year_2100.cast_signed()).collect();
    assert!(ids.len() > CASES / 3);
    for (table, column, constraint) in [
        ("transactions", "occurred_at", "transactions_occurred_at_is_time_of_id"),
        ("stock_counts", "counted_at", "stock_counts_counted_at_is_time_of_id"),
    ] {
        let time = judge.expression(table, constraint).await;
        for (shift, expected) in [("0", true), ("1 millisecond", false), ("-1 millisecond", false)] {
            let pairs: Vec<String> = ids.iter().map(|id| format!("{id} {}", id.occurred_at())).collect();
            let sql = format!(
                "SELECT {time} FROM (SELECT split_part(value, ' ', 1)::uuid AS id,
                        (split_part(value, ' ', 2)::timestamptz + interval '{shift}')::timestamptz(3) AS {column}, place
                 FROM unnest($1::text[]) WITH ORDINALITY AS given (value, place)) AS row ORDER BY place"
            );
            for (pair, verdict) in pairs.iter().zip(judge.verdicts(&sql, &pairs).await) {
                assert_eq!(verdict, expected, "{constraint}: {pair} and {shift}");
            }
        }
    }
}

#[tokio::test]
async fn program_and_database_agree_on_kinds_of_movements() {
    let judge = LogAnalyser::new().await;
    let values = judge
        .session
        .value("SELECT string_agg(v::text, ' ') FROM unnest(enum_range(NULL::stock.movement_kind)) AS v")
        .await;
    assert_eq!(values, MovementKind::ALL.map(MovementKind::as_str).join(" "));
}

#[test]
fn the_program_refuses_what_the_database_cannot_store() {
    for (_, _, constraint, _, parse) in TEXTS {
        assert_eq!(parse("A\0B"), None, "{constraint}");
    }
}
