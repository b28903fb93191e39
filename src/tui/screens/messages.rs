//! The latest messages, each in full.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::app::{Canvas, Context, View, Weight, Wish, sign};
use crate::tui::command::{Command, Scope};
use crate::tui::text::common::CommonText;
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Scroll, lines_wrapped};

/// The width of the dialog, in columns.
const WIDTH: u16 = 100;

/// The latest messages.
#[derive(Debug, Default)]
pub struct Messages {
    scroll: Scroll,
}

impl View for Messages {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Close | Command::Confirm | Command::Messages => {
                context.dismiss_messages();
                context.wish(Wish::Close);
                true
            }
            _ => self.scroll.command(command),
        }
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
        self.scroll.fit(lines_wrapped(&lines, inside.width), inside.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false });
        canvas.frame.render_widget(text.scroll(self.scroll.offset()), inside);
    }
}
