//! Parsing of a past moment for which stock is to be shown.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::{EntryError, EntryFault, day_end, past_day};

/// Parses a past moment: a day, as [`past_day`] parses it, which means its end, or a day and a time, such as
/// `2026-11-01 14:00`, `1911 14:00` or `today 9:30`.
///
/// # Errors
/// As for [`past_day`]; [`EntryFault::NotADay`] where the time of day cannot be read or does not exist there.
pub fn past_moment(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, EntryError> {
    let today = zone.to_datetime(now).date();
    let not_a_moment = || EntryError::new(0..text.len(), EntryFault::NotADay);
    let typed = text.trim();
    let moment = match typed.rsplit_once([' ', 'T']).filter(|(_, time)| time.contains(':')) {
        Some((day, time)) => {
            let time = time_of_day(time).ok_or_else(not_a_moment)?;
            zone.to_timestamp(past_day(day, today)?.to_datetime(time)).map_err(|_| not_a_moment())?
        }
        None => day_end(past_day(typed, today)?, zone).ok_or_else(not_a_moment)?,
    };
    // Nobody knows how something will stand.
    Ok(moment.min(now))
}

/// Parses hours, minutes and optional seconds.
fn time_of_day(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).or_else(|_| Time::strptime("%H:%M:%S", text)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_means_its_end_and_a_time_means_itself() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let now: Timestamp = "2026-11-20T09:30:00Z".parse().unwrap();
        for (text, moment) in [
            ("2026-11-18", "2026-11-18T22:59:59.999Z"),
            ("2d", "2026-11-18T22:59:59.999Z"),
            ("2026-11-18 14:05", "2026-11-18T13:05:00Z"),
            ("2026-11-18T14:05:09", "2026-11-18T13:05:09Z"),
            ("18/11 9:30", "2026-11-18T08:30:00Z"),
            ("today 9:30", "2026-11-20T08:30:00Z"),
            // The future is not known.
            ("today", "2026-11-20T09:30:00Z"),
            ("2027-01-01", "2026-11-20T09:30:00Z"),
        ] {
            assert_eq!(past_moment(text, now, &paris), Ok(moment.parse().unwrap()), "{text}");
        }
        for text in ["", "14:05", "2026-11-18 25:00", "soon", "2026-11-18 14:"] {
            assert!(past_moment(text, now, &paris).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_moment_panic(text in any::<String>()) {
            let _ = past_moment(&text, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        }
    }
}
