//! The head of an order as fields: kind, partner, their reference, day, destination, note.

use crate::domain::entry::day;
use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, Note, OrderId, OrderKind, OrderNumber, OrderRow, PartnerCode,
    Reference, Suggested,
};
use crate::tui::text::failure;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::Context;
use crate::tui::widgets::Field;
use crate::tui::widgets::entry_form::{Entry, EntryForm};

/// The fields, from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Kind,
    Partner,
    Reference,
    Due,
    ShipTo,
    To,
    Note,
}

impl Position {
    pub(super) const ALL: [Self; 7] =
        [Self::Kind, Self::Partner, Self::Reference, Self::Due, Self::ShipTo, Self::To, Self::Note];

    fn label(self) -> OrdersText {
        match self {
            Self::Kind => OrdersText::Kind,
            Self::Partner => OrdersText::Partner,
            Self::Reference => OrdersText::TheirReference,
            Self::Due => OrdersText::Due,
            Self::ShipTo => OrdersText::ShipToField,
            Self::To => OrdersText::ToField,
            Self::Note => OrdersText::NoteField,
        }
    }

    /// Whether an order of a kind has it.
    pub(super) fn is_of(self, kind: OrderKind) -> bool {
        match self {
            Self::Kind | Self::Due | Self::Note => true,
            Self::Partner | Self::Reference => kind != OrderKind::Transfer,
            Self::ShipTo => kind == OrderKind::Sales,
            Self::To => kind == OrderKind::Transfer,
        }
    }
}

/// The head.
#[derive(Debug)]
pub(super) struct Head {
    pub form: EntryForm<OrdersText>,
    /// The kind of a draft that is changed, which stays.
    fixed: Option<OrderKind>,
}

impl Head {
    /// An empty head, or that of a draft.
    pub(super) fn new(row: Option<&OrderRow>) -> Self {
        let text = |position: Position| -> String {
            let Some(row) = row else { return String::new() };
            let text = match position {
                Position::Kind => None,
                Position::Partner => row.partner.as_ref().map(ToString::to_string),
                Position::Reference => row.partner_reference.as_ref().map(ToString::to_string),
                Position::Due => row.due_on.map(|day| day.to_string()),
                Position::ShipTo => row.ship_to.as_ref().map(ToString::to_string),
                Position::To => row.to.as_ref().map(ToString::to_string),
                Position::Note => row.note.as_ref().map(ToString::to_string),
            };
            text.unwrap_or_default()
        };
        let entry = |position: Position| {
            let entry = match (position, row) {
                (Position::Kind, Some(row)) => Entry::Fixed(row.number.to_string()),
                (Position::Kind, None) => {
                    Entry::Chosen { options: OrderKind::ALL.map(orders::kind).to_vec(), at: 1 }
                }
                (position, _) => Entry::Typed(Field::with(&text(position))),
            };
            (position.label(), entry)
        };
        let mut form = EntryForm::new(Position::ALL.map(entry).into_iter().collect());
        if row.is_none() {
            form.go_to(0);
        }
        Self { form, fixed: row.map(|row| row.kind) }
    }

    /// Makes it the head of a draft of a kind, which stays.
    pub(super) fn fix(&mut self, kind: OrderKind, number: &OrderNumber) {
        self.fixed = Some(kind);
        self.form.fix(Position::Kind as usize, number.to_string());
    }

    /// The first field that can be changed.
    pub(super) fn first(&self) -> usize {
        usize::from(self.fixed.is_some())
    }

    pub(super) fn go_to(&mut self, position: Position) {
        self.form.go_to(position as usize);
    }

    pub(super) fn kind(&self) -> OrderKind {
        match (self.fixed, self.form.entry(Position::Kind as usize)) {
            (Some(kind), _) => kind,
            (None, Some(Entry::Chosen { at, .. })) => {
                OrderKind::ALL.get(*at).copied().unwrap_or(OrderKind::Sales)
            }
            (None, _) => OrderKind::Sales,
        }
    }

    /// Chooses a kind, where it can be chosen.
    pub(super) fn set_kind(&mut self, kind: OrderKind) {
        if let Some(at) = OrderKind::ALL.iter().position(|known| *known == kind) {
            self.form.choose(Position::Kind as usize, at);
        }
    }

    /// What is typed into a field.
    pub(super) fn text(&self, position: Position) -> &str {
        self.form.typed(position as usize).unwrap_or_default().trim()
    }

    /// What is offered while the field with the cursor is typed into.
    pub(super) fn suggested(&self) -> Option<Suggested> {
        match Position::ALL.get(self.form.focus())? {
            Position::Partner | Position::ShipTo => Some(Suggested::Partner),
            Position::To => Some(Suggested::Location),
            Position::Kind | Position::Reference | Position::Due | Position::Note => None,
        }
    }

    /// The order with these lines; what its kind does not have is left out.
    pub(super) fn order(
        &self,
        id: OrderId,
        lines: Vec<NewOrderLine>,
        context: &Context<'_>,
    ) -> Result<NewOrder, (Position, String)> {
        let (words, kind) = (context.words, self.kind());
        let text = |position: Position| {
            Some(self.text(position)).filter(|text| position.is_of(kind) && !text.is_empty())
        };
        let code = |position: Position, error| (position, failure::code(words, &error));
        let partner = |position: Position| {
            text(position).map(str::parse::<PartnerCode>).transpose().map_err(|error| code(position, error))
        };
        let due_on = match text(Position::Due) {
            None => None,
            Some(text) => Some(
                day(text, context.today()).map_err(|error| (Position::Due, failure::entry(words, &error)))?,
            ),
        };
        Ok(NewOrder {
            id,
            kind,
            partner: partner(Position::Partner)?,
            partner_reference: text(Position::Reference)
                .map(str::parse::<Reference>)
                .transpose()
                .map_err(|error| code(Position::Reference, error))?,
            due_on,
            ship_to: partner(Position::ShipTo)?,
            to: text(Position::To)
                .map(str::parse::<LocationCode>)
                .transpose()
                .map_err(|error| code(Position::To, error))?,
            note: text(Position::Note)
                .map(str::parse::<Note>)
                .transpose()
                .map_err(|error| code(Position::Note, error))?,
            lines,
        })
    }
}
