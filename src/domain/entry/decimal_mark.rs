//! Which character separates the whole units from the fraction in what people type.

/// Which character separates the whole units from the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecimalMark {
    /// `2.5`; a comma is refused, because `1,200` could mean two things.
    Point,
    /// `2,5`, and `2.5` too, because number pads have a point.
    Comma,
    /// `2.5` and `2,5`, for people who write a comma where the program writes a point. `1,200` is refused, because the
    /// program writes 1200 like that.
    Either,
}

/// Languages, by their ISO 639 codes, whose locales write a decimal comma (Unicode CLDR).
const COMMA_LANGUAGES: [&str; 40] = [
    "af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fo", "fr", "gl",
    "hr", "hu", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl", "nn", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sr", "sv", "uk",
];
/// Further ones, and those of which only some countries do.
const MORE_COMMA_LANGUAGES: [&str; 3] = ["sq", "tr", "vi"];
/// Locales of these languages that write a point all the same.
const POINT_LOCALES: [&str; 14] = [
    "de_CH", "de_LI", "es_CU", "es_DO", "es_GT", "es_HN", "es_MX", "es_NI", "es_PA", "es_PE", "es_PR",
    "es_SV", "es_US", "it_CH",
];
/// The variables that decide how numbers are written, in order of precedence (POSIX).
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_NUMERIC", "LANG"];

impl DecimalMark {
    /// The mark of texts that write a point themselves: also a comma where the environment writes numbers with one.
    #[must_use]
    pub fn beside_point(env: impl Fn(&str) -> Option<String>) -> Self {
        let locale = VARIABLES.iter().filter_map(|name| env(name)).find(|value| !value.is_empty());
        if locale.is_some_and(|locale| writes_comma(&locale)) { Self::Either } else { Self::Point }
    }

    /// Whether a comma in this number, written with digits, points and commas, is a decimal mark.
    #[must_use]
    pub fn takes_comma(self, number: &str) -> bool {
        match self {
            Self::Point => false,
            Self::Comma => true,
            Self::Either => !looks_grouped(number),
        }
    }

    /// The number with a point as its mark. A comma that is none stays, so that it can be refused.
    #[must_use]
    pub fn with_point(self, number: &str) -> String {
        if self.takes_comma(number) { number.replace(',', ".") } else { number.to_owned() }
    }
}

/// Whether a locale such as `de_AT.UTF-8` writes a decimal comma.
fn writes_comma(locale: &str) -> bool {
    let name = locale.split(['.', '@']).next().unwrap_or_default().replace('-', "_");
    let language = name.split('_').next().unwrap_or_default();
    let known = COMMA_LANGUAGES.iter().chain(&MORE_COMMA_LANGUAGES).any(|comma| *comma == language);
    known && !POINT_LOCALES.contains(&name.as_str())
}

/// Whether the commas of a number could separate groups of three digits.
fn looks_grouped(number: &str) -> bool {
    let whole = number.split('.').next().unwrap_or_default().trim();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let starts = (1..=3).contains(&first.len()) && !first.starts_with('0') && digits(first);
    starts && whole.contains(',') && groups.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_about_the_comma() {
        type Case = (&'static [(&'static str, &'static str)], DecimalMark);
        let cases: [Case; 9] = [
            (&[], DecimalMark::Point),
            (&[("LANG", "en_GB.UTF-8")], DecimalMark::Point),
            (&[("LANG", "C.UTF-8")], DecimalMark::Point),
            (&[("LANG", "de_DE.UTF-8")], DecimalMark::Either),
            (&[("LANG", "en_GB.UTF-8"), ("LC_NUMERIC", "nl_NL.UTF-8")], DecimalMark::Either),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], DecimalMark::Point),
            (&[("LC_ALL", ""), ("LC_NUMERIC", "fr_FR@euro")], DecimalMark::Either),
            (&[("LANG", "de_CH.UTF-8")], DecimalMark::Point),
            (&[("LC_MESSAGES", "de_DE.UTF-8")], DecimalMark::Point),
        ];
        for (variables, expected) in cases {
            let env = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(DecimalMark::beside_point(env), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_looks_like_thousands_is_no_decimal_comma() {
        for (number, comma) in [
            ("1,25", true),
            ("0,5", true),
            (",5", true),
            ("0,500", true),
            ("1234,500", true),
            ("12,5000", true),
            ("1,250", false),
            ("12,500", false),
            ("123,456", false),
            ("1,234,567", false),
            ("1,234.5", false),
        ] {
            assert_eq!(DecimalMark::Either.takes_comma(number), comma, "{number}");
            assert!(DecimalMark::Comma.takes_comma(number) && !DecimalMark::Point.takes_comma(number));
        }
        assert_eq!(DecimalMark::Either.with_point("1,25"), "1.25");
        assert_eq!(DecimalMark::Either.with_point("1,250"), "1,250");
    }
}
