//! How the dashboard is drawn: all panels, one of them, or one in full.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::feed::Feed;
use super::layout::{PANELS, grid, has_room};
use super::{DashboardScreen, figures, hours, lists};
use crate::tui::app::{Canvas, Hit, fit};
use crate::tui::text::common::CommonText;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::{Words, failure};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::table::{Rows, lines_in};
use crate::worker::message::{Answer, PANEL_DAYS, PANEL_EXPIRING_DAYS, PANEL_HOURS, Panel};

/// The room for which of the panels is shown, between the names of those on either side.
const STRIP_MIDDLE_WIDTH: u16 = 10;

impl DashboardScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.grid = has_room(area);
        if self.full.is_some() {
            self.draw_full(area, canvas);
        } else if self.grid {
            for (position, spot) in grid(area).into_iter().enumerate() {
                self.draw_panel(position, spot, canvas);
            }
        } else {
            let [strip, spot] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(area);
            self.draw_strip(strip, canvas);
            self.draw_panel(self.focus, spot, canvas);
        }
    }

    /// Which of the panels is shown, and what lies on either side of it.
    fn draw_strip(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let name = |position: usize| PANELS.get(position).map(|panel| title(*panel, canvas.words));
        let room = usize::from(area.width.saturating_sub(STRIP_MIDDLE_WIDTH) / 2).saturating_sub(4);
        let short = |name: String| {
            if name.width() > room { format!("{}…", fit(&name, room.saturating_sub(1))) } else { name }
        };
        let before = self.focus.checked_sub(1).and_then(name).map(|name| format!(" ◂ {}", short(name)));
        let after = name(self.focus + 1).map(|name| format!("{} ▸ ", short(name)));
        let places = [("position", &*(self.focus + 1).to_string()), ("n", &*PANELS.len().to_string())];
        let here = canvas.words.fill(DashboardText::Position, &places);
        let dim = canvas.theme.dim;
        let [left, middle, right] = Layout::horizontal([
            Constraint::Fill(1),
            Constraint::Length(STRIP_MIDDLE_WIDTH),
            Constraint::Fill(1),
        ])
        .areas(area);
        canvas.frame.render_widget(Line::from(Span::styled(before.unwrap_or_default(), dim)), left);
        canvas.frame.render_widget(Line::from(here).centered(), middle);
        canvas
            .frame
            .render_widget(Line::from(Span::styled(after.unwrap_or_default(), dim)).right_aligned(), right);
    }

    fn draw_panel(&self, position: usize, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let feed = &self.feeds[position];
        let focus = canvas.focus && position == self.focus;
        let name = name(feed, canvas.words);
        let inside = panel(canvas, area, &name, focus);
        draw_state(feed, area, canvas);
        let inside = draw_failure(feed, inside, canvas);
        if let Some((answer, _)) = &feed.shown {
            draw_answer(answer, inside, canvas);
            draw_rest(answer, inside, area, canvas);
        }
        // A click on a row is one on its panel.
        canvas.hit(area, Hit::Field(position));
    }

    fn draw_full(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let feed = &self.feeds[self.focus];
        let name = name(feed, canvas.words);
        let inside = panel(canvas, area, &name, canvas.focus);
        draw_state(feed, area, canvas);
        let inside = draw_failure(feed, inside, canvas);
        let Some((answer, _)) = &feed.shown else { return };
        let body = match explained(answer, inside, canvas) {
            Some(lines) => {
                let spot = padded(inside);
                canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), spot);
                return;
            }
            None => draw_count(answer, inside, canvas),
        };
        if let Some(text) = lists::nothing(answer, canvas.words) {
            canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), padded(body));
            return;
        }
        let body = Rect { width: body.width.saturating_sub(1), ..body };
        self.lines = lines_in(body);
        let Some(window) = &mut self.full else { return };
        window.drawn(self.lines);
        let cursor = (!window.rows().is_empty()).then(|| window.cursor());
        let rows = Rows { first: window.first_drawn(self.lines), cursor, focus: canvas.focus };
        lists::draw(answer, body, rows, canvas);
    }
}

/// The title of a panel, with how many there are where the list may be longer than what was fetched.
fn name(feed: &Feed, words: Words) -> String {
    match &feed.shown {
        Some((Answer::Low(_, all), _)) if *all > 0 => {
            let figure = words.language.number(Decimal::from(*all));
            words.fill(DashboardText::LowMany, &[("n", &figure)])
        }
        _ => title(feed.panel, words),
    }
}

/// The title of a panel.
fn title(panel: Panel, words: Words) -> String {
    let within = |phrase: DashboardText, n: u16| words.fill(phrase, &[("n", &n.to_string())]);
    match panel {
        Panel::Hours => within(DashboardText::Hours, PANEL_HOURS),
        Panel::Value => words.say(DashboardText::Value).to_owned(),
        Panel::Low => words.say(DashboardText::Low).to_owned(),
        Panel::Expiring => within(DashboardText::Expiring, PANEL_EXPIRING_DAYS),
        Panel::Slow => words.say(DashboardText::Slow).to_owned(),
        Panel::Top => within(DashboardText::Top, PANEL_DAYS),
        Panel::People => within(DashboardText::People, PANEL_DAYS),
        Panel::Activity => words.say(DashboardText::Activity).to_owned(),
    }
}

/// When the figures came, in the lower border; a sign says that others are on their way, or that they did
/// not come.
fn draw_state(feed: &Feed, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let (sign, style) = match (&feed.failure, feed.is_asked()) {
        (_, true) => ("↻ ", canvas.theme.dim),
        (Some(_), false) => ("✗ ", canvas.theme.bad),
        (None, false) => ("", canvas.theme.dim),
    };
    let Some((_, came)) = &feed.shown else { return };
    let time = canvas.words.language.moment_short(*came, canvas.now, canvas.zone);
    let text = format!(" {sign}{} ", canvas.words.fill(DashboardText::AsOf, &[("time", &time)]));
    if let Some(foot) = area.rows().next_back() {
        let spot = Rect { x: foot.x + 1, width: foot.width.saturating_sub(2), ..foot };
        canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
    }
}

/// Says that the figures are on their way, or why they did not come; returns what is left for those that
/// came before.
fn draw_failure(feed: &Feed, area: Rect, canvas: &mut Canvas<'_, '_>) -> Rect {
    match (&feed.failure, &feed.shown) {
        (None, None) => {
            let text = Line::from(Span::styled(canvas.words.say(CommonText::Loading), canvas.theme.dim));
            canvas.frame.render_widget(text, padded(area));
            area
        }
        (Some(why), None) => {
            let text = Span::styled(format!("✗ {}", failure::words(canvas.words, why)), canvas.theme.bad);
            canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), padded(area));
            area
        }
        (Some(why), Some(_)) => {
            let [rest, foot] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(area);
            let text = Span::styled(format!("✗ {}", failure::words(canvas.words, why)), canvas.theme.bad);
            canvas.frame.render_widget(Line::from(text), padded(foot));
            rest
        }
        (None, Some(_)) => area,
    }
}

/// What keeps a column from the lines on both sides, as the rows of a list do by their mark.
fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn draw_answer(answer: &Answer, area: Rect, canvas: &mut Canvas<'_, '_>) {
    if let Some(text) = lists::nothing(answer, canvas.words) {
        let style = canvas.theme.dim;
        canvas.frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), padded(area));
        return;
    }
    let padded = padded(area);
    let lines = match answer {
        Answer::Hours(counts) => return hours::draw(counts, padded, canvas),
        Answer::Value(value) => figures::value(value, padded, canvas),
        Answer::Activity(database, here) => figures::activity(database, *here, padded, canvas),
        _ => {
            return lists::draw(answer, area, Rows { first: 0, cursor: None, focus: false }, canvas);
        }
    };
    canvas.frame.render_widget(Paragraph::new(lines), padded);
}

/// How many rows there are below those that have room, in the lower border.
fn draw_rest(answer: &Answer, inside: Rect, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let all = match answer {
        Answer::Hours(_) => return,
        Answer::Low(_, all) => usize::try_from(*all).unwrap_or(usize::MAX),
        other => lists::keys(other).len(),
    };
    let hidden = all.saturating_sub(lines_in(inside));
    if hidden > 0 && area.height > 0 {
        let figure = canvas.words.language.number(Decimal::from(hidden));
        let spot = Rect { y: area.bottom() - 1, height: 1, width: area.width.saturating_sub(1), ..area };
        let text = Line::from(Span::styled(format!(" +{figure} "), canvas.theme.dim)).right_aligned();
        canvas.frame.render_widget(text, spot);
    }
}

/// The figures of a panel that is no list, with what they mean.
fn explained(answer: &Answer, area: Rect, canvas: &Canvas<'_, '_>) -> Option<Vec<Line<'static>>> {
    let (mut lines, means) = match answer {
        Answer::Value(value) => (figures::value(value, area, canvas), DashboardText::ValueMeans),
        Answer::Activity(database, here) => {
            (figures::activity(database, *here, area, canvas), DashboardText::ActivityMeans)
        }
        _ => return None,
    };
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(canvas.words.say(means), canvas.theme.dim)));
    Some(lines)
}

/// Says so when the list is not all there is; returns what is left for the list.
fn draw_count(answer: &Answer, area: Rect, canvas: &mut Canvas<'_, '_>) -> Rect {
    let Answer::Low(rows, all) = answer else { return area };
    let number = |count: u64| canvas.words.language.number(Decimal::from(count));
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if shown >= *all {
        return area;
    }
    let [rest, foot] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(area);
    let places = [("shown", &*number(shown)), ("n", &*number(*all))];
    let text = canvas.words.fill(DashboardText::FirstRows, &places);
    canvas.frame.render_widget(Line::from(Span::styled(format!("  {text}"), canvas.theme.dim)), foot);
    rest
}
