//! What the audit is told: answers, and how a verification goes on and ends.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::AuditScreen;
use super::page::Page;
use crate::tui::app::{Context, Weight as NoticeWeight};
use crate::tui::text::audit::AuditText;
use crate::tui::widgets::Window;
use crate::worker::message::{
    Answer, DaySum, Failure, Finding, Question, Step, Strand, Ticket, Verification,
};

impl AuditScreen {
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
                // What is wrong now may be why.
                self.check.ask(Strand::Check, Question::Check, context);
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
        self.findings.replace(findings, false, |old, new| old.id == new.id);
    }

    /// A decision was written down, or not.
    pub fn decided(&mut self, outcome: Result<(), Failure>, context: &mut Context<'_>) {
        match outcome {
            Ok(()) => {
                context.say(NoticeWeight::Good, AuditText::Decided);
                self.report.ask(Strand::Report, Question::Report, context);
            }
            Err(failure) => context.fail(&failure),
        }
    }

    pub(super) fn take_answer(
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
