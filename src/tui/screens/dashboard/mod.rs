//! The dashboard: the figures of the warehouse, each in a panel with its own query and schedule, and each in full when
//! it is opened. Nothing is queried while another screen is in front.

mod data;
mod draw;
mod figures;
mod hours;
mod layout;
mod look;
mod orders;
mod panels;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::item::ItemView;
use crate::tui::screens::orders::order::OrderView;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, View};
use crate::tui::widgets::List;
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{Answer, Ticket};
use data::PanelData;
use layout::toward;
use panels::{PANELS, RowKey};

/// The dashboard screen, for admins and auditors: panels with figures, and one of them in full.
#[derive(Debug)]
pub struct DashboardScreen {
    /// The panels, in the order of [`PANELS`].
    panels: Vec<PanelData>,
    /// The panel with the focus.
    focus: usize,
    /// The rows of the panel with the focus, if it is shown in full.
    full: Option<List<RowKey>>,
    /// The areas of the panels when they were last drawn; empty if there was room for only one.
    grid: Vec<Rect>,
}

impl Default for DashboardScreen {
    fn default() -> Self {
        Self { panels: PANELS.iter().map(PanelData::new).collect(), focus: 0, full: None, grid: Vec::new() }
    }
}

impl DashboardScreen {
    fn ask_due(&mut self, context: &mut Context<'_>) {
        for data in &mut self.panels {
            data.ask_if_due(context);
        }
    }

    /// Marks all figures as possibly out of date, because this view was not told of changes.
    fn invalidate(&mut self) {
        self.panels.iter_mut().for_each(PanelData::invalidate);
    }

    fn focus_on(&mut self, position: usize) {
        self.focus = position.min(PANELS.len() - 1);
        if self.full.is_some() {
            self.show_full();
        }
    }

    fn show_full(&mut self) {
        self.full = Some(List::new(self.panels[self.focus].keys()));
    }

    /// Shows the panel in full, or, if it is, the product or order under the cursor.
    fn open(&mut self, context: &mut Context<'_>) {
        let Some(rows) = &self.full else { return self.show_full() };
        let Some(row) = rows.selected().cloned() else { return };
        let view: Box<dyn View> = match (row.sku, row.order) {
            (Some(sku), _) => Box::new(ItemView::new(sku)),
            (None, Some(number)) => Box::new(OrderView::new(number, context)),
            (None, None) => return,
        };
        // While it is in front it is told of changes, and this is not.
        self.invalidate();
        context.request(Action::Open(view));
    }

    /// Moves within the panel that is shown in full, or else from panel to panel.
    fn scroll(&mut self, command: Command) {
        if !self.full.as_mut().is_some_and(|rows| rows.command(command)) {
            self.focus_on(toward(self.focus, command, &self.grid));
        }
    }

    /// Exports the rows of the focused panel. Panels without rows, such as charts, cannot be exported.
    fn export(&self, context: &mut Context<'_>) {
        let answer = self.panels[self.focus].shown.as_ref().map(|(answer, _)| answer);
        match (&PANELS[self.focus].export, answer) {
            (Some(export), Some(answer)) => {
                ExportDialog::open(export.name, ExportWhat::Table((export.table)(answer)), context);
            }
            _ => context.ring(),
        }
    }

    fn close(&mut self, context: &mut Context<'_>) {
        if self.full.take().is_none() {
            context.dismiss_messages();
        }
    }
}

impl Bound for DashboardScreen {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| {
            let row = view.full.as_ref().and_then(|rows| rows.selected());
            let text = |row: &RowKey| {
                let order = row.order.as_ref().map(ToString::to_string);
                row.sku.as_ref().map(ToString::to_string).or(order)
            };
            context.copy(row.and_then(text));
        }),
        Binding::One(Command::Refresh, |view, context| {
            view.panels.iter_mut().for_each(|data| data.ask(context));
        }),
        Binding::One(Command::Close, |view, context| view.close(context)),
        Binding::Several(
            &[Command::NextPanel, Command::PreviousPanel, Command::PanelLeft, Command::PanelRight],
            |view, command, _| view.focus_on(toward(view.focus, command, &view.grid)),
        ),
        Binding::Several(Command::LIST, |view, command, _| view.scroll(command)),
    ]];
}

impl View for DashboardScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dashboard, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        if self.full.is_some() {
            &[Command::Close, Command::Open, Command::NextPanel, Command::Refresh]
        } else {
            &[Command::Open, Command::NextPanel, Command::Refresh, Command::Palette]
        }
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.invalidate();
        self.ask_due(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.invalidate();
        self.ask_due(context);
    }

    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        self.panels.iter().filter_map(PanelData::due_at).min()
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        self.ask_due(context);
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Field(position) if self.full.is_none() && position == self.focus => self.open(context),
            Hit::Field(position) => self.focus_on(position),
            Hit::Row(position) => {
                let again = self.full.as_mut().is_some_and(|rows| rows.click(position));
                if again {
                    self.open(context);
                }
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(position) = self.panels.iter().position(|data| data.asked_with(ticket)) else {
            return false;
        };
        let data = &mut self.panels[position];
        data.answered(ticket, answer, context.now);
        if let (true, Ok(_), Some(rows)) = (position == self.focus, answer, &mut self.full) {
            rows.replace(data.keys(), |old, new| old == new);
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
