//! The state of health of the audit: four lights, each with its words.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::AuditScreen;
use crate::tui::app::Weight;
use crate::tui::text::Words;
use crate::tui::text::audit::{self, AuditText};
use crate::worker::message::{CheckFinding, CheckWeight, Checkpoint, Standing, Step, Verification};

/// A collector that has sealed nothing for longer is behind; it does so every two seconds.
const BEHIND_SECONDS: i64 = 10;
/// What has not been signed for longer should have been.
const UNSIGNED_MAX: SignedDuration = SignedDuration::from_secs(10);
/// A verification that is older is old; it is made every night.
const VERIFIED_MAX: SignedDuration = SignedDuration::from_hours(26);

/// One light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Light {
    pub weight: Weight,
    pub text: String,
}

impl Light {
    fn new(weight: Weight, text: String) -> Self {
        Self { weight, text }
    }
}

impl AuditScreen {
    /// The lights: collecting, sealing, verifying, configuration.
    pub(super) fn lights(&self, words: Words, now: Timestamp) -> [Light; 4] {
        let standing = self.standing.value.as_ref();
        let report = self.report.value.as_ref().and_then(Option::as_deref);
        // As of when it was told: nothing is asked while a dialog is in front.
        let told_at = self.standing.at.unwrap_or(now);
        let check = self.check.at.is_some().then(|| self.configuration.rows());
        [
            collector(standing, words),
            seal(standing, words, told_at),
            match self.verifying {
                Some(progress) => verifying(progress, words),
                None => verified(report, standing, words, now),
            },
            configuration(check, words),
        ]
    }
}

fn ago(words: Words, seconds: i64) -> String {
    words.language.ago(SignedDuration::from_secs(seconds.max(0)))
}

fn number(words: Words, count: u64) -> String {
    words.language.number(Decimal::from(count))
}

fn collector(standing: Option<&Standing>, words: Words) -> Light {
    let Some(standing) = standing else {
        return Light::new(Weight::Note, words.say(AuditText::CollectorUnknown).to_owned());
    };
    let (weight, phrase) = match (standing.health.collector_present, standing.health.sealed_seconds_ago) {
        (true, Some(seconds)) if seconds <= BEHIND_SECONDS => (Weight::Good, AuditText::CollectorAtWork),
        (true, Some(_)) => (Weight::Warning, AuditText::CollectorBehind),
        (true, None) => (Weight::Warning, AuditText::CollectorNew),
        (false, Some(_)) => (Weight::Bad, AuditText::CollectorGone),
        (false, None) => (Weight::Bad, AuditText::CollectorNever),
    };
    let seconds = standing.health.sealed_seconds_ago.unwrap_or_default();
    Light::new(weight, words.fill(phrase, &[("ago", &ago(words, seconds))]))
}

fn seal(standing: Option<&Standing>, words: Words, now: Timestamp) -> Light {
    let Some(standing) = standing else {
        return Light::new(Weight::Note, words.say(AuditText::SealUnknown).to_owned());
    };
    let points = [&standing.sealed_lines, &standing.sealed_ledger];
    let Some(signed_at) = points.into_iter().flatten().filter_map(|point| point.signed_at).max() else {
        return Light::new(Weight::Warning, words.say(AuditText::SealNone).to_owned());
    };
    let size = |point: &Option<Checkpoint>| point.as_ref().map_or(0, |point| point.size);
    let open = standing.health.lines.saturating_sub(size(&standing.sealed_lines))
        + standing.health.sealed.saturating_sub(size(&standing.sealed_ledger));
    let since = now.duration_since(signed_at);
    let ago = ago(words, since.as_secs());
    if open == 0 {
        return Light::new(Weight::Good, words.fill(AuditText::SealAll, &[("ago", &ago)]));
    }
    let weight = if since <= UNSIGNED_MAX { Weight::Good } else { Weight::Warning };
    let places = [("n", number(words, open)), ("ago", ago)];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    Light::new(weight, words.fill(AuditText::SealSome, &places))
}

fn verifying(progress: Option<(Step, u64, u64)>, words: Words) -> Light {
    let Some((step, done, of)) = progress else {
        return Light::new(Weight::Note, words.say(AuditText::VerifyBegun).to_owned());
    };
    let phrase = if of > 0 { AuditText::VerifyingOf } else { AuditText::Verifying };
    let places = [
        ("step", words.say(audit::step(step)).to_owned()),
        ("done", number(words, done)),
        ("of", number(words, of)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    Light::new(Weight::Note, words.fill(phrase, &places))
}

fn verified(
    report: Option<&Verification>,
    standing: Option<&Standing>,
    words: Words,
    now: Timestamp,
) -> Light {
    let ago = |time: Timestamp| words.language.ago(now.duration_since(time));
    if let Some(report) = report.filter(|report| report.alarms > 0) {
        let alarms = words.count(report.alarms, AuditText::AlarmsOne, AuditText::Alarms);
        let places = [("alarms", &*alarms), ("ago", &*ago(report.judged_to))];
        return Light::new(Weight::Bad, words.fill(AuditText::VerifyAlarms, &places));
    }
    let clean_at = standing.and_then(|standing| standing.clean_at);
    let Some(at) = clean_at.or(report.map(|report| report.judged_to)) else {
        return Light::new(Weight::Warning, words.say(AuditText::VerifyNever).to_owned());
    };
    let (weight, phrase) = if now.duration_since(at) > VERIFIED_MAX {
        (Weight::Warning, AuditText::VerifyOld)
    } else {
        (Weight::Good, AuditText::VerifyClean)
    };
    Light::new(weight, words.fill(phrase, &[("ago", &ago(at))]))
}

fn configuration(found: Option<&[CheckFinding]>, words: Words) -> Light {
    let Some(found) = found else {
        return Light::new(Weight::Note, words.say(AuditText::CheckUnknown).to_owned());
    };
    let count = |weight: CheckWeight| {
        u64::try_from(found.iter().filter(|finding| finding.weight == weight).count()).unwrap_or(u64::MAX)
    };
    match (count(CheckWeight::Unsafe), count(CheckWeight::Advice)) {
        (0, 0) => Light::new(Weight::Good, words.say(AuditText::CheckSafe).to_owned()),
        (0, n) => {
            Light::new(Weight::Warning, words.count(n, AuditText::CheckAdviceOne, AuditText::CheckAdvice))
        }
        (n, _) => Light::new(Weight::Bad, words.count(n, AuditText::CheckUnsafeOne, AuditText::CheckUnsafe)),
    }
}
