//! Parses values of the command line: times and dates.

use std::str::FromStr as _;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use rust_decimal::Decimal;

use crate::domain::entry::{self, DecimalMark, EntryFault, past_day};
use crate::domain::{Change, Quantity, QuantityError};

/// A time as typed: an exact one such as `2011-03-01T10:00:00Z`, a local time, or a whole day, also as `today` or `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(Timestamp),
    Day(Date),
}

impl Moment {
    /// The first moment of the time or day.
    pub fn start(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Day(day) => day.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp()),
        }
    }

    /// The first moment afterwards: for a day the start of the next one.
    pub fn after(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Day(day) => day.tomorrow().ok().and_then(|next| Self::Day(next).start()),
        }
    }

    /// The last moment: for a day its end.
    pub fn end(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Day(day) => {
                let next = day.tomorrow().ok()?.to_zoned(TimeZone::system()).ok()?;
                next.timestamp().checked_sub(SignedDuration::from_millis(1)).ok()
            }
        }
    }
}

/// Parses a time or a day.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Moment::At(time));
    }
    // A bare date also parses as midnight, so it is tried first.
    if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
        return Ok(Moment::Day(day));
    }
    let local = text.parse::<DateTime>().ok().and_then(|civil| civil.to_zoned(TimeZone::system()).ok());
    if let Some(zoned) = local {
        return Ok(Moment::At(zoned.timestamp()));
    }
    // Dates in the short forms that the screens accept.
    let today = Timestamp::now().to_zoned(TimeZone::system()).date();
    past_day(text, today).map(Moment::Day).map_err(|_| {
        format!(
            "\"{text}\" is not a time; write 2011-03-01, 2011-03-01T10:00, 2011-03-01T10:00:00Z, today, or 7d for seven days ago"
        )
    })
}

/// Parses a quantity as it is typed in a form, with a decimal comma where the environment writes one.
pub(crate) fn quantity(text: &str) -> Result<Quantity, String> {
    let value = as_typed(text, Quantity::from_str(text).map(Quantity::value))?;
    Quantity::new(value).map_err(|error| error.to_string())
}

/// Parses a counted quantity, which may be zero.
pub(crate) fn counted(text: &str) -> Result<Decimal, String> {
    let value = as_typed(text, Quantity::parse_counted(text))?;
    Quantity::counted(value).map_err(|error| error.to_string())
}

/// The value of a plain number; of what is none, the value of what a form would take, if it has digits at all.
fn as_typed(text: &str, plain: Result<Decimal, QuantityError>) -> Result<Decimal, String> {
    match plain {
        Err(QuantityError::NotANumber { .. }) if text.contains(|c: char| c.is_ascii_digit()) => {
            read_typed(text, DecimalMark::beside_point(|name| std::env::var(name).ok()))
        }
        plain => plain.map_err(|error| error.to_string()),
    }
}

/// Reads a number as it is typed. The product and its unit are not known yet, so that a number cannot have one.
fn read_typed(text: &str, mark: DecimalMark) -> Result<Decimal, String> {
    entry::quantity(text, mark).map_err(|error| {
        let number = text.trim().trim_end_matches(|c: char| c.is_alphabetic()).trim_end();
        match entry::quantity(number, mark) {
            Ok(value) => format!("the unit is that of the product; write {} without it", value.normalize()),
            Err(_) if matches!(error.fault, EntryFault::Character { .. }) => {
                QuantityError::NotANumber { what: "a quantity", text: text.to_owned() }.to_string()
            }
            Err(_) => error.to_string(),
        }
    })
}

/// The word that removes a value.
pub(crate) const NO_VALUE: &str = "none";

/// Parses the new value of a field that may be empty, or `none`, which empties it.
pub(crate) fn change<T, E: std::fmt::Display>(
    read: impl Fn(&str) -> Result<T, E> + Clone + Send + Sync + 'static,
) -> impl Fn(&str) -> Result<Change<T>, String> + Clone + Send + Sync + 'static {
    move |text| match text {
        NO_VALUE => Ok(Change::Clear),
        value => read(value).map(Change::To).map_err(|error| error.to_string()),
    }
}

/// Parses a date in the form `2027-01-31`.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", text.trim())
        .map_err(|_| format!("\"{text}\" is not a date; write it as 2027-01-31"))
}

/// Parses a month; returns its first day.
pub(crate) fn month(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", format!("{}-01", text.trim()))
        .map_err(|_| format!("\"{text}\" is not a month; write it as 2027-01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_quantities() {
        let point = |text| read_typed(text, DecimalMark::Point).map(|value| value.to_string());
        for (text, value) in [(".5", "0.5"), ("3*12", "36"), ("2.5", "2.5")] {
            assert_eq!(point(text), Ok(value.to_owned()), "{text}");
        }
        let unit = "the unit is that of the product; write 2.5 without it";
        assert_eq!(point("2.5 kg"), Err(unit.to_owned()));
        assert_eq!(point("1,250"), Err("the comma is ambiguous; write 1250 or 1.250".to_owned()));
        assert_eq!(point("1,25"), Err("the comma is ambiguous; write 125 or 1.25".to_owned()));
        let either = |text| read_typed(text, DecimalMark::Either).map(|value| value.to_string());
        assert_eq!(either("1,25"), Ok("1.25".to_owned()));
        assert!(either("1,250").is_err());
        assert!(quantity("-1").unwrap_err().contains("greater than zero"));
        assert!(quantity("0.0001").unwrap_err().contains("3 decimal places"));
        assert!(quantity("one").unwrap_err().contains("not a quantity"));
        assert!(quantity("1e3").unwrap_err().contains("not a quantity"));
        assert!(counted("0").is_ok());
    }

    #[test]
    fn months() {
        assert_eq!(month("2011-12").unwrap(), jiff::civil::date(2011, 12, 1));
        assert!(month("2011-13").is_err() && month("2011-12-01").is_err());
    }

    #[test]
    fn days_and_times() {
        assert!(matches!(moment("2011-03-01").unwrap(), Moment::Day(_)));
        assert!(matches!(moment("2011-03-01T10:00:00Z").unwrap(), Moment::At(_)));
        assert!(matches!(moment("2011-03-01 10:00").unwrap(), Moment::At(_)));
        let today = Timestamp::now().to_zoned(TimeZone::system()).date();
        assert_eq!(moment("today").unwrap(), Moment::Day(today));
        assert_eq!(moment("7d").unwrap(), Moment::Day(today.saturating_sub(jiff::Span::new().days(7))));
        assert!(moment("some day").is_err());
        let day = moment("2011-03-01").unwrap();
        let length = day.end().unwrap().duration_since(day.start().unwrap());
        assert!(length < SignedDuration::from_hours(26) && length > SignedDuration::from_hours(22));
    }
}
