//! The parts of the service. A new part is an entry of [`PARTS`] and a file.

mod activity;
mod collector;
mod figures;
mod import;
mod orders;
mod partitions;
mod retention;
mod verification;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;

pub(super) use activity::Counted;
pub use import::show_command as show_import;
pub use verification::show as show_verification;

use super::leader::LEAD_LOGIN;
use super::runner::{Instance, Pace, Part};
use crate::config::serve::{ServeSettings, seconds};
use crate::store::audit::COLLECTOR_LOGIN;

/// The login under which verifications run.
const VERIFIER_LOGIN: &str = "stock_verifier";
/// How often missing partitions are created: a site that could not create one has a year of further attempts.
const PARTITIONS_PAUSE: Duration = Duration::from_hours(1);

/// One kind of part and when it runs; not at all if the settings do not ask for it.
struct Entry {
    part: Part,
    pace: fn(&ServeSettings) -> Option<Pace>,
}

/// The login that reserves for orders.
const RESERVER_LOGIN: &str = "stock_reserver";
/// The time between two runs of the order parts. Order policies count in days.
const ORDERS_PAUSE: Duration = Duration::from_mins(5);
/// How often the activity of the terminals is counted.
const ACTIVITY_PAUSE: Duration = Duration::from_secs(5);

static PARTS: [Entry; 9] = [
    Entry {
        part: Part {
            name: "collector",
            login: COLLECTOR_LOGIN,
            connections: 2,
            run: |work| collector::run(work).boxed(),
            show_zero: |metrics, _| collector::show_zero(metrics),
        },
        pace: |_| Some(Pace::Endless),
    },
    Entry {
        part: Part {
            name: "verification",
            login: VERIFIER_LOGIN,
            connections: 2,
            run: |work| verification::incremental(work).boxed(),
            show_zero: |_, _| {},
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
            show_zero: |_, _| {},
        },
        pace: |settings| Some(Pace::At(settings.verify.schedule.clone())),
    },
    Entry {
        part: Part {
            name: "partitions",
            login: COLLECTOR_LOGIN,
            connections: 1,
            run: |work| partitions::run(work).boxed(),
            show_zero: |_, _| {},
        },
        pace: |_| Some(Pace::Every(PARTITIONS_PAUSE)),
    },
    Entry {
        part: Part {
            name: "retention",
            login: COLLECTOR_LOGIN,
            connections: 1,
            run: |work| retention::run(work).boxed(),
            show_zero: |_, _| {},
        },
        pace: |settings| settings.retention.as_ref().map(|retention| Pace::At(retention.schedule.clone())),
    },
    Entry {
        part: Part {
            name: "activity",
            login: COLLECTOR_LOGIN,
            connections: 1,
            run: |work| activity::run(work).boxed(),
            show_zero: |metrics, _| activity::show_zero(metrics),
        },
        pace: |_| Some(Pace::Every(ACTIVITY_PAUSE)),
    },
    Entry {
        part: Part {
            name: "expiry",
            login: RESERVER_LOGIN,
            connections: 2,
            run: |work| orders::expire(work).boxed(),
            show_zero: |metrics, _| orders::show_zero_expired(metrics),
        },
        pace: |_| Some(Pace::Every(ORDERS_PAUSE)),
    },
    Entry {
        part: Part {
            name: "reservation",
            login: RESERVER_LOGIN,
            connections: 2,
            run: |work| orders::reserve(work).boxed(),
            show_zero: |metrics, _| orders::show_zero_reserved(metrics),
        },
        pace: |_| Some(Pace::Every(ORDERS_PAUSE)),
    },
    Entry {
        part: Part {
            name: "figures",
            login: LEAD_LOGIN,
            connections: 1,
            run: |work| figures::run(work).boxed(),
            show_zero: |_, _| {},
        },
        pace: |settings| Some(Pace::Every(seconds(settings.figures_seconds))),
    },
];

/// How often a watched directory without a schedule is examined.
const WATCH_PAUSE: Duration = Duration::from_secs(2);

/// The part that imports, which has an instance for each watched directory.
static IMPORT: Part = Part {
    name: "import",
    login: "stock_importer",
    connections: 2,
    run: |work| import::run(work).boxed(),
    show_zero: |metrics, instance| {
        if let Some(feed) = &instance.feed {
            import::show_zero(metrics, feed.feed().as_str());
        }
    },
};

/// The instances of parts that the settings ask for.
pub(super) fn instances(settings: &ServeSettings) -> Vec<Instance> {
    let parts = PARTS
        .iter()
        .filter_map(|entry| Some(Instance { part: &entry.part, pace: (entry.pace)(settings)?, feed: None }));
    let imports = settings.import.iter().map(|feed| Instance {
        part: &IMPORT,
        pace: feed.schedule.clone().map_or(Pace::Every(WATCH_PAUSE), Pace::At),
        feed: Some(Arc::new(feed.clone())),
    });
    parts.chain(imports).collect()
}
