//! Why a text is refused, and where in it.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::{CodeError, LotCode};

/// The error for a text that a field cannot accept: where in the text it is, and what is wrong.
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

/// What is wrong with a text. Each variant holds every figure that its message needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    #[error("nothing was entered")]
    Empty,
    /// More text than such an entry can need.
    #[error("{length} characters are too many; the limit is {length_max}")]
    TooLong {
        /// How many characters there are.
        length: usize,
        /// The most that are allowed.
        length_max: usize,
    },
    /// A character that has no meaning in such an entry.
    #[error("{found:?} is not allowed here")]
    Character { found: char },

    /// A comma where the decimal mark is a point: `1,200` could be 1.2 or 1200.
    #[error("the comma is ambiguous; write {joined} or {decimal}")]
    CommaUnclear {
        /// The number without the comma, if it separates thousands.
        joined: String,
        /// The number with a point instead, if it is the decimal mark.
        decimal: String,
    },
    /// A number with two decimal marks.
    #[error("a number can have only one decimal mark; write thousands without separators")]
    TwoMarks,
    /// A decimal mark without a digit after it.
    #[error("a decimal mark needs a digit after it, such as 0.5")]
    DigitMissing,
    /// Another unit than that of the product.
    #[error("this is counted in {unit}, not in {found}")]
    UnitDiffers { found: String, unit: String },
    /// An operator or bracket where a number is needed.
    #[error("a number is missing here")]
    NumberMissing,
    /// Two numbers without an operator between them.
    #[error("an operator is missing between two numbers; use + - * or /, and no spaces within a number")]
    OperationMissing,
    /// An opening bracket that is never closed.
    #[error("this bracket is not closed")]
    BracketNotClosed,
    /// A closing bracket that was never opened.
    #[error("this bracket was not opened")]
    BracketNotOpened,
    /// Brackets nested too deeply.
    #[error("brackets can be nested at most {depth_max} deep")]
    TooDeep {
        /// The most that are allowed.
        depth_max: usize,
    },
    /// A number or result larger than the ledger can hold.
    #[error("this is more than {value_max}, the most that can be posted")]
    TooLarge {
        /// The largest value allowed.
        value_max: Decimal,
    },
    /// A number with more decimal places than the ledger keeps.
    #[error("at most {decimals_max} decimal places are allowed; this has {decimals}")]
    TooPrecise {
        decimals: u32,
        /// The most decimal places allowed.
        decimals_max: u32,
    },
    /// A product with more decimal places than the ledger keeps.
    #[error("{left} * {right} is {product}, which has more than {decimals_max} decimal places")]
    ProductTooPrecise {
        left: Decimal,
        right: Decimal,
        product: Decimal,
        /// The most decimal places allowed.
        decimals_max: u32,
    },
    #[error("{dividend} cannot be divided by zero")]
    DividedByZero { dividend: Decimal },
    /// A division whose result has too many decimal places.
    #[error("{dividend} / {divisor} is not exact: it is about {quotient}")]
    NotExact {
        dividend: Decimal,
        divisor: Decimal,
        /// The result, truncated to the decimal places that the ledger keeps.
        quotient: Decimal,
    },

    /// Not in any form of a date.
    #[error("this is not a date; write 31/12, 31/12/2027, 2027-12-31, 2027-12 or +30d")]
    NotADay,
    /// A number without a unit of time (days, weeks, months or years).
    #[error("days, weeks, months or years? write +30d, +2w, +6m or +1y")]
    UnitMissing,
    /// A day that the calendar does not have.
    #[error("there is no day {day} in month {month}")]
    NoSuchDay {
        /// The day of the month.
        day: u32,
        month: u32,
        /// The year, if one was given.
        year: Option<u32>,
    },
    /// A month that the calendar does not have.
    #[error("there is no month {month}")]
    NoSuchMonth { month: u32 },
    /// A year that the ledger does not accept.
    #[error("the year must be from {year_min} to {year_max}")]
    YearOutOfRange { year_min: i16, year_max: i16 },
    /// Digits that are a date only if the year comes first, as on labels.
    #[error("six digits are read as day, month, year; if you mean {day}, write it that way")]
    YearFirst {
        /// The date with the year first.
        day: Date,
    },
    /// `01/27`: a day without its year, or a month with its year in short.
    #[error("is this {day} or the end of the month, {month_end}? write one of them in full")]
    DayUnclear {
        /// The date, read as day and month.
        day: Date,
        /// The date, read as month and year.
        month_end: Date,
    },

    /// A text that is not a valid lot code.
    #[error(transparent)]
    Code(CodeError),
    /// A `-` or `+` at the beginning or end of a serial number.
    #[error("a serial number is missing beside this sign; put a serial number that contains it in quotes")]
    SignAlone,
    /// A quote that is never closed.
    #[error("this quotation mark is not closed")]
    QuoteNotClosed,
    /// A character directly after a closing quote.
    #[error("a comma or space is missing after the quoted serial number")]
    SeparatorMissing,
    /// A range whose ends are written in a way that could mean two things.
    #[error(
        "\"{first}-{last}\" is ambiguous; write both ends in full, or put a serial number with a dash in quotes"
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
    /// A number with more digits than can be counted up.
    #[error("a number of {digits} digits is too long for a range; the limit is {digits_max}")]
    NumberTooLong {
        /// How many digits it has.
        digits: usize,
        /// How many it may have.
        digits_max: usize,
    },
    /// More serial numbers than one posting can move.
    #[error("these are more than {count_max} serial numbers, the limit for one posting")]
    TooMany {
        /// The most that are allowed.
        count_max: usize,
    },
    /// A serial number that was named before.
    #[error("{code} is listed twice")]
    Duplicate {
        code: LotCode,
        /// Where in the text it was named first, in bytes.
        first: Range<usize>,
    },
}
