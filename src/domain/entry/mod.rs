//! Parses what people type into fields: quantities with arithmetic, dates in short form, ranges of serial numbers.
//!
//! Boundary: text in, values out, without side effects. An error names the place in the text and the figures, so that a
//! form can mark the place and show the figures in any language.

mod day;
mod decimal_mark;
mod fault;
mod multiple;
mod past_day;
mod past_moment;
mod quantity;
mod serials;

pub use day::{YEAR_MAX, YEAR_MIN, day};
pub use decimal_mark::DecimalMark;
pub use fault::{EntryError, EntryFault};
pub use multiple::multiple;
pub use past_day::{day_end, day_start, past_day};
pub use past_moment::past_moment;
pub use quantity::{quantity, quantity_in};
pub use serials::serials;
