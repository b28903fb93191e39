//! The values, and their text in the classic Prometheus format, which the textfile collector also reads.

use std::collections::HashMap;
use std::fmt;

use prometheus::{GaugeVec, IntCounterVec, Opts, Registry, TextEncoder};

use super::table::{Kind, METRICS, Metric};

/// The values of one metric, by label.
enum Values {
    Gauge(GaugeVec),
    Counter(IntCounterVec),
}

/// The values of all metrics. A metric that was never set is left out of the text.
pub struct Metrics {
    registry: Registry,
    values: HashMap<&'static str, Values>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").field("metrics", &self.values.len()).finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics of the table, without values.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let mut values = HashMap::new();
        for metric in METRICS {
            // Fails only for a name that is malformed or appears twice; a test creates the whole table.
            if let Some(value) = register(&registry, metric) {
                values.insert(metric.name, value);
            }
        }
        Self { registry, values }
    }

    /// Sets the value of a gauge for some values of its labels.
    pub fn set(&self, metric: &Metric, labels: &[&str], value: f64) {
        if let Some(Values::Gauge(gauge)) = self.values.get(metric.name)
            && let Ok(gauge) = gauge.get_metric_with_label_values(labels)
        {
            gauge.set(value);
        }
    }

    /// Adds to a counter; adding 0 makes it appear with the value 0.
    pub fn add(&self, metric: &Metric, labels: &[&str], number: u64) {
        if let Some(Values::Counter(counter)) = self.values.get(metric.name)
            && let Ok(counter) = counter.get_metric_with_label_values(labels)
        {
            counter.inc_by(number);
        }
    }

    /// Removes the values of a gauge, so that an outdated value is not exported.
    pub fn forget(&self, metric: &Metric) {
        if let Some(Values::Gauge(gauge)) = self.values.get(metric.name) {
            gauge.reset();
        }
    }

    /// All values in the text format.
    ///
    /// # Errors
    /// If the values contradict each other, which is impossible: each metric is registered once.
    pub fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn register(registry: &Registry, metric: &Metric) -> Option<Values> {
    let options = Opts::new(metric.name, metric.help);
    match metric.kind {
        Kind::Gauge => {
            let gauge = GaugeVec::new(options, metric.labels).ok()?;
            registry.register(Box::new(gauge.clone())).ok()?;
            Some(Values::Gauge(gauge))
        }
        Kind::Counter => {
            let counter = IntCounterVec::new(options, metric.labels).ok()?;
            registry.register(Box::new(counter.clone())).ok()?;
            Some(Values::Counter(counter))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::table::{LEADER, REFUSALS};

    #[test]
    fn every_metric_of_the_table_can_be_set_and_read() {
        let metrics = Metrics::new();
        for metric in METRICS {
            let labels: Vec<&str> = metric.labels.iter().map(|_| "x").collect();
            match metric.kind {
                Kind::Gauge => metrics.set(metric, &labels, 1.5),
                Kind::Counter => metrics.add(metric, &labels, 2),
            }
        }
        let text = metrics.render().unwrap();
        for metric in METRICS {
            let kind = metric.kind.as_str();
            assert!(text.contains(&format!("# TYPE {} {kind}\n", metric.name)), "{}", metric.name);
        }
    }

    #[test]
    fn what_was_never_set_is_left_out_and_what_is_forgotten_too() {
        let metrics = Metrics::new();
        assert_eq!(metrics.render().unwrap(), "");
        metrics.set(&LEADER, &[], 1.0);
        metrics.add(&REFUSALS, &["insufficient_stock"], 0);
        let text = metrics.render().unwrap();
        assert!(text.contains("\nstockroom_leader 1\n"), "{text}");
        assert!(text.contains("stockroom_refusals_total{rule=\"insufficient_stock\"} 0\n"), "{text}");
        metrics.forget(&LEADER);
        assert!(!metrics.render().unwrap().contains("stockroom_leader 1"));
    }
}
