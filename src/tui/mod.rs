//! The terminal: the screens for clerks, admins and auditors.
//!
//! Data flows in one direction: a key comes in from `terminal`, `app` changes the state in its pure `update` and
//! returns effects, the worker carries them out and reports, `app` handles the report, `screens` draw. The event loop
//! only awaits events.

pub mod app;
pub mod command;
pub mod key;
pub mod keymap;
pub mod keys_page;
pub mod locale;
pub mod screens;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod typed_ahead;
pub mod view;
pub mod widgets;
