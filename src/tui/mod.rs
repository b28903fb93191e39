//! The terminal: screens for people who work at a keyboard or with a scanner all day.

pub mod locale;
