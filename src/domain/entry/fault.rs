//! Why a text is refused, and where in it.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::{CodeError, LotCode};

/// A text that is not what the field asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct EntryError {
    /// The bytes of the text that are at fault, always on the borders of characters; empty where
    /// something is missing.
    pub place: Range<usize>,
    /// What is wrong with them.
    pub fault: EntryFault,
}

impl EntryError {
    pub(super) fn new(place: Range<usize>, fault: EntryFault) -> Self {
        Self { place, fault }
    }
}

/// What is wrong with a text. Every figure that the words need stands in the variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// More text than such an entry can need.
    #[error("{length} characters are too many; at most {length_max} are read")]
    TooLong {
        /// How many characters there are.
        length: usize,
        /// How many there may be.
        length_max: usize,
    },
    /// A character that has no meaning in such an entry.
    #[error("{found:?} has no meaning here")]
    Character {
        /// The character.
        found: char,
    },

    /// A comma where the point is the decimal mark: `1,200` could be 1.2 or 1200.
    #[error("a comma could mean two things; write 1200 or 1.2")]
    CommaUnclear,
    /// A number with two decimal marks.
    #[error("a number has one decimal mark at most; write thousands without any")]
    TwoMarks,
    /// A decimal mark without digits on both sides.
    #[error("a decimal mark needs a digit on each side, such as 0.5")]
    DigitMissing,
    /// An operation or bracket where a number must stand.
    #[error("a number is missing here")]
    NumberMissing,
    /// Two numbers side by side.
    #[error("an operation is missing between two numbers; use + - * or /, and no spaces within a number")]
    OperationMissing,
    /// An opening bracket that is never closed.
    #[error("this bracket is never closed")]
    BracketNotClosed,
    /// A closing bracket that was never opened.
    #[error("this bracket was never opened")]
    BracketNotOpened,
    /// Brackets within brackets beyond any need.
    #[error("at most {depth_max} brackets are read within each other")]
    TooDeep {
        /// How many there may be.
        depth_max: usize,
    },
    /// A number or result beyond what can be posted.
    #[error("this is more than {value_max}, the most that can be posted")]
    TooLarge {
        /// The most that there can be.
        value_max: Decimal,
    },
    /// A number with more decimal places than the ledger keeps.
    #[error("at most {decimals_max} decimal places are kept; this has {decimals}")]
    TooPrecise {
        /// How many it has.
        decimals: u32,
        /// How many there may be.
        decimals_max: u32,
    },
    /// A product with more decimal places than the ledger keeps.
    #[error("{left} * {right} is {product}, which has more than {decimals_max} decimal places")]
    ProductTooPrecise {
        /// The first factor.
        left: Decimal,
        /// The second factor.
        right: Decimal,
        /// What they make.
        product: Decimal,
        /// How many decimal places there may be.
        decimals_max: u32,
    },
    /// A division by zero.
    #[error("{dividend} cannot be divided by zero")]
    DividedByZero {
        /// What was to be divided.
        dividend: Decimal,
    },
    /// A division that does not come out.
    #[error("{dividend} / {divisor} does not come out even: it is about {quotient}")]
    NotExact {
        /// What was to be divided.
        dividend: Decimal,
        /// By how much.
        divisor: Decimal,
        /// The result, cut off after the decimal places that the ledger keeps.
        quotient: Decimal,
    },

    /// No way of writing a day.
    #[error("this is no day; write 31/12, 31/12/2027, 2027-12-31, 2027-12 or +30d")]
    NotADay,
    /// A number of days, weeks, months or years without the word which.
    #[error("days, weeks, months or years? write +30d, +2w, +6m or +1y")]
    UnitMissing,
    /// A day that the calendar does not have.
    #[error("the calendar has no day {day} in month {month}")]
    NoSuchDay {
        /// The day of the month.
        day: u32,
        /// The month.
        month: u32,
        /// The year, where one was given.
        year: Option<u32>,
    },
    /// A month that the calendar does not have.
    #[error("the calendar has no month {month}")]
    NoSuchMonth {
        /// The month.
        month: u32,
    },
    /// A year that the ledger does not keep.
    #[error("only days from {year_min} to {year_max} are kept")]
    YearOutOfRange {
        /// The first year.
        year_min: i16,
        /// The last year.
        year_max: i16,
    },
    /// Digits that are a day only with the year in front, as on labels.
    #[error("six digits are read as day, month, year; if {day} is meant, write it so")]
    YearFirst {
        /// What it would be with the year in front.
        day: Date,
    },
    /// `01/27`: a day without its year, or a month with its year in short.
    #[error("is this {day} or the end of the month, {month_end}? write one of them")]
    DayUnclear {
        /// Read as month and day.
        day: Date,
        /// Read as month and year.
        month_end: Date,
    },

    /// A text that is no lot code.
    #[error(transparent)]
    Code(CodeError),
    /// A `-` or `+` at the beginning or end of a serial number.
    #[error("something is missing beside this sign; put a serial number that has it in quotes")]
    SignAlone,
    /// A quote that is never closed.
    #[error("this quote is never closed")]
    QuoteNotClosed,
    /// Something right behind a closing quote.
    #[error("a comma or space is missing behind the quoted serial number")]
    SeparatorMissing,
    /// A range whose ends are written in a way that could mean two things.
    #[error(
        "\"{first}-{last}\" could mean two things; write both ends in full, or put a serial number with a dash in quotes"
    )]
    RangeUnclear {
        /// The first end as written.
        first: String,
        /// The last end as written.
        last: String,
    },
    /// A range from a higher to a lower number.
    #[error("the range runs backwards, from {first} to {last}")]
    RangeBackwards {
        /// The first end as written.
        first: String,
        /// The last end as written.
        last: String,
    },
    /// A number too long to count on from.
    #[error("a number of {digits} digits is too long to count on from; at most {digits_max} are read")]
    NumberTooLong {
        /// How many digits it has.
        digits: usize,
        /// How many it may have.
        digits_max: usize,
    },
    /// More serial numbers than one posting can move.
    #[error("these are more than {count_max} serial numbers, the most of one posting")]
    TooMany {
        /// How many there may be.
        count_max: usize,
    },
    /// A serial number that was named before.
    #[error("{code} is named twice")]
    Duplicate {
        /// The serial number.
        code: LotCode,
        /// Where in the text it was named first, in bytes.
        first: Range<usize>,
    },
}
