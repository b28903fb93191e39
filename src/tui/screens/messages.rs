//! The latest messages, each in full.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::command::{Command, Scope};
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Severity, View, sign};
use crate::tui::widgets::Scroll;
use crate::tui::widgets::panel::dialog;

/// The width of the dialog, in columns.
const WIDTH: u16 = 100;

/// Dialog with the latest messages in full, the newest first.
#[derive(Debug, Default)]
pub struct Messages {
    scroll: Scroll,
}

impl Bound for Messages {
    const TABLES: &'static [Bindings<Self>] = &[&[
        // The key that opened it also closes it.
        Binding::Several(&[Command::Close, Command::Confirm, Command::Messages], |_, _, context| {
            context.dismiss_messages();
            context.request(Action::Close);
        }),
        Binding::Several(Command::LIST, |view, command, _| {
            view.scroll.command(command);
        }),
    ]];
}

impl View for Messages {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let mut lines = Vec::new();
        for notice in canvas.notices.all() {
            let style = match notice.severity {
                Severity::Good => canvas.theme.good,
                Severity::Note => canvas.theme.text,
                Severity::Warning => canvas.theme.warning,
                Severity::Bad => canvas.theme.bad,
            };
            let time = canvas.words.language.moment_short(notice.at, canvas.now, canvas.zone);
            lines.push(Line::from(vec![
                Span::styled(format!("{time}  {} ", sign(notice.severity)), canvas.theme.dim),
                Span::styled(notice.text.clone(), style),
            ]));
        }
        if lines.is_empty() {
            lines.push(Line::from(canvas.words.say(CommonText::NoMessages)));
        }
        let inside = dialog(canvas, area, WIDTH, area.height, canvas.words.say(CommonText::MessagesTitle));
        self.scroll.draw(lines, inside, canvas);
    }
}
