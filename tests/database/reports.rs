//! Reports, compared with a model in memory that replays a random ledger.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rust_decimal::Decimal;
use stockroom::domain::{
    ColumnKind, Details, Line, MovementKind, NewPartner, PartnerKind, PostingId, ProductChange, Report,
    ReportCell, ReportFilter, ReportRows, Reversal,
};
use stockroom::service::{Count, Service};
use stockroom::store::Store;

use crate::support::commands::count;
use crate::support::database::{TestDatabase, line, posting_with_id, product};
use crate::support::raw::connect;

const SKUS: [&str; 4] = ["A", "B", "C", "D"];
const DAYS: i64 = 40;

/// A product's standard cost and category; the first has neither.
const CATALOGUE: [(&str, Option<&str>, Option<&str>); 4] = [
    ("A", None, None),
    ("B", Some("2.3456"), Some("Tools")),
    ("C", Some("0.01"), Some("Tools")),
    ("D", None, Some("Food")),
];

/// The grid that all moments are on: the database takes goods out up to a minute before they came in, and no report
/// may begin or end in such a minute.
const GRID_MS: i64 = 300_000;

fn on_grid(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond().div_euclid(GRID_MS) * GRID_MS).unwrap()
}

/// A moment within the time of the test, after another.
fn later(random: &mut StdRng, earliest: Timestamp) -> Timestamp {
    let left = Timestamp::now().as_millisecond() - 120_000 - earliest.as_millisecond();
    on_grid(earliest + SignedDuration::from_millis(random.random_range(0..left.max(1))))
}

fn price(random: &mut StdRng) -> Option<stockroom::domain::UnitPrice> {
    let price = Decimal::new(random.random_range(0..100_000), random.random_range(0..=4));
    (random.random_range(0..3) > 0).then(|| price.to_string().parse().unwrap())
}

/// Posts at random; what a rule refuses is left out.
async fn work(service: &Service, random: &mut StdRng) {
    let start = on_grid(Timestamp::now() - (24 * DAYS).hours());
    let mut posted: Vec<(Timestamp, PostingId)> = Vec::new();
    let mut refused = 0;
    for step in 0..150 {
        // Most of it in the order of time, so that most of it is possible; the rest dated back.
        let steps = SignedDuration::from_millis(DAYS * 86_400_000 / 160 * step);
        let moment =
            if random.random_range(0..5) == 0 { later(random, start) } else { on_grid(start + steps) };
        let id = PostingId::at(moment, random.random());
        let sku = SKUS[random.random_range(0..SKUS.len())];
        let quantity = random.random_range(1..20).to_string();
        let lines = |from: &str, to: &str, unit_price| {
            vec![Line { unit_price, ..line(sku, &quantity, from, to) }, line("A", "1", from, to)]
        };
        let unit_price = price(random);
        let outcome = match random.random_range(0..12) {
            0..=3 => {
                let mut posting = posting_with_id(id, MovementKind::Receipt, lines("", "X", unit_price));
                posting.partner = match random.random_range(0..3) {
                    0 => None,
                    1 => Some("SHOP".parse().unwrap()),
                    _ => Some("BUYER".parse().unwrap()),
                };
                service.post(&posting).await.map(|_| ())
            }
            4..=7 => {
                let posting = posting_with_id(id, MovementKind::Issue, lines("X", "", unit_price));
                service.post(&posting).await.map(|_| ())
            }
            8 => {
                let posting = posting_with_id(id, MovementKind::Transfer, lines("X", "Y", None));
                service.post(&posting).await.map(|_| ())
            }
            9 => {
                let details = Details { id: Some(id), ..Details::default() };
                service.count(Count { details, ..count(sku, &quantity, "X") }).await.map(|_| ())
            }
            _ if !posted.is_empty() => {
                let (earliest, target) = posted[random.random_range(0..posted.len())];
                let reason = "drawn at random".parse().unwrap();
                let id = PostingId::at(later(random, earliest), random.random());
                let reversal =
                    Reversal { target: target.line(0), movement_only: random.random(), reason, id: Some(id) };
                service.reverse(reversal).await.map(|_| ())
            }
            _ => continue,
        };
        match outcome {
            Ok(()) => posted.push((moment, id)),
            Err(error) => {
                assert!(error.refusal().is_some(), "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(posted.len() > 60, "{} posted, {refused} refused", posted.len());
}

/// A movement in or out, as the ledger has it.
#[derive(Debug, Clone)]
struct Flow {
    sku: String,
    kind: String,
    quantity: Decimal,
    price: Option<Decimal>,
    is_return: bool,
    at: Timestamp,
    reversed_at: Option<Timestamp>,
}

async fn ledger(database: &TestDatabase) -> Vec<Flow> {
    let rows = connect(database.superuser_url())
        .await
        .query(
            "SELECT p.sku, t.kind::text, t.quantity, t.from_location_id IS NULL AS incoming, t.unit_price, b.kind AS partner, t.occurred_at,
                    (SELECT r.occurred_at FROM stock.transactions r WHERE r.reverses = t.id) AS reversed_at
             FROM stock.transactions t JOIN stock.products p USING (product_id) LEFT JOIN stock.partners b USING (partner_id)
             WHERE t.kind <> 'reversal' AND (t.from_location_id IS NULL OR t.to_location_id IS NULL)
             ORDER BY t.occurred_at, t.id",
            &[],
        )
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            let (kind, quantity): (String, Decimal) = (row.get("kind"), row.get("quantity"));
            let customer = row.get::<_, Option<String>>("partner").as_deref() == Some("customer");
            Flow {
                sku: row.get("sku"),
                is_return: kind == "receipt" && customer,
                quantity: if row.get("incoming") { quantity } else { -quantity },
                price: row.get("unit_price"),
                at: row.get("occurred_at"),
                reversed_at: row.get("reversed_at"),
                kind,
            }
        })
        .collect()
}

/// What came in and is still there: quantity, cost of a unit, whether that is the standard cost, whether it is known.
type Layer = (Decimal, Decimal, bool, bool);

/// The stock of one product at a moment, and what each movement until then cost.
#[derive(Debug, Default)]
struct Replayed {
    layers: VecDeque<Layer>,
    moved: Vec<(Flow, Decimal)>,
}

impl Replayed {
    fn of(ledger: &[Flow], sku: &str, moment: Timestamp) -> Self {
        let standard: Option<Decimal> = CATALOGUE
            .iter()
            .find(|(known, ..)| *known == sku)
            .and_then(|entry| entry.1)
            .map(|cost| cost.parse().unwrap());
        let known: Vec<&Flow> = ledger
            .iter()
            .filter(|flow| {
                flow.sku == sku && flow.at < moment && flow.reversed_at.is_none_or(|at| at >= moment)
            })
            .collect();
        let mut replayed = Self::default();
        for flow in known.iter().filter(|flow| flow.quantity > Decimal::ZERO) {
            let paid = flow.price.filter(|_| flow.kind == "receipt" && !flow.is_return);
            let cost = paid.or(standard).unwrap_or_default();
            let (at_standard, without) =
                (paid.is_none() && standard.is_some(), paid.is_none() && standard.is_none());
            replayed.layers.push_back((flow.quantity, cost, at_standard, without));
            replayed.moved.push(((*flow).clone(), flow.quantity * cost));
        }
        for flow in known.iter().filter(|flow| flow.quantity < Decimal::ZERO) {
            let mut left = -flow.quantity;
            let mut cost = Decimal::ZERO;
            while left > Decimal::ZERO {
                let layer = replayed.layers.front_mut().expect("no more goes out than came in");
                let taken = left.min(layer.0);
                (left, layer.0, cost) = (left - taken, layer.0 - taken, cost + taken * layer.1);
                if layer.0.is_zero() {
                    replayed.layers.pop_front();
                }
            }
            replayed.moved.push(((*flow).clone(), -cost));
        }
        replayed
    }

    fn on_hand(&self) -> Decimal {
        self.layers.iter().map(|layer| layer.0).sum()
    }

    fn value(&self) -> Decimal {
        self.layers.iter().map(|layer| layer.0 * layer.1).sum()
    }

    /// The sum of a figure over the movements of a period.
    fn sum(&self, since: Timestamp, figure: impl Fn(&Flow, Decimal) -> Decimal) -> Decimal {
        self.moved.iter().filter(|(flow, _)| flow.at >= since).map(|(flow, cost)| figure(flow, *cost)).sum()
    }
}

/// The rows of a report by SKU, each as the texts of its cells.
fn by_sku(report: Report, found: &ReportRows) -> BTreeMap<String, BTreeMap<&'static str, String>> {
    let columns = report.columns();
    let text = |cell: &ReportCell| match cell {
        ReportCell::Missing => String::new(),
        ReportCell::Text(text) => text.clone(),
        ReportCell::Number(number) => number.normalize().to_string(),
        ReportCell::Time(time) => time.to_string(),
    };
    let row = |cells: &Vec<ReportCell>| {
        let named: BTreeMap<_, _> =
            columns.iter().zip(cells).map(|((name, _), cell)| (*name, text(cell))).collect();
        (named["sku"].clone(), named)
    };
    found.rows.iter().map(row).collect()
}

fn only(condition: bool, figure: Decimal) -> Decimal {
    if condition { figure } else { Decimal::ZERO }
}

/// What the model says of one product, for the columns of a report that hold numbers. None when it has no row.
fn expected(
    report: Report,
    ledger: &[Flow],
    sku: &str,
    filter: &ReportFilter,
) -> Option<BTreeMap<&'static str, Decimal>> {
    let last = Replayed::of(ledger, sku, filter.to);
    let first = Replayed::of(ledger, sku, filter.from);
    let issues = |figure: fn(&Flow, Decimal) -> Decimal| {
        last.sum(filter.from, |flow, cost| only(flow.kind == "issue", figure(flow, cost)))
    };
    let (issued, cost_issued) = (issues(|flow, _| -flow.quantity), issues(|_, cost| -cost));
    let found = match report {
        Report::Value => (!last.on_hand().is_zero()).then(|| {
            let rest = |kind: fn(&Layer) -> bool| last.layers.iter().filter(move |layer| kind(layer));
            vec![
                ("on_hand", last.on_hand()),
                ("value", last.value()),
                ("at_standard_cost", rest(|layer| layer.2).map(|layer| layer.0 * layer.1).sum()),
                ("without_cost", rest(|layer| layer.3).map(|layer| layer.0).sum()),
            ]
        }),
        Report::Turnover => (issued + last.on_hand() + first.on_hand() > Decimal::ZERO).then(|| {
            let mean = (first.value() + last.value()) / Decimal::TWO;
            vec![
                ("issued", issued),
                ("cost_issued", cost_issued),
                ("mean_value", mean),
                ("on_hand", last.on_hand()),
            ]
        }),
        Report::Movers => {
            let returned = last.sum(filter.from, |flow, _| only(flow.is_return, flow.quantity));
            let revenue = last.sum(filter.from, |flow, _| {
                only(flow.kind == "issue" || flow.is_return, -flow.quantity * flow.price.unwrap_or_default())
            });
            let count = issues(|_, _| Decimal::ONE);
            (count + returned > Decimal::ZERO).then(|| {
                vec![("issues", count), ("issued", issued), ("returned", returned), ("revenue", revenue)]
            })
        }
        Report::Abc => (issued > Decimal::ZERO).then(|| vec![("cost_issued", cost_issued)]),
        Report::DeadStock => (issued.is_zero() && !last.on_hand().is_zero())
            .then(|| vec![("on_hand", last.on_hand()), ("value", last.value())]),
        Report::Shrinkage => {
            let adjusted = |sign: bool, figure: fn(&Flow, Decimal) -> Decimal| {
                last.sum(filter.from, |flow, cost| {
                    only(
                        flow.kind == "adjustment" && (flow.quantity > Decimal::ZERO) == sign,
                        figure(flow, cost),
                    )
                })
            };
            let (lost, found) =
                (adjusted(false, |flow, _| -flow.quantity), adjusted(true, |flow, _| flow.quantity));
            let (cost_lost, cost_found) = (adjusted(false, |_, cost| -cost), adjusted(true, |_, cost| cost));
            (lost + found > Decimal::ZERO).then(|| {
                vec![
                    ("lost", lost),
                    ("found", found),
                    ("cost_lost", cost_lost),
                    ("cost_found", cost_found),
                    ("shrinkage", cost_lost - cost_found),
                ]
            })
        }
    };
    found.map(|figures| figures.into_iter().collect())
}

/// Compares one report with the model, product by product, and its totals with the sums.
async fn compare(store: &Store, ledger: &[Flow], report: Report, filter: &ReportFilter) {
    let columns = report.columns();
    let found = store.report(report, filter).await.unwrap();
    let mut rows = by_sku(report, &found);
    let mut totals: BTreeMap<&str, Decimal> = BTreeMap::new();
    for (sku, _, category) in CATALOGUE {
        if filter.category.is_some() && filter.category.as_deref() != category {
            continue;
        }
        let context = format!("{report:?} of {sku} for {filter:?}");
        let row = rows.remove(sku);
        let Some(figures) = expected(report, ledger, sku, filter) else {
            assert_eq!(row, None, "{context}");
            continue;
        };
        let row = row.unwrap_or_else(|| panic!("no row: {context}"));
        for (name, figure) in &figures {
            assert_eq!(row[name], figure.normalize().to_string(), "{name}: {context}");
            *totals.entry(name).or_default() += figure;
        }
        if report == Report::Turnover {
            let (issued, mean) = (figures["issued"], figures["mean_value"]);
            assert_eq!(row["turnover"].is_empty(), mean.is_zero(), "{context}");
            assert_eq!(row["days_of_cover"].is_empty(), issued.is_zero(), "{context}");
            if !mean.is_zero() {
                let ratio: Decimal = row["turnover"].parse().unwrap();
                assert!(
                    (ratio * mean - figures["cost_issued"]).abs() <= mean * Decimal::new(1, 4),
                    "{context}"
                );
            }
        }
    }
    assert!(rows.is_empty(), "{report:?} lists what the model does not have: {rows:?}");
    for (name, kind) in &columns {
        if *kind == ColumnKind::Total {
            let sum = totals.get(name).copied().unwrap_or_default();
            assert_eq!(found.total(&columns, name), Some(sum.normalize()), "total of {name} in {report:?}");
        }
    }
}

async fn scene() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&[], &["X", "Y"]).await;
    let admin = database.service("admin");
    for (sku, cost, category) in CATALOGUE {
        let mut added = product(sku, stockroom::domain::Tracking::None);
        added.unit_cost = cost.map(|cost| cost.parse().unwrap());
        added.category = category.map(|category| category.parse().unwrap());
        admin.add_product(added).await.unwrap();
    }
    for (code, kind) in [("SHOP", PartnerKind::Supplier), ("BUYER", PartnerKind::Customer)] {
        admin.add_partner(NewPartner { code: code.parse().unwrap(), name: None, kind }).await.unwrap();
    }
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_agrees_with_a_replay_of_the_ledger() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let database = scene().await;
    work(&database.service("admin"), &mut random).await;
    let ledger = ledger(&database).await;
    let store = database.store("analyst");
    let start = Timestamp::now() - (24 * (DAYS + 1)).hours();
    for round in 0..12 {
        let one = later(&mut random, start);
        let other = later(&mut random, start);
        let whole = ReportFilter { from: start, to: Timestamp::now(), category: None };
        let filter = match round {
            0 => whole,
            _ => ReportFilter {
                from: one.min(other),
                to: one.max(other) + 1.milliseconds(),
                category: (round % 3 == 0).then(|| "Tools".to_owned()),
            },
        };
        for report in Report::ALL {
            compare(&store, &ledger, report, &filter).await;
        }
    }
    // What came in cost as much as what went out and what is left together.
    for sku in SKUS {
        let replayed = Replayed::of(&ledger, sku, Timestamp::now());
        let net: Decimal = replayed.moved.iter().map(|(_, cost)| *cost).sum();
        assert_eq!(net, replayed.value(), "{sku}");
    }
}

/// Receives ten of each product and issues so much that they are worth 80, 15, 4 and 1 of a hundred.
#[tokio::test]
async fn classes_end_at_80_and_95_percent() {
    let database = scene().await;
    let admin = database.service("admin");
    for (sku, cost) in [("A", "80"), ("B", "15"), ("C", "4"), ("D", "1")] {
        let mut change = ProductChange::none(sku.parse().unwrap());
        change.unit_cost = stockroom::domain::Change::To(cost.parse().unwrap());
        admin.change_product(&change).await.unwrap();
        for (kind, from, to) in [(MovementKind::Receipt, "", "X"), (MovementKind::Issue, "X", "")] {
            let posting =
                posting_with_id(stockroom::service::new_id(), kind, vec![line(sku, "10", from, to)]);
            admin.post(&posting).await.unwrap();
        }
    }
    let filter = ReportFilter {
        from: Timestamp::now() - 24.hours(),
        to: Timestamp::now() + 1.hours(),
        category: None,
    };
    let found = database.store("analyst").report(Report::Abc, &filter).await.unwrap();
    let rows = by_sku(Report::Abc, &found);
    let of = |sku: &str| {
        let row = &rows[sku];
        (row["class"].as_str(), row["share"].as_str(), row["cumulative_share"].as_str())
    };
    assert_eq!(
        [of("A"), of("B"), of("C"), of("D")],
        [("A", "80", "80"), ("B", "15", "95"), ("C", "4", "99"), ("C", "1", "100")]
    );
    assert_eq!(found.total(&Report::Abc.columns(), "cost_issued"), Some(Decimal::from(1000)));
}
