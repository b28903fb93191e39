//! Past dates as typed into filters, and the first and last moment of a day.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{EntryError, day};

/// Reads a past date: `7d` is seven days ago, and a date without a year is the latest such day.
///
/// # Errors
/// As for [`day`].
pub fn past_day(text: &str, today: Date) -> Result<Date, EntryError> {
    let word = text.trim();
    if word.ends_with(|last: char| last.is_ascii_alphabetic())
        && let Some(digits) = word.get(..word.len() - 1)
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return day(&format!("-{word}"), today);
    }
    let read = day(text, today)?;
    // Only digits can mean the wrong year; words and durations are unambiguous.
    if read > today && word.starts_with(|first: char| first.is_ascii_digit()) {
        let year_ago = today.checked_sub(1.year()).and_then(Date::tomorrow).unwrap_or(today);
        if let Ok(earlier) = day(text, year_ago)
            && earlier <= today
        {
            return Ok(earlier);
        }
    }
    Ok(read)
}

/// The first moment of a day in a time zone.
#[must_use]
pub fn day_start(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(day.to_datetime(Time::midnight())).ok()
}

/// The last moment of a day in a time zone, to the millisecond, as the ledger keeps its times.
#[must_use]
pub fn day_end(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day_start(day.tomorrow().ok()?, zone)?;
    next.checked_sub(1.millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_those_of_the_past() {
        let today = date(2026, 11, 20);
        for (text, day) in [
            ("today", today),
            ("7d", date(2026, 11, 13)),
            ("7j", date(2026, 11, 13)),
            ("2w", date(2026, 11, 6)),
            ("-1m", date(2026, 10, 20)),
            ("3112", date(2025, 12, 31)),
            ("20/11", today),
            ("1911", date(2026, 11, 19)),
            ("2026-11-19", date(2026, 11, 19)),
            ("2027-01-15", date(2027, 1, 15)),
            ("2026-10", date(2026, 10, 31)),
        ] {
            assert_eq!(past_day(text, today), Ok(day), "{text}");
        }
        for text in ["", "d", "7x", "d7", "é", "7é"] {
            assert!(past_day(text, today).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_begins_and_ends_in_its_zone() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let shortest = date(2026, 3, 29);
        assert_eq!(day_start(shortest, &paris), Some("2026-03-28T23:00:00Z".parse().unwrap()));
        assert_eq!(day_end(shortest, &paris), Some("2026-03-29T21:59:59.999Z".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_day_panic(text in any::<String>()) {
            let _ = past_day(&text, date(2024, 2, 29));
        }
    }
}
