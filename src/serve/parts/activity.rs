//! The activity of all terminals of the site, counted from the collected log and the sealed ledger: postings, refusals
//! and retries.
//!
//! Counting begins at the end of the log and the ledger when the service becomes the leader, as is usual for Prometheus
//! counters.

use std::sync::Mutex;
use std::sync::PoisonError;

use crate::audit::record::{LogLine, text};
use crate::domain::{MovementKind, RULE_SENTENCES, rule_of};
use crate::metrics::Metrics;
use crate::metrics::table::{MOVEMENTS, POSTINGS, REFUSALS, RETRIES};
use crate::serve::PartError;
use crate::serve::runner::Work;
use crate::store::TreeSizes;

/// The reason for repeating a transaction, by the SQLSTATE of the error.
const RETRY_REASONS: [(&str, &str); 3] =
    [("40001", "serialization"), ("40P01", "deadlock"), ("55P03", "lock_timeout")];
/// The rules counted for refusals by PostgreSQL itself, by SQLSTATE.
const OTHER_REFUSALS: [(&str, &str); 4] =
    [("23514", "check"), ("23505", "unique"), ("42501", "permission"), ("22003", "other")];
/// The CHECK constraint that keeps stock from becoming negative.
const NOT_NEGATIVE: &str = "stock_levels_on_hand_not_negative";

/// The position up to which has been counted.
#[derive(Debug, Default)]
pub(in crate::serve) struct Counted(Mutex<Option<TreeSizes>>);

impl Counted {
    fn get(&self) -> Option<TreeSizes> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, sizes: Option<TreeSizes>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sizes;
    }

    /// Forgets the position, so that counting begins at the present end.
    pub(in crate::serve) fn begins(&self) {
        self.set(None);
    }
}

/// Counts the movements and errors since the last run.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let (site, metrics) = (&work.site, &work.site.metrics);
    let now = work.store.tree_sizes().await?;
    let Some(mut counted) = site.counted.get() else {
        site.counted.set(Some(now));
        return Ok(());
    };
    if now.ledger > counted.ledger {
        for activity in work.store.sealed_activity(counted.ledger, now.ledger).await? {
            metrics.add(&POSTINGS, &[&activity.kind], activity.postings);
            metrics.add(&MOVEMENTS, &[&activity.kind], activity.movements);
        }
        counted.ledger = now.ledger;
        // Stored at once: after a failure below, nothing is counted twice.
        site.counted.set(Some(counted));
    }
    while counted.lines < now.lines {
        let (errors, end) = work.store.collected_errors(counted.lines, now.lines).await?;
        errors.iter().for_each(|raw| count(metrics, raw));
        counted.lines = end;
        site.counted.set(Some(counted));
    }
    Ok(())
}

/// Exports the counters with the value zero, for every kind, rule and reason.
pub(super) fn show_zero(metrics: &Metrics) {
    for kind in MovementKind::ALL {
        metrics.add(&POSTINGS, &[kind.as_str()], 0);
        metrics.add(&MOVEMENTS, &[kind.as_str()], 0);
    }
    let rules = RULE_SENTENCES.iter().map(|(rule, _)| *rule);
    for rule in rules.chain(OTHER_REFUSALS.map(|(_, rule)| rule)).chain(["insufficient_stock"]) {
        metrics.add(&REFUSALS, &[rule], 0);
    }
    RETRY_REASONS.iter().for_each(|(_, reason)| metrics.add(&RETRIES, &[reason], 0));
}

fn count(metrics: &Metrics, raw: &[u8]) {
    let text = text(raw);
    let Some(line) = LogLine::read(&text) else { return };
    let code = line.state_code.as_ref();
    if let Some((_, reason)) = RETRY_REASONS.iter().find(|(known, _)| *known == code) {
        metrics.add(&RETRIES, &[reason], 1);
    } else if let Some(rule) = refusal(code, &line.message) {
        metrics.add(&REFUSALS, &[rule], 1);
    }
}

/// The rule behind a refusal, according to the message of the database; none for other errors.
fn refusal(code: &str, message: &str) -> Option<&'static str> {
    if code.starts_with("SR") {
        return Some(rule_of(message).unwrap_or("other"));
    }
    if code == "23514" && message.contains(NOT_NEGATIVE) {
        return Some("insufficient_stock");
    }
    OTHER_REFUSALS.iter().find(|(known, _)| *known == code).map(|(_, rule)| *rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_by_their_rule_and_never_by_their_words() {
        for (code, message, rule) in [
            (
                "SR003",
                "Location A-1 still holds 10 kinds of goods; move them first.",
                Some("location_not_empty"),
            ),
            ("SR003", "a sentence of another version", Some("other")),
            (
                "23514",
                "new row violates check constraint \"stock_levels_on_hand_not_negative\"",
                Some("insufficient_stock"),
            ),
            ("23514", "new row violates check constraint \"x\"", Some("check")),
            ("42501", "permission denied for table products", Some("permission")),
            ("42601", "syntax error", None),
        ] {
            assert_eq!(refusal(code, message), rule, "{message}");
        }
    }
}
