//! The parts of the service. Adding one is an entry of [`PARTS`] and its file.

mod collector;
mod partitions;
mod retention;
mod verification;

use std::time::Duration;

use futures_util::FutureExt as _;

use super::runner::{Instance, Pace, Part};
use crate::config::serve::ServeSettings;
use crate::store::audit::COLLECTOR_LOGIN;

/// The login that verifies.
const VERIFIER_LOGIN: &str = "stock_verifier";
/// Partitions are looked after once an hour: a site that could not create one has a year of further tries.
const PARTITIONS_PAUSE: Duration = Duration::from_hours(1);

/// One kind of part and when it runs; none where the settings do not ask for it.
struct Entry {
    part: Part,
    pace: fn(&ServeSettings) -> Option<Pace>,
}

static PARTS: [Entry; 5] = [
    Entry {
        part: Part {
            name: "collector",
            login: COLLECTOR_LOGIN,
            connections: 2,
            run: |work| collector::run(work).boxed(),
        },
        pace: |_| Some(Pace::Endless),
    },
    Entry {
        part: Part {
            name: "verification",
            login: VERIFIER_LOGIN,
            connections: 2,
            run: |work| verification::incremental(work).boxed(),
        },
        pace: |settings| match settings.verify.incremental_minutes {
            0 => None,
            minutes => Some(Pace::Every(Duration::from_mins(u64::from(minutes)))),
        },
    },
    Entry {
        part: Part {
            name: "full_verification",
            login: VERIFIER_LOGIN,
            connections: 2,
            run: |work| verification::full(work).boxed(),
        },
        pace: |settings| Some(Pace::At(settings.verify.schedule.clone())),
    },
    Entry {
        part: Part {
            name: "partitions",
            login: COLLECTOR_LOGIN,
            connections: 1,
            run: |work| partitions::run(work).boxed(),
        },
        pace: |_| Some(Pace::Every(PARTITIONS_PAUSE)),
    },
    Entry {
        part: Part {
            name: "retention",
            login: COLLECTOR_LOGIN,
            connections: 1,
            run: |work| retention::run(work).boxed(),
        },
        pace: |settings| settings.retention.as_ref().map(|retention| Pace::At(retention.schedule.clone())),
    },
];

/// The parts that the settings ask for.
pub(super) fn instances(settings: &ServeSettings) -> Vec<Instance> {
    PARTS
        .iter()
        .filter_map(|entry| Some(Instance { part: &entry.part, pace: (entry.pace)(settings)?, feed: None }))
        .collect()
}
