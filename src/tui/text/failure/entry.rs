//! Why a typed text cannot be read.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::form;
use crate::domain::entry::{EntryError, EntryFault};
use crate::tui::text::Words;

super::super::phrases! {
    /// Why an entry cannot be read.
    EntryText {
        Empty: "nothing was entered", "rien n'est saisi";
        TooLong: "{length} characters are too many; the limit is {length_max}",
            "{length} caractères, c'est trop ; la limite est de {length_max}";
        Character: "'{found}' is not allowed here", "« {found} » n'est pas permis ici";
        CommaUnclear: "the comma is ambiguous; write {joined} or {decimal}",
            "la virgule est ambiguë ; écrivez {joined} ou {decimal}";
        TwoMarks: "a number can have only one decimal mark; write thousands without separators",
            "un nombre n'a qu'un signe décimal ; écrivez les milliers sans séparateur";
        UnitDiffers: "this is counted in {unit}, not in {found}", "cela se compte en {unit}, pas en {found}";
        DigitMissing: "a decimal mark needs a digit after it, such as 0.5",
            "il faut un chiffre après le signe décimal, comme 0,5";
        NumberMissing: "a number is missing here", "il manque un nombre ici";
        OperationMissing: "an operator is missing between two numbers; use + - * or /, and no spaces within a number",
            "il manque un opérateur entre deux nombres ; écrivez + - * ou /, sans espaces dans un nombre";
        BracketNotClosed: "this bracket is not closed", "cette parenthèse n'est pas fermée";
        BracketNotOpened: "this bracket was not opened", "cette parenthèse n'a pas été ouverte";
        TooDeep: "brackets can be nested at most {depth_max} deep",
            "{depth_max} niveaux de parenthèses au plus";
        TooLarge: "this is more than {value_max}, the most that can be posted",
            "c'est plus que {value_max}, le maximum qui puisse être validé";
        TooPrecise: "at most {decimals_max} decimal places are allowed; this has {decimals}",
            "{decimals_max} décimales au plus ; il y en a {decimals}";
        ProductTooPrecise: "{left} * {right} is {product}, which has more than {decimals_max} decimal places",
            "{left} * {right} = {product}, qui a plus de {decimals_max} décimales";
        DividedByZero: "{dividend} cannot be divided by zero", "{dividend} ne peut pas être divisé par zéro";
        NotExact: "{dividend} / {divisor} is not exact: it is about {quotient}",
            "{dividend} / {divisor} ne tombe pas juste : environ {quotient}";
        NotADay: "this is not a date; write 31/12, 31/12/2027, 2027-12-31, 2027-12 or +30d",
            "ce n'est pas une date ; écrivez 31/12, 31/12/2027, 2027-12-31, 2027-12 ou +30j";
        UnitMissing: "days, weeks, months or years? write +30d, +2w, +6m or +1y",
            "jours, semaines, mois ou années ? écrivez +30j, +2s, +6m ou +1a";
        NoSuchDay: "there is no day {day} in month {month}",
            "il n'y a pas de jour {day} au mois {month}";
        NoSuchDayOfYear: "there is no day {day} in month {month} of {year}",
            "il n'y a pas de jour {day} au mois {month} de {year}";
        NoSuchMonth: "there is no month {month}", "il n'y a pas de mois {month}";
        YearOutOfRange: "the year must be from {year_min} to {year_max}",
            "l'année doit être entre {year_min} et {year_max}";
        YearFirst: "six digits are read as day, month, year; if you mean {day}, write it that way",
            "six chiffres se lisent jour, mois, année ; pour {day}, écrivez la date ainsi";
        DayUnclear: "is this {day} or the end of the month, {month_end}? write one of them in full",
            "est-ce {day} ou la fin du mois, {month_end} ? écrivez la date en entier";
        SignAlone: "a serial number is missing beside this sign; put a serial number that contains it in quotes",
            "il manque un numéro de série à côté de ce signe ; mettez entre guillemets un numéro de série qui le contient";
        QuoteNotClosed: "this quotation mark is not closed", "ce guillemet n'est pas fermé";
        SeparatorMissing: "a comma or space is missing after the quoted serial number",
            "il manque une virgule ou un espace après le numéro de série entre guillemets";
        RangeUnclear: "\"{first}-{last}\" is ambiguous; write both ends in full, or put a serial number with a dash in quotes",
            "« {first}-{last} » est ambigu ; écrivez les deux bornes en entier, ou mettez entre guillemets un numéro de série avec tiret";
        RangeBackwards: "the range runs backwards, from {first} to {last}", "la plage est à l'envers, de {first} à {last}";
        NumberTooLong: "a number of {digits} digits is too long for a range; the limit is {digits_max}",
            "un nombre de {digits} chiffres est trop long pour une plage ; la limite est de {digits_max}";
        TooMany: "these are more than {count_max} serial numbers, the limit for one posting",
            "cela fait plus de {count_max} numéros de série, la limite d'une écriture";
        Duplicate: "{code} is listed twice", "{code} figure deux fois";
    }
}

/// Why an entry cannot be read. The error itself has the place in the text.
#[must_use]
pub fn entry(words: Words, error: &EntryError) -> String {
    if let EntryFault::Code(why) = &error.fault {
        return form::code(words, why);
    }
    let places = places(words, &error.fault);
    let places: Vec<(&str, &str)> = places.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words.fill(phrase(&error.fault), &places)
}

/// The text for a fault.
fn phrase(fault: &EntryFault) -> EntryText {
    match fault {
        // What is wrong with a code is said in the words of codes.
        EntryFault::Empty | EntryFault::Code(_) => EntryText::Empty,
        EntryFault::TooLong { .. } => EntryText::TooLong,
        EntryFault::Character { .. } => EntryText::Character,
        EntryFault::CommaUnclear { .. } => EntryText::CommaUnclear,
        EntryFault::UnitDiffers { .. } => EntryText::UnitDiffers,
        EntryFault::TwoMarks => EntryText::TwoMarks,
        EntryFault::DigitMissing => EntryText::DigitMissing,
        EntryFault::NumberMissing => EntryText::NumberMissing,
        EntryFault::OperationMissing => EntryText::OperationMissing,
        EntryFault::BracketNotClosed => EntryText::BracketNotClosed,
        EntryFault::BracketNotOpened => EntryText::BracketNotOpened,
        EntryFault::TooDeep { .. } => EntryText::TooDeep,
        EntryFault::TooLarge { .. } => EntryText::TooLarge,
        EntryFault::TooPrecise { .. } => EntryText::TooPrecise,
        EntryFault::ProductTooPrecise { .. } => EntryText::ProductTooPrecise,
        EntryFault::DividedByZero { .. } => EntryText::DividedByZero,
        EntryFault::NotExact { .. } => EntryText::NotExact,
        EntryFault::NotADay => EntryText::NotADay,
        EntryFault::UnitMissing => EntryText::UnitMissing,
        EntryFault::NoSuchDay { year: None, .. } => EntryText::NoSuchDay,
        EntryFault::NoSuchDay { year: Some(_), .. } => EntryText::NoSuchDayOfYear,
        EntryFault::NoSuchMonth { .. } => EntryText::NoSuchMonth,
        EntryFault::YearOutOfRange { .. } => EntryText::YearOutOfRange,
        EntryFault::YearFirst { .. } => EntryText::YearFirst,
        EntryFault::DayUnclear { .. } => EntryText::DayUnclear,
        EntryFault::SignAlone => EntryText::SignAlone,
        EntryFault::QuoteNotClosed => EntryText::QuoteNotClosed,
        EntryFault::SeparatorMissing => EntryText::SeparatorMissing,
        EntryFault::RangeUnclear { .. } => EntryText::RangeUnclear,
        EntryFault::RangeBackwards { .. } => EntryText::RangeBackwards,
        EntryFault::NumberTooLong { .. } => EntryText::NumberTooLong,
        EntryFault::TooMany { .. } => EntryText::TooMany,
        EntryFault::Duplicate { .. } => EntryText::Duplicate,
    }
}

/// The figures of a fault.
fn places(words: Words, fault: &EntryFault) -> Vec<(&'static str, String)> {
    let number = |value: &Decimal| words.language.number(*value);
    let shown = |day: &Date| words.language.day(*day);
    match fault {
        EntryFault::TooLong { length, length_max } => {
            vec![("length", length.to_string()), ("length_max", length_max.to_string())]
        }
        EntryFault::Character { found } => vec![("found", form::visible(*found))],
        EntryFault::CommaUnclear { joined, decimal } => {
            vec![("joined", joined.clone()), ("decimal", decimal.clone())]
        }
        EntryFault::UnitDiffers { found, unit } => vec![("found", found.clone()), ("unit", unit.clone())],
        EntryFault::TooDeep { depth_max } => vec![("depth_max", depth_max.to_string())],
        EntryFault::TooLarge { value_max } => vec![("value_max", number(value_max))],
        EntryFault::TooPrecise { decimals, decimals_max } => {
            vec![("decimals", decimals.to_string()), ("decimals_max", decimals_max.to_string())]
        }
        EntryFault::ProductTooPrecise { left, right, product, decimals_max } => vec![
            ("left", number(left)),
            ("right", number(right)),
            ("product", number(product)),
            ("decimals_max", decimals_max.to_string()),
        ],
        EntryFault::DividedByZero { dividend } => vec![("dividend", number(dividend))],
        EntryFault::NotExact { dividend, divisor, quotient } => {
            vec![("dividend", number(dividend)), ("divisor", number(divisor)), ("quotient", number(quotient))]
        }
        EntryFault::NoSuchDay { day, month, year } => {
            let mut places = vec![("day", day.to_string()), ("month", month.to_string())];
            places.extend(year.map(|year| ("year", year.to_string())));
            places
        }
        EntryFault::NoSuchMonth { month } => vec![("month", month.to_string())],
        EntryFault::YearOutOfRange { year_min, year_max } => {
            vec![("year_min", year_min.to_string()), ("year_max", year_max.to_string())]
        }
        EntryFault::YearFirst { day } => vec![("day", shown(day))],
        EntryFault::DayUnclear { day, month_end } => {
            vec![("day", shown(day)), ("month_end", shown(month_end))]
        }
        EntryFault::RangeUnclear { first, last } | EntryFault::RangeBackwards { first, last } => {
            vec![("first", first.clone()), ("last", last.clone())]
        }
        EntryFault::NumberTooLong { digits, digits_max } => {
            vec![("digits", digits.to_string()), ("digits_max", digits_max.to_string())]
        }
        EntryFault::TooMany { count_max } => vec![("count_max", count_max.to_string())],
        EntryFault::Duplicate { code, .. } => vec![("code", code.to_string())],
        _ => Vec::new(),
    }
}
