//! The table of the panels: what each queries, how often, and how its answer is shown and exported.
//!
//! To add a panel, add it to [`PANELS`] and to [`GRID_ROWS`], with its columns and cells if it lists something.

use jiff::SignedDuration;
use jiff::civil::Date;
use ratatui::layout::Rect;
use ratatui::text::Line;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::look::{BAR_WIDTH, Look, bar};
use super::{figures, hours, orders};
use crate::domain::{
    ExpiringLot, Listed, ListedTable, OrderNumber, PersonActivity, ProductTurnover, Sku, SlowMover, StockRow,
    TopItem,
};
use crate::tui::text::Words;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::stock::StockText;
use crate::tui::view::Canvas;
use crate::tui::widgets::table::{Cell, Column};
use crate::worker::query::{
    self, Answer, PANEL_DAYS, PANEL_EXPIRING_DAYS, PANEL_HOURS, PANEL_REPORT_DAYS, Query as _, Question,
};

/// The width of the bar in the list of the most issued products.
const TOP_BAR_WIDTH: u16 = 8;
/// The width of a bar with its percentage.
const SHARE_WIDTH: u16 = 10;

/// How long a panel pauses between an answer and the next query.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefreshInterval {
    /// The pause if something has changed.
    pub least: SignedDuration,
    /// The longest pause, because the period of a panel moves with the clock.
    pub most: SignedDuration,
}

/// For queries of the latest hours of the ledger, or of a counter.
const CHEAP: RefreshInterval =
    RefreshInterval { least: SignedDuration::from_secs(5), most: SignedDuration::from_secs(60) };
/// For queries of every level or of the whole ledger. Without changes, only the expiry dates move on.
const COSTLY: RefreshInterval =
    RefreshInterval { least: SignedDuration::from_secs(60), most: SignedDuration::from_secs(3_600) };

/// For queries that value the whole ledger: seconds on a large one.
const REPORT: RefreshInterval =
    RefreshInterval { least: SignedDuration::from_secs(600), most: SignedDuration::from_secs(3_600) };

/// A panel of the dashboard.
#[derive(Debug)]
pub(super) struct Panel {
    pub question: fn() -> Question,
    pub refresh: RefreshInterval,
    /// The title, which may contain a figure of the answer, in so many columns if it can be said in fewer words.
    pub title: fn(Words, Option<&Answer>, usize) -> String,
    pub content: Content,
    /// None if the panel has no rows to export.
    pub export: Option<PanelExport>,
}

/// The export of a panel: the name of the file, and the rows of the answer.
#[derive(Debug)]
pub(super) struct PanelExport {
    pub name: &'static str,
    pub table: fn(&Answer) -> ListedTable,
}

/// How the answer to a panel's query is shown.
#[derive(Debug)]
pub(super) enum Content {
    /// Rows: as many as fit, and all when the panel is opened.
    List(Listing),
    /// A chart, and its figures as a list when the panel is opened.
    Chart(fn(&Answer, Rect, &mut Canvas<'_, '_>), Listing),
    /// A few figures with their names, and an explanation when the panel is opened.
    Figures(fn(&Answer, Rect, &Canvas<'_, '_>) -> Vec<Line<'static>>, DashboardText),
}

/// How an answer is listed: the columns, and the cells of each row.
#[derive(Debug)]
pub(super) struct Listing {
    /// The keys of the rows, in their order.
    pub keys: fn(&Answer) -> Vec<RowKey>,
    /// How many rows there are in all, if the answer may not have all of them.
    pub total: Option<fn(&Answer) -> u64>,
    pub columns: fn(Look<'_>) -> Vec<Column>,
    /// The cells of the row at a position.
    pub cells: fn(&Answer, usize, Look<'_>) -> Option<Vec<Cell>>,
    /// Whether the last column may be a bar, which must not touch the border.
    pub ends_in_line: bool,
    /// The text if there are no rows.
    pub nothing: fn(Words) -> String,
}

/// The key by which the cursor finds its row again after an update, with the product or order of the row, if it has
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowKey {
    pub sku: Option<Sku>,
    pub order: Option<OrderNumber>,
    more: String,
}

impl RowKey {
    fn product(sku: &Sku) -> Self {
        Self { sku: Some(sku.clone()), ..Self::other(String::new()) }
    }

    fn order(number: &OrderNumber) -> Self {
        Self { order: Some(number.clone()), ..Self::other(String::new()) }
    }

    pub fn other(more: String) -> Self {
        Self { sku: None, order: None, more }
    }
}

/// How many panels each row of the grid has, from the top. The first row is the highest; its first panel takes the
/// width that the others leave.
pub(super) const GRID_ROWS: &[usize] = &[3, 3, 3, 3];

/// The panels, in the order of the grid.
pub(super) const PANELS: &[Panel] = &[
    Panel {
        question: || query::Hours {}.into(),
        refresh: CHEAP,
        title: |words, _, _| within(words, DashboardText::Hours, PANEL_HOURS),
        content: Content::Chart(hours::draw, hours::LISTING),
        export: Some(PanelExport { name: "movements-per-hour", table: table::<query::Hours, _> }),
    },
    Panel {
        question: || query::Value {}.into(),
        refresh: COSTLY,
        title: |words, _, _| words.say(DashboardText::Value).to_owned(),
        content: Content::Figures(figures::value, DashboardText::ValueMeans),
        export: None,
    },
    Panel {
        question: || query::Low {}.into(),
        refresh: COSTLY,
        title: low_title,
        content: Content::List(Listing {
            keys: |answer| low_rows(answer).iter().map(|row| RowKey::product(&row.sku)).collect(),
            total: Some(|answer| query::Low::answer(answer).map_or(0, |(_, all)| *all)),
            columns: low_columns,
            cells: |answer, at, look| low_rows(answer).get(at).map(|row| low(row, look)),
            ends_in_line: false,
            nothing: |words| words.say(StockText::NothingLow).to_owned(),
        }),
        export: Some(PanelExport { name: "low-stock", table: |answer| ListedTable::of(low_rows(answer)) }),
    },
    Panel {
        question: || query::Late {}.into(),
        refresh: COSTLY,
        title: orders::late_title,
        content: Content::List(Listing {
            keys: |answer| orders::late(answer).iter().map(|row| RowKey::order(&row.number)).collect(),
            total: Some(|answer| query::Late::answer(answer).map_or(0, |late| late.late)),
            columns: orders::late_columns,
            cells: |answer, at, look| orders::late(answer).get(at).map(|row| orders::late_cells(row, look)),
            ends_in_line: true,
            nothing: |words| words.say(DashboardText::NothingLate).to_owned(),
        }),
        export: None,
    },
    Panel {
        question: || query::Waiting {}.into(),
        refresh: COSTLY,
        title: orders::waiting_title,
        content: Content::List(Listing {
            keys: |answer| orders::waiting(answer).iter().map(|row| RowKey::order(&row.number)).collect(),
            total: Some(|answer| query::Waiting::answer(answer).map_or(0, |(_, all)| *all)),
            columns: orders::waiting_columns,
            cells: |answer, at, look| {
                orders::waiting(answer).get(at).map(|row| orders::waiting_cells(row, look))
            },
            ends_in_line: false,
            nothing: |words| words.say(DashboardText::NothingWaits).to_owned(),
        }),
        export: None,
    },
    Panel {
        question: || query::Picks {}.into(),
        refresh: CHEAP,
        title: |words, _, _| words.say(DashboardText::Picks).to_owned(),
        content: Content::List(Listing {
            keys: |answer| {
                rows::<query::Picks, _>(answer).iter().map(|row| RowKey::other(row.login.clone())).collect()
            },
            total: None,
            columns: orders::picks_columns,
            cells: |answer, at, look| orders::picks_cells(rows::<query::Picks, _>(answer), at, look),
            ends_in_line: true,
            nothing: |words| words.say(DashboardText::NothingPicked).to_owned(),
        }),
        export: None,
    },
    Panel {
        question: || query::Expiring {}.into(),
        refresh: COSTLY,
        title: |words, _, _| within(words, DashboardText::Expiring, PANEL_EXPIRING_DAYS),
        content: Content::List(Listing {
            keys: |answer| rows::<query::Expiring, _>(answer).iter().map(lot_key).collect(),
            total: None,
            columns: expiring_columns,
            cells: |answer, at, look| {
                rows::<query::Expiring, _>(answer).get(at).map(|lot| expiring(lot, look))
            },
            ends_in_line: false,
            nothing: |words| within(words, DashboardText::NothingExpires, PANEL_EXPIRING_DAYS),
        }),
        export: Some(PanelExport { name: "expiring", table: table::<query::Expiring, _> }),
    },
    Panel {
        question: || query::Top {}.into(),
        refresh: COSTLY,
        title: |words, _, _| within(words, DashboardText::Top, PANEL_DAYS),
        content: Content::List(Listing {
            keys: |answer| {
                rows::<query::Top, _>(answer).iter().map(|row| RowKey::product(&row.sku)).collect()
            },
            total: None,
            columns: top_columns,
            cells: |answer, at, look| top(rows::<query::Top, _>(answer), at, look),
            ends_in_line: true,
            nothing: |words| within(words, DashboardText::NothingIssued, PANEL_DAYS),
        }),
        export: Some(PanelExport { name: "most-issued", table: table::<query::Top, _> }),
    },
    Panel {
        question: || query::Slow {}.into(),
        refresh: COSTLY,
        title: |words, _, _| words.say(DashboardText::Slow).to_owned(),
        content: Content::List(Listing {
            keys: |answer| {
                rows::<query::Slow, _>(answer).iter().map(|row| RowKey::product(&row.sku)).collect()
            },
            total: None,
            columns: slow_columns,
            cells: |answer, at, look| rows::<query::Slow, _>(answer).get(at).map(|row| slow(row, look)),
            ends_in_line: false,
            nothing: |words| words.say(DashboardText::NothingOnHand).to_owned(),
        }),
        export: Some(PanelExport { name: "slow-movers", table: table::<query::Slow, _> }),
    },
    Panel {
        question: || query::People {}.into(),
        refresh: CHEAP,
        title: |words, _, _| within(words, DashboardText::People, PANEL_DAYS),
        content: Content::List(Listing {
            keys: |answer| {
                rows::<query::People, _>(answer).iter().map(|row| RowKey::other(row.login.clone())).collect()
            },
            total: None,
            columns: people_columns,
            cells: |answer, at, look| person(rows::<query::People, _>(answer), at, look),
            ends_in_line: true,
            nothing: |words| within(words, DashboardText::NothingPosted, PANEL_DAYS),
        }),
        export: Some(PanelExport { name: "postings-by-person", table: table::<query::People, _> }),
    },
    Panel {
        question: || query::Activity {}.into(),
        refresh: CHEAP,
        title: |words, _, _| words.say(DashboardText::Activity).to_owned(),
        content: Content::Figures(figures::activity, DashboardText::ActivityMeans),
        export: None,
    },
    Panel {
        question: || query::Turnover {}.into(),
        refresh: REPORT,
        title: turnover_title,
        content: Content::List(Listing {
            keys: |answer| turnover_rows(answer).iter().map(|row| RowKey::product(&row.sku)).collect(),
            total: None,
            columns: turnover_columns,
            cells: |answer, at, look| turnover_rows(answer).get(at).map(|row| turnover(row, look)),
            ends_in_line: false,
            nothing: |words| within(words, DashboardText::NothingIssued, PANEL_REPORT_DAYS),
        }),
        export: Some(PanelExport {
            name: "turnover",
            table: |answer| ListedTable::of(turnover_rows(answer)),
        }),
    },
];

/// The rows of an answer that is a list.
pub(super) fn rows<Q: query::Query<Answer = Vec<R>>, R>(answer: &Answer) -> &[R] {
    Q::answer(answer).map(Vec::as_slice).unwrap_or_default()
}

/// The rows of an answer that is a list, for an export.
fn table<Q: query::Query<Answer = Vec<R>>, R: Listed>(answer: &Answer) -> ListedTable {
    ListedTable::of(rows::<Q, R>(answer))
}

/// A text that names how far back or ahead a panel looks.
pub(super) fn within(words: Words, phrase: DashboardText, n: u16) -> String {
    words.fill(phrase, &[("n", &n.to_string())])
}

fn low_rows(answer: &Answer) -> &[StockRow] {
    query::Low::answer(answer).map(|(rows, _)| rows.as_slice()).unwrap_or_default()
}

fn low_title(words: Words, answer: Option<&Answer>, _room: usize) -> String {
    match answer.and_then(query::Low::answer) {
        Some((_, all)) if *all > 0 => {
            words.fill(DashboardText::LowMany, &[("n", &words.language.number(Decimal::from(*all)))])
        }
        _ => words.say(DashboardText::Low).to_owned(),
    }
}

fn lot_key(lot: &ExpiringLot) -> RowKey {
    RowKey { more: format!("{}\n{}", lot.lot, lot.location), ..RowKey::product(&lot.sku) }
}

fn low_columns(look: Look<'_>) -> Vec<Column> {
    let point = Column::figure(look.words.say(StockText::Reorder), 10, 9);
    let share = Column::text(look.say(DashboardText::Share), SHARE_WIDTH, 3);
    vec![look.sku(), look.name(), look.available(), point, share]
}

fn low(row: &StockRow, look: Look<'_>) -> Vec<Cell> {
    let point = row.reorder_point.unwrap_or_default();
    let share = if point.is_zero() { Decimal::ZERO } else { row.available / point };
    let text = format!("{} {}", bar(share, BAR_WIDTH), look.words.language.percent(share.round_dp(2)));
    let style = if row.available.is_zero() { look.theme.bad } else { look.theme.warning };
    vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.number(row.available)),
        Cell::styled(look.number(point), look.theme.dim),
        Cell::styled(text, style),
    ]
}

fn expiring_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        Column::text(look.words.say(StockText::Expires), 12, 0),
        look.sku(),
        look.name(),
        Column::text(look.words.say(StockText::Lot), 12, 7),
        Column::text(look.words.say(StockText::Place), 10, 4),
        Column { width: if look.wide { 10 } else { 5 }, gives_way: 3, ..look.on_hand() },
        Column::text(look.say(DashboardText::HowSoon), 16, 8),
    ]
}

fn expiring(lot: &ExpiringLot, look: Look<'_>) -> Vec<Cell> {
    let day = look.words.language.day(lot.expires_on);
    let past = lot.expires_on < look.today;
    let elapsed = SignedDuration::from_hours(24) * day_count(lot.expires_on, look.today);
    let (sign, style) = if past { ("✗", look.theme.bad) } else { (" ", look.theme.warning) };
    vec![
        Cell::styled(format!("{sign}{day}"), style),
        Cell::new(lot.sku.clone()),
        Cell::styled(lot.name.clone(), look.theme.dim),
        Cell::new(lot.lot.clone()),
        Cell::new(lot.location.clone()),
        Cell::new(look.number(lot.on_hand)),
        Cell::styled(look.words.language.ago(elapsed), style),
    ]
}

/// How many days lie between two dates.
pub(super) fn day_count(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn slow_columns(look: Look<'_>) -> Vec<Column> {
    let value = Column::figure(look.say(DashboardText::StockWorth), 12, 9);
    let unmoved = Column::figure(look.say(DashboardText::NotMoved), if look.wide { 17 } else { 11 }, 0);
    let on_hand = Column { gives_way: 4, ..look.on_hand() };
    vec![look.sku(), look.name(), on_hand, value, unmoved]
}

fn slow(row: &SlowMover, look: Look<'_>) -> Vec<Cell> {
    let never = if look.wide { DashboardText::Never } else { DashboardText::NeverShort };
    let unmoved = match row.last_moved_at {
        Some(moment) => Cell::new(look.words.language.duration(look.now.duration_since(moment))),
        None => Cell::styled(look.say(never), look.theme.warning),
    };
    let value = row.value.map_or_else(|| "–".to_owned(), |value| look.words.language.money(value));
    vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.number(row.on_hand)),
        Cell::styled(value, look.theme.dim),
        unmoved,
    ]
}

/// The share of a count in the largest one.
pub(super) fn share_of(count: i64, most: i64) -> Decimal {
    if most == 0 { Decimal::ZERO } else { Decimal::from(count) / Decimal::from(most) }
}

fn top_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        look.sku(),
        look.name(),
        Column::figure(look.say(DashboardText::Issues), 7, 0),
        Column::text("", TOP_BAR_WIDTH, 3),
        Column::figure(look.say(DashboardText::Quantity), 9, 9),
    ]
}

fn top(list: &[TopItem], at: usize, look: Look<'_>) -> Option<Vec<Cell>> {
    let row = list.get(at)?;
    let most = list.iter().map(|row| row.movements).max().unwrap_or(0);
    Some(vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.number(Decimal::from(row.movements))),
        Cell::styled(bar(share_of(row.movements, most), TOP_BAR_WIDTH), look.theme.chart),
        Cell::new(look.number(row.quantity)),
    ])
}

fn turnover_rows(answer: &Answer) -> &[ProductTurnover] {
    query::Turnover::answer(answer).map(|report| report.products.as_slice()).unwrap_or_default()
}

fn turnover_title(words: Words, answer: Option<&Answer>, room: usize) -> String {
    let days = PANEL_REPORT_DAYS.to_string();
    match answer.and_then(query::Turnover::answer).and_then(|report| report.turnover) {
        Some(turnover) => {
            let figure = words.language.number(turnover.round_dp(2));
            let places = [("n", days.as_str()), ("turnover", &figure)];
            let phrases = [DashboardText::TurnoverOf, DashboardText::TurnoverOfBriefly];
            fitting(words, phrases, &places, room)
        }
        None => words.fill(DashboardText::Turnover, &[("n", &days)]),
    }
}

/// The long phrase if there is room for it, or else the brief one.
pub(super) fn fitting(
    words: Words,
    [long, brief]: [DashboardText; 2],
    places: &[(&str, &str)],
    room: usize,
) -> String {
    let title = words.fill(long, places);
    if title.width() > room { words.fill(brief, places) } else { title }
}

fn turnover_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        look.sku(),
        look.name(),
        Column::figure(look.say(DashboardText::AtCost), if look.wide { 12 } else { 10 }, 0),
        Column::figure(look.say(DashboardText::Rate), 8, 4),
        Column::figure(look.say(DashboardText::Cover), 9, 6),
        Column::figure(look.say(DashboardText::Quantity), 9, 9),
    ]
}

fn turnover(row: &ProductTurnover, look: Look<'_>) -> Vec<Cell> {
    let figure = |figure: Option<Decimal>, decimals: u32| {
        figure.map_or_else(|| "–".to_owned(), |figure| look.number(figure.round_dp(decimals)))
    };
    vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.words.language.money(row.cost_issued.round_dp(2))),
        Cell::new(figure(row.turnover, 2)),
        Cell::styled(figure(row.days_of_cover, 0), look.theme.dim),
        Cell::styled(look.number(row.issued), look.theme.dim),
    ]
}

fn people_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        Column::fill(look.say(DashboardText::Person), 11),
        Column::figure(look.say(DashboardText::Postings), 9, 0),
        Column::text("", BAR_WIDTH, 4),
        Column::figure(look.say(DashboardText::Movements), 10, 6),
        Column::text(look.say(DashboardText::Latest), 12, 5),
    ]
}

fn person(list: &[PersonActivity], at: usize, look: Look<'_>) -> Option<Vec<Cell>> {
    let row = list.get(at)?;
    let most = list.iter().map(|row| row.postings).max().unwrap_or(0);
    Some(vec![
        Cell::new(look.people.shown(&row.login)),
        Cell::new(look.number(Decimal::from(row.postings))),
        Cell::styled(bar(share_of(row.postings, most), BAR_WIDTH), look.theme.chart),
        Cell::new(look.number(Decimal::from(row.movements))),
        Cell::styled(look.words.language.moment_short(row.last_at, look.now, look.zone), look.theme.dim),
    ])
}
