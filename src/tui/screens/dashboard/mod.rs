//! The dashboard: the figures of the warehouse, each in a panel with a question and a time of its own,
//! and each in full when it is opened. Nothing is asked while another screen is in front.

mod draw;
mod feed;
mod figures;
mod hours;
mod layout;
mod lists;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::item::ItemView;
use crate::tui::widgets::{Window, steps};
use crate::worker::message::{Answer, Failure, Strand, Ticket};
use feed::Feed;
use layout::{PANELS, toward};
use lists::RowKey;

/// The dashboard.
#[derive(Debug)]
pub struct DashboardScreen {
    /// The panels, in the order of [`PANELS`].
    feeds: [Feed; 8],
    /// The panel with the focus.
    focus: usize,
    /// The rows of the panel with the focus, when it is shown in full.
    full: Option<Window<RowKey>>,
    /// Whether the last drawing had room for all panels.
    grid: bool,
    /// How many rows the last drawing had room for.
    lines: usize,
}

impl Default for DashboardScreen {
    fn default() -> Self {
        Self { feeds: PANELS.map(Feed::new), focus: 0, full: None, grid: false, lines: 0 }
    }
}

impl DashboardScreen {
    fn ask_due(&mut self, context: &mut Context<'_>) {
        for feed in &mut self.feeds {
            feed.ask_if_due(context);
        }
    }

    /// Others may have changed something while nobody told this view.
    fn doubt(&mut self) {
        self.feeds.iter_mut().for_each(Feed::doubt);
    }

    fn focus_on(&mut self, position: usize) {
        self.focus = position.min(PANELS.len() - 1);
        if self.full.is_some() {
            self.show_full();
        }
    }

    fn show_full(&mut self) {
        let keys = self.feeds[self.focus].shown.as_ref().map(|(answer, _)| lists::keys(answer));
        let mut rows = Window::default();
        rows.restart(keys.unwrap_or_default(), false, false, false);
        self.full = Some(rows);
    }

    /// Shows the panel in full, or the product under the cursor of one that is.
    fn open(&mut self, context: &mut Context<'_>) {
        let Some(rows) = &self.full else { return self.show_full() };
        if let Some(sku) = rows.selected().and_then(|row| row.sku.as_ref()?.parse().ok()) {
            // While the product is in front it is told of changes, and this is not.
            self.doubt();
            context.wish(Wish::Open(Box::new(ItemView::new(sku))));
        }
    }

    /// Moves within the panel that is shown in full. Returns whether the command does.
    fn scroll(&mut self, command: Command) -> bool {
        match (&mut self.full, steps(command, self.lines)) {
            (Some(rows), Some(by)) => rows.step(by),
            _ => return false,
        }
        true
    }
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
        self.doubt();
        self.ask_due(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.doubt();
        self.ask_due(context);
    }

    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        self.feeds.iter().filter_map(Feed::due_at).min()
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        self.ask_due(context);
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        if self.scroll(command) {
            return true;
        }
        match command {
            Command::Open => self.open(context),
            Command::Refresh => self.feeds.iter_mut().for_each(|feed| feed.ask(context)),
            Command::Close if self.full.is_some() => self.full = None,
            Command::Close => context.dismiss_messages(),
            Command::Up
            | Command::Down
            | Command::PageUp
            | Command::PageDown
            | Command::First
            | Command::Last
            | Command::NextPanel
            | Command::PreviousPanel
            | Command::PanelLeft
            | Command::PanelRight => self.focus_on(toward(self.focus, command, self.grid)),
            _ => return false,
        }
        true
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match (hit, &mut self.full) {
            (Hit::Field(position), None) if position == self.focus => self.open(context),
            (Hit::Field(position), _) => self.focus_on(position),
            (Hit::Row(position), Some(rows)) if rows.cursor() == position => self.open(context),
            (Hit::Row(position), Some(rows)) => rows.select(position),
            _ => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Strand::Panel(panel) = ticket.strand else { return false };
        let Some(position) = PANELS.iter().position(|own| *own == panel) else { return false };
        let fresh = self.feeds[position].answered(ticket, answer, context.now);
        if let (true, Ok(answer), Some(rows)) = (fresh && position == self.focus, answer, &mut self.full) {
            rows.replace(lists::keys(answer), false, |old, new| old == new);
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
