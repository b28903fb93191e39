//! The panels that list something: their columns, their rows, and what a row is known by.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::hours::{Hour, KINDS, by_hour};
use crate::tui::app::Canvas;
use crate::tui::text::Words;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::ledger;
use crate::tui::text::stock::StockText;
use crate::tui::theme::Theme;
use crate::tui::widgets::table::{Cell, Column, Rows, table};
use crate::worker::message::{
    Answer, ExpiringLot, HourCount, PANEL_DAYS, PANEL_EXPIRING_DAYS, PANEL_HOURS, PersonActivity, SlowMover,
    StockRow, TopItem,
};

/// From this width on the columns of a list are as wide as elsewhere; below it they hold what is usual.
const WIDE_MIN: u16 = 60;
/// The width of the picture of a share.
const BAR_WIDTH: u16 = 4;
/// The width of the picture that the list of the most issued is about.
const TOP_BAR_WIDTH: u16 = 8;
/// The width of a picture with its percentage.
const SHARE_WIDTH: u16 = 10;
/// The least width of a name, below which it tells nothing.
const NAME_WIDTH_MIN: u16 = 12;

/// What a row is known by when the list comes anew, and the product that it is about, if it is about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowKey {
    pub sku: Option<String>,
    more: String,
}

/// The rows of an answer, in its order; those of the hours are counted back from the present one.
pub(super) fn keys(answer: &Answer) -> Vec<RowKey> {
    let product = |sku: &str| RowKey { sku: Some(sku.to_owned()), more: String::new() };
    let other = |more: String| RowKey { sku: None, more };
    match answer {
        Answer::Hours(_) => (0..PANEL_HOURS).map(|back| other(back.to_string())).collect(),
        Answer::Low(rows, _) => rows.iter().map(|row| product(&row.sku)).collect(),
        Answer::Expiring(lots) => lots
            .iter()
            .map(|lot| RowKey { more: format!("{}\n{}", lot.lot, lot.location), ..product(&lot.sku) })
            .collect(),
        Answer::Slow(rows) => rows.iter().map(|row| product(&row.sku)).collect(),
        Answer::Top(rows) => rows.iter().map(|row| product(&row.sku)).collect(),
        Answer::People(rows) => rows.iter().map(|row| other(row.login.clone())).collect(),
        _ => Vec::new(),
    }
}

/// What the cells need besides their row.
#[derive(Clone, Copy)]
struct Look<'a> {
    words: Words,
    theme: &'a Theme,
    now: Timestamp,
    zone: &'a TimeZone,
    today: Date,
    wide: bool,
}

/// Draws the rows of an answer that has some.
pub(super) fn draw(answer: &Answer, area: Rect, rows: Rows, canvas: &mut Canvas<'_, '_>) {
    let (words, theme, zone) = (canvas.words, canvas.theme, canvas.zone);
    let look =
        Look { words, theme, now: canvas.now, zone, today: canvas.today(), wide: area.width >= WIDE_MIN };
    match answer {
        Answer::Hours(counts) => draw_hours(counts, area, rows, canvas, look),
        Answer::Low(list, _) => {
            table(canvas, area, &low_columns(look), rows, |at| list.get(at).map(|row| low(row, look)));
        }
        Answer::Expiring(list) => {
            table(canvas, area, &expiring_columns(look), rows, |at| {
                list.get(at).map(|lot| expiring(lot, look))
            });
        }
        Answer::Slow(list) => {
            table(canvas, area, &slow_columns(look), rows, |at| list.get(at).map(|row| slow(row, look)));
        }
        Answer::Top(list) => {
            let most = list.iter().map(|row| row.movements).max().unwrap_or(0);
            let cells = |at: usize| list.get(at).map(|row| top(row, most, look));
            table(canvas, clear_of_border(area), &top_columns(look), rows, cells);
        }
        Answer::People(list) => {
            let most = list.iter().map(|row| row.postings).max().unwrap_or(0);
            let cells = |at: usize| list.get(at).map(|row| person(row, most, look));
            table(canvas, clear_of_border(area), &people_columns(look), rows, cells);
        }
        _ => {}
    }
}

/// The room without its last column, so that a line that ends a row does not run into the border.
fn clear_of_border(area: Rect) -> Rect {
    Rect { width: area.width.saturating_sub(1), ..area }
}

/// What an answer without rows says.
pub(super) fn nothing(answer: &Answer, words: Words) -> Option<String> {
    let within = |phrase: DashboardText, n: u16| Some(words.fill(phrase, &[("n", &n.to_string())]));
    match answer {
        Answer::Hours(counts) if counts.is_empty() => within(DashboardText::NoMovement, PANEL_HOURS),
        Answer::Low(rows, _) if rows.is_empty() => Some(words.say(StockText::NothingLow).to_owned()),
        Answer::Expiring(lots) if lots.is_empty() => {
            within(DashboardText::NothingExpires, PANEL_EXPIRING_DAYS)
        }
        Answer::Slow(rows) if rows.is_empty() => Some(words.say(DashboardText::NothingOnHand).to_owned()),
        Answer::Top(rows) if rows.is_empty() => within(DashboardText::NothingIssued, PANEL_DAYS),
        Answer::People(rows) if rows.is_empty() => within(DashboardText::NothingPosted, PANEL_DAYS),
        _ => None,
    }
}

/// A share as a heavy line over a light one, in halves of a column. Lines leave room between the rows,
/// where blocks would run together, and differ by their weight, not by a colour.
pub(super) fn bar(share: Decimal, width: u16) -> String {
    let width = usize::from(width);
    let halves = share.clamp(Decimal::ZERO, Decimal::ONE) * Decimal::from(width * 2);
    let halves = halves.round().to_usize().unwrap_or(0);
    let (full, half) = (halves / 2, halves % 2);
    format!("{}{}{}", "━".repeat(full), "╸".repeat(half), "─".repeat(width.saturating_sub(full + half)))
}

impl Look<'_> {
    fn say(self, phrase: DashboardText) -> &'static str {
        self.words.say(phrase)
    }

    fn number(self, value: Decimal) -> String {
        self.words.language.number(value)
    }

    fn sku(self) -> Column {
        Column::text(self.words.say(StockText::Sku), if self.wide { 14 } else { 8 }, 0)
    }

    /// The name gives way in the narrowest panels, as the SKU says which product it is.
    fn name(self) -> Column {
        Column { gives_way: 5, ..Column::fill(self.words.say(StockText::Name), NAME_WIDTH_MIN) }
    }

    fn on_hand(self) -> Column {
        if self.wide {
            Column::figure(self.words.say(StockText::OnHand), 10, 0)
        } else {
            Column::figure(self.say(DashboardText::Left), 6, 0)
        }
    }
}

fn low_columns(look: Look<'_>) -> [Column; 5] {
    let point = Column::figure(look.words.say(StockText::Reorder), 10, 9);
    let share = Column::text(look.say(DashboardText::Share), SHARE_WIDTH, 0);
    [look.sku(), look.name(), look.on_hand(), point, share]
}

fn low(row: &StockRow, look: Look<'_>) -> Vec<Cell> {
    let point = row.reorder_point.unwrap_or_default();
    let share = if point.is_zero() { Decimal::ZERO } else { row.on_hand / point };
    let text = format!("{} {}", bar(share, BAR_WIDTH), look.words.language.percent(share.round_dp(2)));
    let style = if row.on_hand.is_zero() { look.theme.bad } else { look.theme.warning };
    vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.number(row.on_hand)),
        Cell::styled(look.number(point), look.theme.dim),
        Cell::styled(text, style),
    ]
}

fn expiring_columns(look: Look<'_>) -> [Column; 7] {
    [
        Column::text(look.words.say(StockText::Expires), 12, 0),
        look.sku(),
        look.name(),
        Column::text(look.words.say(StockText::Lot), 12, 7),
        Column::text(look.words.say(StockText::Place), 10, 4),
        Column { width: if look.wide { 10 } else { 5 }, ..look.on_hand() },
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

/// How many days lie from one day to the other.
fn day_count(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn slow_columns(look: Look<'_>) -> [Column; 5] {
    let value = Column::figure(look.say(DashboardText::StockWorth), 12, 9);
    let unmoved = Column::figure(look.say(DashboardText::NotMoved), 11, 0);
    [look.sku(), look.name(), look.on_hand(), value, unmoved]
}

fn slow(row: &SlowMover, look: Look<'_>) -> Vec<Cell> {
    let unmoved = match row.last_moved_at {
        Some(moment) => Cell::new(look.words.language.duration(look.now.duration_since(moment))),
        None => Cell::styled(look.say(DashboardText::Never), look.theme.warning),
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

/// The share that a count has of the largest.
fn share_of(count: i64, most: i64) -> Decimal {
    if most == 0 { Decimal::ZERO } else { Decimal::from(count) / Decimal::from(most) }
}

fn top_columns(look: Look<'_>) -> [Column; 5] {
    [
        look.sku(),
        look.name(),
        Column::figure(look.say(DashboardText::Issues), 7, 0),
        Column::text("", TOP_BAR_WIDTH, 3),
        Column::figure(look.say(DashboardText::Quantity), 9, 9),
    ]
}

fn top(row: &TopItem, most: i64, look: Look<'_>) -> Vec<Cell> {
    vec![
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), look.theme.dim),
        Cell::new(look.number(Decimal::from(row.movements))),
        Cell::styled(bar(share_of(row.movements, most), TOP_BAR_WIDTH), look.theme.chart),
        Cell::new(look.number(row.quantity)),
    ]
}

fn people_columns(look: Look<'_>) -> [Column; 5] {
    [
        Column::fill(look.say(DashboardText::Person), 11),
        Column::figure(look.say(DashboardText::Postings), 9, 0),
        Column::text("", BAR_WIDTH, 4),
        Column::figure(look.say(DashboardText::Movements), 10, 6),
        Column::text(look.say(DashboardText::Latest), 12, 5),
    ]
}

fn person(row: &PersonActivity, most: i64, look: Look<'_>) -> Vec<Cell> {
    vec![
        Cell::new(row.login.clone()),
        Cell::new(look.number(Decimal::from(row.postings))),
        Cell::styled(bar(share_of(row.postings, most), BAR_WIDTH), look.theme.chart),
        Cell::new(look.number(Decimal::from(row.movements))),
        Cell::styled(look.words.language.moment_short(row.last_at, look.now, look.zone), look.theme.dim),
    ]
}

/// The hours as a list, the present one first.
fn draw_hours(counts: &[HourCount], area: Rect, rows: Rows, canvas: &mut Canvas<'_, '_>, look: Look<'_>) {
    let hours = by_hour(counts, look.now);
    let kind = |position: usize, gives_way: u8| {
        Column::figure(look.words.say(ledger::kind(KINDS[position].as_str())), 10, gives_way)
    };
    let columns = [
        Column::fill(look.say(DashboardText::Hour), 12),
        kind(0, 0),
        kind(1, 0),
        kind(2, 1),
        kind(3, 2),
        kind(4, 3),
        Column::figure(look.say(DashboardText::All), 8, 0),
    ];
    let cells = |hour: &Hour| {
        let count = |count: u64| match count {
            0 => Cell::styled("·", look.theme.dim),
            count => Cell::new(look.number(Decimal::from(count))),
        };
        let time = look.words.language.moment_short(hour.begins, look.now, look.zone);
        let mut cells = vec![Cell::new(time)];
        cells.extend(hour.kinds.iter().map(|kind| count(*kind)));
        cells.push(count(hour.all()));
        cells
    };
    table(canvas, area, &columns, rows, |at| hours.iter().rev().nth(at).map(cells));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        for (share, expected) in
            [("0", "────"), ("0.25", "━───"), ("0.375", "━╸──"), ("1", "━━━━"), ("7", "━━━━"), ("-1", "────")]
        {
            assert_eq!(bar(share.parse().unwrap(), 4), expected, "{share}");
        }
    }
}
