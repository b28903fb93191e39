//! Handles what the audit receives: answers, and the progress and end of a verification.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::AuditScreen;
use super::findings::FindingList;
use super::page::Page;
use crate::audit::findings::{Finding, Report as Verification};
use crate::domain::{DaySum, ListedTable};
use crate::tui::screens::export::ExportDialog;
use crate::tui::text::audit::AuditText;
use crate::tui::view::{Context, Severity as NoticeSeverity};
use crate::tui::widgets::Received;
use crate::worker::message::{AuditReport, ExportWhat, Failure};
use crate::worker::query::{self, Answer, QueryKey, Ticket};

impl AuditScreen {
    /// Exports the list of the page that is shown.
    pub(super) fn export(&mut self, context: &mut Context<'_>) {
        let zone = context.zone;
        let (name, what) = match self.page {
            Page::Records => ("audit-log", ExportWhat::Pages(Box::new(self.records.list.question(zone)))),
            Page::Logins => ("logins", ExportWhat::Pages(Box::new(self.logins.list.question(zone)))),
            Page::People => ("changes", ExportWhat::Table(ListedTable::of(self.people.value.rows()))),
            Page::Findings => ("findings", ExportWhat::Table(ListedTable::of(self.findings.all()))),
            Page::Configuration => {
                ("configuration", ExportWhat::Table(ListedTable::of(self.check.value.rows())))
            }
        };
        ExportDialog::open(name, what, context);
    }

    /// Handles a report about a verification or a decision.
    pub(super) fn take_report(&mut self, report: &AuditReport, context: &mut Context<'_>) {
        match report {
            AuditReport::Verifying(step, done, of) => {
                if let Some(progress) = &mut self.verifying {
                    *progress = Some((*step, *done, *of));
                }
            }
            AuditReport::Verified(outcome) => self.verified(outcome.as_ref(), context),
            AuditReport::Decided(Ok(())) => {
                context.say(NoticeSeverity::Good, AuditText::Decided);
                self.report.ask(query::Report {}, context);
            }
            AuditReport::Decided(Err(failure)) => context.fail(failure),
        }
    }

    fn verified(&mut self, outcome: Option<&Result<Box<Verification>, Failure>>, context: &mut Context<'_>) {
        self.verifying = None;
        match outcome {
            None => context.say(NoticeSeverity::Note, AuditText::VerifyStopped),
            Some(Err(failure)) => context.fail(failure),
            Some(Ok(report)) => {
                tell(report, context);
                if report.alarms > 0 {
                    self.page = Page::Findings;
                }
                // A finding about the configuration may be the reason.
                self.check.ask(query::Check {}, context);
                self.report.set(Some(report.clone()), context.now);
                // The cursor goes to the most serious one, which is first.
                self.findings = FindingList::default();
                self.took_report();
            }
        }
    }

    fn took_report(&mut self) {
        let found = self.report.value.iter().flat_map(|report| &report.findings);
        let findings: Vec<Finding> = found.cloned().collect();
        self.judged = findings
            .iter()
            .rev()
            .filter_map(|finding| Some((finding.line_no?, (finding.severity, finding.verdict))))
            .collect();
        self.findings.replace(findings);
    }

    pub(super) fn take_answer(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let now = context.now;
        match ticket.query_key {
            QueryKey::Events => return self.records.list.answered(ticket, answer, context),
            QueryKey::Logins => return self.logins.list.answered(ticket, answer, context),
            QueryKey::Standing => self.answered_standing(ticket, answer, context),
            QueryKey::Check => {
                self.check.answered::<query::Check>(ticket, answer, now, |list, found| {
                    list.replace(found.clone(), |old, new| old.subject == new.subject);
                });
            }
            QueryKey::Report => {
                let received = self.report.answered::<query::Report>(ticket, answer, now, Option::clone_from);
                if received == Received::Value {
                    self.took_report();
                }
            }
            QueryKey::Summary => {
                let same = |old: &DaySum, new: &DaySum| {
                    (old.day, &old.login, &old.class, &old.command, &old.object)
                        == (new.day, &new.login, &new.class, &new.command, &new.object)
                };
                self.people.answered::<query::Summary>(ticket, answer, now, |list, sums| {
                    list.replace(sums.clone(), same);
                });
            }
            _ => return false,
        }
        true
    }

    fn answered_standing(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) {
        let earlier = self.standing.value.as_ref().and_then(|standing| standing.reported_at);
        let received =
            self.standing.answered::<query::Standing>(ticket, answer, context.now, |shown, standing| {
                *shown = Some((**standing).clone());
            });
        if received == Received::Value {
            self.took_standing(earlier, context);
        }
    }

    fn took_standing(&mut self, earlier: Option<Timestamp>, context: &mut Context<'_>) {
        let Some(standing) = &self.standing.value else { return };
        let (lines, reported_at) = (standing.health.lines, standing.reported_at);
        if let Some(records) = self.records_mut() {
            records.counted(lines, context);
        }
        // Somebody else has verified, perhaps a scheduled job.
        if reported_at.is_some() && reported_at != earlier && !self.report.is_asked() {
            self.report.ask(query::Report {}, context);
        }
    }
}

/// Shows a message with the result of a verification.
fn tell(report: &Verification, context: &mut Context<'_>) {
    let words = context.words;
    if report.alarms > 0 {
        let text = words.count(report.alarms, AuditText::VerifiedAlarmsOne, AuditText::VerifiedAlarms);
        context.tell(NoticeSeverity::Bad, text);
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
    context.tell(NoticeSeverity::Good, words.fill(AuditText::VerifiedClean, &places));
}
