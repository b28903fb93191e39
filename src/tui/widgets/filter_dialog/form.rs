//! What a filter dialog asks for: a table of its fields, each with the part of the filter that it makes.

use jiff::civil::Date;

use crate::domain::{LocationCode, Sku, Suggested};

/// The fields of a dialog. `P` is a part of the filter, `T` the phrases of the area that it belongs to.
#[derive(Debug)]
pub struct FilterForm<P: 'static, T: 'static> {
    pub title: T,
    /// The fields, from top to bottom.
    pub fields: &'static [FilterField<P, T>],
    /// The label of the field that a part is typed into, with the text that the field then holds; nothing for parts
    /// that are chosen, or that this dialog leaves as they are.
    pub text_of: fn(&P) -> Option<(T, String)>,
}

/// One field of the dialog.
#[derive(Debug)]
pub struct FilterField<P, T> {
    pub label: T,
    pub input: FilterInput<P, T>,
}

/// What a field takes, and the part of the filter that is made of it.
#[derive(Debug)]
pub enum FilterInput<P, T> {
    /// A product, by SKU, barcode or name. It is looked up when the dialog is confirmed.
    Item(fn(Sku) -> P),
    Text(fn(String) -> P),
    /// A text for which those that fit are offered while it is typed.
    Suggested(Suggested, fn(String) -> P),
    /// A location; those that fit are offered while it is typed.
    Location(fn(LocationCode) -> P),
    /// The first day.
    Since(fn(Date) -> P),
    /// The last day.
    Until(fn(Date) -> P),
    /// One of several choices. The one without a part lets everything through.
    Choice(fn() -> Vec<(T, Option<P>)>),
}

impl<P, T> FilterInput<P, T> {
    /// What is offered while the field is typed into.
    pub(super) fn suggested(&self) -> Option<Suggested> {
        match self {
            Self::Item(_) => Some(Suggested::Product),
            Self::Location(_) => Some(Suggested::Location),
            Self::Suggested(what, _) => Some(*what),
            Self::Text(_) | Self::Since(_) | Self::Until(_) | Self::Choice(_) => None,
        }
    }
}
