//! Draws the stock.

use jiff::civil::Date;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::past::PAST_ROWS_MAX;
use super::{FOUND_MAX, StockScreen};
use crate::domain::{Found, Matched, StockOnly, StockRow};
use crate::tui::screens::item;
use crate::tui::text::Words;
use crate::tui::text::common::CommonText;
use crate::tui::text::stock::StockText;
use crate::tui::view::Canvas;
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::parts::draw_parts;
use crate::tui::widgets::table::{Cell, Column};

/// The width from which on the product under the cursor is shown beside the list.
const WIDE_MIN: u16 = 116;
/// The positions of the columns with the quantities at a matched location or of a matched lot.
const ON_HAND: usize = 2;
const AVAILABLE: usize = 3;
const EXPIRES: usize = 6;
/// The width of the column for the quantity on hand.
const ON_HAND_WIDTH: u16 = 10;
/// The width of the product beside the list.
const DETAIL_WIDTH: u16 = 46;

impl StockScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let was_wide = std::mem::replace(&mut self.wide, area.width >= WIDE_MIN);
        if !was_wide && self.wide {
            self.preview.value = None;
        }
        // The product beside the list is that of now.
        let has_detail = self.wide && self.past.is_none();
        let detail_width = if has_detail { DETAIL_WIDTH } else { 0 };
        let [left, right] =
            Layout::horizontal([Constraint::Min(1), Constraint::Length(detail_width)]).areas(area);
        let [search, state, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)]).areas(left);
        self.search.show_as_search(search, canvas, canvas.focus, canvas.words.say(StockText::SearchHint));
        self.draw_state(state, canvas);
        self.draw_list(body, canvas);
        if has_detail {
            let inside = panel(canvas, right, canvas.words.say(StockText::DetailTitle), false);
            match &self.preview.value {
                Some(shown) => item::draw_item(shown, inside, canvas),
                None if self.selected().is_some() => {
                    canvas.frame.render_widget(Line::from(canvas.words.say(CommonText::Loading)), inside);
                }
                None => {}
            }
        }
    }

    /// The line above the list: what is listed, and how many rows there are.
    fn draw_state(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let mut parts = Vec::new();
        if let Some(past) = &self.past {
            let rows = past.rows.value.rows().len();
            let count = u64::try_from(rows).unwrap_or(u64::MAX);
            parts.push(if rows >= usize::from(PAST_ROWS_MAX) {
                let number = words.language.number(Decimal::from(count));
                words.fill(StockText::PastFirst, &[("n", &number)])
            } else {
                words.count(count, StockText::ProductOne, StockText::ProductMany)
            });
        } else if self.is_searching() {
            let rows = self.found.value.rows().len();
            let found = u64::try_from(rows).unwrap_or(u64::MAX);
            parts.push(if self.found.is_asked() && self.found_for.is_empty() {
                words.say(CommonText::Loading).to_owned()
            } else if rows >= usize::from(FOUND_MAX) {
                let number = words.language.number(Decimal::from(found));
                words.fill(StockText::FoundFirst, &[("n", &number)])
            } else {
                words.count(found, StockText::FoundOne, StockText::FoundMany)
            });
            parts.extend(
                self.found.value.selected().map(|found| how(found, words)).filter(|how| !how.is_empty()),
            );
        } else if self.is_filtered() {
            // The number of all products says nothing about how many match the filter.
            if self.list.is_whole() {
                let rows = u64::try_from(self.list.rows().len()).unwrap_or(u64::MAX);
                parts.push(words.count(rows, StockText::ProductOne, StockText::ProductMany));
            }
        } else if let Some(estimate) = self.estimate.value {
            let number = words.language.number(Decimal::from(estimate));
            parts.push(words.fill(StockText::About, &[("n", &number)]));
        }
        let moment = self.past.as_ref().map(|past| {
            let moment = words.language.moment(past.as_of, canvas.zone);
            words.fill(StockText::ChipAsOf, &[("moment", &moment)])
        });
        let filter = moment.or_else(|| self.only().map(|phrase| words.say(phrase).to_owned()));
        let filters: Vec<String> = filter.into_iter().collect();
        draw_parts(&filters, 0, parts.join(" · "), area, canvas);
    }

    fn draw_list(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let (words, columns) = (canvas.words, self.columns(canvas.words));
        if let Some(past) = &mut self.past {
            let nothing = words.say(StockText::NothingThen);
            past.rows.draw(area, &columns, canvas, |_, row, canvas| cells(row, "", canvas), nothing);
        } else if self.is_searching() {
            let nothing = words.fill(StockText::NoMatch, &[("text", self.search.text().trim())]);
            self.found.draw(area, &columns, canvas, |_, found, canvas| found_cells(found, canvas), &nothing);
        } else {
            self.list.list_mut().draw(area, &columns, canvas, |_, row, canvas| cells(row, "", canvas));
            let nothing = words.say(match self.list.source().selection.only {
                None => StockText::NoProducts,
                Some(StockOnly::Low) => StockText::NothingLow,
                Some(StockOnly::Expiring { .. }) => StockText::NothingExpiring,
                Some(StockOnly::Zero) => StockText::NothingZero,
            });
            self.list.draw_empty(nothing, area, canvas);
        }
    }

    /// The columns; the space of a column that would be empty is used for names.
    fn columns(&self, words: Words) -> [Column; 9] {
        let say = |phrase: StockText| words.say(phrase);
        let (mut expires, mut reorder, mut blocked) = (false, false, false);
        let mut learn = |row: &StockRow, expires_on: Option<Date>| {
            blocked |= row.available != row.on_hand;
            expires |= expires_on.is_some();
            reorder |= row.reorder_point.is_some();
        };
        if let Some(past) = &self.past {
            past.rows.value.rows().iter().for_each(|row| learn(row, row.expires_on));
        } else if self.is_searching() {
            for found in self.found.value.rows() {
                let there = found.matched_stock.map_or(found.row.expires_on, |stock| stock.expires_on);
                learn(&found.row, there);
            }
        } else {
            self.list.rows().iter().for_each(|row| learn(row, row.expires_on));
        }
        let mut columns = [
            Column::text(say(StockText::Sku), 14, 0),
            Column::fill(say(StockText::Name), 26),
            Column::figure(say(StockText::OnHand), ON_HAND_WIDTH, 0),
            Column::figure(say(StockText::Available), 10, 0),
            Column::text(say(StockText::Unit), 6, 5),
            Column::text("", 4, 1),
            Column::text(say(StockText::Expires), 12, 2),
            Column::figure(say(StockText::Reorder), 10, 3),
            Column::figure(say(StockText::Places), 6, 4),
        ];
        for (position, shown) in [(AVAILABLE, blocked), (5, reorder), (EXPIRES, expires), (7, reorder)] {
            if !shown {
                columns[position].width = 0;
            }
        }
        columns
    }
}

/// What a product was found by, if its row does not show it.
fn how(found: &Found, words: Words) -> String {
    let total = words.language.number(found.row.on_hand);
    match &found.matched {
        Matched::Barcode(code) => words.fill(StockText::ByBarcode, &[("code", code)]),
        Matched::Lot(code) => words.fill(StockText::ByLot, &[("code", code), ("n", &total)]),
        Matched::Location(code) => words.fill(StockText::ByLocation, &[("code", code), ("n", &total)]),
        Matched::Sku | Matched::Name => String::new(),
    }
}

/// The cells of a match. For a matched location or lot they show its quantity, and the total.
fn found_cells(found: &Found, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let mut cells = cells(&found.row, &how(found, canvas.words), canvas);
    if let Some(stock) = found.matched_stock {
        cells[ON_HAND] = part_on_hand(stock.on_hand, found.row.on_hand, canvas);
        cells[AVAILABLE] = available(stock.available, stock.on_hand, canvas);
        cells[EXPIRES] = expires(stock.expires_on, canvas);
    }
    cells
}

fn on_hand(quantity: Decimal, canvas: &Canvas<'_, '_>) -> Cell {
    if quantity.is_zero() {
        Cell::styled(canvas.words.say(StockText::Empty), canvas.theme.dim)
    } else {
        Cell::new(canvas.words.language.number(quantity))
    }
}

/// The available quantity, marked if it is less than the quantity on hand.
fn available(quantity: Decimal, on_hand: Decimal, canvas: &Canvas<'_, '_>) -> Cell {
    let text = canvas.words.language.number(quantity);
    if quantity == on_hand {
        Cell::styled(text, canvas.theme.dim)
    } else {
        Cell::styled(text, canvas.theme.warning)
    }
}

/// The quantity at a location or of a lot first, then the total if it differs and there is room for it.
fn part_on_hand(part: Decimal, total: Decimal, canvas: &Canvas<'_, '_>) -> Cell {
    let number = |quantity: Decimal| canvas.words.language.number(quantity);
    let places = [("part", &*number(part)), ("total", &*number(total))];
    let both = canvas.words.fill(StockText::PartOf, &places);
    if part == total || both.width() > usize::from(ON_HAND_WIDTH) {
        on_hand(part, canvas)
    } else {
        Cell::new(both)
    }
}

fn expires(day: Option<Date>, canvas: &Canvas<'_, '_>) -> Cell {
    day.map_or_else(Cell::default, |day| {
        let text = canvas.words.language.day(day);
        if day < canvas.today() {
            Cell::styled(format!("✗{text}"), canvas.theme.bad)
        } else {
            Cell::new(text)
        }
    })
}

fn cells(row: &StockRow, how: &str, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let language = words.language;
    let name = if how.is_empty() { row.name.to_string() } else { format!("{} · {how}", row.name) };
    let state =
        if row.is_low() { Cell::styled(words.say(StockText::Low), theme.warning) } else { Cell::default() };
    let point = row.reorder_point.map_or_else(String::new, |point| language.number(point));
    vec![
        Cell::new(row.sku.clone()),
        Cell::new(name),
        on_hand(row.on_hand, canvas),
        available(row.available, row.on_hand, canvas),
        Cell::styled(row.unit.clone(), theme.dim),
        state,
        expires(row.expires_on, canvas),
        Cell::styled(point, theme.dim),
        Cell::styled(if row.places == 0 { String::new() } else { row.places.to_string() }, theme.dim),
    ]
}
