//! The latest messages, each in full.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::app::{Canvas, Context, View, Weight, Wish, sign};
use crate::tui::command::{Command, Scope};
use crate::tui::text::common::CommonText;
use crate::tui::widgets::panel::dialog;

/// How far one page goes, in lines.
const PAGE_LINES: u16 = 10;
/// The width of the dialog, in columns.
const WIDTH: u16 = 100;

/// The latest messages.
#[derive(Debug, Default)]
pub struct Messages {
    scroll: u16,
    scroll_max: u16,
}

impl View for Messages {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        self.scroll = match command {
            Command::Up => self.scroll.saturating_sub(1),
            Command::Down => self.scroll + 1,
            Command::PageUp => self.scroll.saturating_sub(PAGE_LINES),
            Command::PageDown => self.scroll + PAGE_LINES,
            Command::First => 0,
            Command::Last => self.scroll_max,
            Command::Close | Command::Confirm | Command::Messages => {
                context.dismiss_messages();
                context.wish(Wish::Close);
                0
            }
            _ => return false,
        }
        .min(self.scroll_max);
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let mut lines = Vec::new();
        for notice in canvas.notices.all() {
            let style = match notice.weight {
                Weight::Good => canvas.theme.good,
                Weight::Note => canvas.theme.text,
                Weight::Warning => canvas.theme.warning,
                Weight::Bad => canvas.theme.bad,
            };
            let time = canvas.words.language.moment_short(notice.at, canvas.now, canvas.zone);
            lines.push(Line::from(vec![
                Span::styled(format!("{time}  {} ", sign(notice.weight)), canvas.theme.dim),
                Span::styled(notice.text.clone(), style),
            ]));
        }
        if lines.is_empty() {
            lines.push(Line::from(canvas.words.say(CommonText::NoMessages)));
        }
        let inside = dialog(canvas, area, WIDTH, area.height, canvas.words.say(CommonText::MessagesTitle));
        // Wrapping at words can take a line more than the columns alone would.
        let taken = |line: &Line<'_>| line.width() / usize::from(inside.width.max(1)) + 2;
        let total = u16::try_from(lines.iter().map(taken).sum::<usize>()).unwrap_or(u16::MAX);
        self.scroll_max = total.saturating_sub(inside.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false });
        canvas.frame.render_widget(text.scroll((self.scroll, 0)), inside);
    }
}
