//! `bench search`: texts typed letter by letter into the search of a large catalogue, compared with the query that a
//! web system would send; and pages of the stock table in each order and with each filter.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rust_decimal::Decimal;
use serde::Serialize;
use stockroom::domain::{
    Anchor, Group, LocationCode, NewOrder, NewOrderLine, NewPartner, OrderKind, PartnerCode, PartnerKind,
    Refusal, StockKey, StockOnly, StockOrder, StockSelection,
};
use stockroom::service::{Decision, Reserve, Service, new_id};
use stockroom::store::Store;
use tokio_postgres::{Client, Row};

use super::report::{Figures, rounded};
use crate::large_catalogue::{LargeCatalogue, SearchByHand, sample_texts};
use crate::{Error, connect};

/// How many letters are typed of each text.
const LETTERS_MAX: usize = 10;
/// How many texts of each kind are taken from the catalogue.
const SAMPLES: u32 = 8;
/// How many rows an answer has at most, on either side.
const ROWS: u16 = 50;
/// The baseline gets one text in this many: it takes a second where Stockroom takes some milliseconds. A prime number,
/// so that texts of every length are included.
const BASELINE_EVERY: usize = 23;
/// How often each page is read.
const PAGE_READS: usize = 7;
/// The number of lines of the order whose pick list is read, and the number of reads.
const PICK_LINES: i64 = 500;
const PICK_LIST_READS: usize = 50;
/// Texts that match nothing in the catalogue, or combine what matches.
const OTHERS: [&str; 10] = [
    "qwertyuiop",
    "zzzzzzzzzz",
    "0000000000",
    "screwdirver",
    "steel pasta",
    "blue mug",
    "wx yz",
    "café crème",
    "x100 oak",
    "!!!",
];

/// The results of the benchmark of search and of pages of the stock table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchReport {
    pub name: &'static str,
    /// How many products the catalogue holds.
    pub products: u32,
    /// How many searches of Stockroom were measured.
    pub searches: u64,
    /// Stockroom's searches, one after another in one session.
    pub ours: Figures,
    /// A part of the same texts, with the hand-written query.
    pub baseline: Figures,
    /// A description of the baseline.
    pub baseline_is: &'static str,
    /// Searches per second: Stockroom divided by the baseline, for the texts that both answered.
    pub ratio: f64,
    /// The response times by the number of letters typed.
    pub by_letters: Vec<LettersFigures>,
    /// Stockroom's slowest searches, the slowest first.
    pub slowest: Vec<SlowText>,
    /// One page of fifty rows of the stock table.
    pub pages: Vec<PageFigures>,
    /// The pick list of an order of `PICK_LINES` lines.
    pub pick_list: PageFigures,
    pub failed: u64,
}

/// The response times for texts of one length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LettersFigures {
    pub letters: usize,
    /// The median of Stockroom's response times, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile of Stockroom's response times, in milliseconds.
    pub p99_ms: f64,
    /// The median of the baseline's response times, in milliseconds.
    pub baseline_p50_ms: f64,
    /// The 99th percentile of the baseline's response times, in milliseconds.
    pub baseline_p99_ms: f64,
}

/// A text, and how long its search took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlowText {
    pub text: String,
    pub ms: f64,
}

/// How long a page of the stock table takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageFigures {
    pub page: String,
    /// The median response time, in milliseconds.
    pub p50_ms: f64,
    /// The slowest response time, in milliseconds.
    pub max_ms: f64,
}

/// The response times of one side, in all and by the number of letters.
struct Answers {
    all: Histogram<u64>,
    by_letters: Vec<Histogram<u64>>,
    total: Duration,
}

impl Answers {
    fn new() -> Result<Self, Error> {
        let histogram = || Histogram::new_with_bounds(1, 60_000_000, 3).map_err(Error::measure);
        Ok(Self {
            all: histogram()?,
            by_letters: (0..=LETTERS_MAX).map(|_| histogram()).collect::<Result<_, _>>()?,
            total: Duration::ZERO,
        })
    }

    fn note(&mut self, letters: usize, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.all.saturating_record(microseconds);
        if let Some(histogram) = self.by_letters.get_mut(letters) {
            histogram.saturating_record(microseconds);
        }
        self.total += took;
    }

    fn figures(&self) -> Figures {
        Figures {
            per_second: rounded(self.all.len() as f64 / self.total.as_secs_f64().max(f64::EPSILON), 10.0),
            p50_ms: milliseconds(&self.all, 0.50),
            p99_ms: milliseconds(&self.all, 0.99),
        }
    }
}

fn milliseconds(histogram: &Histogram<u64>, part: f64) -> f64 {
    rounded(histogram.value_at_quantile(part) as f64 / 1_000.0, 100.0)
}

fn in_milliseconds(took: Duration) -> f64 {
    rounded(took.as_secs_f64() * 1_000.0, 100.0)
}

/// Everything that is typed: the beginnings of each text, one letter longer each time.
fn typed(samples: &[String]) -> Vec<String> {
    let texts = samples.iter().map(String::as_str).chain(OTHERS);
    texts
        .flat_map(|text| {
            let letters: Vec<char> = text.chars().collect();
            (1..=letters.len().min(LETTERS_MAX)).map(move |count| letters[..count].iter().collect())
        })
        .collect()
}

/// Creates a private server with a number of products, and measures.
///
/// # Errors
/// [`Error`] if the server cannot be run.
pub async fn run(products: u32, rounds: usize, progress: impl Fn(&str)) -> Result<SearchReport, Error> {
    progress(&format!("making a private server with {products} products; a million takes some minutes"));
    let catalogue = LargeCatalogue::make(products).await?;
    let store = Store::new(catalogue.clerk_url.parse()?, 1)?;
    let client = connect(&catalogue.clerk_url).await?;
    let by_hand = SearchByHand::prepare(&client).await?;
    let texts = typed(&sample_texts(&client, SAMPLES).await?);
    // Statements are prepared and caches filled before anything is measured, on both sides.
    for text in texts.iter().step_by(BASELINE_EVERY) {
        store.search(text, &StockSelection::default(), ROWS).await?;
    }
    by_hand.run("a").await?;
    let (mut ours, mut both, mut baseline) = (Answers::new()?, Answers::new()?, Answers::new()?);
    let mut slowest: Vec<SlowText> = Vec::new();
    let mut failed = 0;
    for round in 1..=rounds {
        progress(&format!("round {round} of {rounds}"));
        for (position, text) in texts.iter().enumerate() {
            let letters = text.chars().count();
            let asked = Instant::now();
            let answer = store.search(text, &StockSelection::default(), ROWS).await;
            let took = asked.elapsed();
            failed += u64::from(answer.is_err());
            ours.note(letters, took);
            slowest.push(SlowText { text: text.clone(), ms: in_milliseconds(took) });
            // A different part of the texts in each round.
            if position % BASELINE_EVERY == (round - 1) % BASELINE_EVERY && round <= BASELINE_EVERY {
                both.note(letters, took);
                let asked = Instant::now();
                failed += u64::from(by_hand.run(text).await.is_err());
                baseline.note(letters, asked.elapsed());
            }
        }
        slowest.sort_by(|one, other| other.ms.total_cmp(&one.ms));
        slowest.truncate(10);
    }
    progress("reading pages of the stock table");
    let (figures, baseline_figures) = (ours.figures(), baseline.figures());
    let rate = |answers: &Answers| answers.figures().per_second;
    Ok(SearchReport {
        name: "search",
        products,
        searches: ours.all.len(),
        ratio: rounded(rate(&both) / rate(&baseline).max(f64::EPSILON), 10.0),
        ours: figures,
        baseline: baseline_figures,
        baseline_is: "sku, name and barcode ILIKE '%text%', by sku, LIMIT 50",
        by_letters: (1..=LETTERS_MAX)
            .map(|letters| LettersFigures {
                letters,
                p50_ms: milliseconds(&ours.by_letters[letters], 0.50),
                p99_ms: milliseconds(&ours.by_letters[letters], 0.99),
                baseline_p50_ms: milliseconds(&baseline.by_letters[letters], 0.50),
                baseline_p99_ms: milliseconds(&baseline.by_letters[letters], 0.99),
            })
            .collect(),
        slowest,
        pages: pages(&store).await?,
        pick_list: pick_list(&catalogue, &client).await?,
        failed,
    })
}

/// The orders and filters that are measured, with their names.
fn selections() -> Result<Vec<(String, StockSelection)>, Error> {
    let place = |code: &str| -> Result<Option<LocationCode>, Error> {
        Ok(Some(code.parse().map_err(Refusal::from)?))
    };
    let orders = [
        ("sku", StockOrder::Sku),
        ("name", StockOrder::Name),
        ("least on hand", StockOrder::OnHandLeast),
        ("most on hand", StockOrder::OnHandMost),
        ("expiry", StockOrder::Expiry),
    ];
    let mut listed: Vec<(String, StockSelection)> = orders
        .into_iter()
        .map(|(name, order)| (format!("by {name}"), StockSelection { order, ..StockSelection::default() }))
        .collect();
    let narrowed = [
        ("low", None, Some(StockOnly::Low)),
        ("zero", None, Some(StockOnly::Zero)),
        ("expiring in 30 days", None, Some(StockOnly::Expiring { within_days: 30 })),
        ("in one bin", place("W2-C-05-25")?, None),
        ("in one aisle", place("W2-C-05")?, None),
        ("in one site", place("W2")?, None),
        ("low in one site", place("W2")?, Some(StockOnly::Low)),
    ];
    for (name, location, only) in narrowed {
        for (order_name, order) in [("sku", StockOrder::Sku), ("name", StockOrder::Name)] {
            let selection = StockSelection { order, location: location.clone(), only };
            listed.push((format!("{name}, by {order_name}"), selection));
        }
    }
    Ok(listed)
}

/// The first page, the pages after it, a refresh in place, and the last page.
async fn pages(store: &Store) -> Result<Vec<PageFigures>, Error> {
    let mut figures = Vec::new();
    for (page, selection) in selections()? {
        let mut answers = Answers::new()?;
        let mut anchor = Anchor::Start;
        for _ in 0..PAGE_READS {
            let asked = Instant::now();
            let read = store.stock_page(&selection, &anchor, ROWS).await?;
            answers.note(0, asked.elapsed());
            if let Some(last) = read.rows.last() {
                anchor = Anchor::After(StockKey::of(last, selection.order));
            }
        }
        if let Anchor::After(key) = anchor {
            let asked = Instant::now();
            store.stock_page(&selection, &Anchor::From(key), ROWS).await?;
            answers.note(0, asked.elapsed());
        }
        let asked = Instant::now();
        store.stock_page(&selection, &Anchor::End, ROWS).await?;
        answers.note(0, asked.elapsed());
        figures.push(PageFigures {
            page,
            p50_ms: milliseconds(&answers.all, 0.50),
            max_ms: milliseconds(&answers.all, 1.0),
        });
    }
    Ok(figures)
}

/// Reserves for an order of products from the whole catalogue, and measures the reading of its pick list.
async fn pick_list(catalogue: &LargeCatalogue, client: &Client) -> Result<PageFigures, Error> {
    let admin_url = catalogue.server.add_login("bench_admin", Group::Admin).await?;
    let admin = Service::new(Store::new(admin_url.parse()?, 1)?, None);
    let partner: PartnerCode = "BENCH-CUSTOMER".parse().map_err(Refusal::from)?;
    let customer = NewPartner { code: partner.clone(), name: None, kind: PartnerKind::Customer };
    admin.store().add_partners(&[customer]).await?;
    let rows = client.query(include_str!("sql/skus_in_stock.sql"), &[&PICK_LINES]).await?;
    let line = |row: &Row| -> Result<NewOrderLine, Error> {
        let sku: &str = row.try_get(0)?;
        let (sku, quantity) = (sku.parse().map_err(Refusal::from)?, "1".parse().map_err(Refusal::from)?);
        Ok(NewOrderLine { sku, quantity, unit_price: None, over_percent: Decimal::ZERO })
    };
    let order = NewOrder {
        id: new_id().into(),
        kind: OrderKind::Sales,
        partner: Some(partner),
        partner_reference: None,
        due_on: None,
        ship_to: None,
        to: None,
        note: None,
        lines: rows.iter().map(line).collect::<Result<_, _>>()?,
    };
    let number = admin.create_order(&order).await?.order.row.number;
    admin.decide(&number, &Decision::Confirm, None, None).await?;
    admin.reserve_order(&Reserve { number: number.clone(), lines: Vec::new(), id: None }).await?;
    let store = Store::new(catalogue.clerk_url.parse()?, 1)?;
    let mut answers = Answers::new()?;
    let mut length = 0;
    for _ in 0..PICK_LIST_READS {
        let asked = Instant::now();
        length = store.allocations(std::slice::from_ref(&number)).await?.len();
        answers.note(0, asked.elapsed());
    }
    Ok(PageFigures {
        page: format!("pick list of {length} lines"),
        p50_ms: milliseconds(&answers.all, 0.50),
        max_ms: milliseconds(&answers.all, 1.0),
    })
}

impl SearchReport {
    /// The report as text for the terminal, with a line per length and page.
    #[must_use]
    pub fn words(&self) -> String {
        let side = |name: &str, figures: &Figures| {
            format!(
                "  {name:<10}{:>10.1} searches/s   p50 {:>8.2} ms   p99 {:>8.2} ms",
                figures.per_second, figures.p50_ms, figures.p99_ms
            )
        };
        let mut lines = vec![
            format!("search: {} products, {} searches", self.products, self.searches),
            side("ours", &self.ours),
            side("baseline", &self.baseline),
            format!("  ratio     {:>10.1}   baseline: {}", self.ratio, self.baseline_is),
            "  letters   ours p50      p99   baseline p50      p99".to_owned(),
        ];
        lines.extend(self.by_letters.iter().map(|one| {
            format!(
                "  {:>7} {:>10.2} {:>8.2} {:>14.2} {:>8.2}",
                one.letters, one.p50_ms, one.p99_ms, one.baseline_p50_ms, one.baseline_p99_ms
            )
        }));
        lines.push("  slowest answers of ours".to_owned());
        lines.extend(self.slowest.iter().map(|one| format!("    {:>8.2} ms  {}", one.ms, one.text)));
        lines.push("  a page of the stock table, fifty rows".to_owned());
        lines.extend(self.pages.iter().map(|one| {
            format!("    p50 {:>8.2} ms   max {:>8.2} ms   {}", one.p50_ms, one.max_ms, one.page)
        }));
        let PageFigures { page, p50_ms, max_ms } = &self.pick_list;
        lines.push(format!("  {page}: p50 {p50_ms:.2} ms   max {max_ms:.2} ms"));
        lines.push(format!("  failed {}", self.failed));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_typed_letter_by_letter_and_no_further_than_ten() {
        let sample = "café-crème noir".to_owned();
        let typed = typed(&[sample]);
        assert_eq!(typed[..4], ["c", "ca", "caf", "café"]);
        assert_eq!((typed[9].as_str(), typed[10].as_str()), ("café-crème", "q"));
    }
}
