//! The dialog with drafts that were left behind, to be restored, discarded, or kept for later.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::command::{Command, Label, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, FoundDraft, Hit, View};
use crate::tui::widgets::List;
use crate::tui::widgets::panel::dialog;

/// The width of the dialog, in columns.
const WIDTH: u16 = 74;
/// The lines apart from the drafts: the border and the keys.
const OTHER_LINES: u16 = 6;

/// Dialog that lists unfinished forms and count sheets of the login.
#[derive(Debug)]
pub struct DraftsDialog {
    found: List<FoundDraft>,
    /// Whether discarding the selected one has to be confirmed.
    discarding: bool,
}

impl DraftsDialog {
    /// The dialog for drafts, the newest first.
    #[must_use]
    pub fn new(mut found: Vec<FoundDraft>) -> Self {
        found.sort_by_key(|found| std::cmp::Reverse(found.saved_at));
        Self { found: List::new(found), discarding: false }
    }

    fn take_up(&self, context: &mut Context<'_>) {
        if let Some(found) = self.found.selected() {
            context.request(Action::Close);
            context.request(Action::Resume(Box::new(found.clone())));
        }
    }

    fn discard(&mut self, context: &mut Context<'_>) {
        if !std::mem::replace(&mut self.discarding, true) {
            return;
        }
        self.discarding = false;
        let Some(found) = self.found.selected().cloned() else { return };
        context.request(Action::DropDraft(found.path.clone()));
        let rest: Vec<FoundDraft> = self.found.rows().iter().filter(|row| **row != found).cloned().collect();
        if rest.is_empty() {
            context.request(Action::Close);
        }
        self.found.replace(rest, |old, new| old == new);
    }
}

impl Bound for DraftsDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.take_up(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.discarding = false;
            view.found.command(command);
        }),
    ]];
}

impl View for DraftsDialog {
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
        if key.code == Code::Delete {
            self.discard(context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.found.click(position)
        {
            self.take_up(context);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let lines = u16::try_from(self.found.rows().len()).unwrap_or(u16::MAX).saturating_add(OTHER_LINES);
        let inside = dialog(canvas, area, WIDTH, lines, canvas.words.say(CommonText::DraftsTitle));
        let [list, _, keys] =
            Layout::vertical([Constraint::Min(1), Constraint::Length(1), Constraint::Length(3)])
                .areas(inside);
        let view = self.found.view(usize::from(list.height), true);
        for (row, (position, found)) in list.rows().zip(self.found.rows().iter().enumerate().skip(view.first))
        {
            let selected = view.cursor == Some(position);
            let (mark, style) =
                if selected { ("▸", canvas.theme.selection) } else { (" ", canvas.theme.text) };
            let number = u64::try_from(found.draft.lines).unwrap_or(u64::MAX);
            let lines = canvas.words.count(number, CommonText::DraftLine, CommonText::DraftLines);
            let saved = canvas.words.language.moment_short(found.saved_at, canvas.now, canvas.zone);
            let places =
                [("screen", canvas.words.say(Label(found.screen))), ("lines", &*lines), ("when", &*saved)];
            let text = format!("{mark} {}", canvas.words.fill(CommonText::DraftRow, &places));
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), row);
            canvas.hit(row, Hit::Row(position));
        }
        let (phrase, style) = if self.discarding {
            (CommonText::DraftDiscardAsk, canvas.theme.warning)
        } else {
            (CommonText::DraftKeys, canvas.theme.dim)
        };
        let text = Paragraph::new(canvas.words.say(phrase)).style(style).wrap(Wrap { trim: true });
        canvas.frame.render_widget(text, keys);
    }
}
