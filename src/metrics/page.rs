//! Generates `docs/metrics.md` from the table.

use std::fmt::Write as _;

use super::table::{METRICS, Metric};

const HEAD: &str = "# Metrics

`stockroom serve` answers `/metrics` in the text format of Prometheus; commands that are run by a timer write the same format into a file
with `--textfile`. `docs/operations.md` describes how to set both up. This page is generated from the table in `src/metrics/table.rs` by `make docs`.

A gauge whose value is not known is absent. Counters begin at 0 when the service starts. Of two services on one database, only the one that leads
counts and measures the work. No label contains a login, a SKU, a location or free text.

| label | values |
| --- | --- |
| `part` | the parts of the service: `collector`, `verification`, `full_verification`, `partitions`, `retention`, `activity`, `figures`, `import` |
| `feed` | the name of a scheduled import, from its section of the configuration; `command` for `stockroom import` |
| `kind` | of postings and movements: `receipt`, `issue`, `transfer`, `adjustment`, `reversal`; of orders: `purchase`, `sales`, `transfer` |
| `tree` | `lines` (the collected log), `ledger`, `rows` (counts and changes to master data) |
| `mode` | `incremental`, `full` |
| `rule` | the name of the rule, or `check`, `unique`, `permission` and `other` for refusals by PostgreSQL itself |
| `reason` | `serialization`, `deadlock`, `lock_timeout` |

| metric | type | labels | meaning |
| --- | --- | --- | --- |
";

/// The text of `docs/metrics.md`, with a row for each metric.
#[must_use]
pub fn metrics_page() -> String {
    let mut page = HEAD.to_owned();
    for Metric { name, kind, labels, help } in METRICS {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        // Writing into a String cannot fail.
        let _ = writeln!(page, "| `{name}` | {} | {} | {help} |", kind.as_str(), labels.join(", "));
    }
    page
}
