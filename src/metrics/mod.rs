//! Metrics: the table of everything that the program counts and measures, and the text format for Prometheus.
//!
//! Boundary: names, values and text. Code that measures something names an entry of [`table`]; nothing else can be
//! exported. `docs/metrics.md` is generated from the table.

mod page;
mod registry;
pub mod table;
pub mod textfile;

pub use page::metrics_page;
pub use registry::Metrics;
pub use table::{Kind, METRICS, Metric};
