//! The definition of a filter dialog: a table of its fields, each with the condition that it makes.

use jiff::civil::Date;

use crate::domain::{LocationCode, Sku, Suggested};

/// The fields of a dialog. `P` is the type of conditions, `T` that of the texts.
#[derive(Debug)]
pub struct FilterForm<P: 'static, T: 'static> {
    pub title: T,
    /// The fields, from top to bottom.
    pub fields: &'static [FilterField<P, T>],
    /// The label of the field for a typed condition, with its text; none for conditions that are chosen, or that this
    /// dialog does not change.
    pub text_of: fn(&P) -> Option<(T, String)>,
}

/// One field of the dialog.
#[derive(Debug)]
pub struct FilterField<P, T> {
    pub label: T,
    pub input: FilterInput<P, T>,
}

/// The kinds of fields, each with the condition that is made of the input.
#[derive(Debug)]
pub enum FilterInput<P, T> {
    /// A product, by SKU, barcode or name. It is looked up when the dialog is confirmed.
    Item(fn(Sku) -> P),
    Text(fn(String) -> P),
    /// A text for which suggestions are offered while it is typed.
    Suggested(Suggested, fn(String) -> P),
    /// A location, with suggestions while it is typed.
    Location(fn(LocationCode) -> P),
    /// The first day of a period, inclusive.
    Since(fn(Date) -> P),
    /// The last day of a period, inclusive.
    Until(fn(Date) -> P),
    /// One of several choices. The one without a condition includes everything.
    Choice(fn() -> Vec<(T, Option<P>)>),
}

impl<P, T> FilterInput<P, T> {
    /// The kind of suggestions for the field.
    pub(super) fn suggested(&self) -> Option<Suggested> {
        match self {
            Self::Item(_) => Some(Suggested::Product),
            Self::Location(_) => Some(Suggested::Location),
            Self::Suggested(what, _) => Some(*what),
            Self::Text(_) | Self::Since(_) | Self::Until(_) | Self::Choice(_) => None,
        }
    }
}
