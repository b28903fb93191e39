//! A short list to choose one of, such as the order of the stock.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::screens::audit;
use crate::tui::screens::ledger::filter::Filter;
use crate::tui::widgets::panel::dialog;
use crate::worker::message::{StockOnly, StockOrder};

/// What was chosen; it goes to the view that opened the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// The order of the stock.
    Order(StockOrder),
    /// Which products of the stock.
    Only(Option<StockOnly>),
    /// Which movements of the ledger.
    Movements(Box<Filter>),
    /// Which lines of the collected log.
    Events(Box<audit::filter::Filter>),
    /// Verify; everything when true, else what is new.
    Verify(bool),
    /// Whether the verification that is under way is stopped.
    StopVerifying(bool),
}

/// A list to choose one of. The digits choose at once.
#[derive(Debug)]
pub struct Choice {
    title: String,
    options: Vec<(String, Picked)>,
    cursor: usize,
}

impl Choice {
    /// A list with the cursor on what holds now.
    #[must_use]
    pub fn new(title: &str, options: Vec<(String, Picked)>, current: &Picked) -> Self {
        let cursor = options.iter().position(|(_, picked)| picked == current).unwrap_or(0);
        Self { title: title.to_owned(), options, cursor }
    }

    fn choose(&mut self, position: usize, context: &mut Context<'_>) {
        if position < self.options.len() {
            let (_, picked) = self.options.swap_remove(position);
            context.wish(Wish::Close);
            context.wish(Wish::Picked(picked));
        }
    }
}

impl View for Choice {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn asks(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::Close]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        if let Some(digit) = key.typed().and_then(|character| character.to_digit(10))
            && let Some(position) = usize::try_from(digit).ok().and_then(|digit| digit.checked_sub(1))
        {
            self.choose(position, context);
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        let last = self.options.len().saturating_sub(1);
        match command {
            Command::Up => self.cursor = self.cursor.saturating_sub(1),
            Command::Down => self.cursor = (self.cursor + 1).min(last),
            Command::First | Command::PageUp => self.cursor = 0,
            Command::Last | Command::PageDown => self.cursor = last,
            Command::Confirm => self.choose(self.cursor, context),
            Command::Close => context.wish(Wish::Close),
            _ => return false,
        }
        true
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit {
            self.choose(position, context);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let width =
            self.options.iter().map(|(text, _)| text.width()).max().unwrap_or(0).max(self.title.width());
        let columns = u16::try_from(width).unwrap_or(u16::MAX).saturating_add(9);
        let lines = u16::try_from(self.options.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inside = dialog(canvas, area, columns, lines, &self.title);
        for (position, (row, (text, _))) in inside.rows().zip(&self.options).enumerate() {
            let (mark, style) = if position == self.cursor {
                ("▸", canvas.theme.selection)
            } else {
                (" ", canvas.theme.text)
            };
            let line = Line::from(Span::raw(format!("{mark} {} {text}", position + 1)));
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(line, row);
            canvas.hit(row, Hit::Row(position));
        }
    }
}
