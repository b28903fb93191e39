//! The movements and counts in a record of pgaudit. They can be read if the statement is one of those that the program
//! sends, in which every value is a parameter; in any other statement the values may be part of the text, which is not
//! interpreted here.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::array;
use super::message::{AuditRecord, Parameters};
use crate::domain::MovementKind;
use crate::store::audit::{CountFacts, MovementFacts};
use crate::store::{INSERT_COUNT, INSERT_MOVEMENT, INSERT_ORDER_POSTING, INSERT_POSTING};

/// How many parameters the two statements that post without an order have.
const POSTING_PARAMETERS: usize = 14;
/// How many parameters the statement that carries out orders has: the order lines come last.
const ORDER_POSTING_PARAMETERS: usize = 15;
/// How many parameters the statement for counts has.
const COUNT_PARAMETERS: usize = 7;

/// Why no movements can be read from a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPosting {
    /// Another program sent it; the values may be part of the text.
    #[error("the statement is none that Stockroom sends")]
    OtherStatement,
    /// The statement is Stockroom's, but its values are not what Stockroom sends.
    #[error("the value of {0} cannot be read")]
    Value(&'static str),
}

/// The movements that were posted according to a record.
///
/// # Errors
/// [`NotAPosting`] if the statement is not one of the program's, or a value is missing.
pub fn movements_in(record: &AuditRecord<'_>) -> Result<Vec<MovementFacts>, NotAPosting> {
    match record.statement.as_ref() {
        INSERT_MOVEMENT => Ok(vec![movement(values(&record.parameters, POSTING_PARAMETERS)?)?]),
        INSERT_POSTING => lines(values(&record.parameters, POSTING_PARAMETERS)?),
        INSERT_ORDER_POSTING => lines(values(&record.parameters, ORDER_POSTING_PARAMETERS)?),
        _ => Err(NotAPosting::OtherStatement),
    }
}

/// The counts that were made according to a record, one for each line of the sheet.
///
/// # Errors
/// As [`movements_in`].
pub fn counts_in(record: &AuditRecord<'_>) -> Result<Vec<CountFacts>, NotAPosting> {
    if record.statement != INSERT_COUNT {
        return Err(NotAPosting::OtherStatement);
    }
    let values = values(&record.parameters, COUNT_PARAMETERS)?;
    let (counted_at, posting_id) = (moment(&values[0])?, parsed(&values[1], "posting_id")?);
    let ids = list(&values[2], "id")?;
    let (products, locations) = (list(&values[3], "product_id")?, list(&values[4], "location_id")?);
    let (lots, counted) = (list(&values[5], "lot_id")?, list(&values[6], "counted")?);
    (0..ids.len())
        .map(|line| {
            Ok(CountFacts {
                id: parsed(at(&ids, line), "id")?,
                counted_at,
                posting_id,
                product_id: parsed(at(&products, line), "product_id")?,
                location_id: parsed(at(&locations, line), "location_id")?,
                lot_id: optional(at(&lots, line), "lot_id")?,
                counted: decimal(at(&counted, line), "counted")?,
            })
        })
        .collect()
}

/// The elements of a parameter that is an array.
fn list(value: &str, name: &'static str) -> Result<Vec<Option<String>>, NotAPosting> {
    array::elements(value).ok_or(NotAPosting::Value(name))
}

/// The element of a line; the empty text for NULL, with which `unnest` fills up shorter lists.
fn at(list: &[Option<String>], line: usize) -> &str {
    list.get(line).and_then(Option::as_deref).unwrap_or_default()
}

fn values(parameters: &Parameters, count: usize) -> Result<&[String], NotAPosting> {
    match parameters {
        Parameters::Values(values) if values.len() == count => Ok(values),
        _ => Err(NotAPosting::Value("the parameters")),
    }
}

/// Reads the parameters of [`INSERT_MOVEMENT`]. An empty text is NULL: no text of the ledger may be empty.
fn movement(values: &[String]) -> Result<MovementFacts, NotAPosting> {
    Ok(MovementFacts {
        id: parsed(&values[0], "id")?,
        occurred_at: moment(&values[1])?,
        posting_id: parsed(&values[2], "posting_id")?,
        kind: kind(&values[3])?,
        product_id: parsed(&values[4], "product_id")?,
        lot_id: optional(&values[5], "lot_id")?,
        from_location_id: optional(&values[6], "from_location_id")?,
        to_location_id: optional(&values[7], "to_location_id")?,
        partner_id: optional(&values[8], "partner_id")?,
        quantity: decimal(&values[9], "quantity")?,
        unit_price: optional::<Decimal>(&values[10], "unit_price")?.map(|price| price.normalize()),
        reference: text(&values[11]),
        reason: text(&values[12]),
        reverses: optional(&values[13], "reverses")?,
        order_line_id: None,
    })
}

/// Reads the parameters of [`INSERT_POSTING`], or of [`INSERT_ORDER_POSTING`], which has one more.
fn lines(values: &[String]) -> Result<Vec<MovementFacts>, NotAPosting> {
    let ids = list(&values[6], "id")?;
    let (products, lots) = (list(&values[7], "product_id")?, list(&values[8], "lot_id")?);
    let (from, to) = (list(&values[9], "from_location_id")?, list(&values[10], "to_location_id")?);
    let (quantities, prices) = (list(&values[11], "quantity")?, list(&values[12], "unit_price")?);
    let reverses = list(&values[13], "reverses")?;
    let order_lines = values.get(14).map_or(Ok(Vec::new()), |value| list(value, "order_line_id"))?;
    let (occurred_at, posting_id, kind) =
        (moment(&values[0])?, parsed(&values[1], "posting_id")?, kind(&values[2])?);
    let partner_id = optional(&values[3], "partner_id")?;
    (0..ids.len())
        .map(|line| {
            Ok(MovementFacts {
                id: parsed(at(&ids, line), "id")?,
                occurred_at,
                posting_id,
                kind,
                product_id: parsed(at(&products, line), "product_id")?,
                lot_id: optional(at(&lots, line), "lot_id")?,
                from_location_id: optional(at(&from, line), "from_location_id")?,
                to_location_id: optional(at(&to, line), "to_location_id")?,
                partner_id,
                quantity: decimal(at(&quantities, line), "quantity")?,
                unit_price: optional::<Decimal>(at(&prices, line), "unit_price")?
                    .map(|price| price.normalize()),
                reference: text(&values[4]),
                reason: text(&values[5]),
                reverses: optional(at(&reverses, line), "reverses")?,
                order_line_id: optional(at(&order_lines, line), "order_line_id")?,
            })
        })
        .collect()
}

fn parsed<T: FromStr>(value: &str, name: &'static str) -> Result<T, NotAPosting> {
    value.parse().map_err(|_| NotAPosting::Value(name))
}

fn optional<T: FromStr>(value: &str, name: &'static str) -> Result<Option<T>, NotAPosting> {
    if value.is_empty() { Ok(None) } else { parsed(value, name).map(Some) }
}

fn decimal(value: &str, name: &'static str) -> Result<Decimal, NotAPosting> {
    parsed::<Decimal>(value, name).map(|number| number.normalize())
}

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn kind(value: &str) -> Result<MovementKind, NotAPosting> {
    value.parse().map_err(|_| NotAPosting::Value("kind"))
}

/// Reads a time as the sessions of the program write it: ISO and UTC, which their options fix.
fn moment(value: &str) -> Result<Timestamp, NotAPosting> {
    let utc = value.strip_suffix("+00").ok_or(NotAPosting::Value("occurred_at"))?;
    format!("{utc}Z").parse().map_err(|_| NotAPosting::Value("occurred_at"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::message::RecordKind;

    fn record<'a>(statement: &'a str, values: &[&str]) -> AuditRecord<'a> {
        AuditRecord {
            kind: RecordKind::Session,
            statement_id: 1,
            substatement_id: 1,
            class: "WRITE".into(),
            command: "INSERT".into(),
            object_type: "TABLE".into(),
            object_name: "stock.transactions".into(),
            statement: statement.into(),
            parameters: Parameters::Values(values.iter().map(|value| (*value).to_owned()).collect()),
            rows: Some(1),
        }
    }

    const ID: &str = "01a0a5d1-9c00-7000-8000-000000000001";
    const OTHER: &str = "01a0a5d1-9c00-7000-8000-000000000002";

    #[test]
    fn one_line_and_several_say_the_same() {
        let time = "2026-11-20 23:00:00.5+00";
        let one = record(
            INSERT_MOVEMENT,
            &[ID, time, ID, "issue", "5", "", "7", "", "", "3.000", "2.5500", "Invoice, 7", "", ""],
        );
        let one = movements_in(&one).unwrap().remove(0);
        assert_eq!(one.quantity.to_string(), "3");
        assert_eq!(
            (one.lot_id, one.from_location_id, one.reference.as_deref()),
            (None, Some(7), Some("Invoice, 7"))
        );
        let several = record(
            INSERT_POSTING,
            &[
                time,
                ID,
                "issue",
                "",
                "Invoice, 7",
                "",
                &format!("{{{ID},{OTHER}}}"),
                "{5,6}",
                "{}",
                "{7,NULL}",
                "{}",
                "{3,4}",
                "{2.55}",
                "{}",
            ],
        );
        let several = movements_in(&several).unwrap();
        assert_eq!(several[0], one);
        assert_eq!(several[1].id.to_string(), OTHER);
        assert_eq!((several[1].from_location_id, several[1].unit_price), (None, None));
    }

    #[test]
    fn other_statements_and_other_values_are_told_apart() {
        assert_eq!(
            movements_in(&record("INSERT INTO stock.transactions VALUES (1)", &[])),
            Err(NotAPosting::OtherStatement)
        );
        assert_eq!(movements_in(&record(INSERT_MOVEMENT, &["x"])), Err(NotAPosting::Value("the parameters")));
        assert_eq!(
            counts_in(&record("INSERT INTO stock.stock_counts VALUES (1)", &[])),
            Err(NotAPosting::OtherStatement)
        );
    }

    #[test]
    fn a_sheet_is_read_line_by_line() {
        let time = "2026-11-20 23:00:00+00";
        let single =
            record(INSERT_COUNT, &[time, ID, &format!("{{{ID}}}"), "{5}", "{7}", "{NULL}", "{12.50}"]);
        let single = counts_in(&single).unwrap();
        let facts = CountFacts {
            id: ID.parse().unwrap(),
            counted_at: "2026-11-20T23:00:00Z".parse().unwrap(),
            posting_id: ID.parse().unwrap(),
            product_id: 5,
            location_id: 7,
            lot_id: None,
            counted: "12.5".parse().unwrap(),
        };
        assert_eq!(single, std::slice::from_ref(&facts));
        assert_eq!(single[0].counted.to_string(), "12.5");

        let ids = format!("{{{ID},{OTHER}}}");
        let sheet = record(INSERT_COUNT, &[time, ID, &ids, "{5,6}", "{7,8}", "{NULL,9}", "{12.50,0}"]);
        let other = CountFacts {
            id: OTHER.parse().unwrap(),
            product_id: 6,
            location_id: 8,
            lot_id: Some(9),
            counted: Decimal::ZERO,
            ..facts.clone()
        };
        assert_eq!(counts_in(&sheet), Ok(vec![facts, other]));
    }

    #[test]
    fn a_sheet_with_a_value_that_cannot_be_read_is_not_read_in_part() {
        let ids = format!("{{{ID},{OTHER}}}");
        let (utc, local) = ("2026-11-20 23:00:00+00", "2026-11-20 23:00:00+01");
        for (values, name) in [
            ([local, ID, &ids, "{5,6}", "{7,8}", "{}", "{1,2}"], "occurred_at"),
            ([utc, "", &ids, "{5,6}", "{7,8}", "{}", "{1,2}"], "posting_id"),
            ([utc, ID, ID, "{5,6}", "{7,8}", "{}", "{1,2}"], "id"),
            ([utc, ID, &ids, "{5}", "{7,8}", "{}", "{1,2}"], "product_id"),
            ([utc, ID, &ids, "{5,6}", "{7,NULL}", "{}", "{1,2}"], "location_id"),
            ([utc, ID, &ids, "{5,6}", "{7,8}", "{x}", "{1,2}"], "lot_id"),
            ([utc, ID, &ids, "{5,6}", "{7,8}", "{}", "{1}"], "counted"),
        ] {
            assert_eq!(counts_in(&record(INSERT_COUNT, &values)), Err(NotAPosting::Value(name)), "{name}");
        }
        let short = record(INSERT_COUNT, &[utc, ID, &ids, "{5,6}", "{7,8}", "{1,2}"]);
        assert_eq!(counts_in(&short), Err(NotAPosting::Value("the parameters")));
    }
}
