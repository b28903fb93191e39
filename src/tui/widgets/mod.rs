//! Elements that several screens use: fields with completion, lists and their filters, scrolled texts, panels.

pub mod completion;
pub mod empty;
pub mod entry_form;
pub mod fetched;
pub mod field;
pub mod filter_dialog;
pub mod list;
pub mod location_picker;
pub mod lots_offered;
pub mod paged_list;
pub mod pages;
pub mod panel;
pub mod parts;
pub mod scan_queue;
pub mod scroll;
pub mod table;

pub use completion::Completion;
pub use entry_form::EntryForm;
pub use fetched::{Fetched, Received};
pub use field::Field;
pub use list::List;
pub use location_picker::LocationPicker;
pub use lots_offered::lots_offered;
pub use scan_queue::{LookedUp, ScanQueue};
pub use scroll::{Scroll, lines_wrapped, steps};
