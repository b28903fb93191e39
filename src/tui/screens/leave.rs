//! The question whether to quit with lines that are not posted.

use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::command::{Command, Scope};
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, View};
use crate::tui::widgets::panel::dialog;

/// Dialog that asks whether to quit although forms contain lines that are not posted.
#[derive(Debug)]
pub struct LeaveDialog {
    unfinished: usize,
}

impl LeaveDialog {
    /// The question about a number of lines.
    #[must_use]
    pub fn new(unfinished: usize) -> Self {
        Self { unfinished }
    }
}

impl Bound for LeaveDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |_, context| context.request(Action::Leave)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for LeaveDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::Close]
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, 62, 5, canvas.words.say(CommonText::QuitTitle));
        let number = u64::try_from(self.unfinished).unwrap_or(u64::MAX);
        let text = canvas.words.count(number, CommonText::QuitUnfinishedOne, CommonText::QuitUnfinished);
        canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
    }
}
