//! One order in full: its lines with what is reserved, picked, moved and open, and what was decided about it. From
//! here it is confirmed, reserved for, picked and shipped, as a whole.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::display::safe_line;
use crate::domain::{Order, OrderEvent, OrderKind, OrderLine, OrderNumber, OrderState, PostingId};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::choice::Choice;
use crate::tui::text::failure;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Context, Ended, Picked, Review, Severity, Submission, View,
};
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List, lines_wrapped};
use crate::worker::message::{Failure, OrderStep, Write, Written};
use crate::worker::query::{self, Answer, Ticket};

/// The most lines that the head and the events take, so that the lines of the order are in view.
const EVENT_LINES_MAX: u16 = 6;

/// The most lines that a question or a fault takes.
const STATE_LINES_MAX: u16 = 4;

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
    /// The step that is asked about.
    asked: Option<OrderStep>,
    reviewing: Review<OrderStep>,
    submission: Submission<OrderStep>,
    /// The step that is under way.
    under_way: Option<OrderStep>,
    fault: Option<String>,
}

impl OrderView {
    /// The view of an order, which is asked for.
    #[must_use]
    pub fn new(number: OrderNumber, context: &mut Context<'_>) -> Self {
        let mut view = Self {
            number,
            shown: Fetched::default(),
            asked: None,
            reviewing: Review::default(),
            submission: Submission::default(),
            under_way: None,
            fault: None,
        };
        view.ask(context);
        view
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.shown.ask(query::OrderInFull { number: self.number.clone() }, context);
    }

    /// The steps that the state of the order and the rights of the person allow; the server decides in the end.
    fn steps(&self, context: &Context<'_>) -> Vec<OrderStep> {
        let Some(order) = &self.shown.value.order else { return Vec::new() };
        let goes_out = order.row.kind != OrderKind::Purchase;
        match order.row.state {
            OrderState::Draft if context.rights.administers => vec![OrderStep::Confirm],
            OrderState::Confirmed if goes_out => vec![OrderStep::Reserve],
            OrderState::PartlyReserved | OrderState::PartlyDone if goes_out => {
                vec![OrderStep::Reserve, OrderStep::Pick, OrderStep::Ship]
            }
            OrderState::Reserved if goes_out => vec![OrderStep::Pick, OrderStep::Ship],
            OrderState::Picking if goes_out => vec![OrderStep::Ship, OrderStep::Pick, OrderStep::Reserve],
            _ => Vec::new(),
        }
    }

    /// Offers the steps that are possible now.
    fn offer(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            context.ring();
            return;
        }
        let steps = self.steps(context);
        let Some(first) = steps.first() else {
            context.say(Severity::Note, OrdersText::NoStep);
            return;
        };
        let words = context.words;
        let title = words.fill(OrdersText::StepTitle, &[("number", self.number.as_str())]);
        let options = steps.iter().map(|step| (words.say(orders::step(*step).0).to_owned(), *step)).collect();
        context.request(Action::Open(Box::new(Choice::new(&title, options, first))));
    }

    /// Does what was asked about, if it has been seen.
    fn confirm(&mut self, context: &mut Context<'_>) {
        let Some(step) = self.asked else {
            context.ring();
            return;
        };
        let Some(confirmed) = self.reviewing.confirm(&step) else {
            context.ring();
            return;
        };
        let number = self.number.clone();
        let write = move |id, step: &OrderStep| Write::Order { number, step: *step, id };
        if self.submission.send(step, confirmed, context, write) {
            self.under_way = Some(step);
            self.forget_asked();
        }
    }

    fn forget_asked(&mut self) {
        self.asked = None;
        self.reviewing = Review::default();
        self.fault = None;
    }

    fn back(&mut self, context: &mut Context<'_>) {
        if self.asked.is_some() {
            self.forget_asked();
        } else {
            context.request(Action::Close);
        }
    }

    /// Takes what became of a step.
    fn ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        let words = context.words;
        match ended {
            Ended::Posted(written) => {
                let short = match written {
                    Some(Written::Order { short, .. }) => *short,
                    _ => 0,
                };
                if let Some(step) = self.under_way.take() {
                    let count = short.to_string();
                    let places = [("number", self.number.as_str()), ("n", count.as_str())];
                    let (severity, phrase) = match short {
                        0 => (Severity::Good, orders::step(step).1),
                        1 => (Severity::Warning, OrdersText::DoneReserveShortOne),
                        _ => (Severity::Warning, OrdersText::DoneReserveShort),
                    };
                    context.tell(severity, words.fill(phrase, &places));
                }
                self.ask(context);
            }
            // The line above the events says so.
            Ended::Unknown(_) => {}
            Ended::Refused(error) => self.fault = Some(failure::words(words, error)),
            Ended::NotPosted => self.fault = Some(words.say(OrdersText::WasNotPosted).to_owned()),
        }
    }

    /// What is asked about, under way or wrong.
    fn state(&self, canvas: &Canvas<'_, '_>) -> Span<'static> {
        let (words, theme) = (canvas.words, canvas.theme);
        if let Some(step) = self.asked {
            let text = words.fill(OrdersText::StepAsk, &[("step", words.say(orders::step(step).0))]);
            return Span::styled(text, theme.warning);
        }
        if self.submission.is_unknown() {
            return Span::styled(words.say(OrdersText::Unknown), theme.warning);
        }
        if self.submission.is_under_way() {
            return Span::styled(words.say(OrdersText::Posting), theme.dim);
        }
        match &self.fault {
            Some(fault) => Span::styled(format!("✗ {fault}"), theme.bad),
            None => Span::raw(""),
        }
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
        Binding::One(Command::OrderStep, |view, context| view.offer(context)),
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
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
        &[Command::Close, Command::OrderStep, Command::LedgerOfThis, Command::Copy, Command::Refresh]
    }

    fn picked(&mut self, picked: Picked, _context: &mut Context<'_>) {
        if let Ok(step) = picked.downcast::<OrderStep>() {
            self.fault = None;
            self.asked = Some(step);
            self.reviewing.open(step);
        }
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn written(
        &mut self,
        id: PostingId,
        outcome: &Result<Written, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let ended = self.submission.written(id, outcome);
        ended.is_some_and(|ended| {
            self.ended(&ended, context);
            true
        })
    }

    fn resolved(&mut self, id: PostingId, posted: bool, context: &mut Context<'_>) -> bool {
        let ended = self.submission.resolved(id, posted);
        ended.is_some_and(|ended| {
            self.ended(&ended, context);
            true
        })
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
        let state = self.state(canvas);
        let Shown { order: Some(order), lines } = &mut self.shown.value else {
            return self.shown.draw_missing(inside, canvas);
        };
        let state = Paragraph::new(Line::from(state)).wrap(Wrap { trim: true });
        let state_lines =
            u16::try_from(state.line_count(inside.width)).unwrap_or(1).clamp(1, STATE_LINES_MAX);
        let head = head(order, canvas);
        let head_lines = u16::try_from(lines_wrapped(&head, inside.width)).unwrap_or(u16::MAX);
        let events = u16::try_from(order.events.len()).unwrap_or(u16::MAX).min(EVENT_LINES_MAX);
        let [top, body, middle, below] = Layout::vertical([
            Constraint::Length(head_lines),
            Constraint::Min(3),
            Constraint::Length(state_lines),
            Constraint::Length(events),
        ])
        .areas(inside);
        canvas.frame.render_widget(state, middle);
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
    if row.kind == OrderKind::Purchase {
        lines.push(Line::from(Span::styled(words.say(OrdersText::Receive), canvas.theme.dim)));
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
