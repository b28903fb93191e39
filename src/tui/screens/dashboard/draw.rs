//! Draws the dashboard: all panels, one of them, or one in full.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::DashboardScreen;
use super::data::PanelData;
use super::layout::{grid, has_room};
use super::look::Look;
use super::panels::{Content, Listing};
use crate::tui::text::common::CommonText;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::failure;
use crate::tui::view::{Canvas, Hit, fit};
use crate::tui::widgets::panel::{panel, title_room};
use crate::tui::widgets::table::{Rows, lines_in, table};
use crate::worker::query::Answer;

/// The space for the position of the shown panel, between the names of its neighbours.
const STRIP_MIDDLE_WIDTH: u16 = 10;

impl DashboardScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.grid = if has_room(area) { grid(area) } else { Vec::new() };
        if self.full.is_some() {
            self.draw_full(area, canvas);
        } else if !self.grid.is_empty() {
            for (position, spot) in self.grid.iter().enumerate() {
                self.draw_panel(position, *spot, canvas);
            }
        } else {
            let [strip, spot] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(area);
            self.draw_strip(strip, canvas);
            self.draw_panel(self.focus, spot, canvas);
        }
    }

    /// Draws which of the panels is shown, and the names of its neighbours.
    fn draw_strip(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let name = |position: usize| {
            self.panels.get(position).map(|data| (data.panel.title)(canvas.words, None, usize::MAX))
        };
        let room = usize::from(area.width.saturating_sub(STRIP_MIDDLE_WIDTH) / 2).saturating_sub(4);
        let short = |name: String| {
            if name.width() > room { format!("{}…", fit(&name, room.saturating_sub(1))) } else { name }
        };
        let before = self.focus.checked_sub(1).and_then(name).map(|name| format!(" ◂ {}", short(name)));
        let after = name(self.focus + 1).map(|name| format!("{} ▸ ", short(name)));
        let places = [("position", &*(self.focus + 1).to_string()), ("n", &*self.panels.len().to_string())];
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
        let data = &self.panels[position];
        let focus = canvas.focus && position == self.focus;
        let name = data.title(canvas.words, title_room(area));
        let inside = panel(canvas, area, &name, focus);
        draw_state(data, area, canvas);
        let inside = draw_failure(data, inside, canvas);
        if let Some((answer, _)) = &data.shown {
            draw_answer(&data.panel.content, answer, inside, canvas);
            if let Content::List(listing) = &data.panel.content {
                draw_rest(listing, answer, inside, area, canvas);
            }
        }
        // A click on a row is a click on its panel.
        canvas.hit(area, Hit::Field(position));
    }

    fn draw_full(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let data = &self.panels[self.focus];
        let name = data.title(canvas.words, title_room(area));
        let inside = panel(canvas, area, &name, canvas.focus);
        draw_state(data, area, canvas);
        let inside = draw_failure(data, inside, canvas);
        let Some((answer, _)) = &data.shown else { return };
        let listing = match &data.panel.content {
            Content::List(listing) | Content::Chart(_, listing) => listing,
            Content::Figures(lines, means) => {
                let mut lines = lines(answer, inside, canvas);
                lines.push(Line::default());
                lines.push(Line::from(Span::styled(canvas.words.say(*means), canvas.theme.dim)));
                let text = Paragraph::new(lines).wrap(Wrap { trim: true });
                canvas.frame.render_widget(text, padded(inside));
                return;
            }
        };
        let body = draw_count(listing, answer, inside, canvas);
        if (listing.keys)(answer).is_empty() {
            let text = Paragraph::new((listing.nothing)(canvas.words)).wrap(Wrap { trim: true });
            canvas.frame.render_widget(text, padded(body));
            return;
        }
        let body = Rect { width: body.width.saturating_sub(1), ..body };
        let Some(full) = &mut self.full else { return };
        let rows = full.view(lines_in(body), canvas.focus);
        draw_rows(listing, answer, body, rows, canvas);
    }
}

/// Draws in the lower border when the figures came, with a sign if a query is running or has failed.
fn draw_state(data: &PanelData, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let (sign, style) = match (&data.failure, data.is_asked()) {
        (_, true) => ("↻ ", canvas.theme.dim),
        (Some(_), false) => ("✗ ", canvas.theme.bad),
        (None, false) => ("", canvas.theme.dim),
    };
    let Some((_, came)) = &data.shown else { return };
    let time = canvas.words.language.moment_short(*came, canvas.now, canvas.zone);
    let text = format!(" {sign}{} ", canvas.words.fill(DashboardText::AsOf, &[("time", &time)]));
    if let Some(foot) = area.rows().next_back() {
        let spot = Rect { x: foot.x + 1, width: foot.width.saturating_sub(2), ..foot };
        canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
    }
}

/// Draws that the figures are being fetched, or why the query failed; returns the remaining area for the previous
/// figures.
fn draw_failure(data: &PanelData, area: Rect, canvas: &mut Canvas<'_, '_>) -> Rect {
    match (&data.failure, &data.shown) {
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

/// Separates a column from the lines on both sides, as the marker does for the rows of a list.
fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn draw_answer(content: &Content, answer: &Answer, area: Rect, canvas: &mut Canvas<'_, '_>) {
    match content {
        Content::List(listing) | Content::Chart(_, listing) if (listing.keys)(answer).is_empty() => {
            let text = Paragraph::new((listing.nothing)(canvas.words)).style(canvas.theme.dim);
            canvas.frame.render_widget(text.wrap(Wrap { trim: true }), padded(area));
        }
        Content::List(listing) => {
            draw_rows(listing, answer, area, Rows { first: 0, cursor: None, focus: false }, canvas);
        }
        Content::Chart(draw, _) => draw(answer, padded(area), canvas),
        Content::Figures(lines, _) => {
            let lines = lines(answer, padded(area), canvas);
            canvas.frame.render_widget(Paragraph::new(lines), padded(area));
        }
    }
}

fn draw_rows(listing: &Listing, answer: &Answer, area: Rect, rows: Rows, canvas: &mut Canvas<'_, '_>) {
    let look = Look::of(&(listing.keys)(answer), area, canvas);
    let right = u16::from(listing.ends_in_line);
    let area = Rect { width: area.width.saturating_sub(right), ..area };
    table(canvas, area, &(listing.columns)(look), rows, |at| (listing.cells)(answer, at, look));
}

/// How many rows there are, whether they were fetched or not.
fn total(listing: &Listing, answer: &Answer) -> usize {
    match listing.total {
        Some(total) => usize::try_from(total(answer)).unwrap_or(usize::MAX),
        None => (listing.keys)(answer).len(),
    }
}

/// Draws in the lower border how many rows do not fit.
fn draw_rest(listing: &Listing, answer: &Answer, inside: Rect, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let hidden = total(listing, answer).saturating_sub(lines_in(inside));
    if hidden > 0 && area.height > 0 {
        let figure = canvas.words.language.number(Decimal::from(hidden));
        let spot = Rect { y: area.bottom() - 1, height: 1, width: area.width.saturating_sub(1), ..area };
        let text = Line::from(Span::styled(format!(" +{figure} "), canvas.theme.dim)).right_aligned();
        canvas.frame.render_widget(text, spot);
    }
}

/// Says if the list is incomplete; returns the remaining area for the list.
fn draw_count(listing: &Listing, answer: &Answer, area: Rect, canvas: &mut Canvas<'_, '_>) -> Rect {
    let number = |count: usize| canvas.words.language.number(Decimal::from(count));
    let (shown, all) = ((listing.keys)(answer).len(), total(listing, answer));
    if shown >= all {
        return area;
    }
    let [rest, foot] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(area);
    let places = [("shown", &*number(shown)), ("n", &*number(all))];
    let text = canvas.words.fill(DashboardText::FirstRows, &places);
    canvas.frame.render_widget(Line::from(Span::styled(format!("  {text}"), canvas.theme.dim)), foot);
    rest
}
