//! The audit: the collected log as it arrives, who changed what, the findings of the last verification, and the state
//! of collector, checkpoints, verification and configuration. Nothing is queried while another screen is in front.

mod answers;
pub(in crate::tui::screens) mod decide;
mod draw;
pub mod evidence;
pub mod filter;
mod findings;
mod indicators;
mod lists;
mod page;
pub(in crate::tui::screens) mod record;
mod records;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use uuid::Uuid;

use self::decide::DecideDialog;
use self::evidence::{EvidenceView, can_about};
use self::filter::{Part, Same, Shown};
use self::findings::{FindingList, Row};
use self::page::Page;
use self::record::RecordView;
use self::records::Records;
use crate::audit::evidence::Standing;
use crate::audit::findings::{Report as Verification, Severity, Verdict};
use crate::audit::reconcile::Step;
use crate::domain::{CheckFinding, DaySum};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::Choice;
use crate::tui::text::audit::AuditText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::filter_dialog::FilterDialog;
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::{AuditReport, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// The pause between an answer and the next query for the state of the audit and for new lines.
const STANDING_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// The pause between an answer and the next check of the server's configuration.
const CHECK_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// How many days back changes per person are listed.
const SUMMARY_DAYS: u16 = 14;
/// Click positions below this are pages; the others are conditions of the filter.
const CLICK_PARTS: usize = 16;

/// The choices about verification: starting one, or stopping the running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verifying {
    New,
    Everything,
    GoOn,
    Stop,
}

/// The audit screen: log, logins, people, findings and configuration as pages, with the indicators above.
#[derive(Debug)]
pub struct AuditScreen {
    page: Page,
    records: Records,
    logins: Records,
    people: Fetched<List<DaySum>>,
    report: Fetched<Option<Box<Verification>>>,
    /// The findings of the report, as a list.
    findings: FindingList,
    /// The findings of the last verification about single lines.
    judged: HashMap<u64, (Severity, Verdict)>,
    check: Fetched<List<CheckFinding>>,
    standing: Fetched<Option<Standing>>,
    /// The progress of the running verification: what it reads, how much it has read, and how much there is.
    verifying: Option<Option<(Step, u64, u64)>>,
}

impl Default for AuditScreen {
    fn default() -> Self {
        Self {
            page: Page::Records,
            records: Records::new(false),
            logins: Records::new(true),
            people: Fetched::default(),
            report: Fetched::default(),
            findings: FindingList::default(),
            judged: HashMap::new(),
            check: Fetched::default(),
            standing: Fetched::default(),
            verifying: None,
        }
    }
}

impl AuditScreen {
    /// Lists the log entries about a movement.
    fn show_movement(&mut self, id: Uuid, context: &mut Context<'_>) {
        self.page = Page::Records;
        let parts = vec![Part::Text(id.to_string())];
        self.records.list_those(filter::Filter::default().replaced(parts), context);
    }

    /// The list of log entries that is shown, if one is.
    fn records_mut(&mut self) -> Option<&mut Records> {
        match self.page {
            Page::Records => Some(&mut self.records),
            Page::Logins => Some(&mut self.logins),
            Page::People | Page::Findings | Page::Configuration => None,
        }
    }

    fn go_to(&mut self, page: Page, context: &mut Context<'_>) {
        self.page = page;
        match page {
            Page::Records | Page::Logins => {
                if let Some(records) = self.records_mut() {
                    records.list.shown(context);
                }
            }
            Page::People => self.ask_summary(context),
            Page::Findings => self.report.ask(query::Report {}, context),
            Page::Configuration => self.check.ask(query::Check {}, context),
        }
    }

    fn ask_summary(&mut self, context: &mut Context<'_>) {
        let zone = context.zone.clone();
        self.people.ask(query::Summary { days: SUMMARY_DAYS, zone }, context);
    }

    fn ask_due(&mut self, context: &mut Context<'_>) {
        let due = |at: Option<Timestamp>, now: Timestamp| at.is_some_and(|at| at <= now);
        if due(self.standing.due_at(STANDING_PAUSE), context.now) {
            self.standing.ask(query::Standing {}, context);
        }
        if due(self.check.due_at(CHECK_PAUSE), context.now) {
            self.check.ask(query::Check {}, context);
        }
    }

    fn open(&mut self, context: &mut Context<'_>) {
        if let Some(records) = self.records_mut() {
            if records.take_quick(context) {
                return;
            }
            match records.list.selected() {
                Some(seen) => {
                    let view = RecordView::new(seen.event.line_no);
                    context.request(Action::Open(Box::new(view)));
                }
                None => context.ring(),
            }
            return;
        }
        let view = match self.page {
            Page::People => return self.open_day(context),
            Page::Findings => match self.findings.selected() {
                Some(Row::Group(_)) => {
                    self.findings.fold();
                    return;
                }
                Some(Row::Finding { finding, deed, .. }) => {
                    Some(EvidenceView::finding((**finding).clone(), deed.as_deref().cloned()))
                }
                None => None,
            },
            _ => self.check.value.selected().map(|found| EvidenceView::check(found.clone())),
        };
        match view {
            Some(view) => context.request(Action::Open(Box::new(view))),
            None => context.ring(),
        }
    }

    /// Lists the entries behind a total.
    fn open_day(&mut self, context: &mut Context<'_>) {
        let Some(sum) = self.people.value.selected().cloned() else {
            context.ring();
            return;
        };
        let mut parts = vec![Part::Person(sum.login), Part::Since(sum.day), Part::Until(sum.day)];
        parts.push(Part::Shown(Shown::of_class(&sum.class)));
        if !sum.object.is_empty() {
            parts.push(Part::Object(sum.object));
        }
        self.page = Page::Records;
        self.records.list_those(filter::Filter::default().replaced(parts), context);
    }

    /// Narrows the list to entries with the same value as the selected one.
    fn narrow(&mut self, same: Same, context: &mut Context<'_>) {
        let part = match self.page {
            Page::Findings => {
                let deed = self.findings.selected().map(Row::deed);
                deed.map(|found| (found.who.as_ref(), found.session.as_ref()))
            }
            _ => self.records_mut().and_then(|records| {
                let event = &records.list.selected()?.event;
                Some((event.login.as_ref(), event.session.as_ref()))
            }),
        };
        match part.and_then(|(person, session)| same.part(person, session)) {
            Some(part) => {
                self.page = Page::Records;
                self.records.narrow(part, context);
            }
            None => context.ring(),
        }
    }

    /// The text under the cursor, to be copied: a statement, a login, the id of a finding, a remedy.
    fn under_cursor(&mut self) -> Option<String> {
        match self.page {
            Page::Records | Page::Logins => {
                let event = &self.records_mut()?.list.selected()?.event;
                event.statement.clone().or_else(|| event.message.clone())
            }
            Page::People => self.people.value.selected().map(|sum| sum.login.clone()),
            Page::Findings => self.findings.selected().map(|row| row.deed().id.clone()),
            Page::Configuration => self.check.value.selected().map(|finding| finding.remedy.clone()),
        }
    }

    fn choose_filter(&mut self, context: &mut Context<'_>) {
        if let Some(records) = self.records_mut() {
            let form = if records.is_logins() { &filter::LOGINS_FORM } else { &filter::RECORDS_FORM };
            let dialog = FilterDialog::new(form, records.filter());
            context.request(Action::Open(Box::new(dialog)));
        }
    }

    fn decide(&self, context: &mut Context<'_>) {
        if let Some(dialog) = self.findings.selected().and_then(|row| DecideDialog::new(row.findings())) {
            context.request(Action::Open(Box::new(dialog)));
        }
    }

    fn choose_verification(&self, context: &mut Context<'_>) {
        let say = |phrase: AuditText| context.words.say(phrase).to_owned();
        let options = if self.verifying.is_some() {
            vec![(say(AuditText::VerifyGoOn), Verifying::GoOn), (say(AuditText::VerifyStop), Verifying::Stop)]
        } else {
            vec![
                (say(AuditText::VerifyNew), Verifying::New),
                (say(AuditText::VerifyAll), Verifying::Everything),
            ]
        };
        let title = context.words.say(AuditText::VerifyTitle);
        let current = options[0].1;
        context.request(Action::Open(Box::new(Choice::new(title, options, &current))));
    }

    fn verification_chosen(&mut self, choice: Verifying, context: &mut Context<'_>) {
        match choice {
            Verifying::New | Verifying::Everything if self.verifying.is_none() => {
                self.verifying = Some(None);
                context.verify(choice == Verifying::Everything);
            }
            Verifying::Stop if self.verifying.is_some() => context.stop_verifying(),
            // The verification has ended, or begun, while the list was open.
            _ => {}
        }
    }

    fn show_filtered(&mut self, filter: filter::Filter, context: &mut Context<'_>) {
        if self.records_mut().is_none() {
            self.page = Page::Records;
        }
        if let Some(records) = self.records_mut() {
            records.list_those(filter, context);
        }
    }

    fn back(&mut self, context: &mut Context<'_>) {
        let took_back = self.records_mut().is_some_and(|records| records.back(context));
        if !took_back {
            context.dismiss_messages();
        }
    }

    fn refresh(&mut self, context: &mut Context<'_>) {
        self.standing.expire();
        self.ask_due(context);
        if let Some(records) = self.records_mut() {
            records.list.changed(context);
        } else {
            self.go_to(self.page, context);
        }
    }

    /// Moves the cursor of the shown list. Returns whether the command is one of lists.
    fn scroll(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match self.page {
            Page::Records => self.records.list.command(command, context),
            Page::Logins => self.logins.list.command(command, context),
            Page::People => self.people.value.command(command),
            Page::Findings => self.findings.command(command),
            Page::Configuration => self.check.value.command(command),
        }
    }
}

impl AuditScreen {
    /// The bindings on the pages that list log entries.
    const RECORDS: Bindings<Self> =
        &[Binding::One(Command::Filter, |view, context| view.choose_filter(context))];

    /// The bindings on the page of findings.
    const FINDINGS: Bindings<Self> = &[Binding::One(Command::Decide, |view, context| view.decide(context))];

    /// The bindings where the selected entry names a person and a session.
    const SUBJECTS: Bindings<Self> = &[
        Binding::One(Command::PersonOfThis, |view, context| view.narrow(Same::Person, context)),
        Binding::One(Command::SessionOfThis, |view, context| view.narrow(Same::Session, context)),
    ];

    /// The bindings on every page of the audit.
    const ALWAYS: Bindings<Self> = &[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::Several(&[Command::NextPanel, Command::PanelRight], |view, _, context| {
            view.go_to(view.page.beside(1), context);
        }),
        Binding::Several(&[Command::PreviousPanel, Command::PanelLeft], |view, _, context| {
            view.go_to(view.page.beside(-1), context);
        }),
        Binding::One(Command::Verify, |view, context| view.choose_verification(context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| context.copy(view.under_cursor())),
        Binding::One(Command::Refresh, |view, context| view.refresh(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, context| {
            view.scroll(command, context);
        }),
    ];
}

impl Bound for AuditScreen {
    const TABLES: &'static [Bindings<Self>] = &[Self::RECORDS, Self::FINDINGS, Self::SUBJECTS, Self::ALWAYS];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        match self.page {
            Page::Records | Page::Logins => &[Self::RECORDS, Self::SUBJECTS, Self::ALWAYS],
            Page::Findings => &[Self::FINDINGS, Self::SUBJECTS, Self::ALWAYS],
            Page::People | Page::Configuration => &[Self::ALWAYS],
        }
    }

    fn can(&self, command: Command) -> bool {
        match (self.page, command) {
            (Page::Findings, Command::Decide | Command::PersonOfThis | Command::SessionOfThis) => {
                self.findings.selected().is_some_and(|row| match command {
                    Command::Decide => DecideDialog::is_decidable(row.findings()),
                    _ => can_about(command, row.deed()),
                })
            }
            (Page::Findings, Command::Open) => !self.findings.is_empty(),
            (Page::Configuration, Command::Open) => !self.check.value.is_empty(),
            (Page::People, Command::Open) => !self.people.value.is_empty(),
            _ => true,
        }
    }
}

impl View for AuditScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Audit, Scope::List]
    }

    fn typing(&self) -> Typing {
        match self.page {
            Page::Records if self.records.quick.is_empty() => Typing::Empty,
            Page::Logins if self.logins.quick.is_empty() => Typing::Empty,
            Page::Records | Page::Logins => Typing::Text,
            Page::People | Page::Findings | Page::Configuration => Typing::Nothing,
        }
    }

    fn hints(&self) -> &'static [Command] {
        match self.page {
            Page::Records | Page::Logins => &[
                Command::Open,
                Command::NextPanel,
                Command::Filter,
                Command::Verify,
                Command::PersonOfThis,
                Command::SessionOfThis,
                Command::Close,
            ],
            Page::People => &[Command::Open, Command::NextPanel, Command::Verify, Command::Refresh],
            Page::Findings => &[
                Command::Open,
                Command::NextPanel,
                Command::Verify,
                Command::Decide,
                Command::PersonOfThis,
                Command::SessionOfThis,
            ],
            Page::Configuration => &[Command::Open, Command::NextPanel, Command::Verify, Command::Refresh],
        }
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.standing.expire();
        self.ask_due(context);
        self.go_to(self.page, context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask_due(context);
    }

    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        [self.standing.due_at(STANDING_PAUSE), self.check.due_at(CHECK_PAUSE)].into_iter().flatten().min()
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        self.ask_due(context);
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        if let Some(records) = self.records_mut() {
            records.quick.key(key);
        }
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        let picked = match picked.downcast::<Verifying>() {
            Ok(choice) => return self.verification_chosen(choice, context),
            Err(picked) => picked,
        };
        match picked.downcast::<Uuid>() {
            Ok(id) => self.show_movement(id, context),
            Err(picked) => {
                if let Ok(filter) = picked.downcast::<filter::Filter>() {
                    self.show_filtered(filter, context);
                }
            }
        }
    }

    fn audited(&mut self, report: &AuditReport, context: &mut Context<'_>) -> bool {
        self.take_report(report, context);
        true
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Field(place) if place >= CLICK_PARTS => {
                if let Some(records) = self.records_mut() {
                    records.widen(place - CLICK_PARTS, context);
                }
            }
            Hit::Field(place) => {
                if let Some(page) = Page::ALL.get(place) {
                    self.go_to(*page, context);
                }
            }
            Hit::Row(position) => {
                let again = match self.page {
                    Page::Records => self.records.list.click(position, context),
                    Page::Logins => self.logins.list.click(position, context),
                    Page::People => self.people.value.click(position),
                    Page::Findings => self.findings.rows.click(position),
                    Page::Configuration => self.check.value.click(position),
                };
                if again {
                    self.open(context);
                }
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        self.take_answer(ticket, answer, context)
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
