//! The audit: what comes into the collected log, who changed what, what the last verification found, and
//! how collecting, sealing, verifying and the configuration stand. Nothing is asked while another screen
//! is in front.

mod dialog;
mod draw;
pub mod evidence;
pub mod filter;
mod lights;
mod lists;
mod record;
mod records;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use self::dialog::FilterDialog;
use self::evidence::EvidenceView;
use self::filter::{Part, Shown};
use self::record::RecordView;
use self::records::Records;
use crate::tui::app::{Canvas, Context, Hit, View, Weight as NoticeWeight, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::{Choice, Picked};
use crate::tui::text::audit::AuditText;
use crate::tui::widgets::Window;
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

/// A page of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Records,
    Logins,
    People,
    Findings,
    Configuration,
}

impl Page {
    const ALL: [Self; 5] = [Self::Records, Self::Logins, Self::People, Self::Findings, Self::Configuration];

    fn title(self) -> AuditText {
        match self {
            Self::Records => AuditText::Records,
            Self::Logins => AuditText::Logins,
            Self::People => AuditText::People,
            Self::Findings => AuditText::Findings,
            Self::Configuration => AuditText::Configuration,
        }
    }

    /// The page so many places further.
    fn beside(self, places: isize) -> Self {
        let count = Self::ALL.len();
        let own = Self::ALL.iter().position(|page| *page == self).unwrap_or(0);
        let step = places.rem_euclid(isize::try_from(count).unwrap_or(1)).unsigned_abs();
        Self::ALL[(own + step) % count]
    }
}

/// Something that is asked for now and then: the question under way, and what came of it.
#[derive(Debug)]
struct Asked<T> {
    ticket: Option<Ticket>,
    value: Option<T>,
    failure: Option<Failure>,
    at: Option<Timestamp>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { ticket: None, value: None, failure: None, at: None }
    }
}

impl<T> Asked<T> {
    fn ask(&mut self, strand: Strand, question: Question, context: &mut Context<'_>) {
        self.ticket = Some(context.ask(strand, question));
    }

    /// When it should be asked again.
    fn due_at(&self, pause: SignedDuration) -> Option<Timestamp> {
        match (self.ticket, self.at) {
            (Some(_), _) => None,
            (None, None) => Some(Timestamp::UNIX_EPOCH),
            (None, Some(at)) => at.checked_add(pause).ok(),
        }
    }

    /// Takes an answer. Returns whether it was to this question and brought something new.
    fn answered(&mut self, ticket: Ticket, answer: Result<T, &Failure>, now: Timestamp) -> bool {
        if self.ticket.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.at = Some(now);
        match answer {
            Ok(value) => {
                self.value = Some(value);
                self.failure = None;
                true
            }
            Err(failure) => {
                self.failure = Some(failure.clone());
                false
            }
        }
    }
}

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

/// Moves the cursor of a list. Returns whether the command does.
fn scroll<T>(list: &mut Window<T>, command: Command, lines: usize) -> bool {
    let page = isize::try_from(lines.max(2) - 1).unwrap_or(isize::MAX);
    match command {
        Command::Up => list.step(-1),
        Command::Down => list.step(1),
        Command::PageUp => list.step(-page),
        Command::PageDown => list.step(page),
        Command::First => list.select(0),
        Command::Last => list.select(usize::MAX),
        _ => return false,
    }
    true
}

impl AuditScreen {
    /// Lists the lines that hold a text.
    pub fn show_text(&mut self, text: String, context: &mut Context<'_>) {
        self.page = Page::Records;
        self.records.filter = Default::default();
        self.records.narrow(Part::Text(text), context);
    }

    /// The verification has come so far.
    pub fn verifying(&mut self, step: Step, done: u64, of: u64) {
        if let Some(progress) = &mut self.verifying {
            *progress = Some((step, done, of));
        }
    }

    /// The verification is over.
    pub fn verified(
        &mut self,
        outcome: Option<Result<Box<Verification>, Failure>>,
        context: &mut Context<'_>,
    ) {
        self.verifying = None;
        match outcome {
            None => context.say(NoticeWeight::Note, AuditText::VerifyStopped),
            Some(Err(failure)) => context.fail(&failure),
            Some(Ok(report)) => {
                tell(&report, context);
                if report.alarms > 0 {
                    self.page = Page::Findings;
                }
                self.report.value = Some(Some(report));
                self.report.failure = None;
                // The gravest stand first.
                self.findings = Window::default();
                self.took_report();
            }
        }
    }

    fn took_report(&mut self) {
        let found = self.report.value.iter().flatten().flat_map(|report| &report.findings);
        let findings: Vec<Finding> = found.cloned().collect();
        self.judged = findings
            .iter()
            .rev()
            .filter_map(|finding| Some((finding.line_no?, (finding.weight, finding.verdict))))
            .collect();
        self.findings.replace(findings, false, |old, new| old == new);
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

    fn took_standing(&mut self, earlier: Option<Timestamp>, context: &mut Context<'_>) {
        let Some(standing) = &self.standing.value else { return };
        let (lines, reported_at) = (standing.health.lines, standing.reported_at);
        if let Some(records) = self.records_mut() {
            records.counted(lines, context);
        }
        // Somebody has verified, perhaps a nightly job.
        if reported_at.is_some() && reported_at != earlier && self.report.ticket.is_none() {
            self.report.ask(Strand::Report, Question::Report, context);
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
    fn narrow(&mut self, session: bool, context: &mut Context<'_>) {
        let part = self.records_mut().and_then(|records| {
            let event = &records.list.selected()?.event;
            let value = if session { event.session.clone() } else { event.login.clone() }?;
            Some(if session { Part::Session(value) } else { Part::Person(value) })
        });
        let of_finding = || {
            let finding = self.findings.selected().filter(|_| self.page == Page::Findings)?;
            let value = if session { finding.session.clone() } else { finding.who.clone() }?;
            Some(if session { Part::Session(value) } else { Part::Person(value) })
        };
        match part.or_else(of_finding) {
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
        let lines = self.lines;
        match self.page {
            Page::Records => self.records.command(command, context),
            Page::Logins => self.logins.command(command, context),
            Page::People => scroll(&mut self.people, command, lines),
            Page::Findings => scroll(&mut self.findings, command, lines),
            Page::Configuration => scroll(&mut self.configuration, command, lines),
        }
    }
}

/// Says what a verification came to.
fn tell(report: &Verification, context: &mut Context<'_>) {
    let words = context.words;
    if report.alarms > 0 {
        let text = words.count(report.alarms, AuditText::VerifiedAlarmsOne, AuditText::VerifiedAlarms);
        context.tell(NoticeWeight::Bad, text);
        return;
    }
    let number = |count: u64| words.language.number(Decimal::from(count));
    let seconds = Decimal::try_from(report.seconds).unwrap_or_default().round_dp(1);
    let places = [
        ("movements", number(report.movements)),
        ("lines", number(report.lines)),
        ("seconds", words.language.number(seconds)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    context.tell(NoticeWeight::Good, words.fill(AuditText::VerifiedClean, &places));
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
            Command::PersonOfThis => self.narrow(false, context),
            Command::SessionOfThis => self.narrow(true, context),
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
        match ticket.strand {
            Strand::Events => return self.records.answered(ticket, answer, context),
            Strand::Logins => return self.logins.answered(ticket, answer, context),
            Strand::Standing => self.answered_standing(ticket, answer, context),
            Strand::Check => {
                if let Ok(Answer::Check(found)) = answer {
                    self.configuration.replace(found.clone(), false, |old, new| old.subject == new.subject);
                }
                self.check.answered(ticket, answer.as_ref().map(|_| ()), context.now);
            }
            Strand::Report => {
                let report = match answer {
                    Ok(Answer::Report(report)) => Ok(report.clone()),
                    Ok(_) => return true,
                    Err(failure) => Err(failure),
                };
                if self.report.answered(ticket, report, context.now) {
                    self.took_report();
                }
            }
            Strand::Summary => {
                if let Ok(Answer::Summary(sums)) = answer {
                    let same = |old: &DaySum, new: &DaySum| {
                        (old.day, &old.login, &old.class, &old.command, &old.object)
                            == (new.day, &new.login, &new.class, &new.command, &new.object)
                    };
                    self.people.replace(sums.clone(), false, same);
                }
                self.summary.answered(ticket, answer.as_ref().map(|_| ()), context.now);
            }
            _ => return false,
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}

impl AuditScreen {
    fn answered_standing(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) {
        let standing = match answer {
            Ok(Answer::Standing(standing)) => Ok((**standing).clone()),
            Ok(_) => return,
            Err(failure) => Err(failure),
        };
        let earlier = self.standing.value.as_ref().and_then(|standing| standing.reported_at);
        if self.standing.answered(ticket, standing, context.now) {
            self.took_standing(earlier, context);
        }
    }
}
