//! The order panels: late orders, orders that wait for stock, and today's picks per person.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::look::{BAR_WIDTH, Look, bar};
use super::panels::{day_count, fitting, share_of};
use crate::domain::display::safe_line;
use crate::domain::{LocationCode, OrderRow, PartnerCode, PersonPicks, WaitingOrder};
use crate::tui::text::Words;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::widgets::table::{Cell, Column};
use crate::worker::query::{self, Answer, PANEL_REPORT_DAYS, Query as _};

/// The width of an order number, in columns.
const NUMBER_WIDTH: u16 = 10;

pub(super) fn late(answer: &Answer) -> &[OrderRow] {
    query::Late::answer(answer).map(|late| late.orders.as_slice()).unwrap_or_default()
}

/// The title: the number of late orders, and the share of recent orders that were shipped on time.
pub(super) fn late_title(words: Words, answer: Option<&Answer>, room: usize) -> String {
    let Some(late) = answer.and_then(query::Late::answer) else {
        return words.say(DashboardText::Late).to_owned();
    };
    let count = words.language.number(Decimal::from(late.late));
    if late.due == 0 {
        return words.fill(DashboardText::LateMany, &[("n", &count)]);
    }
    // Rounded down, so that 100 means all.
    let share = (Decimal::from(late.on_time) / Decimal::from(late.due)).trunc_with_scale(2);
    let days = PANEL_REPORT_DAYS.to_string();
    let places = [("n", count.as_str()), ("share", &words.language.percent(share)), ("days", &days)];
    fitting(words, [DashboardText::LateAndOnTime, DashboardText::LateAndOnTimeBriefly], &places, room)
}

/// The partner of an order or, for a transfer order, its destination.
fn whom(partner: Option<&PartnerCode>, to: Option<&LocationCode>) -> Cell {
    let partner = partner.map(|partner| safe_line(partner.as_str()).into_owned());
    Cell::new(partner.or_else(|| to.map(|to| format!("→ {to}"))).unwrap_or_default())
}

pub(super) fn late_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        Column::text(look.words.say(OrdersText::Number), NUMBER_WIDTH, 0),
        Column::fill(look.words.say(OrdersText::Partner), 6),
        Column::text(look.words.say(OrdersText::State), 18, 7),
        Column::text(look.say(DashboardText::Overdue), if look.wide { 12 } else { 9 }, 0),
        Column::text(look.words.say(OrdersText::Done), BAR_WIDTH, 5),
    ]
}

pub(super) fn late_cells(row: &OrderRow, look: Look<'_>) -> Vec<Cell> {
    let days = row.due_on.map_or(0, |due| day_count(due, look.today));
    let elapsed = SignedDuration::from_hours(24) * days;
    let done = row.moved.checked_div(row.ordered).unwrap_or_default();
    vec![
        Cell::new(row.number.to_string()),
        whom(row.partner.as_ref(), row.to.as_ref()),
        Cell::styled(look.words.say(orders::state(row.state)), look.theme.dim),
        Cell::styled(look.words.language.duration(elapsed), look.theme.warning),
        Cell::styled(bar(done, BAR_WIDTH), look.theme.chart),
    ]
}

pub(super) fn waiting(answer: &Answer) -> &[WaitingOrder] {
    query::Waiting::answer(answer).map(|(rows, _)| rows.as_slice()).unwrap_or_default()
}

pub(super) fn waiting_title(words: Words, answer: Option<&Answer>, _room: usize) -> String {
    match answer.and_then(query::Waiting::answer) {
        Some((_, all)) if *all > 0 => {
            words.fill(DashboardText::WaitingMany, &[("n", &words.language.number(Decimal::from(*all)))])
        }
        _ => words.say(DashboardText::Waiting).to_owned(),
    }
}

pub(super) fn waiting_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        Column::text(look.words.say(OrdersText::Number), NUMBER_WIDTH, 0),
        Column::fill(look.words.say(OrdersText::Partner), 6),
        Column::text(look.words.say(OrdersText::Due), 12, 6),
        Column::figure(look.words.say(OrdersText::Lines), 6, 8),
        Column::figure(look.say(DashboardText::Missing), 9, 0),
        Column::text(look.say(DashboardText::Expected), 12, 7),
    ]
}

pub(super) fn waiting_cells(row: &WaitingOrder, look: Look<'_>) -> Vec<Cell> {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| look.words.language.day(day));
    let due = if row.late { look.theme.warning } else { look.theme.text };
    let expected = day(row.expected_on).unwrap_or_else(|| "–".to_owned());
    vec![
        Cell::new(row.number.to_string()),
        whom(row.partner.as_ref(), row.to.as_ref()),
        Cell::styled(day(row.due_on).unwrap_or_default(), due),
        Cell::styled(look.number(Decimal::from(row.lines)), look.theme.dim),
        Cell::styled(look.number(row.missing), look.theme.warning),
        Cell::styled(expected, look.theme.dim),
    ]
}

pub(super) fn picks_columns(look: Look<'_>) -> Vec<Column> {
    vec![
        Column::fill(look.say(DashboardText::Person), 11),
        Column::figure(look.say(DashboardText::PickCount), 7, 0),
        Column::text("", BAR_WIDTH, 4),
        Column::figure(look.say(DashboardText::PickOrders), 10, 6),
        Column::text(look.say(DashboardText::Latest), 12, 5),
    ]
}

pub(super) fn picks_cells(list: &[PersonPicks], at: usize, look: Look<'_>) -> Option<Vec<Cell>> {
    let row = list.get(at)?;
    let most = list.iter().map(|row| row.picks).max().unwrap_or(0);
    Some(vec![
        Cell::new(look.people.shown(&row.login)),
        Cell::new(look.number(Decimal::from(row.picks))),
        Cell::styled(bar(share_of(row.picks, most), BAR_WIDTH), look.theme.chart),
        Cell::new(look.number(Decimal::from(row.orders))),
        Cell::styled(look.words.language.moment_short(row.last_at, look.now, look.zone), look.theme.dim),
    ])
}
