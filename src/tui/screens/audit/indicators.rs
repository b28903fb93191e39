//! The four indicators of the state of the audit, with their texts.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::AuditScreen;
use crate::audit::evidence::Standing;
use crate::audit::findings::Report as Verification;
use crate::audit::reconcile::Step;
use crate::audit::seal::Checkpoint;
use crate::domain::{CheckFinding, CheckSeverity};
use crate::tui::text::Words;
use crate::tui::text::audit::{self, AuditText};
use crate::tui::view::Severity;

/// A collector that has sealed nothing for longer is behind; it seals every two seconds.
const BEHIND_SECONDS: i64 = 10;
/// What has not been signed for longer is overdue.
const UNSIGNED_MAX: SignedDuration = SignedDuration::from_secs(10);
/// A verification that is older is overdue; it is made every night.
const VERIFIED_MAX: SignedDuration = SignedDuration::from_hours(26);

/// The state of one part of the audit: how serious it is, and the text that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HealthIndicator {
    pub severity: Severity,
    pub text: String,
}

impl HealthIndicator {
    fn new(severity: Severity, text: String) -> Self {
        Self { severity, text }
    }
}

impl AuditScreen {
    /// The indicators: collecting, sealing, verifying, configuration.
    pub(super) fn indicators(&self, words: Words, now: Timestamp) -> [HealthIndicator; 4] {
        let standing = self.standing.value.as_ref();
        let report = self.report.value.as_deref();
        // As of when it was received: nothing is queried while a dialog is in front.
        let came_at = self.standing.came_at().unwrap_or(now);
        let check = self.check.came_at().map(|_| self.check.value.rows());
        // What was found before a check failed says nothing about the present.
        let failed = |failed: bool, phrase: AuditText| {
            failed.then(|| HealthIndicator::new(Severity::Warning, words.say(phrase).to_owned()))
        };
        let unknown = self.standing.failure().is_some();
        [
            failed(unknown, AuditText::CollectorFailed).unwrap_or_else(|| collector(standing, words)),
            failed(unknown, AuditText::SealFailed).unwrap_or_else(|| seal(standing, words, came_at)),
            match self.verifying {
                Some(progress) => verifying(progress, words),
                None => failed(unknown || self.report.failure().is_some(), AuditText::ReportFailed)
                    .unwrap_or_else(|| verified(report, standing, words, now)),
            },
            failed(self.check.failure().is_some(), AuditText::CheckFailed)
                .unwrap_or_else(|| configuration(check, words)),
        ]
    }
}

fn ago(words: Words, seconds: i64) -> String {
    words.language.ago(SignedDuration::from_secs(seconds.max(0)))
}

fn number(words: Words, count: u64) -> String {
    words.language.number(Decimal::from(count))
}

fn collector(standing: Option<&Standing>, words: Words) -> HealthIndicator {
    let Some(standing) = standing else {
        return HealthIndicator::new(Severity::Note, words.say(AuditText::CollectorUnknown).to_owned());
    };
    let (severity, phrase) = match (standing.health.collector_present, standing.health.sealed_seconds_ago) {
        (true, Some(seconds)) if seconds <= BEHIND_SECONDS => (Severity::Good, AuditText::CollectorAtWork),
        (true, Some(_)) => (Severity::Warning, AuditText::CollectorBehind),
        (true, None) => (Severity::Warning, AuditText::CollectorNew),
        (false, Some(_)) => (Severity::Bad, AuditText::CollectorGone),
        (false, None) => (Severity::Bad, AuditText::CollectorNever),
    };
    let seconds = standing.health.sealed_seconds_ago.unwrap_or_default();
    HealthIndicator::new(severity, words.fill(phrase, &[("ago", &ago(words, seconds))]))
}

fn seal(standing: Option<&Standing>, words: Words, now: Timestamp) -> HealthIndicator {
    let Some(standing) = standing else {
        return HealthIndicator::new(Severity::Note, words.say(AuditText::SealUnknown).to_owned());
    };
    let points = [&standing.sealed_lines, &standing.sealed_ledger];
    let Some(signed_at) = points.into_iter().flatten().filter_map(|point| point.signed_at).max() else {
        return HealthIndicator::new(Severity::Warning, words.say(AuditText::SealNone).to_owned());
    };
    let size = |point: &Option<Checkpoint>| point.as_ref().map_or(0, |point| point.size);
    let open = standing.health.lines.saturating_sub(size(&standing.sealed_lines))
        + standing.health.sealed.saturating_sub(size(&standing.sealed_ledger));
    let since = now.duration_since(signed_at);
    let ago = ago(words, since.as_secs());
    if open == 0 {
        return HealthIndicator::new(Severity::Good, words.fill(AuditText::SealAll, &[("ago", &ago)]));
    }
    let severity = if since <= UNSIGNED_MAX { Severity::Good } else { Severity::Warning };
    let places = [("n", number(words, open)), ("ago", ago)];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    HealthIndicator::new(severity, words.fill(AuditText::SealSome, &places))
}

fn verifying(progress: Option<(Step, u64, u64)>, words: Words) -> HealthIndicator {
    let Some((step, done, of)) = progress else {
        return HealthIndicator::new(Severity::Note, words.say(AuditText::VerifyBegun).to_owned());
    };
    let phrase = if of > 0 { AuditText::VerifyingOf } else { AuditText::Verifying };
    let places = [
        ("step", words.say(audit::step(step)).to_owned()),
        ("done", number(words, done)),
        ("of", number(words, of)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    HealthIndicator::new(Severity::Note, words.fill(phrase, &places))
}

fn verified(
    report: Option<&Verification>,
    standing: Option<&Standing>,
    words: Words,
    now: Timestamp,
) -> HealthIndicator {
    let ago = |time: Timestamp| words.language.ago(now.duration_since(time));
    if let Some(report) = report.filter(|report| report.alarms > 0) {
        let alarms = words.count(report.alarms, AuditText::AlarmsOne, AuditText::Alarms);
        let places = [("alarms", &*alarms), ("ago", &*ago(report.analysed_to))];
        return HealthIndicator::new(Severity::Bad, words.fill(AuditText::VerifyAlarms, &places));
    }
    let clean_at = standing.and_then(|standing| standing.clean_at);
    let Some(at) = clean_at.or(report.map(|report| report.analysed_to)) else {
        return HealthIndicator::new(Severity::Warning, words.say(AuditText::VerifyNever).to_owned());
    };
    let (severity, phrase) = if now.duration_since(at) > VERIFIED_MAX {
        (Severity::Warning, AuditText::VerifyOld)
    } else {
        (Severity::Good, AuditText::VerifyClean)
    };
    HealthIndicator::new(severity, words.fill(phrase, &[("ago", &ago(at))]))
}

fn configuration(found: Option<&[CheckFinding]>, words: Words) -> HealthIndicator {
    let Some(found) = found else {
        return HealthIndicator::new(Severity::Note, words.say(AuditText::CheckUnknown).to_owned());
    };
    let count = |severity: CheckSeverity| {
        u64::try_from(found.iter().filter(|finding| finding.severity == severity).count()).unwrap_or(u64::MAX)
    };
    let (severity, text) = match CheckSeverity::ALL.map(count) {
        [0, 0, 0] => (Severity::Good, words.say(AuditText::CheckSafe).to_owned()),
        [0, 0, n] => (Severity::Warning, words.count(n, AuditText::CheckAdviceOne, AuditText::CheckAdvice)),
        [0, ..] => (Severity::Warning, words.say(AuditText::CheckPartly).to_owned()),
        [n, ..] => (Severity::Bad, words.count(n, AuditText::CheckUnsafeOne, AuditText::CheckUnsafe)),
    };
    HealthIndicator::new(severity, text)
}
