//! The report of a benchmark: both sides and their ratio.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::load::Round;
use super::pgbench::PgbenchRound;
use super::{Kind, Plan};

/// The results of one side: the median rate of the rounds, and response times over all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The rate per second, in [`Report::unit`].
    pub per_second: f64,
    /// The median response time, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile of the response times, in milliseconds.
    pub p99_ms: f64,
}

/// The result of a benchmark of postings: both sides, and their ratio.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub name: &'static str,
    /// What `per_second` counts: `postings`, `lines`, `reservations` or `picks`.
    pub unit: &'static str,
    /// How many sessions posted at the same time.
    pub sessions: usize,
    /// How many rounds each side got.
    pub rounds: usize,
    /// How long each round lasted.
    pub round_seconds: f64,
    pub ours: Figures,
    /// The results of the baseline.
    pub baseline: Figures,
    /// A description of the baseline.
    pub baseline_is: &'static str,
    /// Stockroom's rate divided by that of the baseline: the median of the rounds' ratios.
    pub ratio: f64,
    /// The rounds' ratios from the lowest to the highest.
    pub ratios: Vec<f64>,
    /// How often Stockroom retried a transaction.
    pub retries: u64,
    /// How often the baseline did.
    pub baseline_retries: u64,
    /// How many of Stockroom's postings a rule refused.
    pub refused: u64,
    /// How many of Stockroom's postings failed.
    pub failed: u64,
    /// pgbench's built-in TPC-B-like run on the same server, for `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pgbench: Option<PgbenchFigures>,
}

/// The result of pgbench, for comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PgbenchFigures {
    /// Transactions per second, the median of the rounds.
    pub per_second: f64,
    /// Stockroom's rate divided by that of pgbench: the median of the rounds' ratios.
    pub ratio: f64,
}

/// Describes the baseline for reserving and picking.
const BY_HAND_ORDERS: &str =
    "hand-written SQL that keeps the same sums, unaudited, unpartitioned, READ COMMITTED";

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

pub(super) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

fn rate(kind: Kind, round: &Round) -> f64 {
    let count = if kind == Kind::Batch { round.lines } else { round.posted };
    count as f64 / round.elapsed.as_secs_f64().max(f64::EPSILON)
}

fn figures(kind: Kind, rounds: &[Round]) -> Figures {
    let mut answers: Option<Histogram<u64>> = None;
    for round in rounds {
        match &mut answers {
            None => answers = Some(round.answers.clone()),
            // All histograms of a run have the same bounds, so adding them cannot fail.
            Some(sum) => drop(sum.add(&round.answers)),
        }
    }
    let quantile = |part: f64| {
        answers.as_ref().map_or(0.0, |sum| rounded(sum.value_at_quantile(part) as f64 / 1_000.0, 100.0))
    };
    Figures {
        per_second: rounded(median(rounds.iter().map(|round| rate(kind, round)).collect()), 10.0),
        p50_ms: quantile(0.50),
        p99_ms: quantile(0.99),
    }
}

impl Report {
    pub(super) fn new(
        kind: Kind,
        sessions: usize,
        plan: &Plan,
        ours: &[Round],
        baseline: &[Round],
        pgbench: &[PgbenchRound],
    ) -> Self {
        let (name, unit, baseline_is) = match kind {
            Kind::Post => ("post", "postings", "hand-written SQL, unaudited, unpartitioned, READ COMMITTED"),
            Kind::Hot => ("hot", "postings", "plain SERIALIZABLE retry loop on the same ledger"),
            Kind::Audit => ("audit", "postings", "the same postings by a login for which pgaudit is off"),
            Kind::Reserve => ("reserve", "reservations", BY_HAND_ORDERS),
            Kind::Pick => ("pick", "picks", BY_HAND_ORDERS),
            Kind::Batch => ("batch", "lines", "hand-written SQL, unaudited, unpartitioned, READ COMMITTED"),
        };
        let mut ratios: Vec<f64> = ours
            .iter()
            .zip(baseline)
            .map(|(ours, other)| rounded(rate(kind, ours) / rate(kind, other).max(f64::EPSILON), 100.0))
            .collect();
        let ratio = median(ratios.clone());
        ratios.sort_by(f64::total_cmp);
        let pgbench = (!pgbench.is_empty()).then(|| PgbenchFigures {
            per_second: rounded(median(pgbench.iter().map(|round| round.per_second).collect()), 10.0),
            ratio: rounded(
                median(
                    ours.iter()
                        .zip(pgbench)
                        .map(|(ours, other)| rate(kind, ours) / other.per_second.max(f64::EPSILON))
                        .collect(),
                ),
                100.0,
            ),
        });
        Self {
            name,
            unit,
            sessions,
            rounds: plan.rounds,
            round_seconds: plan.round.as_secs_f64(),
            ours: figures(kind, ours),
            baseline: figures(kind, baseline),
            baseline_is,
            ratio: rounded(ratio, 100.0),
            ratios,
            retries: ours.iter().map(|round| round.retries).sum(),
            baseline_retries: baseline.iter().map(|round| round.retries).sum(),
            refused: ours.iter().map(|round| round.refused).sum(),
            failed: ours.iter().map(|round| round.failed).sum(),
            pgbench,
        }
    }

    /// The report as text for the terminal, one line per side.
    #[must_use]
    pub fn words(&self) -> String {
        let side = |name: &str, figures: &Figures| {
            format!(
                "  {name:<10}{:>10.1} {}/s   p50 {:>8.2} ms   p99 {:>8.2} ms",
                figures.per_second, self.unit, figures.p50_ms, figures.p99_ms
            )
        };
        let range = match (self.ratios.first(), self.ratios.last()) {
            (Some(lowest), Some(highest)) => format!(" ({lowest:.2} to {highest:.2})"),
            _ => String::new(),
        };
        let mut lines = vec![
            format!(
                "{}: {} sessions, {} rounds of {} s",
                self.name, self.sessions, self.rounds, self.round_seconds
            ),
            side("ours", &self.ours),
            side("baseline", &self.baseline),
            format!("  ratio     {:>10.2}{range}   baseline: {}", self.ratio, self.baseline_is),
        ];
        if let Some(pgbench) = &self.pgbench {
            lines.push(format!(
                "  pgbench   {:>10.1} transactions/s   ratio {:.2}",
                pgbench.per_second, pgbench.ratio
            ));
        }
        lines.push(format!(
            "  retries {} (baseline {}), refused {}, failed {}",
            self.retries, self.baseline_retries, self.refused, self.failed
        ));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
