//! The panels that are no lists but a few figures with their names: the value, and the activity.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::look::bar;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::view::{Canvas, fit};
use crate::worker::query::{self, Answer, Query as _};

/// The widest that a figure stands from its name; farther apart the eye loses the line.
const WIDTH_MAX: u16 = 56;

/// A name at the left, a figure at the right.
fn figure(name: &str, figure: &str, style: Style, width: u16, canvas: &Canvas<'_, '_>) -> Line<'static> {
    // Where there is no room for both, the name gives way: a figure that is cut off is another figure.
    let name = fit(name, usize::from(width).saturating_sub(figure.width() + 1));
    let gap = usize::from(width).saturating_sub(name.width() + figure.width()).max(1);
    Line::from(vec![
        Span::styled(name, canvas.theme.dim),
        Span::raw(" ".repeat(gap)),
        Span::styled(figure.to_owned(), style),
    ])
}

/// The part that a count is of all; zero of nothing.
fn part(count: Decimal, all: Decimal) -> Decimal {
    if all.is_zero() { Decimal::ZERO } else { count / all }
}

/// What the stock is worth, and how far that can be believed.
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
    // On a low panel the figures stay and the picture of the share goes.
    if lines.len() > usize::from(area.height) {
        lines.retain(|line| line.width() > 0);
    }
    lines
}

/// What the database and this terminal have counted, what matters most first.
pub(super) fn activity(answer: &Answer, area: Rect, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let Some((database, here)) = query::Activity::answer(answer) else { return Vec::new() };
    let (words, theme, width) = (canvas.words, canvas.theme, area.width.min(WIDTH_MAX));
    let number = |count: Decimal| words.language.number(count);
    let line =
        |name: DashboardText, text: &str, style: Style| figure(words.say(name), text, style, width, canvas);
    // What should not happen at all bears a sign when it does.
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
