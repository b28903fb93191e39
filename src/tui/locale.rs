//! The language of the screens, and its formats of numbers, dates and times.
//!
//! Boundary: pure formatting; nothing here reads the environment or a clock. The text of the screens is in `text`.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::entry::DecimalMark;

/// The environment variables for the language of messages, in order of precedence (POSIX).
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];
/// The space that French writes between groups of digits and before a percent sign; lines never break there.
const NARROW_SPACE: char = '\u{202F}';
/// How many digits a group has.
const GROUP_DIGITS: usize = 3;
/// The fewest decimal places of an amount of money.
const MONEY_DECIMALS_MIN: u32 = 2;
/// The most decimal places of an amount; prices are stored with four.
const MONEY_DECIMALS_MAX: u32 = 4;
/// The decimal places of a percentage; more would be false precision.
const PERCENT_DECIMALS: u32 = 1;

/// How a language writes numbers, dates and times.
#[derive(Debug)]
struct Locale {
    /// The ISO 639 code of the language.
    code: &'static str,
    decimal_mark: DecimalMark,
    /// The separator between groups of digits.
    group: char,
    /// What follows a percentage.
    percent: &'static str,
    day: fn(Date) -> String,
    /// A date within the current year.
    short_day: fn(Date) -> String,
    /// The words for one day and for several.
    days: (&'static str, &'static str),
    now: &'static str,
    /// What precedes and follows a duration in the past.
    ago: (&'static str, &'static str),
    /// What precedes and follows a duration in the future.
    ahead: (&'static str, &'static str),
    /// Whether a number takes the singular.
    singular: fn(u64) -> bool,
}

/// Declares the languages, each with its formats.
macro_rules! languages {
    ($($(#[$meta:meta])* $language:ident $locale:tt)*) => {
        /// A language of the screens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum Language {
            $($(#[$meta])* $language,)*
        }

        impl Language {
            /// Every language, in the order in which texts are written.
            pub const ALL: [Self; [$(stringify!($language)),*].len()] = [$(Self::$language),*];

            const fn locale(self) -> &'static Locale {
                match self {
                    $(Self::$language => &Locale $locale,)*
                }
            }
        }
    };
}

languages! {
    /// English, with numbers and dates as in London.
    #[default]
    English {
        code: "en",
        decimal_mark: DecimalMark::Point,
        group: ',',
        percent: "%",
        day: |day| format!("{:02} {} {:04}", day.day(), month_name(day.month()), day.year()),
        short_day: |day| format!("{:02} {}", day.day(), month_name(day.month())),
        days: ("day", "days"),
        now: "now",
        ago: ("", " ago"),
        ahead: ("in ", ""),
        singular: |number| number == 1,
    }
    /// French, with numbers and dates as in Paris.
    French {
        code: "fr",
        decimal_mark: DecimalMark::Comma,
        group: NARROW_SPACE,
        percent: "\u{202F}%",
        day: |day| format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()),
        short_day: |day| format!("{:02}/{:02}", day.day(), day.month()),
        days: ("jour", "jours"),
        now: "à l'instant",
        ago: ("il y a ", ""),
        ahead: ("dans ", ""),
        singular: |number| number < 2,
    }
}

/// The error for a text that names no language of the screens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a language of the screens; use one of {}", Language::codes())]
pub struct UnknownLanguage {
    pub text: String,
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a language (`fr`) or a locale (`fr_CA.UTF-8`, `en-GB`), whose territory is ignored.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let language = text.split(['_', '-', '.', '@']).next().unwrap_or_default();
        let known = Self::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(language.trim()));
        known.ok_or_else(|| UnknownLanguage { text: text.to_owned() })
    }
}

impl Language {
    /// The configured language, or else that of the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that
    /// is not empty, as in every POSIX program. English if it names another language.
    #[must_use]
    pub fn detect(configured: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Self {
        let of_environment = || VARIABLES.iter().filter_map(|name| env(name)).find(|value| !value.is_empty());
        configured
            .and_then(|text| text.parse().ok())
            .or_else(|| of_environment().and_then(|text| text.parse().ok()))
            .unwrap_or_default()
    }

    /// The code of the language, as in the configuration.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.locale().code
    }

    fn codes() -> String {
        Self::ALL.map(Self::code).join(" and ")
    }

    /// Whether a number takes the singular.
    #[must_use]
    pub fn singular(self, number: u64) -> bool {
        (self.locale().singular)(number)
    }

    /// The decimal mark that is accepted when quantities are typed.
    #[must_use]
    pub const fn decimal_mark(self) -> DecimalMark {
        self.locale().decimal_mark
    }

    /// A number with grouped digits, exact and without trailing zeros: `1,234.5`, `1 234,5`.
    #[must_use]
    pub fn number(self, value: Decimal) -> String {
        self.grouped(&value.normalize().to_string())
    }

    /// An amount in the currency of the site, with two decimal places, or up to four if it has more: `1,234.50`,
    /// `0.0425`.
    #[must_use]
    pub fn money(self, value: Decimal) -> String {
        let rounded = rounded(value, MONEY_DECIMALS_MAX).normalize();
        let decimals = rounded.scale().max(MONEY_DECIMALS_MIN);
        self.grouped(&format!("{rounded:.places$}", places = decimals as usize))
    }

    /// A fraction as a percentage: 0.125 is `12.5%`, `12,5 %`.
    #[must_use]
    pub fn percent(self, part: Decimal) -> String {
        let value = self.number(rounded(part.saturating_mul(Decimal::ONE_HUNDRED), PERCENT_DECIMALS));
        value + self.locale().percent
    }

    /// Adds group separators and the decimal mark to a plain number.
    fn grouped(self, plain: &str) -> String {
        let mark = match self.decimal_mark() {
            DecimalMark::Point | DecimalMark::Either => '.',
            DecimalMark::Comma => ',',
        };
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |plain| ("-", plain));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let zero = plain.chars().all(|character| matches!(character, '0' | '.'));
        let mut text = String::from(if zero { "" } else { sign });
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(GROUP_DIGITS) {
                text.push(self.locale().group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(mark);
            text.push_str(fraction);
        }
        text
    }

    /// A date in an unambiguous form: `20 Nov 2026`, `20/11/2026`. All dates of a language have the same width.
    #[must_use]
    pub fn day(self, day: Date) -> String {
        (self.locale().day)(day)
    }

    /// A moment to the second, in local time: `20 Nov 2026 14:03:22`.
    #[must_use]
    pub fn moment(self, moment: Timestamp, zone: &TimeZone) -> String {
        let local = zone.to_datetime(moment);
        format!("{} {}", self.day(local.date()), local.strftime("%H:%M:%S"))
    }

    /// A moment for a narrow column: only the time if it is today, date and time within this year, otherwise the date:
    /// `14:03`, `20 Nov 14:03`, `20 Nov 2025`.
    #[must_use]
    pub fn moment_short(self, moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let (local, today) = (zone.to_datetime(moment), zone.to_datetime(now).date());
        let time = local.strftime("%H:%M");
        if local.date() == today {
            return time.to_string();
        }
        if local.year() != today.year() {
            return self.day(local.date());
        }
        format!("{} {time}", (self.locale().short_day)(local.date()))
    }

    /// A duration in its largest unit, truncated: `45 s`, `3 min`, `2 h`, `5 days`; the sign is left out.
    #[must_use]
    pub fn duration(self, length: SignedDuration) -> String {
        let seconds = length.as_secs().unsigned_abs();
        match seconds {
            0..60 => format!("{seconds} s"),
            60..3_600 => format!("{} min", seconds / 60),
            3_600..86_400 => format!("{} h", seconds / 3_600),
            _ => {
                let (days, (one, several)) = (seconds / 86_400, self.locale().days);
                format!("{days} {}", if self.singular(days) { one } else { several })
            }
        }
    }

    /// How long ago something was, or how soon it will be: `3 min ago`, `il y a 3 min`, `in 2 h`.
    #[must_use]
    pub fn ago(self, elapsed: SignedDuration) -> String {
        let (before, behind) = match elapsed.as_secs() {
            0 => return self.locale().now.to_owned(),
            1.. => self.locale().ago,
            _ => self.locale().ahead,
        };
        format!("{before}{}{behind}", self.duration(elapsed))
    }
}

/// Rounds half away from zero, as people do.
fn rounded(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// The abbreviated English name of a month, 1 to 12.
fn month_name(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::Language::{English, French};
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn languages_are_named_in_many_ways() {
        for (text, expected) in [
            ("en", Some(English)),
            ("EN", Some(English)),
            ("en_GB.UTF-8", Some(English)),
            ("en-US", Some(English)),
            ("fr", Some(French)),
            ("fr_FR.UTF-8", Some(French)),
            ("fr_CA", Some(French)),
            ("fr@euro", Some(French)),
            ("fr.UTF-8", Some(French)),
            ("de_DE.UTF-8", None),
            ("C", None),
            ("french", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Language>().ok(), expected, "{text}");
        }
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        type Case = (Option<&'static str>, &'static [(&'static str, &'static str)], Language);
        let cases: [Case; 10] = [
            (None, &[], English),
            (None, &[("LANG", "fr_FR.UTF-8")], French),
            (None, &[("LC_MESSAGES", "fr_FR"), ("LANG", "en_GB")], French),
            (None, &[("LC_ALL", "C"), ("LC_MESSAGES", "fr_FR"), ("LANG", "fr_FR")], English),
            (None, &[("LC_ALL", ""), ("LANG", "fr_FR")], French),
            (None, &[("LC_ALL", "de_DE"), ("LANG", "fr_FR")], English),
            (None, &[("LC_NUMERIC", "fr_FR")], English),
            (Some("fr"), &[("LC_ALL", "en_GB")], French),
            (Some("en"), &[("LANG", "fr_FR")], English),
            (Some("de"), &[("LANG", "fr_FR")], French),
        ];
        for (configured, variables, expected) in cases {
            let env = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Language::detect(configured, env), expected, "{configured:?} {variables:?}");
        }
    }

    #[test]
    fn numbers() {
        for (value, english, french) in [
            ("0", "0", "0"),
            ("-0.0", "0", "0"),
            ("7", "7", "7"),
            ("999", "999", "999"),
            ("1000", "1,000", "1\u{202F}000"),
            ("1234.500", "1,234.5", "1\u{202F}234,5"),
            ("-1234567.891", "-1,234,567.891", "-1\u{202F}234\u{202F}567,891"),
            ("-100", "-100", "-100"),
            ("99999999999.999", "99,999,999,999.999", "99\u{202F}999\u{202F}999\u{202F}999,999"),
        ] {
            assert_eq!(English.number(decimal(value)), english);
            assert_eq!(French.number(decimal(value)), french);
        }
    }

    #[test]
    fn money_and_parts() {
        for (value, english, french) in [
            ("0", "0.00", "0,00"),
            ("1234.5", "1,234.50", "1\u{202F}234,50"),
            ("0.0425", "0.0425", "0,0425"),
            ("2.500", "2.50", "2,50"),
            ("0.00005", "0.0001", "0,0001"),
            ("-0.00001", "0.00", "0,00"),
            ("-19.99", "-19.99", "-19,99"),
        ] {
            assert_eq!(English.money(decimal(value)), english);
            assert_eq!(French.money(decimal(value)), french);
        }
        for (part, english, french) in [
            ("0.125", "12.5%", "12,5\u{202F}%"),
            ("1", "100%", "100\u{202F}%"),
            ("0.3333", "33.3%", "33,3\u{202F}%"),
            ("0.9995", "100%", "100\u{202F}%"),
            ("-0.5", "-50%", "-50\u{202F}%"),
            ("12.345", "1,234.5%", "1\u{202F}234,5\u{202F}%"),
        ] {
            assert_eq!(English.percent(decimal(part)), english);
            assert_eq!(French.percent(decimal(part)), french);
        }
        assert!(English.percent(Decimal::MAX).ends_with('%'));
    }

    #[test]
    fn days_and_moments() {
        assert_eq!(English.day(date(2026, 11, 5)), "05 Nov 2026");
        assert_eq!(French.day(date(2026, 11, 5)), "05/11/2026");
        let names: Vec<&str> = (1..=12).map(month_name).collect();
        assert_eq!(names.join(" "), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec");

        let paris = TimeZone::get("Europe/Paris").unwrap();
        let moment: Timestamp = "2026-11-20T23:03:22.9Z".parse().unwrap();
        assert_eq!(English.moment(moment, &TimeZone::UTC), "20 Nov 2026 23:03:22");
        assert_eq!(French.moment(moment, &paris), "21/11/2026 00:03:22");
        for (now, zone, english, french) in [
            ("2026-11-20T23:59:59Z", &TimeZone::UTC, "23:03", "23:03"),
            ("2026-11-21T00:00:00Z", &TimeZone::UTC, "20 Nov 23:03", "20/11 23:03"),
            ("2026-11-21T00:00:00Z", &paris, "00:03", "00:03"),
            ("2027-01-01T00:00:00Z", &TimeZone::UTC, "20 Nov 2026", "20/11/2026"),
        ] {
            let now: Timestamp = now.parse().unwrap();
            assert_eq!(English.moment_short(moment, now, zone), english, "{now}");
            assert_eq!(French.moment_short(moment, now, zone), french, "{now}");
        }
    }

    #[test]
    fn lengths_of_time() {
        for (seconds, english, french) in [
            (0, "now", "à l'instant"),
            (1, "1 s ago", "il y a 1 s"),
            (59, "59 s ago", "il y a 59 s"),
            (60, "1 min ago", "il y a 1 min"),
            (3_599, "59 min ago", "il y a 59 min"),
            (7_200, "2 h ago", "il y a 2 h"),
            (86_400, "1 day ago", "il y a 1 jour"),
            (10 * 86_400, "10 days ago", "il y a 10 jours"),
            (-180, "in 3 min", "dans 3 min"),
        ] {
            let elapsed = SignedDuration::from_secs(seconds);
            assert_eq!(English.ago(elapsed), english);
            assert_eq!(French.ago(elapsed), french);
        }
        assert_eq!(English.ago(SignedDuration::from_millis(-900)), "now");
        assert_eq!(French.duration(SignedDuration::from_secs(-90)), "1 min");
        assert!(English.ago(SignedDuration::MIN).starts_with("in "));
    }

    proptest! {
        /// A number as a screen shows it can be typed back, without its group separators.
        #[test]
        fn a_number_that_is_shown_means_itself(thousandths in -99_999_999_999_999..=99_999_999_999_999_i64) {
            let value = Decimal::new(thousandths, 3);
            for language in Language::ALL {
                let text: String =
                    language.number(value).chars().filter(|c| !matches!((language, c), (English, ',') | (French, &NARROW_SPACE))).collect();
                let plain = text.trim_start_matches('-');
                let read = crate::domain::entry::quantity(plain, language.decimal_mark()).unwrap();
                prop_assert_eq!(read, value.abs());
                prop_assert_eq!(text.starts_with('-'), value < Decimal::ZERO);
            }
        }
    }
}
