//! What people type into a field: quantities with arithmetic, days in short, serial numbers as ranges.
//!
//! Boundary: pure text in, values out. A refusal names the place in the text and the figures, so that a
//! form can mark the one and say the other in any language.

mod day;
mod fault;
mod multiple;
mod past_day;
mod quantity;
mod serials;

pub use day::{YEAR_MAX, YEAR_MIN, day};
pub use fault::{EntryError, EntryFault};
pub use multiple::multiple;
pub use past_day::{day_end, day_start, past_day};
pub use quantity::{DecimalMark, quantity, quantity_in};
pub use serials::serials;
