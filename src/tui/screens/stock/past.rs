//! Stock as of a past moment, shown instead of the present list.

use jiff::Timestamp;
use ratatui::layout::{Constraint, Layout, Rect};

use super::StockScreen;
use crate::domain::entry::past_moment;
use crate::domain::{ListedTable, StockRow};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::export::ExportDialog;
use crate::tui::text::failure;
use crate::tui::text::stock::StockText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Picked, View};
use crate::tui::widgets::panel::{dialog, draw_note};
use crate::tui::widgets::{Fetched, Field, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// The most products in a list of past stock. Others are found by a part of their code or name.
pub(super) const PAST_ROWS_MAX: u16 = 1_000;
/// The width of the dialog, in columns.
const WIDTH: u16 = 64;

/// The stock at a moment of the past.
#[derive(Debug)]
pub(super) struct Past {
    pub as_of: Timestamp,
    pub rows: Fetched<List<StockRow>>,
}

/// The moment that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AsOf(pub Timestamp);

impl StockScreen {
    /// Asks for the moment.
    pub(super) fn ask_moment(&self, context: &mut Context<'_>) {
        let text = self
            .past
            .as_ref()
            .map(|past| context.zone.to_datetime(past.as_of).strftime("%Y-%m-%d %H:%M").to_string());
        let mut field = Field::with(&text.unwrap_or_default());
        field.preselect();
        context.request(Action::Open(Box::new(AsOfDialog { field, fault: None })));
    }

    /// Shows the stock as of a moment.
    pub(super) fn show_past(&mut self, as_of: Timestamp, context: &mut Context<'_>) {
        self.past = Some(Past { as_of, rows: Fetched::default() });
        self.ask_past(context);
    }

    pub(super) fn ask_past(&mut self, context: &mut Context<'_>) {
        let text = self.search.text().trim().to_owned();
        if let Some(past) = &mut self.past {
            past.rows.ask(query::PastStock { as_of: past.as_of, text, limit: PAST_ROWS_MAX }, context);
        }
    }

    pub(super) fn answered_past(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &Context<'_>,
    ) {
        if let Some(past) = &mut self.past {
            past.rows.listed::<query::PastStock>(ticket, answer, context.now, |old, new| old.sku == new.sku);
        }
    }

    pub(super) fn export_past(&self, context: &mut Context<'_>) {
        let rows = self.past.iter().flat_map(|past| past.rows.value.rows());
        ExportDialog::open("stock-as-of", ExportWhat::Table(ListedTable::of(rows)), context);
    }

    /// Goes back one step: clears the typed text, then returns to the present stock.
    pub(super) fn leave_past(&mut self, context: &mut Context<'_>) {
        if self.search.is_empty() {
            self.past = None;
            self.changed(context);
        } else {
            self.search.take();
            self.ask_past(context);
        }
    }
}

/// The dialog that asks as of when the stock is to be listed.
#[derive(Debug)]
pub struct AsOfDialog {
    field: Field,
    fault: Option<String>,
}

impl AsOfDialog {
    fn confirm(&mut self, context: &mut Context<'_>) {
        match past_moment(self.field.text(), context.now, context.zone) {
            Ok(moment) => {
                context.request(Action::Close);
                context.request(Action::Picked(Picked::new(AsOf(moment))));
            }
            Err(error) => {
                self.fault = Some(failure::entry(context.words, &error));
                context.ring();
            }
        }
    }
}

impl Bound for AsOfDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for AsOfDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        if self.field.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::Close]
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.fault = None;
        self.field.key(key);
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, WIDTH, 6, canvas.words.say(StockText::AsOfTitle));
        let [field, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
        self.field.show(field, canvas, canvas.focus, canvas.words.say(StockText::AsOfHint));
        let means = canvas.words.say(StockText::AsOfMeans);
        draw_note(canvas, below, self.fault.as_deref(), means);
    }
}
