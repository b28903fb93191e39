//! A short list of options, such as the order of the stock.

use std::fmt::Debug;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::steps;

/// A list of options to choose one from. Digits choose at once.
#[derive(Debug)]
pub struct Choice<T> {
    title: String,
    options: Vec<(String, T)>,
    cursor: usize,
}

impl<T: PartialEq + 'static> Choice<T> {
    /// A list with the cursor on the present value.
    #[must_use]
    pub fn new(title: &str, options: Vec<(String, T)>, current: &T) -> Self {
        let cursor = options.iter().position(|(_, picked)| picked == current).unwrap_or(0);
        Self { title: title.to_owned(), options, cursor }
    }

    fn step(&mut self, command: Command) {
        // All options are in view, so a page is all of them.
        let rows = steps(command, self.options.len() + 1).unwrap_or_default();
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.options.len().saturating_sub(1));
    }

    fn choose(&mut self, position: usize, context: &mut Context<'_>) {
        if position < self.options.len() {
            let (_, picked) = self.options.swap_remove(position);
            context.request(Action::Close);
            context.request(Action::Picked(Picked::new(picked)));
        }
    }
}

impl<T: PartialEq + 'static> Bound for Choice<T> {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.choose(view.cursor, context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| view.step(command)),
    ]];
}

impl<T: Debug + PartialEq + 'static> View for Choice<T> {
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
