//! What the list of orders shows: the parts of the filter in the order in which they were set.

use jiff::civil::Date;

use crate::domain::{OrderFilter, OrderKind, OrderState, PartnerCode, Suggested};
use crate::tui::text::Words;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::widgets::filter_dialog::{FilterField, FilterForm, FilterInput};
use crate::tui::widgets::parts::Parts;

/// Which orders are listed besides those that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// What is done or cancelled too.
    All,
    /// Only what is late.
    Late,
}

/// One part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Which(Only),
    Kind(OrderKind),
    State(OrderState),
    Partner(PartnerCode),
    /// Due on this day or before.
    Due(Date),
    /// A part of the number, partner, reference or note, or a SKU.
    Text(String),
}

impl Part {
    /// What is filtered, for the line above the list.
    pub(super) fn words(&self, words: Words) -> String {
        let (phrase, value) = match self {
            Self::Which(Only::All) => return words.say(OrdersText::ChipAll).to_owned(),
            Self::Which(Only::Late) => return words.say(OrdersText::ChipLate).to_owned(),
            Self::Kind(kind) => (OrdersText::ChipKind, words.say(orders::kind(*kind)).to_owned()),
            Self::State(state) => (OrdersText::ChipState, words.say(orders::state(*state)).to_owned()),
            Self::Partner(partner) => (OrdersText::ChipPartner, partner.to_string()),
            Self::Due(day) => (OrdersText::ChipDue, words.language.day(*day)),
            Self::Text(text) => (OrdersText::ChipText, text.clone()),
        };
        words.fill(phrase, &[("value", &value)])
    }

    /// A partner by the code; any other text is looked for as it is.
    fn partner(text: String) -> Self {
        text.parse().map_or(Self::Text(text), Self::Partner)
    }
}

/// What the list shows.
pub type Filter = Parts<Part>;

/// What the filter dialog asks for.
pub(super) static FORM: FilterForm<Part, OrdersText> = FilterForm {
    title: OrdersText::FilterTitle,
    fields: &[
        FilterField { label: OrdersText::TextField, input: FilterInput::Text(Part::Text) },
        FilterField { label: OrdersText::Which, input: FilterInput::Choice(which) },
        FilterField { label: OrdersText::Kind, input: FilterInput::Choice(kinds) },
        FilterField { label: OrdersText::State, input: FilterInput::Choice(states) },
        FilterField {
            label: OrdersText::Partner,
            input: FilterInput::Suggested(Suggested::Partner, Part::partner),
        },
        FilterField { label: OrdersText::DueUntil, input: FilterInput::Until(Part::Due) },
    ],
    text_of,
};

fn which() -> Vec<(OrdersText, Option<Part>)> {
    vec![
        (OrdersText::WhichOpen, None),
        (OrdersText::WhichLate, Some(Part::Which(Only::Late))),
        (OrdersText::WhichAll, Some(Part::Which(Only::All))),
    ]
}

fn kinds() -> Vec<(OrdersText, Option<Part>)> {
    let kinds = OrderKind::ALL.map(|kind| (orders::kind(kind), Some(Part::Kind(kind))));
    [(OrdersText::AllKinds, None)].into_iter().chain(kinds).collect()
}

fn states() -> Vec<(OrdersText, Option<Part>)> {
    let states = OrderState::ALL.map(|state| (orders::state(state), Some(Part::State(state))));
    [(OrdersText::AllStates, None)].into_iter().chain(states).collect()
}

fn text_of(part: &Part) -> Option<(OrdersText, String)> {
    match part {
        Part::Text(text) => Some((OrdersText::TextField, text.clone())),
        Part::Partner(partner) => Some((OrdersText::Partner, partner.to_string())),
        Part::Due(day) => Some((OrdersText::DueUntil, day.to_string())),
        Part::Which(_) | Part::Kind(_) | Part::State(_) => None,
    }
}

/// As the database is asked. Without a word about it, what is done or cancelled is left out.
pub(super) fn question(filter: &Filter, limit: u32) -> OrderFilter {
    let mut asked = OrderFilter { unfinished: true, limit: Some(limit), ..OrderFilter::default() };
    for part in filter.all() {
        match part.clone() {
            Part::Which(Only::All) => asked.unfinished = false,
            Part::Which(Only::Late) => asked.late = true,
            Part::Kind(kind) => asked.kind = Some(kind),
            Part::State(state) => {
                asked.unfinished &= !matches!(state, OrderState::Done | OrderState::Cancelled);
                asked.state = Some(state);
            }
            Part::Partner(partner) => asked.partner = Some(partner),
            Part::Due(day) => asked.due_until = Some(day),
            Part::Text(text) => asked.text = Some(text),
        }
    }
    asked
}
