//! The dialog in which an auditor decides about findings: accept them with a reason, or take that back.

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

/// The widest text; longer lines are hard to read.
const WIDTH: u16 = 90;
/// The most findings that the dialog names; the list behind it shows all of them.
const TOLD_MAX: usize = 5;

/// Dialog in which an auditor accepts findings, or revokes that, with a reason.
#[derive(Debug)]
pub(in crate::tui::screens) struct DecideDialog {
    /// At least one, and all of them alarms or all of them accepted.
    findings: Vec<Finding>,
    reason: Field,
    missing: bool,
}

impl DecideDialog {
    /// Whether these findings can be decided on: only an alarm can be accepted.
    pub fn is_decidable(findings: &[Finding]) -> bool {
        findings.iter().any(|finding| matches!(finding.severity, Severity::Alarm | Severity::Accepted))
    }

    /// The dialog for these findings; `None` if there is nothing to decide. If some are alarms, it is about these only,
    /// and accepted findings stay accepted.
    pub fn new(findings: &[Finding]) -> Option<Self> {
        let of = |severity: Severity| -> Vec<Finding> {
            findings.iter().filter(|finding| finding.severity == severity).cloned().collect()
        };
        let alarms = of(Severity::Alarm);
        let findings = if alarms.is_empty() { of(Severity::Accepted) } else { alarms };
        (!findings.is_empty()).then(|| Self { findings, reason: Field::default(), missing: false })
    }

    fn accepts(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Alarm)
    }

    /// The first [`TOLD_MAX`] findings as lines.
    fn told(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let line = |finding: &Finding| {
            let verdict = canvas.words.say(audit::verdict(finding.verdict));
            Line::from(format!("{verdict}: {}", finding.what))
        };
        let mut lines: Vec<Line<'static>> = self.findings.iter().take(TOLD_MAX).map(line).collect();
        let more = self.findings.len().saturating_sub(TOLD_MAX);
        if more > 0 {
            let text = canvas.words.count(more as u64, AuditText::MoreFindingsOne, AuditText::MoreFindings);
            lines.push(Line::from(Span::styled(text, canvas.theme.dim)));
        }
        lines
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        let reason = self.reason.text().trim().to_owned();
        self.missing = reason.is_empty();
        if self.missing {
            context.ring();
            return;
        }
        let ids = self.findings.iter().map(|finding| finding.id.clone()).collect();
        context.request(Action::Close);
        context.decide(Decide { ids, accept: self.accepts(), reason });
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
        let number = self.findings.len() as u64;
        let (title, what) = if self.accepts() {
            (words.count(number, AuditText::AcceptTitle, AuditText::AcceptTitleMany), AuditText::AcceptMeans)
        } else {
            let title = words.count(number, AuditText::RevokeTitle, AuditText::RevokeTitleMany);
            (title, AuditText::RevokeMeans)
        };
        let mut lines = self.told(canvas);
        lines.extend([Line::default(), Line::from(Span::styled(words.say(what), canvas.theme.dim))]);
        let height = lines_wrapped(&lines, WIDTH.min(area.width).saturating_sub(4));
        let height = u16::try_from(height).unwrap_or(u16::MAX);
        let inside = dialog(canvas, area, WIDTH, height.saturating_add(5), &title);
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
