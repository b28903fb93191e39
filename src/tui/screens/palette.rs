//! The palette: every command that can be used at this point, found by part of its name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::command::{Command, Description, Label, Scope, TABLE};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::Words;
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, View};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Field, steps};

/// The width of the dialog, in columns.
const WIDTH: u16 = 84;
/// How many commands are shown at a time.
const LINES: u16 = 14;

/// Dialog that finds commands by their names, descriptions and synonyms.
#[derive(Debug)]
pub struct Palette {
    words: Words,
    field: Field,
    /// The commands, each with the scope that determines its description.
    all: Vec<(Scope, Command)>,
    found: Vec<(Scope, Command)>,
    cursor: usize,
}

impl Palette {
    /// The palette for the commands that can be used where it was opened, with their scopes, the innermost first.
    #[must_use]
    pub fn new(offered: Vec<(Scope, Command)>, words: Words) -> Self {
        // Nobody searches for moving the cursor by name.
        let mut all: Vec<_> = (offered.into_iter())
            .filter(|(scope, _)| !matches!(scope, Scope::List | Scope::Dialog))
            .collect();
        all.sort_by_key(|(_, command)| *command);
        all.dedup_by_key(|(_, command)| *command);
        Self { words, field: Field::default(), found: all.clone(), all, cursor: 0 }
    }

    fn search(&mut self) {
        self.cursor = 0;
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut scored: Vec<(u32, (Scope, Command))> = self
            .all
            .iter()
            .filter_map(|(scope, command)| {
                let text = format!(
                    "{} {} {} {}",
                    command.entry().name,
                    self.words.say(Label(*command)),
                    self.words.say(Description(*command, *scope)),
                    command.synonyms()
                );
                let mut buffer = Vec::new();
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                Some((score, (*scope, *command)))
            })
            .collect();
        // A stable sort keeps the order of the table among equals.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.found = scored.into_iter().map(|(_, found)| found).collect();
    }

    /// Matching commands that the person may use elsewhere, each with where that is.
    fn elsewhere(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let wanted = self.field.text().trim().to_lowercase();
        let names = |command: Command| {
            let label = canvas.words.say(Label(command));
            format!("{} {label} {}", command.entry().name, command.synonyms()).to_lowercase()
        };
        let of_person = TABLE.iter().filter(|entry| canvas.rights.allow(entry.command));
        let matching = of_person.filter(|entry| names(entry.command).contains(&wanted));
        let told = matching.take(usize::from(LINES)).map(|entry| {
            let scopes: Vec<&str> = entry.scopes.iter().map(|scope| canvas.words.say(*scope)).collect();
            let places =
                [("command", canvas.words.say(Label(entry.command))), ("scope", &*scopes.join(", "))];
            Line::from(canvas.words.fill(CommonText::PaletteElsewhere, &places))
        });
        told.collect()
    }

    fn step(&mut self, command: Command) {
        let last = self.found.len().saturating_sub(1);
        let rows = steps(command, usize::from(LINES)).unwrap_or_default();
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
    }

    fn choose(&self, position: usize, context: &mut Context<'_>) {
        if let Some((_, command)) = self.found.get(position) {
            context.request(Action::Close);
            context.request(Action::Run(*command));
        }
    }
}

impl Bound for Palette {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.choose(view.cursor, context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| view.step(command)),
    ]];
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
        if self.found.is_empty() {
            let text = canvas.words.fill(CommonText::PaletteNothing, &[("text", self.field.text())]);
            let mut lines = vec![Line::from(Span::styled(text, canvas.theme.warning))];
            lines.extend(self.elsewhere(canvas));
            canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), list);
            return;
        }
        let first = self.cursor.saturating_sub(usize::from(list.height).saturating_sub(1));
        for (row, (position, (scope, command))) in list.rows().zip(self.found.iter().enumerate().skip(first))
        {
            let chosen = position == self.cursor;
            let key = canvas.key(*command).unwrap_or_default();
            let mark = if chosen { "▸" } else { " " };
            let line = Line::from(vec![
                Span::raw(format!("{mark} {:<18}", command.entry().name)),
                Span::styled(
                    format!("{key:<12}"),
                    if chosen { canvas.theme.selection } else { canvas.theme.key },
                ),
                Span::raw(canvas.words.say(Description(*command, *scope))),
            ]);
            let style = if chosen { canvas.theme.selection } else { canvas.theme.text };
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(line, row);
            canvas.hit(row, Hit::Row(position));
        }
    }
}
