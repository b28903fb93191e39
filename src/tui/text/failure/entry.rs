//! What was typed into a field and cannot be read.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::form;
use crate::domain::entry::{EntryError, EntryFault};
use crate::tui::text::Words;

super::super::phrases! {
    /// Why an entry cannot be read.
    EntryText {
        Empty: "nothing was typed", "rien n'est saisi";
        TooLong: "{length} characters are too many; at most {length_max} are read",
            "{length} caractères, c'est trop ; {length_max} au plus sont lus";
        Character: "'{found}' has no meaning here", "« {found} » n'a pas de sens ici";
        CommaUnclear: "a comma could mean two things; write 1200 or 1.2",
            "une virgule peut vouloir dire deux choses ; écrire 1200 ou 1.2";
        TwoMarks: "a number has one decimal mark at most; write thousands without any",
            "un nombre a au plus un signe décimal ; écrire les milliers sans aucun";
        DigitMissing: "a decimal mark needs a digit on each side, such as 0.5",
            "un signe décimal veut un chiffre de chaque côté, comme 0,5";
        NumberMissing: "a number is missing here", "il manque un nombre ici";
        OperationMissing: "an operation is missing between two numbers; use + - * or /, and no spaces within a number",
            "il manque une opération entre deux nombres ; écrire + - * ou /, et pas d'espaces dans un nombre";
        BracketNotClosed: "this bracket is never closed", "cette parenthèse n'est jamais fermée";
        BracketNotOpened: "this bracket was never opened", "cette parenthèse n'a jamais été ouverte";
        TooDeep: "at most {depth_max} brackets are read within each other",
            "{depth_max} parenthèses au plus sont lues l'une dans l'autre";
        TooLarge: "this is more than {value_max}, the most that can be posted",
            "c'est plus que {value_max}, le plus qui puisse être validé";
        TooPrecise: "at most {decimals_max} decimal places are kept; this has {decimals}",
            "{decimals_max} décimales au plus sont gardées ; il y en a {decimals}";
        ProductTooPrecise: "{left} * {right} is {product}, which has more than {decimals_max} decimal places",
            "{left} * {right} font {product}, qui a plus de {decimals_max} décimales";
        DividedByZero: "{dividend} cannot be divided by zero", "{dividend} ne peut être divisé par zéro";
        NotExact: "{dividend} / {divisor} does not come out even: it is about {quotient}",
            "{dividend} / {divisor} ne tombe pas juste : environ {quotient}";
        NotADay: "this is no day; write 31/12, 31/12/2027, 2027-12-31, 2027-12 or +30d",
            "ce n'est pas un jour ; écrire 31/12, 31/12/2027, 2027-12-31, 2027-12 ou +30j";
        UnitMissing: "days, weeks, months or years? write +30d, +2w, +6m or +1y",
            "jours, semaines, mois ou années ? écrire +30j, +2s, +6m ou +1a";
        NoSuchDay: "the calendar has no day {day} in month {month}",
            "le calendrier n'a pas de jour {day} au mois {month}";
        NoSuchDayOfYear: "the calendar has no day {day} in month {month} of {year}",
            "le calendrier n'a pas de jour {day} au mois {month} de {year}";
        NoSuchMonth: "the calendar has no month {month}", "le calendrier n'a pas de mois {month}";
        YearOutOfRange: "only days from {year_min} to {year_max} are kept",
            "seuls les jours de {year_min} à {year_max} sont gardés";
        YearFirst: "six digits are read as day, month, year; if {day} is meant, write it so",
            "six chiffres se lisent jour, mois, année ; si c'est {day}, l'écrire ainsi";
        DayUnclear: "is this {day} or the end of the month, {month_end}? write one of them",
            "est-ce {day} ou la fin du mois, {month_end} ? écrire l'un des deux";
        SignAlone: "something is missing beside this sign; put a serial number that has it in quotes",
            "il manque quelque chose à côté de ce signe ; mettre entre guillemets un numéro de série qui l'a";
        QuoteNotClosed: "this quote is never closed", "ce guillemet n'est jamais fermé";
        SeparatorMissing: "a comma or space is missing behind the quoted serial number",
            "il manque une virgule ou un espace après le numéro de série entre guillemets";
        RangeUnclear: "\"{first}-{last}\" could mean two things; write both ends in full, or put a serial number with a dash in quotes",
            "« {first}-{last} » peut vouloir dire deux choses ; écrire les deux bouts en entier, ou mettre entre guillemets un numéro de série avec tiret";
        RangeBackwards: "the range runs backwards, from {first} to {last}", "la plage va à rebours, de {first} à {last}";
        NumberTooLong: "a number of {digits} digits is too long to count on from; at most {digits_max} are read",
            "un nombre de {digits} chiffres est trop long pour compter à partir de là ; {digits_max} au plus sont lus";
        TooMany: "these are more than {count_max} serial numbers, the most of one posting",
            "cela fait plus de {count_max} numéros de série, le plus d'une écriture";
        Duplicate: "{code} is named twice", "{code} est nommé deux fois";
    }
}

/// Why an entry cannot be read. Where in the text it is, the error itself says.
#[must_use]
pub fn entry(words: Words, error: &EntryError) -> String {
    if let EntryFault::Code(why) = &error.fault {
        return form::code(words, why);
    }
    let places = places(words, &error.fault);
    let places: Vec<(&str, &str)> = places.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words.fill(phrase(&error.fault), &places)
}

/// What is said of a fault.
fn phrase(fault: &EntryFault) -> EntryText {
    match fault {
        // What is wrong with a code is said in the words of codes.
        EntryFault::Empty | EntryFault::Code(_) => EntryText::Empty,
        EntryFault::TooLong { .. } => EntryText::TooLong,
        EntryFault::Character { .. } => EntryText::Character,
        EntryFault::CommaUnclear => EntryText::CommaUnclear,
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
