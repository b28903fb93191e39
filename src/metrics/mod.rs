//! Metrics: the table of all that the program counts and measures, and their text for Prometheus.
//!
//! Boundary: names, values and text. Whoever measures something names an entry of [`table`]; nothing else can be
//! exported. `docs/metrics.md` is made of the table.

mod page;
mod registry;
pub mod table;
pub mod textfile;

pub use page::metrics_page;
pub use registry::Metrics;
pub use table::{Kind, METRICS, Metric};
