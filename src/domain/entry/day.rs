//! Dates as people type them: in short form, relative to today, or in full.

use std::ops::Range;

use jiff::Span;
use jiff::civil::Date;

use super::{EntryError, EntryFault};

/// The first year that the ledger keeps.
pub const YEAR_MIN: i16 = 1900;
/// The last year that the ledger keeps.
pub const YEAR_MAX: i16 = 9999;

/// The longest entry, in characters. The longest way to write a day has fourteen.
const LENGTH_MAX: usize = 24;
/// The day furthest from today that a year of two digits can mean: this many years back, and one more
/// ahead (GS1 General Specifications, section 7.12).
const SHORT_YEARS_BACK: i16 = 49;
/// How many years of two digits there are.
const CENTURY: i16 = 100;
/// The longest wait for a 29 February, as from 1896 to 1904.
const LEAP_YEARS_MAX: i16 = 8;
/// The element identifiers whose six digits are the last day of a thing: best before, sell by, expiry.
const GS1_LAST_DAYS: [&str; 3] = ["(15)", "(16)", "(17)"];

/// Reads a date as people type it.
///
/// - From today: `today`, `tomorrow` and `+30d`, `+2w`, `+6m`, `+1y` or with `-`; in French `aujourd'hui`,
///   `demain`, and `j`, `s`, `a` for days, weeks and years. Months and years end on the last day of a
///   shorter month.
/// - Without a year: `3112`, `31/12`, `31.12.`, `31-12`. The next such day, today included.
/// - With one: `311227`, `31122027`, `31/12/27`, `31.12.2027`, `2027-12-31`, `20271231`.
/// - A month: `2027-01`, `01/2027`. Its last day, because that is what a month on a label means.
/// - As on a label with its identifier: `(17)271231`, where the year comes first and the day 00 is
///   the last of the month.
///
/// The day comes before the month, unless that is impossible and month before day is not: `1231`. With a slash between
/// them (`12/31`) that is refused, because labels write month and year in this way. Six bare digits are day, month,
/// year: `271231` is 27 December 2031, never 31 December 2027; where they begin with digits that can be a year and
/// cannot be a day, they are refused, and the error has the date they would be. A year of two digits is the one within
/// 49 years back and 50 ahead.
///
/// # Errors
/// [`EntryError`] with the place in the text and the figures. No text makes it panic.
pub fn day(text: &str, today: Date) -> Result<Date, EntryError> {
    let start = text.len() - text.trim_start().len();
    let word = text.trim();
    let place = start..start + word.len();
    let length = text.chars().count();
    let read = if word.is_empty() {
        Err(EntryFault::Empty)
    } else if length > LENGTH_MAX {
        Err(EntryFault::TooLong { length, length_max: LENGTH_MAX })
    } else {
        read(&word.to_lowercase(), today)
    };
    read.and_then(kept).map_err(|fault| error_at(text, place, fault))
}

/// The error at the character that has no meaning, or else at the whole entry.
fn error_at(text: &str, place: Range<usize>, fault: EntryFault) -> EntryError {
    let unknown = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !"+-./()'’".contains(c);
    match (&fault, text.char_indices().find(|(_, character)| unknown(*character))) {
        (EntryFault::NotADay, Some((at, found))) => {
            EntryError::new(at..at + found.len_utf8(), EntryFault::Character { found })
        }
        _ => EntryError::new(place, fault),
    }
}

fn out_of_range() -> EntryFault {
    EntryFault::YearOutOfRange { year_min: YEAR_MIN, year_max: YEAR_MAX }
}

fn kept(day: Date) -> Result<Date, EntryFault> {
    if (YEAR_MIN..=YEAR_MAX).contains(&day.year()) { Ok(day) } else { Err(out_of_range()) }
}

fn read(word: &str, today: Date) -> Result<Date, EntryFault> {
    match word {
        "today" | "aujourd'hui" | "aujourd’hui" => return Ok(today),
        "tomorrow" | "demain" => return today.tomorrow().map_err(|_| out_of_range()),
        _ => {}
    }
    if let Some(digits) = GS1_LAST_DAYS.iter().find_map(|identifier| word.strip_prefix(identifier)) {
        return labelled(digits.trim_start(), today);
    }
    if word.starts_with(['+', '-']) {
        return from_today(word, today);
    }
    if is_digits(word) {
        return compact(word, today);
    }
    separated(word, today)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that a few digits make. The entry is short, so that it fits.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

fn from_today(word: &str, today: Date) -> Result<Date, EntryFault> {
    let rest = word[1..].trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    if digits.is_empty() {
        return Err(EntryFault::NotADay);
    }
    let count = i64::from(number(digits));
    let count = if word.starts_with('-') { -count } else { count };
    let span = match rest[digits.len()..].trim_start() {
        "d" | "j" => Span::new().try_days(count),
        "w" | "s" => Span::new().try_weeks(count),
        "m" => Span::new().try_months(count),
        "y" | "a" => Span::new().try_years(count),
        "" => return Err(EntryFault::UnitMissing),
        _ => return Err(EntryFault::NotADay),
    };
    span.and_then(|span| today.checked_add(span)).map_err(|_| out_of_range())
}

/// Day, month and year as typed, where the year may be missing.
#[derive(Clone, Copy)]
struct Parts {
    day: u32,
    month: u32,
    year: Option<u32>,
}

impl Parts {
    fn swapped(self) -> Self {
        Self { day: self.month, month: self.day, ..self }
    }

    /// The day, if the calendar has it and the ledger keeps it.
    fn date(self, today: Date) -> Option<Date> {
        let (day, month) = (i8::try_from(self.day).ok()?, i8::try_from(self.month).ok()?);
        match self.year {
            Some(year) => {
                let year = i16::try_from(year).ok().filter(|year| (YEAR_MIN..=YEAR_MAX).contains(year))?;
                Date::new(year, month, day).ok()
            }
            None => (today.year()..=today.year().saturating_add(LEAP_YEARS_MAX))
                .filter_map(|year| Date::new(year, month, day).ok())
                .find(|date| *date >= today),
        }
    }

    /// Why there is no such date.
    fn fault(self) -> EntryFault {
        let Self { day, month, year } = self;
        let kept = |year: u32| i16::try_from(year).is_ok_and(|year| (YEAR_MIN..=YEAR_MAX).contains(&year));
        match year {
            Some(year) if !kept(year) => out_of_range(),
            _ if !(1..=12).contains(&month) => EntryFault::NoSuchMonth { month },
            _ => EntryFault::NoSuchDay { day, month, year },
        }
    }
}

/// The full year for a year of two digits.
fn full_year(short: u32, today: Date) -> u32 {
    let earliest = today.year().saturating_sub(SHORT_YEARS_BACK);
    let short = i16::try_from(short).unwrap_or(0);
    u32::from((earliest + (short - earliest).rem_euclid(CENTURY)).unsigned_abs())
}

/// Reads day before month, or month before day where only that is a date.
fn day_first(parts: Parts, today: Date) -> Result<Date, EntryFault> {
    parts.date(today).or_else(|| parts.swapped().date(today)).ok_or_else(|| parts.fault())
}

/// The last day of a month of a year.
fn month_end(year: u32, month: u32, today: Date) -> Result<Date, EntryFault> {
    let first = Parts { day: 1, month, year: Some(year) };
    first.date(today).map(Date::last_of_month).ok_or_else(|| first.fault())
}

/// Reads digits without separators.
fn compact(digits: &str, today: Date) -> Result<Date, EntryFault> {
    let two = |at: usize| number(&digits[at..at + 2]);
    match digits.len() {
        4 => day_first(Parts { day: two(0), month: two(2), year: None }, today),
        6 => {
            let parts = Parts { day: two(0), month: two(2), year: Some(full_year(two(4), today)) };
            let no_day = !(1..=31).contains(&parts.day);
            day_first(parts, today).map_err(|fault| match labelled(digits, today) {
                Ok(day) if no_day => EntryFault::YearFirst { day },
                _ => fault,
            })
        }
        8 => {
            let parts = Parts { day: two(0), month: two(2), year: Some(number(&digits[4..])) };
            let year_first = Parts { year: Some(number(&digits[..4])), month: two(4), day: two(6) };
            // Never both: as a year, the month and day of the second would be before 1900.
            day_first(parts, today).or_else(|fault| year_first.date(today).ok_or(fault))
        }
        _ => Err(EntryFault::NotADay),
    }
}

/// Reads year, month and day in six digits, as on GS1 labels.
fn labelled(digits: &str, today: Date) -> Result<Date, EntryFault> {
    if digits.len() != 6 || !is_digits(digits) {
        return Err(EntryFault::NotADay);
    }
    let (year, month, day) =
        (full_year(number(&digits[..2]), today), number(&digits[2..4]), number(&digits[4..]));
    if day == 0 {
        return month_end(year, month, today);
    }
    let parts = Parts { day, month, year: Some(year) };
    parts.date(today).ok_or_else(|| parts.fault())
}

/// Reads two or three numbers that are separated by the same character.
fn separated(word: &str, today: Date) -> Result<Date, EntryFault> {
    let Some(sign) = word.chars().find(|c| matches!(c, '.' | '/' | '-')) else {
        return Err(EntryFault::NotADay);
    };
    let word = if sign == '.' && word.matches('.').count() == 2 { word.trim_end_matches('.') } else { word };
    let fields: Vec<&str> = word.split(sign).map(str::trim).collect();
    if fields.iter().any(|field| !is_digits(field)) {
        return Err(EntryFault::NotADay);
    }
    let lengths: Vec<usize> = fields.iter().map(|field| field.len()).collect();
    let numbers: Vec<u32> = fields.iter().map(|field| number(field)).collect();
    match (&lengths[..], &numbers[..]) {
        ([1..=2, 1..=2], &[first, second]) => without_year(first, second, today),
        ([4, 1..=2], &[year, month]) | ([1..=2, 4], &[month, year]) => month_end(year, month, today),
        ([4, 1..=2, 1..=2], &[year, month, day]) => {
            let parts = Parts { day, month, year: Some(year) };
            parts.date(today).ok_or_else(|| parts.fault())
        }
        ([1..=2, 1..=2, 4], &[day, month, year]) => day_first(Parts { day, month, year: Some(year) }, today),
        ([1..=2, 1..=2, 2], &[day, month, year]) => {
            day_first(Parts { day, month, year: Some(full_year(year, today)) }, today)
        }
        _ => Err(EntryFault::NotADay),
    }
}

/// Reads a day without a year, such as `31/12`. Refuses `01/27`, which labels use for month and year.
fn without_year(first: u32, second: u32, today: Date) -> Result<Date, EntryFault> {
    let parts = Parts { day: first, month: second, year: None };
    if let Some(date) = parts.date(today) {
        return Ok(date);
    }
    let month_end = month_end(full_year(second, today), first, today);
    match (parts.swapped().date(today), month_end) {
        (Some(day), Ok(month_end)) => Err(EntryFault::DayUnclear { day, month_end }),
        _ => Err(parts.fault()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 20);

    #[test]
    fn reads_every_way_to_write_a_day() {
        for (text, expected) in [
            ("today", date(2026, 11, 20)),
            ("Tomorrow", date(2026, 11, 21)),
            ("AUJOURD'HUI", date(2026, 11, 20)),
            ("aujourd’hui", date(2026, 11, 20)),
            (" demain ", date(2026, 11, 21)),
            ("+30d", date(2026, 12, 20)),
            ("+ 30 j", date(2026, 12, 20)),
            ("-1d", date(2026, 11, 19)),
            ("+2w", date(2026, 12, 4)),
            ("+2S", date(2026, 12, 4)),
            ("+6m", date(2027, 5, 20)),
            ("-9m", date(2026, 2, 20)),
            ("+1y", date(2027, 11, 20)),
            ("+1a", date(2027, 11, 20)),
            ("3112", date(2026, 12, 31)),
            ("2011", date(2026, 11, 20)),
            ("1911", date(2027, 11, 19)),
            ("0502", date(2027, 2, 5)),
            ("2902", date(2028, 2, 29)),
            ("1231", date(2026, 12, 31)),
            ("311227", date(2027, 12, 31)),
            ("271231", date(2031, 12, 27)),
            ("123127", date(2027, 12, 31)),
            ("010180", date(1980, 1, 1)),
            ("31122027", date(2027, 12, 31)),
            ("12312027", date(2027, 12, 31)),
            ("20271231", date(2027, 12, 31)),
            ("31.12.", date(2026, 12, 31)),
            ("31.12", date(2026, 12, 31)),
            ("5.2.", date(2027, 2, 5)),
            ("31/12", date(2026, 12, 31)),
            ("31-12", date(2026, 12, 31)),
            ("31/12/2027", date(2027, 12, 31)),
            ("31 / 12 / 2027", date(2027, 12, 31)),
            ("31/12/27", date(2027, 12, 31)),
            ("12/31/27", date(2027, 12, 31)),
            ("31.12.2027", date(2027, 12, 31)),
            ("2027-01", date(2027, 1, 31)),
            ("2028-2", date(2028, 2, 29)),
            ("01/2027", date(2027, 1, 31)),
            ("2027-01-15", date(2027, 1, 15)),
            ("2027/1/5", date(2027, 1, 5)),
            ("(17)271231", date(2027, 12, 31)),
            ("(17) 280200", date(2028, 2, 29)),
            ("01/01/1900", date(1900, 1, 1)),
            ("9999-12-31", date(9999, 12, 31)),
        ] {
            assert_eq!(day(text, TODAY), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        use EntryFault as F;
        let years = F::YearOutOfRange { year_min: 1900, year_max: 9999 };
        for (text, fault) in [
            ("", F::Empty),
            ("x", F::NotADay),
            ("-", F::NotADay),
            ("+", F::NotADay),
            ("+d", F::NotADay),
            ("+30", F::UnitMissing),
            ("+30q", F::NotADay),
            ("+99999y", years.clone()),
            ("+4294967296d", years.clone()),
            ("+7974y", years.clone()),
            ("-127y", years.clone()),
            ("7", F::NotADay),
            ("2027", F::NoSuchMonth { month: 27 }),
            ("3002", F::NoSuchDay { day: 30, month: 2, year: None }),
            ("0012", F::NoSuchDay { day: 0, month: 12, year: None }),
            ("290227", F::NoSuchDay { day: 29, month: 2, year: Some(2027) }),
            ("991231", F::YearFirst { day: date(1999, 12, 31) }),
            ("321231", F::YearFirst { day: date(2032, 12, 31) }),
            ("32122027", F::NoSuchDay { day: 32, month: 12, year: Some(2027) }),
            ("01011899", years.clone()),
            ("1899-12", years.clone()),
            ("0000-01-01", years.clone()),
            ("2027-13", F::NoSuchMonth { month: 13 }),
            ("2027-15-01", F::NoSuchMonth { month: 15 }),
            ("31/02/2027", F::NoSuchDay { day: 31, month: 2, year: Some(2027) }),
            ("31/12-2027", F::NotADay),
            ("31//12", F::NotADay),
            ("31/12/", F::NotADay),
            ("1.2.3", F::NotADay),
            ("(17)271331", F::NoSuchMonth { month: 13 }),
            ("(17)", F::NotADay),
            ("(10)271231", F::NotADay),
            ("01/27", F::DayUnclear { day: date(2027, 1, 27), month_end: date(2027, 1, 31) }),
            ("12/31", F::DayUnclear { day: date(2026, 12, 31), month_end: date(2031, 12, 31) }),
            ("01/45", F::NoSuchMonth { month: 45 }),
            ("２０２７-01", F::NotADay),
        ] {
            assert_eq!(day(text, TODAY).unwrap_err().fault, fault, "{text}");
        }
        assert_eq!(day(" 31,12", TODAY), Err(EntryError::new(3..4, F::Character { found: ',' })));
        assert_eq!(day(" 7 ", TODAY).unwrap_err().place, 1..2);
        let long = day(&"1".repeat(LENGTH_MAX + 1), TODAY).unwrap_err();
        assert_eq!(long.fault, F::TooLong { length: 25, length_max: 24 });
    }

    #[test]
    fn the_ends_of_months_and_of_the_calendar() {
        assert_eq!(day("+1m", date(2027, 1, 31)), Ok(date(2027, 2, 28)));
        assert_eq!(day("-1y", date(2028, 2, 29)), Ok(date(2027, 2, 28)));
        assert_eq!(day("2902", date(2096, 3, 1)), Ok(date(2104, 2, 29)));
        assert!(day("tomorrow", Date::MAX).is_err());
        assert!(day("0101", Date::MAX).is_err());
        assert_eq!(day("010176", TODAY), Ok(date(2076, 1, 1)));
        assert_eq!(day("010177", TODAY), Ok(date(1977, 1, 1)));
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (YEAR_MIN..=YEAR_MAX, 1..=12_i8, 1..=31_i8)
            .prop_filter_map("a day that the calendar has", |(year, month, day)| {
                Date::new(year, month, day).ok()
            })
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_places_can_be_sliced(
            text in "\\PC{0,25}|[-+0-9./ dwmyjsaé()]{0,14}",
            today in any_day(),
        ) {
            if let Err(error) = day(&text, today) {
                prop_assert!(text.get(error.place.clone()).is_some(), "{error:?}");
            }
        }

        #[test]
        fn a_day_in_full_means_itself_on_every_day(expected in any_day(), today in any_day()) {
            for form in ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d%m%Y"] {
                prop_assert_eq!(day(&expected.strftime(form).to_string(), today), Ok(expected));
            }
            let end = day(&expected.strftime("%m/%Y").to_string(), today);
            prop_assert_eq!(end, Ok(expected.last_of_month()));
        }

        #[test]
        fn a_day_without_its_year_is_never_past(month in 1..=12_i8, number in 1..=28_i8, today in any_day()) {
            let text = format!("{number:02}/{month:02}");
            match day(&text, today) {
                Ok(next) => {
                    prop_assert!(next >= today && (next.month(), next.day()) == (month, number));
                    prop_assert!(next.year() - today.year() <= 1);
                }
                Err(error) => prop_assert_eq!(today.year(), YEAR_MAX, "{:?}", error),
            }
        }

        #[test]
        fn a_short_year_is_near(expected in any_day(), back in -49..=48_i16) {
            let year = expected.year().saturating_add(back).clamp(YEAR_MIN, YEAR_MAX);
            let today = Date::new(year, 6, 30).unwrap();
            let read = day(&expected.strftime("%d%m%y").to_string(), today);
            if i32::from(expected.year()) - i32::from(year) <= 50 && expected.year() - year >= -49 {
                prop_assert_eq!(read, Ok(expected));
            }
        }
    }
}
