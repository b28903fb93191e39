//! Drawing of the purchase order in a form: its field, and the expected quantities line by line.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

use super::FormScreen;
use super::against::{Against, State};
use super::draw::Target;
use crate::domain::display::safe_line;
use crate::domain::{Order, OrderLine};
use crate::tui::text::Words;
use crate::tui::text::form::FormText;
use crate::tui::text::receive_order::ReceiveOrderText;
use crate::tui::theme::Theme;
use crate::tui::view::Canvas;
use crate::tui::widgets::table::{Cell, Column, Rows, table};

/// The lines above those of the order: title and heading.
const OTHER_LINES: usize = 2;

impl Against {
    /// The field of the order.
    pub(super) fn shown(&self, canvas: &Canvas<'_, '_>) -> Target<'_> {
        let (words, theme) = (canvas.words, canvas.theme);
        let (note, style) = match &self.state {
            State::Open => (String::new(), theme.dim),
            State::Asked => (words.say(FormText::Looking).to_owned(), theme.dim),
            State::Known(order) => {
                let partner = order.row.partner.as_ref().map(|partner| partner.as_str()).unwrap_or_default();
                (format!("✓ {}", safe_line(partner)), theme.good)
            }
            State::Wrong(_) => ("✗".to_owned(), theme.bad),
            State::Failed => (format!("! {}", words.say(FormText::NotLookedUp)), theme.warning),
        };
        let label = words.say(ReceiveOrderText::Order);
        Target { label, field: &self.field, hint: words.say(ReceiveOrderText::OrderHint), note, style }
    }

    /// The fault of the order, if it has one.
    pub(super) fn wrong(&self) -> Option<&str> {
        match &self.state {
            State::Wrong(why) => Some(why),
            _ => None,
        }
    }
}

impl FormScreen {
    /// Draws the expected quantities at the bottom of the area, and returns the rest of the area.
    pub(super) fn draw_expected(&self, area: Rect, canvas: &mut Canvas<'_, '_>) -> Rect {
        let Some(order) = self.order() else { return area };
        let wanted = u16::try_from(order.lines.len() + OTHER_LINES).unwrap_or(u16::MAX);
        let most = if self.lines.is_empty() && self.outcome.is_none() {
            area.height / 3 * 2
        } else {
            area.height / 2
        };
        let [above, title, list] = Layout::vertical([
            Constraint::Min(1),
            Constraint::Length(1),
            Constraint::Length(wanted.min(most).saturating_sub(1)),
        ])
        .areas(area);
        let number = order.row.number.as_str();
        let text = canvas.words.fill(ReceiveOrderText::Expected, &[("order", number)]);
        canvas.frame.render_widget(Line::from(Span::styled(format!(" {text}"), canvas.theme.title)), title);
        self.draw_order_lines(order, list, canvas);
        above
    }

    /// Draws the lines of the order, open ones first, scrolled to the product that was scanned last.
    fn draw_order_lines(&self, order: &Order, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let (theme, words) = (canvas.theme, canvas.words);
        let say = |phrase: ReceiveOrderText| words.say(phrase);
        let columns = [
            Column::text(say(ReceiveOrderText::Item), 12, 0),
            Column::fill(say(ReceiveOrderText::Name), 8),
            Column::figure(say(ReceiveOrderText::Ordered), 8, 2),
            Column::figure(say(ReceiveOrderText::Received), 8, 3),
            Column::figure(say(ReceiveOrderText::Now), 6, 1),
            Column::figure(say(ReceiveOrderText::Open), 7, 0),
        ];
        let mut left = self.left(order);
        left.sort_by_key(|(_, left)| *left <= Decimal::ZERO);
        let rows = usize::from(area.height.saturating_sub(1)).max(1);
        let selected = self.lines.selected().and_then(|line| line.goods());
        let latest = selected.and_then(|goods| left.iter().position(|(line, _)| line.sku == goods.sku));
        let first = latest.map_or(0, |latest| (latest + 1).saturating_sub(rows));
        let cells: Vec<Vec<Cell>> =
            left.iter().map(|(line, left)| cells(line, *left, theme, words)).collect();
        let rows = Rows { first, cursor: latest, focus: false };
        table(canvas, area, &columns, rows, |position| cells.get(position).cloned());
    }
}

fn cells(line: &OrderLine, left: Decimal, theme: &Theme, words: Words) -> Vec<Cell> {
    let number = |figure: Decimal| words.language.number(figure);
    let now = line.open - left;
    let open = if left > Decimal::ZERO {
        Cell::new(number(left))
    } else if left < Decimal::ZERO {
        Cell::styled(format!("+{}", number(-left)), theme.warning)
    } else {
        Cell::styled("✓", theme.good)
    };
    vec![
        Cell::new(line.sku.to_string()),
        Cell::new(safe_line(&line.name).into_owned()),
        Cell::styled(number(line.quantity), theme.dim),
        Cell::styled(number(line.moved), theme.dim),
        Cell::new(if now.is_zero() { String::new() } else { number(now) }),
        open,
    ]
}
