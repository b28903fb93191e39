//! Parts that several screens draw: fields and completion in them, windows on long lists, panels.

pub mod completion;
pub mod field;
pub mod panel;
pub mod table;
pub mod window;

pub use completion::Completion;
pub use field::Field;
pub use window::{Wanted, Window};
