//! Drawing of the pick screen: the orders to choose from, or the next stop, the input field and the list in walking
//! order.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::post::lines;
use super::walk::{Asks, Stop};
use super::{Phase, PickScreen};
use crate::domain::OrderRow;
use crate::domain::display::safe_line;
use crate::tui::command::Command;
use crate::tui::text::pick::PickText;
use crate::tui::view::Canvas;
use crate::tui::widgets::lines_wrapped;
use crate::tui::widgets::table::{Cell, Column, Rows, lines_in, table};

/// The most lines for the next stop and messages, so that the list stays in view.
const STATE_LINES_MAX: usize = 5;

fn height(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

impl PickScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let state = self.state(canvas);
        let inside = area.width.saturating_sub(2);
        let state_lines = height(lines_wrapped(&state, inside).min(STATE_LINES_MAX));
        let [title, state_area, input, body] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(state_lines),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(area);
        let head = Line::from(Span::styled(format!(" {}", self.title(canvas)), canvas.theme.title));
        canvas.frame.render_widget(head, title);
        let spot = Rect { x: state_area.x + 1, width: inside, ..state_area };
        canvas.frame.render_widget(Paragraph::new(state).wrap(Wrap { trim: true }), spot);
        if self.phase == Phase::Review {
            let whole = Rect { y: input.y, height: input.height + body.height, ..body };
            self.draw_review(whole, canvas);
            return;
        }
        self.draw_input(input, canvas);
        match self.phase {
            Phase::Choosing => self.draw_orders(body, canvas),
            _ => self.draw_stops(body, canvas),
        }
    }

    fn title(&self, canvas: &Canvas<'_, '_>) -> String {
        let words = canvas.words;
        if self.phase == Phase::Choosing {
            let title = words.say(PickText::ChooseTitle).to_owned();
            let number = u64::try_from(self.marked.len()).unwrap_or(u64::MAX);
            return match number {
                0 => title,
                number => {
                    let chosen = words.count(number, PickText::ChosenOne, PickText::ChosenMany);
                    format!("{title} · {chosen}")
                }
            };
        }
        let number = |count: usize| words.language.number(Decimal::from(count));
        let stops = self.walk.stops();
        let (done, all) = (number(stops.iter().filter(|stop| stop.is_done()).count()), number(stops.len()));
        let orders = self.chosen_words();
        let places = [("done", &*done), ("lines", &*all), ("orders", &*orders)];
        let mut title = words.fill(PickText::Progress, &places);
        let only = self.docks.first().filter(|_| self.docks.len() == 1);
        if let Some(dock) = self.dock.as_ref().or(only) {
            title.push_str(&words.fill(PickText::ToDock, &[("dock", dock.as_str())]));
        }
        title
    }

    /// The next stop, and messages.
    fn state(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let line = |text: String, style: Style| Line::from(Span::styled(text, style));
        let mut said = Vec::new();
        if let Some(fault) = &self.fault {
            said.push(line(format!("✗ {fault}"), theme.bad));
        }
        match self.phase {
            Phase::Choosing => {}
            Phase::Posting if self.submission.is_unknown() => {
                said.push(line(format!("! {}", words.say(PickText::OutcomeUnknown)), theme.warning));
            }
            Phase::Posting => said.push(line(words.say(PickText::Posting).to_owned(), theme.title)),
            Phase::Discarding => {
                let key = |command: Command| canvas.key(command).unwrap_or_default();
                let places = [
                    ("lines", &*lines(self.walk.picked().count(), words)),
                    ("discard", &*key(Command::Discard)),
                    ("accept", &*key(Command::Accept)),
                    ("close", &*key(Command::Close)),
                ];
                said.push(line(format!("! {}", words.fill(PickText::DiscardAsk, &places)), theme.warning));
            }
            _ if !self.listed => said.push(line(words.say(PickText::Loading).to_owned(), theme.dim)),
            _ if self.short.is_some() => {
                said.push(line(words.say(PickText::ShortAsking).to_owned(), theme.dim));
            }
            _ if !self.queue.is_empty() => {
                said.push(line(words.say(PickText::Looking).to_owned(), theme.dim))
            }
            _ => said.push(line(format!("▸ {}", self.next_words(canvas.keymap, words)), theme.title)),
        }
        said
    }

    fn draw_input(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let (label, hint) = match (self.phase, self.walk.asks()) {
            (Phase::Choosing, _) => (words.say(PickText::Order).to_owned(), PickText::ChooseHint),
            (Phase::Quantity, _) => {
                let sku = self.walk.current().map(|stop| stop.allocation.sku.as_str()).unwrap_or_default();
                (words.fill(PickText::Quantity, &[("sku", sku)]), PickText::QuantityHint)
            }
            (_, Asks::Place(_)) => (words.say(PickText::Place).to_owned(), PickText::PlaceHint),
            (_, Asks::Item(_)) => (words.say(PickText::Item).to_owned(), PickText::ItemHint),
            (_, Asks::Lot(_)) => (words.say(PickText::Lot).to_owned(), PickText::LotHint),
            (_, Asks::Nothing) => (words.say(PickText::Place).to_owned(), PickText::DockHint),
        };
        let label = format!(" {label} ▸ ");
        let label_width = height(label.width()).min(area.width / 2);
        let [name, field] =
            Layout::horizontal([Constraint::Length(label_width), Constraint::Min(1)]).areas(area);
        canvas.frame.render_widget(Line::from(Span::styled(label, canvas.theme.title)), name);
        let typing = matches!(self.phase, Phase::Choosing | Phase::Walking | Phase::Quantity);
        self.field.show(field, canvas, canvas.focus && typing, words.say(hint));
    }

    fn draw_orders(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: PickText| canvas.words.say(phrase);
        let columns = [
            Column::text("", 3, 0),
            Column::text(say(PickText::Order), 10, 0),
            Column::fill(say(PickText::Partner), 8),
            Column::text(say(PickText::Due), 12, 0),
            Column::text("", 9, 1),
            Column::figure(say(PickText::Reserved), 9, 2),
        ];
        let marked = &self.marked;
        let cells = |_: Option<&OrderRow>, row: &OrderRow, canvas: &Canvas<'_, '_>| {
            order_cells(row, marked.contains(&row.number), canvas)
        };
        let nothing = canvas.words.say(PickText::ChooseNothing);
        self.orders.draw(area, &columns, canvas, cells, nothing);
    }

    fn draw_stops(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: PickText| canvas.words.say(phrase);
        let has_lots = self.walk.stops().iter().any(|stop| stop.allocation.lot.is_some());
        let columns = [
            Column::text(say(PickText::Place), 12, 0),
            Column::text(say(PickText::Item), 12, 0),
            Column::fill(say(PickText::Name), 6),
            Column::text(say(PickText::Lot), if has_lots { 12 } else { 0 }, 1),
            Column::figure(say(PickText::Picked), 9, 0),
            Column::text(say(PickText::Order), if self.chosen.len() > 1 { 10 } else { 0 }, 2),
        ];
        self.rows = lines_in(area);
        let cursor = self.walk.cursor();
        let lowest = cursor.saturating_sub(self.rows.saturating_sub(1));
        self.top = self.top.clamp(lowest, cursor.max(lowest));
        let stops = self.walk.stops();
        let rows = Rows {
            first: self.top,
            cursor: (!stops.is_empty()).then_some(cursor),
            focus: canvas.focus && self.phase != Phase::Posting,
        };
        let cells: Vec<Vec<Cell>> = stops.iter().map(|stop| stop_cells(stop, canvas)).collect();
        table(canvas, area, &columns, rows, |position| cells.get(position).cloned());
    }
}

fn order_cells(row: &OrderRow, marked: bool, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let partner = row.partner.as_ref().map(ToString::to_string);
    let partner = partner.or_else(|| row.to.as_ref().map(|to| format!("→ {to}")));
    vec![
        Cell::styled(if marked { "[x]" } else { "[ ]" }, if marked { theme.good } else { theme.dim }),
        Cell::new(row.number.to_string()),
        Cell::new(safe_line(&partner.unwrap_or_default())),
        Cell::new(row.due_on.map(|day| words.language.day(day)).unwrap_or_default()),
        Cell::styled(if row.late { words.say(PickText::Late) } else { "" }, theme.warning),
        Cell::new(words.language.number(row.reserved)),
    ]
}

fn stop_cells(stop: &Stop, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let number = |figure: Decimal| words.language.number(figure);
    let at = &stop.allocation;
    let (text, style) = match (stop.excess().is_zero(), stop.is_done()) {
        (false, _) => (format!("✗ {}/{}", number(stop.picked), number(at.open)), theme.bad),
        (true, true) => (format!("✓ {}", number(stop.picked)), theme.good),
        (true, false) => (format!("{}/{}", number(stop.picked), number(at.open)), theme.text),
    };
    vec![
        Cell::new(at.location.to_string()),
        Cell::new(at.sku.to_string()),
        Cell::new(safe_line(&at.name)),
        Cell::new(at.lot.as_ref().map(|lot| safe_line(lot.as_str()).into_owned()).unwrap_or_default()),
        Cell::styled(text, style),
        Cell::styled(at.number.to_string(), theme.dim),
    ]
}
