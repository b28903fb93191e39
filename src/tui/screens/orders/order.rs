//! One order in full: its lines with what is reserved, picked, moved and open, and what was decided about it.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::display::safe_line;
use crate::domain::{Order, OrderEvent, OrderLine, OrderNumber};
use crate::tui::command::{Command, Scope};
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Picked, View};
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List, lines_wrapped};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The most lines that the head and the events take, so that the lines of the order are in view.
const EVENT_LINES_MAX: u16 = 6;

/// What is shown: the order, and its lines as a list.
#[derive(Debug, Default)]
struct Shown {
    order: Option<Box<Order>>,
    lines: List<OrderLine>,
}

/// One order, over the list.
#[derive(Debug)]
pub struct OrderView {
    number: OrderNumber,
    shown: Fetched<Shown>,
}

impl OrderView {
    /// The view of an order, which is asked for.
    #[must_use]
    pub fn new(number: OrderNumber, context: &mut Context<'_>) -> Self {
        let mut view = Self { number, shown: Fetched::default() };
        view.ask(context);
        view
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.shown.ask(query::OrderInFull { number: self.number.clone() }, context);
    }

    /// Shows the product of the line in the ledger.
    fn show_movements(&self, context: &mut Context<'_>) {
        match self.shown.value.lines.selected() {
            Some(line) => context.request(Action::Show(Command::ShowLedger, Picked::new(line.sku.clone()))),
            None => context.ring(),
        }
    }
}

impl Bound for OrderView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::Copy, |view, context| context.copy(Some(view.number.to_string()))),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.shown.value.lines.command(command);
        }),
    ]];
}

impl View for OrderView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Order, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::LedgerOfThis, Command::Copy, Command::Refresh]
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let received =
            self.shown.answered::<query::OrderInFull>(ticket, answer, context.now, |shown, order| {
                shown.lines.replace(order.lines.clone(), |old, new| old.order_line_id == new.order_line_id);
                shown.order = Some(order.clone());
            });
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = padded(cover(canvas, area, self.number.as_str()));
        let Shown { order: Some(order), lines } = &mut self.shown.value else {
            return self.shown.draw_missing(inside, canvas);
        };
        let head = head(order, canvas);
        let head_lines = u16::try_from(lines_wrapped(&head, inside.width)).unwrap_or(u16::MAX);
        let events = u16::try_from(order.events.len()).unwrap_or(u16::MAX).min(EVENT_LINES_MAX);
        let [top, body, _, below] = Layout::vertical([
            Constraint::Length(head_lines),
            Constraint::Min(3),
            Constraint::Length(1),
            Constraint::Length(events),
        ])
        .areas(inside);
        canvas.frame.render_widget(Paragraph::new(head).wrap(Wrap { trim: false }), top);
        draw_lines(lines, body, canvas);
        // The latest events, when there is not enough space for all.
        let skipped = order.events.len().saturating_sub(usize::from(events));
        for (row, event) in below.rows().zip(order.events.iter().skip(skipped)) {
            canvas.frame.render_widget(event_line(event, canvas), row);
        }
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
    lines.push(Line::from(Span::styled(words.say(OrdersText::Reserve), canvas.theme.dim)));
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
    let words = canvas.words;
    let when = words.language.moment_short(event.at, canvas.now, canvas.zone);
    let line = event.line_no.map(|number| number.to_string()).unwrap_or_default();
    let change = event.change.map(|change| words.language.number(change)).unwrap_or_default();
    let what = words.fill(orders::event(event.kind), &[("line", &line), ("change", &change)]);
    let reason = event.reason.as_ref().map(|reason| format!(": {}", safe_line(reason.as_str())));
    Line::from(vec![
        Span::styled(format!("{when}  {}  ", safe_line(&event.by)), canvas.theme.dim),
        Span::raw(format!("{what}{}", reason.unwrap_or_default())),
    ])
}
