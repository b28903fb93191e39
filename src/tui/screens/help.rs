//! The help: the keys that work where it was opened, from the table of commands.

use std::path::PathBuf;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::app::{Canvas, Context, View, Wish};
use crate::tui::command::{Command, Description, Scope, TABLE};
use crate::tui::text::common::CommonText;
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Scroll, lines_wrapped};

/// The width of the dialog, in columns.
const WIDTH: u16 = 88;
/// The width of the column with the keys.
const KEYS_WIDTH: usize = 24;

/// The help.
#[derive(Debug)]
pub struct Help {
    scopes: Vec<Scope>,
    log: Option<PathBuf>,
    scroll: Scroll,
}

impl Help {
    /// The help for these scopes.
    #[must_use]
    pub fn new(scopes: Vec<Scope>, log: Option<PathBuf>) -> Self {
        Self { scopes, log, scroll: Scroll::default() }
    }

    fn lines(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for scope in &self.scopes {
            let commands: Vec<_> = TABLE
                .iter()
                .filter(|entry| entry.scopes.contains(scope) && canvas.rights.allow(entry.command))
                .collect();
            if commands.is_empty() {
                continue;
            }
            lines.push(Line::from(Span::styled(canvas.words.say(*scope), canvas.theme.title)));
            for entry in commands {
                let keys: Vec<String> =
                    canvas.keymap.keys(entry.command).iter().map(ToString::to_string).collect();
                lines.push(Line::from(vec![
                    Span::styled(format!("  {:<KEYS_WIDTH$}", keys.join("  ")), canvas.theme.key),
                    Span::raw(canvas.words.say(Description(entry.command))),
                ]));
            }
            lines.push(Line::default());
        }
        lines.push(Line::from(Span::styled(canvas.words.say(CommonText::HelpTyping), canvas.theme.dim)));
        let log = match &self.log {
            Some(path) => canvas.words.fill(CommonText::HelpLog, &[("path", &path.display().to_string())]),
            None => canvas.words.say(CommonText::HelpNoLog).to_owned(),
        };
        lines.push(Line::from(Span::styled(log, canvas.theme.dim)));
        lines
    }
}

impl View for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Close | Command::Confirm => {
                context.wish(Wish::Close);
                true
            }
            _ => self.scroll.command(command),
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let lines = self.lines(canvas);
        let total = lines_wrapped(&lines, WIDTH.min(area.width).saturating_sub(4));
        let height = u16::try_from(total).unwrap_or(u16::MAX).saturating_add(2);
        let title = canvas.words.say(CommonText::HelpTitle);
        let inside = dialog(canvas, area, WIDTH, height, title);
        self.scroll.fit(total, inside.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false }).scroll(self.scroll.offset());
        canvas.frame.render_widget(text, inside);
    }
}
