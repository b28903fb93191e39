//! How the stock is drawn.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::StockScreen;
use crate::tui::app::Canvas;
use crate::tui::screens::item;
use crate::tui::text::common::CommonText;
use crate::tui::text::stock::StockText;
use crate::tui::text::{Words, failure};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::table::{Cell, Column, Rows, lines_in, table};
use crate::worker::message::{Found, Matched, StockOnly, StockRow};

/// From this width on the product under the cursor is shown beside the list.
const WIDE_MIN: u16 = 116;
/// How much of the width the product takes then.
const DETAIL_WIDTH: u16 = 46;

impl StockScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let was_wide = std::mem::replace(&mut self.wide, area.width >= WIDE_MIN);
        if !was_wide && self.wide {
            self.preview = None;
        }
        let detail_width = if self.wide { DETAIL_WIDTH } else { 0 };
        let [left, right] =
            Layout::horizontal([Constraint::Min(1), Constraint::Length(detail_width)]).areas(area);
        let [search, state, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)]).areas(left);
        self.search.show_as_search(search, canvas, canvas.focus, canvas.words.say(StockText::SearchHint));
        canvas.frame.render_widget(self.state_line(canvas), state);
        self.draw_list(body, canvas);
        if self.wide {
            let inside = panel(canvas, right, canvas.words.say(StockText::DetailTitle), false);
            match &self.preview {
                Some(shown) => item::draw_item(shown, inside, canvas),
                None if self.selected().is_some() => {
                    canvas.frame.render_widget(Line::from(canvas.words.say(CommonText::Loading)), inside);
                }
                None => {}
            }
        }
    }

    /// What is listed, and how much of it there is.
    fn state_line(&self, canvas: &Canvas<'_, '_>) -> Line<'static> {
        let words = canvas.words;
        let mut parts = Vec::new();
        if self.is_searching() {
            let found = u64::try_from(self.found.rows().len()).unwrap_or(u64::MAX);
            parts.push(if self.searching.is_some() && self.found_for.is_empty() {
                words.say(CommonText::Loading).to_owned()
            } else if self.found.more_after() {
                let number = words.language.number(Decimal::from(found));
                words.fill(StockText::FoundFirst, &[("n", &number)])
            } else {
                words.count(found, StockText::FoundOne, StockText::FoundMany)
            });
            parts.extend(self.found.selected().map(|found| how(found, words)).filter(|how| !how.is_empty()));
        } else if let Some(estimate) = self.estimate {
            let number = words.language.number(Decimal::from(estimate));
            parts.push(words.fill(StockText::About, &[("n", &number)]));
        }
        match self.selection.only {
            Some(StockOnly::Low) => parts.push(words.say(StockText::ChipLow).to_owned()),
            Some(StockOnly::Expiring { .. }) => parts.push(words.say(StockText::ChipExpiring).to_owned()),
            Some(StockOnly::Zero) => parts.push(words.say(StockText::ChipZero).to_owned()),
            None => {}
        }
        Line::from(Span::styled(format!("   {}", parts.join(" · ")), canvas.theme.dim))
    }

    fn draw_list(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let columns = self.columns(canvas.words);
        self.lines = lines_in(area);
        if self.is_searching() {
            self.found.drawn(self.lines);
            let rows = Rows {
                first: self.found.first_drawn(self.lines),
                cursor: Some(self.found.cursor()),
                focus: canvas.focus,
            };
            let found = self.found.rows();
            let (theme, words, today) = (canvas.theme, canvas.words, canvas.today());
            table(canvas, area, &columns, rows, |position| {
                let found = found.get(position)?;
                Some(cells(&found.row, &how(found, words), theme, words, today))
            });
        } else {
            self.list.drawn(self.lines);
            let rows = Rows {
                first: self.list.first_drawn(self.lines),
                cursor: Some(self.list.cursor()),
                focus: canvas.focus,
            };
            let list = self.list.rows();
            let (theme, words, today) = (canvas.theme, canvas.words, canvas.today());
            table(canvas, area, &columns, rows, |position| {
                list.get(position).map(|row| cells(row, "", theme, words, today))
            });
        }
        self.draw_emptiness(area, canvas);
    }

    /// The columns; one that would be empty all the way down leaves its room to the names.
    fn columns(&self, words: Words) -> [Column; 8] {
        let say = |phrase: StockText| words.say(phrase);
        let rows: Box<dyn Iterator<Item = &StockRow>> = if self.is_searching() {
            Box::new(self.found.rows().iter().map(|found| &found.row))
        } else {
            Box::new(self.list.rows().iter())
        };
        let (mut expires, mut reorder) = (false, false);
        for row in rows {
            expires |= row.expires_on.is_some();
            reorder |= row.reorder_point.is_some();
        }
        let mut columns = [
            Column::text(say(StockText::Sku), 14, 0),
            Column::fill(say(StockText::Name), 26),
            Column::figure(say(StockText::OnHand), 10, 0),
            Column::text(say(StockText::Unit), 6, 5),
            Column::text("", 4, 1),
            Column::text(say(StockText::Expires), 12, 2),
            Column::figure(say(StockText::Reorder), 10, 3),
            Column::figure(say(StockText::Places), 6, 4),
        ];
        for (position, shown) in [(4, reorder), (5, expires), (6, reorder)] {
            if !shown {
                columns[position].width = 0;
            }
        }
        columns
    }

    /// Why there is nothing to see, and what to do about it.
    fn draw_emptiness(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let empty =
            if self.is_searching() { self.found.rows().is_empty() } else { self.list.rows().is_empty() };
        if !empty {
            return;
        }
        let words = canvas.words;
        let text = if let Some(failure) = &self.failure {
            format!("✗ {}", failure::words(words, failure))
        } else if self.asked.is_some() || self.searching.is_some() {
            words.say(CommonText::Loading).to_owned()
        } else if self.is_searching() {
            words.fill(StockText::NoMatch, &[("text", self.search.text().trim())])
        } else {
            words
                .say(match self.selection.only {
                    None => StockText::NoProducts,
                    Some(StockOnly::Low) => StockText::NothingLow,
                    Some(StockOnly::Expiring { .. }) => StockText::NothingExpiring,
                    Some(StockOnly::Zero) => StockText::NothingZero,
                })
                .to_owned()
        };
        let spot = Rect {
            x: area.x + 2,
            y: area.y + 2.min(area.height),
            width: area.width.saturating_sub(4),
            height: area.height.saturating_sub(2),
        };
        canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), spot);
    }
}

/// By what a product was found, where its row does not show it.
fn how(found: &Found, words: Words) -> String {
    match &found.matched {
        Matched::Barcode(code) => words.fill(StockText::ByBarcode, &[("code", code)]),
        Matched::Lot(code) => words.fill(StockText::ByLot, &[("code", code)]),
        Matched::Location(code) => words.fill(StockText::ByLocation, &[("code", code)]),
        Matched::Sku | Matched::Name => String::new(),
    }
}

fn cells(
    row: &StockRow,
    how: &str,
    theme: &crate::tui::theme::Theme,
    words: crate::tui::text::Words,
    today: jiff::civil::Date,
) -> Vec<Cell> {
    let language = words.language;
    let name = if how.is_empty() { row.name.clone() } else { format!("{} · {how}", row.name) };
    let on_hand = if row.on_hand.is_zero() {
        Cell::styled(words.say(StockText::Empty), theme.dim)
    } else {
        Cell::new(language.number(row.on_hand))
    };
    let state =
        if row.is_low() { Cell::styled(words.say(StockText::Low), theme.warning) } else { Cell::default() };
    let expires = row.expires_on.map_or_else(Cell::default, |day| {
        let text = language.day(day);
        if day < today { Cell::styled(format!("✗{text}"), theme.bad) } else { Cell::new(text) }
    });
    let point = row.reorder_point.map_or_else(String::new, |point| language.number(point));
    vec![
        Cell::new(row.sku.clone()),
        Cell::new(name),
        on_hand,
        Cell::styled(row.unit.clone(), theme.dim),
        state,
        expires,
        Cell::styled(point, theme.dim),
        Cell::styled(if row.places == 0 { String::new() } else { row.places.to_string() }, theme.dim),
    ]
}
