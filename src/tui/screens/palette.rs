//! The palette: every command that can be used here, found by part of its name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Description, Label, Scope, TABLE};
use crate::tui::key::Key;
use crate::tui::keymap::{Rights, Typing};
use crate::tui::text::Words;
use crate::tui::text::common::CommonText;
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Field, steps};

/// The width of the dialog, in columns.
const WIDTH: u16 = 84;
/// How many commands are shown at a time.
const LINES: u16 = 14;

/// The palette.
#[derive(Debug)]
pub struct Palette {
    words: Words,
    field: Field,
    all: Vec<Command>,
    found: Vec<Command>,
    cursor: usize,
}

impl Palette {
    /// The palette for where it was opened.
    #[must_use]
    pub fn new(scopes: &[Scope], rights: Rights, words: Words) -> Self {
        // Moving the cursor is not looked for by name.
        let applies = |scope: &Scope| scopes.contains(scope) && !matches!(scope, Scope::List | Scope::Dialog);
        let all: Vec<Command> = TABLE
            .iter()
            .filter(|entry| entry.scopes.iter().any(applies) && rights.allow(entry.command))
            .map(|entry| entry.command)
            .collect();
        Self { words, field: Field::default(), found: all.clone(), all, cursor: 0 }
    }

    fn search(&mut self) {
        self.cursor = 0;
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut scored: Vec<(u32, Command)> = self
            .all
            .iter()
            .filter_map(|command| {
                let text = format!(
                    "{} {} {}",
                    command.entry().name,
                    self.words.say(Label(*command)),
                    self.words.say(Description(*command))
                );
                let mut buffer = Vec::new();
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                Some((score, *command))
            })
            .collect();
        // A stable sort keeps the order of the table among equals.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.found = scored.into_iter().map(|(_, command)| command).collect();
    }

    fn choose(&self, position: usize, context: &mut Context<'_>) {
        if let Some(command) = self.found.get(position) {
            context.wish(Wish::Close);
            context.wish(Wish::Run(*command));
        }
    }
}

impl View for Palette {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
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
        if self.field.key(key) {
            self.search();
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        let last = self.found.len().saturating_sub(1);
        match command {
            Command::Confirm => self.choose(self.cursor, context),
            Command::Close => context.wish(Wish::Close),
            _ => match steps(command, usize::from(LINES)) {
                Some(rows) => self.cursor = self.cursor.saturating_add_signed(rows).min(last),
                None => return false,
            },
        }
        true
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit {
            self.choose(position, context);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, WIDTH, LINES + 4, canvas.words.say(CommonText::PaletteTitle));
        let [field, _, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)])
                .areas(inside);
        let hint = canvas.words.say(CommonText::PaletteHint);
        self.field.show(field, canvas, canvas.focus, hint);
        let first = self.cursor.saturating_sub(usize::from(list.height).saturating_sub(1));
        for (row, (position, command)) in list.rows().zip(self.found.iter().enumerate().skip(first)) {
            let chosen = position == self.cursor;
            let key = canvas.key(*command).unwrap_or_default();
            let mark = if chosen { "▸" } else { " " };
            let line = Line::from(vec![
                Span::raw(format!("{mark} {:<18}", command.entry().name)),
                Span::styled(
                    format!("{key:<12}"),
                    if chosen { canvas.theme.selection } else { canvas.theme.key },
                ),
                Span::raw(canvas.words.say(Description(*command))),
            ]);
            let style = if chosen { canvas.theme.selection } else { canvas.theme.text };
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(line, row);
            canvas.hit(row, Hit::Row(position));
        }
    }
}
