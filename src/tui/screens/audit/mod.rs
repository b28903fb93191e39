//! The audit: what comes into the collected log, who changed what, what the last verification found, and
//! how collecting, sealing, verifying and the configuration stand. Nothing is asked while another screen
//! is in front.

mod answers;
mod asked;
mod decide;
mod dialog;
mod draw;
pub mod evidence;
pub mod filter;
mod lights;
mod lists;
mod page;
mod record;
mod records;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use self::asked::Asked;
use self::decide::DecideDialog;
use self::dialog::FilterDialog;
use self::evidence::EvidenceView;
use self::filter::{Part, Same, Shown};
use self::page::Page;
use self::record::RecordView;
use self::records::Records;
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::{Choice, Picked};
use crate::tui::text::audit::AuditText;
use crate::tui::widgets::{Window, steps};
use crate::worker::message::{
    Answer, CheckFinding, DaySum, Failure, Finding, Question, Standing, Step, Strand, Ticket, Verdict,
    Verification, Weight,
};

/// How long after one answer it is asked again how the audit stands, and whether lines have come.
const STANDING_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// How long after one answer the configuration of the server is checked again.
const CHECK_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// How many days back it is listed who changed what.
const SUMMARY_DAYS: u16 = 14;
/// The places of a click below this are pages; those from it on are parts of the filter.
const CLICK_PARTS: usize = 16;

/// The audit.
#[derive(Debug)]
pub struct AuditScreen {
    page: Page,
    records: Records,
    logins: Records,
    people: Window<DaySum>,
    summary: Asked<()>,
    report: Asked<Option<Box<Verification>>>,
    findings: Window<Finding>,
    /// What the last verification found about single lines.
    judged: HashMap<u64, (Weight, Verdict)>,
    check: Asked<()>,
    configuration: Window<CheckFinding>,
    standing: Asked<Standing>,
    /// The verification under way: what it reads, how much it has read, and how much there is.
    verifying: Option<Option<(Step, u64, u64)>>,
    /// How many rows the last drawing had room for.
    lines: usize,
}

impl Default for AuditScreen {
    fn default() -> Self {
        Self {
            page: Page::Records,
            records: Records::new(false),
            logins: Records::new(true),
            people: Window::default(),
            summary: Asked::default(),
            report: Asked::default(),
            findings: Window::default(),
            judged: HashMap::new(),
            check: Asked::default(),
            configuration: Window::default(),
            standing: Asked::default(),
            verifying: None,
            lines: 0,
        }
    }
}

impl AuditScreen {
    /// Lists the lines that hold a text.
    pub fn show_text(&mut self, text: String, context: &mut Context<'_>) {
        self.page = Page::Records;
        self.records.filter = Default::default();
        self.records.narrow(Part::Text(text), context);
    }

    /// The list of lines that is shown, if one is.
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
                    records.shown(context);
                }
            }
            Page::People => self.ask_summary(context),
            Page::Findings => self.report.ask(Strand::Report, Question::Report, context),
            Page::Configuration => self.check.ask(Strand::Check, Question::Check, context),
        }
    }

    fn ask_summary(&mut self, context: &mut Context<'_>) {
        let question = Question::Summary { days: SUMMARY_DAYS, zone: context.zone.clone() };
        self.summary.ask(Strand::Summary, question, context);
    }

    fn ask_due(&mut self, context: &mut Context<'_>) {
        let due = |at: Option<Timestamp>, now: Timestamp| at.is_some_and(|at| at <= now);
        if due(self.standing.due_at(STANDING_PAUSE), context.now) {
            self.standing.ask(Strand::Standing, Question::Standing, context);
        }
        if due(self.check.due_at(CHECK_PAUSE), context.now) {
            self.check.ask(Strand::Check, Question::Check, context);
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
                    context.wish(Wish::Open(Box::new(view)));
                }
                None => context.ring(),
            }
            return;
        }
        let view = match self.page {
            Page::People => return self.open_day(context),
            Page::Findings => self.findings.selected().map(|found| EvidenceView::finding(found.clone())),
            _ => self.configuration.selected().map(|found| EvidenceView::check(found.clone())),
        };
        match view {
            Some(view) => context.wish(Wish::Open(Box::new(view))),
            None => context.ring(),
        }
    }

    /// The lines behind a sum.
    fn open_day(&mut self, context: &mut Context<'_>) {
        let Some(sum) = self.people.selected().cloned() else {
            context.ring();
            return;
        };
        let mut parts = vec![Part::Person(sum.login), Part::Since(sum.day), Part::Until(sum.day)];
        parts.push(Part::Shown(Shown::of_class(&sum.class)));
        if !sum.object.is_empty() {
            parts.push(Part::Object(sum.object));
        }
        self.page = Page::Records;
        self.records.filter = filter::Filter::default().replaced(parts);
        self.records.restart(context);
    }

    /// Narrows the list down to what the selected line has.
    fn narrow(&mut self, same: Same, context: &mut Context<'_>) {
        let part = match self.page {
            Page::Findings => {
                self.findings.selected().map(|found| (found.who.as_ref(), found.session.as_ref()))
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

    fn choose_verification(&self, context: &mut Context<'_>) {
        let say = |phrase: AuditText| context.words.say(phrase).to_owned();
        let options = if self.verifying.is_some() {
            vec![
                (say(AuditText::VerifyGoOn), Picked::StopVerifying(false)),
                (say(AuditText::VerifyStop), Picked::StopVerifying(true)),
            ]
        } else {
            vec![
                (say(AuditText::VerifyNew), Picked::Verify(false)),
                (say(AuditText::VerifyAll), Picked::Verify(true)),
            ]
        };
        let title = context.words.say(AuditText::VerifyTitle);
        let current = options[0].1.clone();
        context.wish(Wish::Open(Box::new(Choice::new(title, options, &current))));
    }

    fn back(&mut self, context: &mut Context<'_>) {
        let took_back = self.records_mut().is_some_and(|records| records.back(context));
        if !took_back {
            context.dismiss_messages();
        }
    }

    fn refresh(&mut self, context: &mut Context<'_>) {
        self.standing.at = None;
        self.ask_due(context);
        if let Some(records) = self.records_mut() {
            records.refresh(context);
        } else {
            self.go_to(self.page, context);
        }
    }

    /// Moves the cursor of the list that is shown. Returns whether the command does.
    fn scroll(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        if let Some(records) = self.records_mut() {
            return records.command(command, context);
        }
        let Some(rows) = steps(command, self.lines) else { return false };
        match self.page {
            Page::People => self.people.step(rows),
            Page::Findings => self.findings.step(rows),
            Page::Records | Page::Logins | Page::Configuration => self.configuration.step(rows),
        }
        true
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
        self.standing.at = None;
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

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        if self.scroll(command, context) {
            return true;
        }
        match command {
            Command::Open => self.open(context),
            Command::NextPanel | Command::PanelRight => self.go_to(self.page.beside(1), context),
            Command::PreviousPanel | Command::PanelLeft => self.go_to(self.page.beside(-1), context),
            Command::Filter => match self.records_mut() {
                Some(records) => {
                    let dialog = FilterDialog::new(&records.filter, records.is_logins());
                    context.wish(Wish::Open(Box::new(dialog)));
                }
                None => context.ring(),
            },
            Command::Verify => self.choose_verification(context),
            Command::Decide => {
                let finding = self.findings.selected().filter(|_| self.page == Page::Findings);
                match finding.and_then(DecideDialog::new) {
                    Some(dialog) => context.wish(Wish::Open(Box::new(dialog))),
                    None => context.ring(),
                }
            }
            Command::PersonOfThis => self.narrow(Same::Person, context),
            Command::SessionOfThis => self.narrow(Same::Session, context),
            Command::Refresh => self.refresh(context),
            Command::Close => self.back(context),
            _ => return false,
        }
        true
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked {
            Picked::Events(filter) => {
                if self.records_mut().is_none() {
                    self.page = Page::Records;
                }
                if let Some(records) = self.records_mut() {
                    records.filter = *filter;
                    records.restart(context);
                }
            }
            Picked::Verify(full) if self.verifying.is_none() => {
                self.verifying = Some(None);
                context.verify(full);
            }
            Picked::StopVerifying(true) if self.verifying.is_some() => context.stop_verifying(),
            _ => {}
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Field(place) if place >= CLICK_PARTS => {
                if let Some(records) = self.records_mut() {
                    records.filter.remove(place - CLICK_PARTS);
                    records.restart(context);
                }
            }
            Hit::Field(place) => {
                if let Some(page) = Page::ALL.get(place) {
                    self.go_to(*page, context);
                }
            }
            Hit::Row(position) => {
                let cursor = match self.page {
                    Page::Records => self.records.list.cursor(),
                    Page::Logins => self.logins.list.cursor(),
                    Page::People => self.people.cursor(),
                    Page::Findings => self.findings.cursor(),
                    Page::Configuration => self.configuration.cursor(),
                };
                if cursor == position {
                    return self.open(context);
                }
                match self.page {
                    Page::Records => self.records.select(position, context),
                    Page::Logins => self.logins.select(position, context),
                    Page::People => self.people.select(position),
                    Page::Findings => self.findings.select(position),
                    Page::Configuration => self.configuration.select(position),
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
