//! The help: the keys that apply where it was opened.

use std::path::PathBuf;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::command::{Command, Description, Scope};
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, View};
use crate::tui::widgets::Scroll;

/// The width of the dialog, in columns.
const WIDTH: u16 = 88;
/// The width of the column with the keys.
const KEYS_WIDTH: usize = 24;

/// Dialog with the keys and descriptions of the commands that apply where it was opened.
#[derive(Debug)]
pub struct Help {
    offered: Vec<(Scope, Command)>,
    log: Option<PathBuf>,
    scroll: Scroll,
}

impl Help {
    /// The help for the commands that apply where it was opened, grouped by scope.
    #[must_use]
    pub fn new(offered: Vec<(Scope, Command)>, log: Option<PathBuf>) -> Self {
        Self { offered, log, scroll: Scroll::default() }
    }

    fn lines(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for group in self.offered.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((scope, _)) = group.first() else { continue };
            lines.push(Line::from(Span::styled(canvas.words.say(*scope), canvas.theme.title)));
            for (scope, command) in group {
                let keys: Vec<String> =
                    canvas.keymap.keys(*command).iter().map(|key| key.shown(canvas.words)).collect();
                lines.push(Line::from(vec![
                    Span::styled(format!("  {:<KEYS_WIDTH$}", keys.join("  ")), canvas.theme.key),
                    Span::raw(canvas.words.say(Description(*command, *scope))),
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

impl Bound for Help {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::One(Command::Confirm, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.scroll.command(command);
        }),
    ]];
}

impl View for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let lines = self.lines(canvas);
        self.scroll.draw_dialog(lines, WIDTH, canvas.words.say(CommonText::HelpTitle), area, canvas);
    }
}
