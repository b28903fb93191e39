//! One finding in full, of a verification or about the configuration of the server.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use uuid::Uuid;

use super::decide::DecideDialog;
use super::draw::style;
use super::filter::{Same, show_only};
use super::lists::{check_sign, severity_of};
use super::record::RecordView;
use crate::audit::findings::Finding;
use crate::domain::CheckFinding;
use crate::tui::command::{Command, Scope};
use crate::tui::text::audit::{self, AuditText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Picked, View, sign};
use crate::tui::widgets::Scroll;

/// The widest text; longer lines are hard to read.
const WIDTH: u16 = 100;
/// The width of the names of the fields.
const LABEL_WIDTH: usize = 12;

#[derive(Debug)]
enum Shown {
    Finding {
        finding: Box<Finding>,
        /// The finding about the statement that altered its row, if known.
        deed: Option<Box<Finding>>,
    },
    Check(CheckFinding),
}

/// One finding in full, as a layer over the audit.
#[derive(Debug)]
pub struct EvidenceView {
    shown: Shown,
    scroll: Scroll,
}

impl EvidenceView {
    /// The view of a finding of a verification.
    #[must_use]
    pub fn finding(finding: Finding, deed: Option<Finding>) -> Self {
        let shown = Shown::Finding { finding: Box::new(finding), deed: deed.map(Box::new) };
        Self { shown, scroll: Scroll::default() }
    }

    /// The view of a finding about the configuration.
    #[must_use]
    pub fn check(finding: CheckFinding) -> Self {
        Self { shown: Shown::Check(finding), scroll: Scroll::default() }
    }

    /// Shows the statement that altered the row, or else the log entry, or else all entries about the movement, whose
    /// row may be gone.
    fn open(&self, context: &mut Context<'_>) {
        let Shown::Finding { finding, deed } = &self.shown else { return };
        let altered = deed.as_ref().and_then(|deed| deed.line_no);
        match (altered.or(finding.line_no), finding.movement) {
            (Some(line), _) => context.request(Action::Open(Box::new(RecordView::new(line)))),
            (None, Some(id)) => context.request(Action::Show(Command::ShowAudit, Picked::new::<Uuid>(id))),
            (None, None) => {}
        }
    }

    fn decide(&self, context: &mut Context<'_>) {
        let Shown::Finding { finding, .. } = &self.shown else { return };
        if let Some(dialog) = DecideDialog::new(std::slice::from_ref(finding)) {
            // What it shows will be out of date.
            context.request(Action::Close);
            context.request(Action::Open(Box::new(dialog)));
        }
    }

    /// Lists what the person or the session of the finding did.
    fn narrow(&self, same: Same, context: &mut Context<'_>) {
        let part = match &self.shown {
            Shown::Finding { finding, deed } => {
                let by = deed.as_ref().unwrap_or(finding);
                same.part(by.who.as_ref(), by.session.as_ref())
            }
            Shown::Check(_) => None,
        };
        show_only(part, context);
    }

    fn lines(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        match &self.shown {
            Shown::Finding { finding, deed } => finding_lines(finding, deed.as_deref(), canvas),
            Shown::Check(finding) => check_lines(finding, canvas),
        }
    }
}

/// Whether a command about a finding applies to this one.
pub(super) fn can_about(command: Command, finding: &Finding) -> bool {
    match command {
        Command::Decide => DecideDialog::is_decidable(std::slice::from_ref(finding)),
        Command::PersonOfThis => finding.who.is_some(),
        Command::SessionOfThis => finding.session.is_some(),
        _ => true,
    }
}

/// The lines of a field, one for each line of its text.
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

/// Text that says who altered the row of a finding, and in which log entry.
fn altered_by(deed: &Finding, canvas: &Canvas<'_, '_>) -> String {
    let login = canvas.people.with_login(deed.who.as_deref().unwrap_or_default());
    let line = deed.line_no.map(|line| line.to_string()).unwrap_or_default();
    canvas.words.fill(AuditText::AlteredIn, &[("person", &login), ("line", &line)])
}

fn finding_lines(finding: &Finding, deed: Option<&Finding>, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let severity = severity_of(finding.severity);
    let style = style(severity, canvas.theme);
    let head = format!(
        "{} {}: {}",
        sign(severity),
        canvas.words.say(audit::severity(finding.severity)),
        canvas.words.say(audit::verdict(finding.verdict))
    );
    let mut lines =
        vec![Line::from(Span::styled(head, style)), Line::from(finding.what.clone()), Line::default()];
    let who = finding.who.as_ref().map(|login| canvas.people.with_login(login));
    let line_no = finding.line_no.map(|line| line.to_string());
    let movement = finding.movement.map(|id| id.to_string());
    let accepted = finding.accepted.as_ref().map(|accepted| {
        let when = canvas.words.language.moment(accepted.at, canvas.zone);
        let places = [("login", &*accepted.by.login), ("user", &*accepted.by.os_user), ("when", &*when)];
        canvas.words.fill(AuditText::AcceptedBy, &places)
    });
    let person = if finding.by_poster { AuditText::FieldPostedBy } else { AuditText::Person };
    let altered = deed.map(|deed| altered_by(deed, canvas));
    let altered_with = deed.and_then(|deed| deed.statement.clone());
    for (label, value) in [
        (AuditText::AlteredBy, &altered),
        (person, &who),
        (AuditText::FindingWhen, &finding.when),
        (AuditText::FindingFrom, &finding.from),
        (AuditText::Session, &finding.session),
        (AuditText::FindingLine, &line_no),
        (AuditText::FieldMovement, &movement),
        (AuditText::FindingBefore, &finding.before),
        (AuditText::FindingAfter, &finding.after),
        (AuditText::FindingAccepted, &accepted),
        (AuditText::FindingReason, &finding.accepted.as_ref().map(|accepted| accepted.reason.clone())),
        (AuditText::Statement, if altered_with.is_some() { &altered_with } else { &finding.statement }),
    ] {
        if let Some(text) = value {
            lines.extend(field(label, text, canvas));
        }
    }
    let key = canvas.key(Command::Open).unwrap_or_default();
    let hint = match (deed, finding.line_no, finding.movement) {
        (Some(_), _, _) => Some(AuditText::FindingOpenDeed),
        (None, Some(_), _) => Some(AuditText::FindingOpen),
        (None, None, Some(_)) => Some(AuditText::FindingOpenMovement),
        (None, None, None) => None,
    };
    if let Some(phrase) = hint {
        let text = canvas.words.fill(phrase, &[("key", &key)]);
        lines.extend([Line::default(), Line::from(Span::styled(text, canvas.theme.dim))]);
    }
    lines
}

fn check_lines(finding: &CheckFinding, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let mark = check_sign(finding.severity);
    let style = style(mark, canvas.theme);
    let severity = canvas.words.say(audit::check_severity(finding.severity));
    let head = format!("{} {severity}: {}", sign(mark), finding.subject);
    let mut lines = vec![Line::from(Span::styled(head, style)), Line::default()];
    lines.extend(field(AuditText::Found, &finding.found, canvas));
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(canvas.words.say(AuditText::Remedy), canvas.theme.dim)));
    lines.extend(finding.remedy.lines().map(|line| Line::from(format!("  {line}"))));
    lines
}

impl EvidenceView {
    const FINDING: Bindings<Self> = &[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::Decide, |view, context| view.decide(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(match &view.shown {
                Shown::Finding { finding, .. } => Some(finding.id.clone()),
                Shown::Check(finding) => Some(finding.remedy.clone()),
            });
        }),
        Binding::One(Command::PersonOfThis, |view, context| view.narrow(Same::Person, context)),
        Binding::One(Command::SessionOfThis, |view, context| view.narrow(Same::Session, context)),
    ];

    const ALWAYS: Bindings<Self> = &[
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.scroll.command(command);
        }),
    ];
}

impl Bound for EvidenceView {
    const TABLES: &'static [Bindings<Self>] = &[Self::FINDING, Self::ALWAYS];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        match self.shown {
            Shown::Finding { .. } => Self::TABLES,
            Shown::Check(_) => &[Self::ALWAYS],
        }
    }

    fn can(&self, command: Command) -> bool {
        let Shown::Finding { finding, deed } = &self.shown else { return true };
        match command {
            Command::Open => deed.is_some() || finding.line_no.is_some() || finding.movement.is_some(),
            Command::Decide => can_about(command, finding),
            _ => can_about(command, deed.as_ref().unwrap_or(finding)),
        }
    }
}

impl View for EvidenceView {
    fn scopes(&self) -> &'static [Scope] {
        match self.shown {
            Shown::Finding { .. } => &[Scope::Finding, Scope::List, Scope::Dialog],
            Shown::Check(_) => &[Scope::List, Scope::Dialog],
        }
    }

    fn hints(&self) -> &'static [Command] {
        match self.shown {
            Shown::Finding { .. } => &[Command::Close, Command::Open, Command::Decide, Command::PageDown],
            Shown::Check(_) => &[Command::Close, Command::PageDown],
        }
    }

    /// A choice made in the record above this view is for the list below.
    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        context.request(Action::Close);
        context.request(Action::Picked(picked));
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let title = canvas.words.say(match self.shown {
            Shown::Finding { .. } => AuditText::FindingTitle,
            Shown::Check(_) => AuditText::CheckTitle,
        });
        let lines = self.lines(canvas);
        self.scroll.draw_dialog(lines, WIDTH, title, area, canvas);
    }
}
