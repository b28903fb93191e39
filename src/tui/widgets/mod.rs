//! Parts that several screens draw: fields, windows on long lists, panels.

pub mod field;
pub mod panel;
pub mod table;
pub mod window;

pub use field::Field;
pub use window::{Wanted, Window};
