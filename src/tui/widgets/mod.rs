//! Parts that several screens draw: fields and completion in them, windows on long lists, scrolled texts,
//! panels.

pub mod completion;
pub mod field;
pub mod panel;
pub mod scroll;
pub mod table;
pub mod window;

pub use completion::Completion;
pub use field::Field;
pub use scroll::{Scroll, lines_wrapped, steps};
pub use window::{Wanted, Window};
