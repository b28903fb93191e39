//! How one order is drawn.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::{Asked, OrderView, Page, Shown};
use crate::domain::display::safe_line;
use crate::domain::{LedgerRow, Order, OrderEvent, OrderKind, OrderLine, PickedGoods};
use crate::tui::command::Command;
use crate::tui::screens::ledger::draw::{ends, mark, signed_quantity};
use crate::tui::screens::orders::progress::progress;
use crate::tui::text::Words;
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::Canvas;
use crate::tui::widgets::empty::draw_empty;
use crate::tui::widgets::pages::draw_pages;
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List, lines_wrapped};
use crate::worker::message::OrderStep;

/// The most events that stand below the lines, so that the lines are in view.
const EVENT_LINES_MAX: u16 = 6;
/// The most lines that a question or a fault takes.
const STATE_LINES_MAX: u16 = 4;
/// How many of the goods that are shipped are named.
const GOODS_TOLD_MAX: usize = 6;

impl OrderView {
    pub(super) fn draw_view(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = padded(cover(canvas, area, self.number.as_str()));
        let state = self.state(canvas);
        let page = self.page;
        let Shown { order: Some(order), lines, events } = &mut self.shown.value else {
            return self.shown.draw_missing(inside, canvas);
        };
        let state = Paragraph::new(Line::from(state)).wrap(Wrap { trim: true });
        let state_lines =
            u16::try_from(state.line_count(inside.width)).unwrap_or(1).clamp(1, STATE_LINES_MAX);
        let head = head(order, canvas);
        let head_lines = u16::try_from(lines_wrapped(&head, inside.width)).unwrap_or(u16::MAX);
        // The latest events stand below the lines as well.
        let count = u16::try_from(order.events.len()).unwrap_or(u16::MAX);
        let latest = if page == Page::Lines { count.min(EVENT_LINES_MAX) } else { 0 };
        let [top, pages, body, middle, below] = Layout::vertical([
            Constraint::Length(head_lines),
            Constraint::Length(1),
            Constraint::Min(3),
            Constraint::Length(state_lines),
            Constraint::Length(latest),
        ])
        .areas(inside);
        canvas.frame.render_widget(state, middle);
        canvas.frame.render_widget(Paragraph::new(head).wrap(Wrap { trim: false }), top);
        let title = |page: &Page| canvas.words.say(title(*page)).to_owned();
        let titles: Vec<String> = Page::ALL.iter().map(title).collect();
        let shown = Page::ALL.iter().position(|known| *known == page).unwrap_or_default();
        draw_pages(&titles, shown, pages, canvas);
        match page {
            Page::Lines => draw_lines(lines, body, canvas),
            Page::Movements => draw_movements(&mut self.movements, body, canvas),
            Page::Events => draw_events(events, body, canvas),
        }
        let skipped = order.events.len().saturating_sub(usize::from(latest));
        for (row, event) in below.rows().zip(order.events.iter().skip(skipped)) {
            canvas.frame.render_widget(event_line(event, canvas), row);
        }
    }

    /// What is asked about, under way or wrong.
    fn state(&self, canvas: &Canvas<'_, '_>) -> Span<'static> {
        if let Some(asked) = &self.asked {
            return Span::styled(asked_words(asked, canvas.words), canvas.theme.warning);
        }
        progress(&self.submission, self.fault.as_deref(), canvas)
    }
}

/// The question about a step.
fn asked_words(asked: &Asked, words: Words) -> String {
    if asked.step != OrderStep::Ship {
        return words.fill(OrdersText::StepAsk, &[("step", words.say(orders::step(asked.step).0))]);
    }
    if asked.goods.is_empty() {
        return words.say(OrdersText::LookingUp).to_owned();
    }
    let one = |goods: &PickedGoods| {
        let n = words.language.number(goods.quantity.value());
        let lot = goods.lot.as_ref().map(|lot| safe_line(lot.as_str()).into_owned());
        let places = [
            ("n", &*n),
            ("item", goods.sku.as_str()),
            ("place", goods.from.as_str()),
            ("lot", lot.as_deref().unwrap_or_default()),
        ];
        words.fill(if lot.is_some() { OrdersText::GoodsOfLotAt } else { OrdersText::GoodsAt }, &places)
    };
    let mut told: Vec<String> = asked.goods.iter().take(GOODS_TOLD_MAX).map(one).collect();
    let more = asked.goods.len().saturating_sub(GOODS_TOLD_MAX);
    if more > 0 {
        told.push(words.fill(OrdersText::AndMore, &[("n", &more.to_string())]));
    }
    words.fill(OrdersText::ShipAsk, &[("goods", &told.join(", "))])
}

/// The name of a page.
fn title(page: Page) -> OrdersText {
    match page {
        Page::Lines => OrdersText::PageLines,
        Page::Movements => OrdersText::PageMovements,
        Page::Events => OrdersText::PageEvents,
    }
}

/// What is known of the order as a whole.
fn head(order: &Order, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, row) = (canvas.words, &order.row);
    let language = words.language;
    let mut parts =
        vec![words.say(orders::kind(row.kind)).to_owned(), words.say(orders::state(row.state)).to_owned()];
    parts.extend(row.partner.as_ref().map(|partner| safe_line(partner.as_str()).into_owned()));
    let place =
        |phrase: OrdersText, name: &str, value: &str| words.fill(phrase, &[(name, &safe_line(value))]);
    parts.extend(
        row.partner_reference.as_ref().map(|r| place(OrdersText::Reference, "reference", r.as_str())),
    );
    parts.extend(row.ship_to.as_ref().map(|partner| place(OrdersText::ShipTo, "partner", partner.as_str())));
    parts.extend(row.to.as_ref().map(|to| place(OrdersText::To, "location", to.as_str())));
    parts.extend(row.due_on.map(|day| place(OrdersText::DueOn, "day", &language.day(day))));
    let late = if row.late { format!("  ! {}", words.say(OrdersText::Late)) } else { String::new() };
    let when = language.moment_short(row.created_at, canvas.now, canvas.zone);
    let places = [("login", row.created_by.as_str()), ("when", when.as_str())];
    let mut lines = vec![
        Line::from(vec![Span::raw(parts.join(" · ")), Span::styled(late, canvas.theme.warning)]),
        Line::from(Span::styled(words.fill(OrdersText::CreatedBy, &places), canvas.theme.dim)),
    ];
    lines.extend(row.note.as_ref().map(|note| Line::from(safe_line(note.as_str()).into_owned())));
    if row.kind == OrderKind::Purchase {
        let key = canvas.key(Command::ReceiveOrder).unwrap_or_default();
        let text = words.fill(OrdersText::Receive, &[("key", &key)]);
        lines.push(Line::from(Span::styled(text, canvas.theme.dim)));
    }
    lines.push(Line::default());
    lines
}

fn draw_lines(lines: &mut List<OrderLine>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: OrdersText| canvas.words.say(phrase);
    let columns = [
        Column::figure(say(OrdersText::Line), 5, 3),
        Column::text(say(OrdersText::Item), 16, 0),
        Column::fill(say(OrdersText::Name), 10),
        Column::figure(say(OrdersText::Ordered), 9, 1),
        Column::figure(say(OrdersText::ReservedUnits), 9, 2),
        Column::figure(say(OrdersText::Picked), 8, 4),
        Column::figure(say(OrdersText::Moved), 8, 5),
        Column::figure(say(OrdersText::Open), 8, 0),
    ];
    lines.draw(area, &columns, canvas, |_, line, canvas| {
        let number = |figure| canvas.words.language.number(figure);
        vec![
            Cell::styled(line.line_no.to_string(), canvas.theme.dim),
            Cell::new(line.sku.to_string()),
            Cell::new(safe_line(&line.name)),
            Cell::new(number(line.quantity)),
            Cell::new(number(line.reserved)),
            Cell::new(number(line.picked)),
            Cell::new(number(line.moved)),
            Cell::new(number(line.open)),
        ]
    });
}

fn event_line(event: &OrderEvent, canvas: &Canvas<'_, '_>) -> Line<'static> {
    let when = canvas.words.language.moment_short(event.at, canvas.now, canvas.zone);
    let by = safe_line(canvas.people.shown(&event.by));
    Line::from(vec![
        Span::styled(format!("{when}  {by}  "), canvas.theme.dim),
        Span::raw(event_words(event, canvas)),
    ])
}

/// What an event decided, with its line, change and reason.
fn event_words(event: &OrderEvent, canvas: &Canvas<'_, '_>) -> String {
    let words = canvas.words;
    let line = event.line_no.map(|number| number.to_string()).unwrap_or_default();
    let change = event.change.map(|change| words.language.number(change)).unwrap_or_default();
    let what = words.fill(orders::event(event.kind), &[("line", &line), ("change", &change)]);
    match &event.reason {
        Some(reason) => {
            words.fill(OrdersText::WithReason, &[("what", &what), ("reason", &safe_line(reason.as_str()))])
        }
        None => what,
    }
}

fn draw_events(events: &mut List<OrderEvent>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let columns = [
        Column::text(canvas.words.say(LedgerText::When), 12, 0),
        Column::text(canvas.words.say(LedgerText::Person), 12, 2),
        Column::fill(canvas.words.say(OrdersText::Decided), 20),
    ];
    events.draw(area, &columns, canvas, |_, event, canvas| {
        let when = canvas.words.language.moment_short(event.at, canvas.now, canvas.zone);
        vec![
            Cell::styled(when, canvas.theme.dim),
            Cell::styled(safe_line(canvas.people.shown(&event.by)), canvas.theme.dim),
            Cell::new(event_words(event, canvas)),
        ]
    });
    if events.is_empty() {
        draw_empty(false, None, canvas.words.say(OrdersText::NoEvents), area, canvas);
    }
}

fn draw_movements(movements: &mut Fetched<List<LedgerRow>>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: LedgerText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(LedgerText::When), 12, 0),
        Column::text("", 1, 0),
        Column::text(say(LedgerText::Kind), 10, 2),
        Column::text(say(LedgerText::Sku), 12, 0),
        Column::figure(say(LedgerText::Quantity), 9, 0),
        Column::fill(say(LedgerText::Ends), 13),
        Column::text(say(LedgerText::Lot), 10, 3),
        Column::text(say(LedgerText::Person), 8, 4),
    ];
    let nothing = canvas.words.say(OrdersText::NoMovements);
    movements.draw(area, &columns, canvas, |_, row, canvas| movement(row, canvas), nothing);
}

fn movement(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    vec![
        Cell::styled(words.language.moment_short(row.occurred_at, canvas.now, canvas.zone), theme.dim),
        Cell::new(mark(row)),
        Cell::new(words.say(ledger::kind(row.kind))),
        Cell::new(row.sku.clone()),
        Cell::new(signed_quantity(row, words)),
        Cell::new(ends(row)),
        Cell::styled(row.lot.as_deref().unwrap_or_default(), theme.dim),
        Cell::styled(canvas.people.shown(&row.posted_by), theme.dim),
    ]
}
