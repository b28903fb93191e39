//! Movements per hour: all of them as columns, and below them a line for each kind. The kinds are distinguished by
//! their positions and names, not by colours.

use jiff::Timestamp;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Bar, BarChart, BarGroup};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::look::Look;
use super::panels::{Listing, RowKey, rows, within};
use crate::domain::{HourCount, MovementKind};
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::ledger;
use crate::tui::view::Canvas;
use crate::tui::widgets::table::{Cell, Column};
use crate::worker::query::{self, Answer, PANEL_HOURS};

/// The seconds of an hour.
const HOUR_SECONDS: i64 = 3_600;
/// How many steps of height a cell of the screen can show.
const STEPS: u64 = 8;
/// The widest column of an hour, with its gap; wider ones look coarse.
const SLOT_WIDTH_MAX: u16 = 4;
/// The interval of the hours that are named below the columns.
const NAMED_EVERY_HOURS: i8 = 3;

/// The counts of one hour, by kind in the order of [`MovementKind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hour {
    begins: Timestamp,
    kinds: [u64; MovementKind::ALL.len()],
}

impl Hour {
    fn all(&self) -> u64 {
        self.kinds.iter().sum()
    }
}

/// The last hours, the present one last, including those without movements.
fn by_hour(counts: &[HourCount], now: Timestamp) -> Vec<Hour> {
    let hour_of = |moment: Timestamp| moment.as_second().div_euclid(HOUR_SECONDS);
    let present = hour_of(now);
    let first = present + 1 - i64::from(PANEL_HOURS);
    let mut hours: Vec<Hour> = (first..=present)
        .map(|hour| Hour {
            begins: Timestamp::from_second(hour * HOUR_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH),
            kinds: [0; MovementKind::ALL.len()],
        })
        .collect();
    for count in counts {
        let position = usize::try_from(hour_of(count.hour) - first).ok();
        let hour = position.and_then(|position| hours.get_mut(position));
        if let (Some(hour), Some(kind)) =
            (hour, MovementKind::ALL.iter().position(|kind| *kind == count.kind))
        {
            hour.kinds[kind] += u64::try_from(count.movements).unwrap_or(0);
        }
    }
    hours
}

/// The hours as a list, the present one first.
pub(super) const LISTING: Listing = Listing {
    keys: |answer| match rows::<query::Hours, _>(answer) {
        [] => Vec::new(),
        _ => (0..PANEL_HOURS).map(|back| RowKey::other(back.to_string())).collect(),
    },
    total: None,
    columns,
    cells: |answer, at, look| cells(rows::<query::Hours, _>(answer), at, look),
    ends_in_line: false,
    nothing: |words| within(words, DashboardText::NoMovement, PANEL_HOURS),
};

fn columns(look: Look<'_>) -> Vec<Column> {
    let kinds = (0_u8..).zip(MovementKind::ALL).map(|(position, kind)| {
        Column::figure(look.words.say(ledger::kind(kind)), 10, position.saturating_sub(1))
    });
    let hour = Column::fill(look.say(DashboardText::Hour), 12);
    let all = Column::figure(look.say(DashboardText::All), 8, 0);
    [hour].into_iter().chain(kinds).chain([all]).collect()
}

fn cells(counts: &[HourCount], at: usize, look: Look<'_>) -> Option<Vec<Cell>> {
    let hour = by_hour(counts, look.now).into_iter().rev().nth(at)?;
    let count = |count: u64| match count {
        0 => Cell::styled("·", look.theme.dim),
        count => Cell::new(look.number(Decimal::from(count))),
    };
    let time = look.words.language.moment_short(hour.begins, look.now, look.zone);
    let kinds = hour.kinds.into_iter().map(count);
    Some([Cell::new(time)].into_iter().chain(kinds).chain([count(hour.all())]).collect())
}

/// Draws the columns, the axis of hours below them, and the kinds.
pub(super) fn draw(answer: &Answer, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let (words, theme) = (canvas.words, canvas.theme);
    let hours = by_hour(rows::<query::Hours, _>(answer), canvas.now);
    let number = |value: u64| words.language.number(Decimal::from(value));
    let sums: Vec<u64> =
        (0..MovementKind::ALL.len()).map(|kind| hours.iter().map(|hour| hour.kinds[kind]).sum()).collect();
    let peak = hours.iter().max_by_key(|hour| hour.all()).copied();
    let names: Vec<&str> = MovementKind::ALL.iter().map(|kind| words.say(ledger::kind(*kind))).collect();
    let mut head = vec![(words.say(DashboardText::All).to_owned(), number(sums.iter().sum()))];
    if let Some(peak) = peak.filter(|peak| peak.all() > 0) {
        let time = words.language.moment_short(peak.begins, peak.begins, canvas.zone);
        head.push((words.fill(DashboardText::Peak, &[("n", &number(peak.all()))]), String::new()));
        head.push((words.fill(DashboardText::PeakAt, &[("time", &time)]), String::new()));
    }
    let legend: Vec<(String, String)> =
        names.iter().zip(&sums).map(|(name, sum)| ((*name).to_owned(), number(*sum))).collect();
    let width = |(name, figure): &(String, String)| name.width() + 1 + figure.width();
    let widest = head.iter().chain(&legend).map(width).max().unwrap_or(0);
    let gutter = u16::try_from(widest + 1).unwrap_or(u16::MAX).min(area.width / 2);
    let slot = (area.width.saturating_sub(gutter) / PANEL_HOURS).clamp(1, SLOT_WIDTH_MAX);
    let kinds = u16::try_from(MovementKind::ALL.len()).unwrap_or(u16::MAX);
    let [top, axis, bottom] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(1), Constraint::Length(kinds)]).areas(area);

    let label = |pair: &(String, String), style: Style| {
        let room = usize::from(gutter.saturating_sub(1));
        let gap = " ".repeat(room.saturating_sub(pair.0.width() + pair.1.width()));
        Line::from(vec![
            Span::styled(pair.0.clone(), theme.dim),
            Span::raw(gap),
            Span::styled(pair.1.clone(), style),
        ])
    };
    for (row, pair) in top.rows().zip(&head) {
        canvas.frame.render_widget(label(pair, theme.title), row);
    }
    let columns = |area: Rect| Rect {
        x: area.x + gutter,
        width: (slot * PANEL_HOURS).min(area.width.saturating_sub(gutter)),
        ..area
    };
    let all: Vec<u64> = hours.iter().map(Hour::all).collect();
    draw_columns(&all, peak.map_or(0, |peak| peak.all()), slot, columns(top), canvas);
    draw_axis(&hours, slot, columns(axis), canvas);
    let most = hours.iter().flat_map(|hour| hour.kinds).max().unwrap_or(0);
    for (kind, row) in bottom.rows().take(MovementKind::ALL.len()).enumerate() {
        canvas.frame.render_widget(label(&legend[kind], theme.text), row);
        let values: Vec<u64> = hours.iter().map(|hour| hour.kinds[kind]).collect();
        draw_columns(&values, most, slot, columns(row), canvas);
    }
}

/// Draws a column for each value. A value other than zero is always visible.
fn draw_columns(values: &[u64], most: u64, slot: u16, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let steps = u64::from(area.height) * STEPS;
    let height = |value: u64| match value {
        0 => 0,
        value => (value.saturating_mul(steps) / most.max(1)).max(1),
    };
    let bars: Vec<Bar<'_>> =
        values.iter().map(|value| Bar::default().value(height(*value)).text_value("")).collect();
    let gap = u16::from(slot > 1);
    let chart = BarChart::default()
        .data(BarGroup::default().bars(&bars))
        .max(steps)
        .bar_width(slot - gap)
        .bar_gap(gap)
        .bar_style(canvas.theme.chart);
    canvas.frame.render_widget(chart, area);
}

/// Names every third hour, at the start of its column.
fn draw_axis(hours: &[Hour], slot: u16, area: Rect, canvas: &mut Canvas<'_, '_>) {
    for (position, hour) in hours.iter().enumerate() {
        let local = canvas.zone.to_datetime(hour.begins);
        let column = u16::try_from(position).unwrap_or(u16::MAX).saturating_mul(slot);
        if local.hour() % NAMED_EVERY_HOURS == 0 && column + 2 <= area.width {
            let spot = Rect { x: area.x + column, width: 2, ..area };
            let name = Line::from(Span::styled(format!("{:02}", local.hour()), canvas.theme.dim));
            canvas.frame.render_widget(name, spot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_stand_in_their_hour() {
        let now: Timestamp = "2026-11-20T09:30:00Z".parse().unwrap();
        let count = |hour: &str, kind, movements| HourCount { hour: hour.parse().unwrap(), kind, movements };
        let counts = [
            count("2026-11-19T09:00:00Z", MovementKind::Issue, 50),
            count("2026-11-19T10:00:00Z", MovementKind::Receipt, 1),
            count("2026-11-20T09:00:00Z", MovementKind::Reversal, 2),
            count("2026-11-20T09:00:00Z", MovementKind::Issue, 3),
            count("2026-11-20T10:00:00Z", MovementKind::Issue, 70),
        ];
        let hours = by_hour(&counts, now);
        assert_eq!(hours.len(), usize::from(PANEL_HOURS));
        assert_eq!(hours[0].kinds, [1, 0, 0, 0, 0]);
        assert_eq!(hours[23].kinds, [0, 3, 0, 0, 2]);
        assert_eq!(
            hours.iter().map(Hour::all).sum::<u64>(),
            6,
            "an hour too old and one to come are left out"
        );
    }
}
