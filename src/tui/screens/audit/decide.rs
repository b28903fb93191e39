//! The dialog in which an auditor decides about a finding: accept it with a reason, or take that back.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::audit::findings::{Finding, Severity};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::audit::{self, AuditText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, View};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Field, lines_wrapped};
use crate::worker::message::Decide;

/// The widest that the text is; longer lines are hard to read.
const WIDTH: u16 = 90;

/// The dialog.
#[derive(Debug)]
pub(in crate::tui::screens) struct DecideDialog {
    finding: Finding,
    reason: Field,
    missing: bool,
}

impl DecideDialog {
    /// Whether there is anything to decide about a finding: only an alarm can be accepted.
    pub fn is_decidable(finding: &Finding) -> bool {
        matches!(finding.severity, Severity::Alarm | Severity::Accepted)
    }

    /// The dialog for a finding, or nothing when there is nothing to decide about it.
    pub fn new(finding: &Finding) -> Option<Self> {
        Self::is_decidable(finding).then(|| Self {
            finding: finding.clone(),
            reason: Field::default(),
            missing: false,
        })
    }

    fn accepts(&self) -> bool {
        self.finding.severity == Severity::Alarm
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        let reason = self.reason.text().trim().to_owned();
        self.missing = reason.is_empty();
        if self.missing {
            context.ring();
            return;
        }
        context.request(Action::Close);
        context.decide(Decide { id: self.finding.id.clone(), accept: self.accepts(), reason });
    }
}

impl Bound for DecideDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for DecideDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        if self.reason.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::Close]
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.missing = false;
        self.reason.key(key);
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let (title, what) = if self.accepts() {
            (AuditText::AcceptTitle, AuditText::AcceptMeans)
        } else {
            (AuditText::TakeBackTitle, AuditText::TakeBackMeans)
        };
        let verdict = words.say(audit::verdict(self.finding.verdict));
        let lines = vec![
            Line::from(format!("{verdict}: {}", self.finding.what)),
            Line::default(),
            Line::from(Span::styled(words.say(what), canvas.theme.dim)),
        ];
        let height = lines_wrapped(&lines, WIDTH.min(area.width).saturating_sub(4));
        let height = u16::try_from(height).unwrap_or(u16::MAX);
        let inside = dialog(canvas, area, WIDTH, height.saturating_add(5), words.say(title));
        let [text, _, reason, fault] = Layout::vertical([
            Constraint::Length(height),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(inside);
        canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), text);
        self.reason.show(reason, canvas, canvas.focus, words.say(AuditText::ReasonHint));
        if self.missing {
            let text = format!("✗ {}", words.say(AuditText::ReasonMissing));
            canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), fault);
        }
    }
}
