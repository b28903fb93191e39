//! The panels that show a few figures with names instead of lists: the value, and the activity.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::look::bar;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::view::{Canvas, fit};
use crate::worker::query::{self, Answer, Query as _};

/// The greatest distance between a name and its figure; farther apart they are hard to read as a line.
const WIDTH_MAX: u16 = 56;

/// A line with a name at the left and a figure at the right.
fn figure(name: &str, figure: &str, style: Style, width: u16, canvas: &Canvas<'_, '_>) -> Line<'static> {
    // If there is no room for both, the name is truncated: a truncated figure would be a different one.
    let name = fit(name, usize::from(width).saturating_sub(figure.width() + 1));
    let gap = usize::from(width).saturating_sub(name.width() + figure.width()).max(1);
    Line::from(vec![
        Span::styled(name, canvas.theme.dim),
        Span::raw(" ".repeat(gap)),
        Span::styled(figure.to_owned(), style),
    ])
}

/// The fraction of all that a count is; zero if there is nothing.
fn part(count: Decimal, all: Decimal) -> Decimal {
    if all.is_zero() { Decimal::ZERO } else { count / all }
}

/// The lines of the stock value, and for how many products it is unknown.
pub(super) fn value(answer: &Answer, area: Rect, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let Some(value) = query::Value::answer(answer) else { return Vec::new() };
    let (words, theme, width) = (canvas.words, canvas.theme, area.width.min(WIDTH_MAX));
    let number = |count: i64| words.language.number(Decimal::from(count));
    let line =
        |name: DashboardText, text: &str, style: Style| figure(words.say(name), text, style, width, canvas);
    let mut lines = vec![
        line(DashboardText::AtCost, &words.language.money(value.at_cost), theme.title),
        line(DashboardText::AtPrice, &words.language.money(value.at_price), theme.title),
        Line::default(),
        line(DashboardText::OnHand, &number(value.products_on_hand), theme.text),
    ];
    let unknown = value.products_without_cost;
    let (text, style) = match unknown {
        0 => ("✓ 0".to_owned(), theme.good),
        _ => (format!("! {}", number(unknown)), theme.warning),
    };
    lines.push(line(DashboardText::WithoutCost, &text, style));
    if value.products_on_hand == 0 {
        return lines;
    }
    let all = Decimal::from(value.products_on_hand);
    let known = part(all - Decimal::from(unknown), all);
    let share = words.language.percent(known);
    let says = words.say(DashboardText::CostKnown);
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(bar(known, width), theme.chart)));
    lines
        .push(Line::from(vec![Span::styled(share, theme.text), Span::styled(format!(" {says}"), theme.dim)]));
    // In a low panel the figures stay and the bar of the share is dropped.
    if lines.len() > usize::from(area.height) {
        lines.retain(|line| line.width() > 0);
    }
    lines
}

/// The lines of what the database and this terminal have counted, the most important first.
pub(super) fn activity(answer: &Answer, area: Rect, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let Some((database, here)) = query::Activity::answer(answer) else { return Vec::new() };
    let (words, theme, width) = (canvas.words, canvas.theme, area.width.min(WIDTH_MAX));
    let number = |count: Decimal| words.language.number(count);
    let line =
        |name: DashboardText, text: &str, style: Style| figure(words.say(name), text, style, width, canvas);
    // A figure that should be zero has a sign if it is not.
    let alarm = |name: DashboardText, count: Decimal| {
        if count.is_zero() {
            line(name, "0", theme.text)
        } else {
            line(name, &format!("! {}", number(count)), theme.warning)
        }
    };
    let (commits, rollbacks) = (Decimal::from(database.commits), Decimal::from(database.rollbacks));
    let share = words.language.percent(part(rollbacks, commits + rollbacks));
    let mut lines = vec![
        line(DashboardText::Commits, &number(commits), theme.text),
        line(DashboardText::Rollbacks, &format!("{} ({share})", number(rollbacks)), theme.text),
        alarm(DashboardText::Deadlocks, Decimal::from(database.deadlocks)),
        line(DashboardText::RetriedHere, &number(Decimal::from(here.retries)), theme.text),
        line(DashboardText::AttemptsHere, &number(Decimal::from(here.attempts)), theme.text),
        alarm(DashboardText::LostHere, Decimal::from(here.lost)),
        line(DashboardText::LockedHere, &number(Decimal::from(here.locked)), theme.text),
    ];
    if let Some(since) = database.since {
        let text = words.language.moment_short(since, canvas.now, canvas.zone);
        lines.push(line(DashboardText::Since, &text, theme.dim));
    }
    lines
}
