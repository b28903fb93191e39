//! One finding in full: of a verification, or about the configuration of the server.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::decide::DecideDialog;
use super::draw::style;
use super::filter::{Same, show_only};
use super::lists::gravity_of;
use super::record::RecordView;
use crate::tui::app::{Canvas, Context, View, Weight as Sign, Wish, sign};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::choice::Picked;
use crate::tui::text::audit::{self, AuditText};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Scroll, lines_wrapped};
use crate::worker::message::{CheckFinding, CheckWeight, Finding};

/// The widest that the text is; longer lines are hard to read.
const WIDTH: u16 = 100;
/// The width of the names of the fields.
const LABEL_WIDTH: usize = 12;

#[derive(Debug)]
enum Shown {
    Finding(Box<Finding>),
    Check(CheckFinding),
}

/// One finding, over the audit.
#[derive(Debug)]
pub struct EvidenceView {
    shown: Shown,
    scroll: Scroll,
}

impl EvidenceView {
    /// The view of what a verification found.
    #[must_use]
    pub fn finding(finding: Finding) -> Self {
        Self { shown: Shown::Finding(Box::new(finding)), scroll: Scroll::default() }
    }

    /// The view of what is wrong with the configuration.
    #[must_use]
    pub fn check(finding: CheckFinding) -> Self {
        Self { shown: Shown::Check(finding), scroll: Scroll::default() }
    }

    /// Shows the line of the log, or else all lines about the movement: its row may be gone.
    fn open(&self, context: &mut Context<'_>) {
        let Shown::Finding(finding) = &self.shown else { return context.ring() };
        match (finding.line_no, finding.movement) {
            (Some(line), _) => context.wish(Wish::Open(Box::new(RecordView::new(line)))),
            (None, Some(id)) => context.wish(Wish::EventsOf(id.to_string())),
            (None, None) => context.ring(),
        }
    }

    /// Lists what the person or the session of the finding did.
    fn narrow(&self, same: Same, context: &mut Context<'_>) {
        let part = match &self.shown {
            Shown::Finding(finding) => same.part(finding.who.as_ref(), finding.session.as_ref()),
            Shown::Check(_) => None,
        };
        show_only(part, context);
    }

    fn lines(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        match &self.shown {
            Shown::Finding(finding) => finding_lines(finding, canvas),
            Shown::Check(finding) => check_lines(finding, canvas),
        }
    }
}

/// A field, each line of its text in a line of its own.
pub(super) fn field(label: AuditText, text: &str, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    text.lines()
        .enumerate()
        .map(|(number, line)| {
            let label = if number == 0 { canvas.words.say(label) } else { "" };
            Line::from(vec![
                Span::styled(format!("{label:<LABEL_WIDTH$}"), canvas.theme.dim),
                Span::raw(line.replace('\t', "    ")),
            ])
        })
        .collect()
}

fn finding_lines(finding: &Finding, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let gravity = gravity_of(finding.weight);
    let style = style(gravity, canvas.theme);
    let head = format!(
        "{} {}: {}",
        sign(gravity),
        canvas.words.say(audit::weight(finding.weight)),
        canvas.words.say(audit::verdict(finding.verdict))
    );
    let mut lines =
        vec![Line::from(Span::styled(head, style)), Line::from(finding.what.clone()), Line::default()];
    let line_no = finding.line_no.map(|line| line.to_string());
    let movement = finding.movement.map(|id| id.to_string());
    let accepted = finding.accepted.as_ref().map(|accepted| {
        let when = canvas.words.language.moment(accepted.at, canvas.zone);
        let places = [("login", &*accepted.by.login), ("user", &*accepted.by.os_user), ("when", &*when)];
        canvas.words.fill(AuditText::AcceptedBy, &places)
    });
    for (label, value) in [
        (AuditText::Person, &finding.who),
        (AuditText::FindingWhen, &finding.when),
        (AuditText::FindingFrom, &finding.from),
        (AuditText::Session, &finding.session),
        (AuditText::FindingLine, &line_no),
        (AuditText::FieldMovement, &movement),
        (AuditText::FindingBefore, &finding.before),
        (AuditText::FindingAfter, &finding.after),
        (AuditText::Statement, &finding.statement),
        (AuditText::FindingAccepted, &accepted),
        (AuditText::FindingReason, &finding.accepted.as_ref().map(|accepted| accepted.reason.clone())),
    ] {
        if let Some(text) = value {
            lines.extend(field(label, text, canvas));
        }
    }
    let key = canvas.key(Command::Open).unwrap_or_default();
    let hint = match (finding.line_no, finding.movement) {
        (Some(_), _) => Some(AuditText::FindingOpen),
        (None, Some(_)) => Some(AuditText::FindingOpenMovement),
        (None, None) => None,
    };
    if let Some(phrase) = hint {
        let text = canvas.words.fill(phrase, &[("key", &key)]);
        lines.extend([Line::default(), Line::from(Span::styled(text, canvas.theme.dim))]);
    }
    lines
}

fn check_lines(finding: &CheckFinding, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (gravity, style) = match finding.weight {
        CheckWeight::Unsafe => (Sign::Bad, canvas.theme.bad),
        CheckWeight::Advice => (Sign::Warning, canvas.theme.warning),
    };
    let weight = canvas.words.say(audit::check_weight(finding.weight));
    let head = format!("{} {weight}: {}", sign(gravity), finding.subject);
    let mut lines = vec![Line::from(Span::styled(head, style)), Line::default()];
    lines.extend(field(AuditText::Found, &finding.found, canvas));
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(canvas.words.say(AuditText::Remedy), canvas.theme.dim)));
    lines.extend(finding.remedy.lines().map(|line| Line::from(format!("  {line}"))));
    lines
}

impl View for EvidenceView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Evidence, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        match self.shown {
            Shown::Finding(_) => &[Command::Close, Command::Open, Command::Decide, Command::PageDown],
            Shown::Check(_) => &[Command::Close, Command::PageDown],
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Open => self.open(context),
            Command::Decide => {
                let dialog = match &self.shown {
                    Shown::Finding(finding) => DecideDialog::new(finding),
                    Shown::Check(_) => None,
                };
                match dialog {
                    Some(dialog) => {
                        // What it shows will not be true any more.
                        context.wish(Wish::Close);
                        context.wish(Wish::Open(Box::new(dialog)));
                    }
                    None => context.ring(),
                }
            }
            Command::PersonOfThis => self.narrow(Same::Person, context),
            Command::SessionOfThis => self.narrow(Same::Session, context),
            Command::Close => context.wish(Wish::Close),
            other => return self.scroll.command(other),
        }
        true
    }

    /// What was chosen in the record over this is for the list beneath.
    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        context.wish(Wish::Close);
        context.wish(Wish::Picked(picked));
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let title = canvas.words.say(match self.shown {
            Shown::Finding(_) => AuditText::FindingTitle,
            Shown::Check(_) => AuditText::CheckTitle,
        });
        let lines = self.lines(canvas);
        let total = lines_wrapped(&lines, WIDTH.min(area.width).saturating_sub(4));
        let height = u16::try_from(total).unwrap_or(u16::MAX).saturating_add(2);
        let inside = dialog(canvas, area, WIDTH, height, title);
        self.scroll.fit(total, inside.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false }).scroll(self.scroll.offset());
        canvas.frame.render_widget(text, inside);
    }
}
