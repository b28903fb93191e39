//! The orders: a list, the most urgent first, filtered by what is typed or scanned and by a dialog; and one of them in
//! full.

pub mod draft;
pub mod entry;
pub mod filter;
pub mod order;
mod progress;
pub mod reorder;
mod rows;
#[cfg(test)]
mod tests;
mod typed;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

use self::filter::{FORM, Filter, Part, question};
use self::order::OrderView;
use self::order::partner::PartnerView;
use self::rows::{ORDERS_MAX, cells, columns};
use crate::domain::{OrderFilter, OrderKind, OrderNumber, OrderRow};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::export::ExportDialog;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::filter_dialog::FilterDialog;
use crate::tui::widgets::panel::cover;
use crate::tui::widgets::parts::draw_parts;
use crate::tui::widgets::{Fetched, Field, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// The list of orders, over a screen.
#[derive(Debug, Default)]
pub struct OrdersView {
    /// The number of an order, or what is looked for, taken with Enter.
    quick: Field,
    filter: Filter,
    orders: Fetched<List<OrderRow>>,
    /// There are more than are listed.
    more: bool,
}

impl OrdersView {
    fn ask(&mut self, context: &mut Context<'_>) {
        // One more than is listed tells that there are more.
        let filter = Box::new(question(&self.filter, ORDERS_MAX + 1));
        self.orders.ask(query::Orders { filter }, context);
    }

    fn list_those(&mut self, filter: Filter, context: &mut Context<'_>) {
        if self.filter != filter {
            self.filter = filter;
            self.ask(context);
        }
    }

    /// Receives goods against the selected order, or picks it; where it is of the other kind, whoever comes to that
    /// screen chooses another.
    fn carry_out(&self, command: Command, context: &mut Context<'_>) {
        let received = command == Command::ReceiveOrder;
        let selected = self.selected();
        let fitting = selected.filter(|row| (row.kind == OrderKind::Purchase) == received);
        let picked = fitting.map_or_else(|| Picked::new(()), |row| Picked::new(row.number.clone()));
        context.request(Action::Show(command, picked));
    }

    /// Exports all orders that fit the filter, those beyond the limit of the list too.
    fn export(&self, context: &mut Context<'_>) {
        let filter = Box::new(question(&self.filter, OrderFilter::LIMIT_MAX));
        ExportDialog::open("orders", ExportWhat::Pages(Box::new(query::Orders { filter }.into())), context);
    }

    fn narrow(&mut self, part: Part, context: &mut Context<'_>) {
        let mut filter = self.filter.clone();
        filter.set(part);
        self.list_those(filter, context);
    }

    fn selected(&self) -> Option<&OrderRow> {
        self.orders.value.selected()
    }

    /// Opens the order whose number was typed or that is selected; any other text narrows the list.
    fn open(&mut self, context: &mut Context<'_>) {
        let text = self.quick.take().trim().to_owned();
        let number = match text.parse::<OrderNumber>() {
            Ok(number) => Some(number),
            Err(_) if !text.is_empty() => return self.narrow(Part::Text(text), context),
            Err(_) => self.selected().map(|row| row.number.clone()),
        };
        match number {
            Some(number) => {
                let view = OrderView::new(number, context);
                context.request(Action::Open(Box::new(view)));
            }
            None => context.ring(),
        }
    }

    /// Goes back one step: what is typed, then the parts of the filter, the latest first, then the screen beneath.
    fn back(&mut self, context: &mut Context<'_>) {
        if !self.quick.is_empty() {
            self.quick.take();
        } else if self.filter.pop() {
            self.ask(context);
        } else {
            context.request(Action::Close);
        }
    }
}

impl Bound for OrdersView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::Several(&[Command::ReceiveOrder, Command::Pick], |view, command, context| {
            view.carry_out(command, context);
        }),
        Binding::One(Command::Filter, |view, context| {
            context.request(Action::Open(Box::new(FilterDialog::new(&FORM, &view.filter))));
        }),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.selected().map(|row| row.number.to_string()));
        }),
        Binding::One(Command::PartnerOfThis, |view, context| PartnerView::open(view.selected(), context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        // The key that has opened it closes it too.
        Binding::One(Command::Orders, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.orders.value.command(command);
        }),
    ]];
}

impl View for OrdersView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Orders, Scope::List, Scope::Dialog]
    }

    fn typing(&self) -> Typing {
        if self.quick.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Close,
            Command::Open,
            Command::Filter,
            Command::Pick,
            Command::ReceiveOrder,
            Command::NewOrder,
            Command::Reorder,
            Command::Copy,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.quick.key(key);
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        if let Ok(filter) = picked.downcast::<Filter>() {
            self.list_those(filter, context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) => {
                if self.orders.value.click(position) && self.quick.is_empty() {
                    self.open(context);
                }
            }
            Hit::Field(position) => {
                self.filter.remove(position);
                self.ask(context);
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let more = &mut self.more;
        let received = self.orders.answered::<query::Orders>(ticket, answer, context.now, |list, orders| {
            let shown = orders.iter().take(ORDERS_MAX as usize).cloned().collect();
            *more = orders.len() > ORDERS_MAX as usize;
            list.replace(shown, |old, new| old.order_id == new.order_id);
        });
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let inside = cover(canvas, area, words.say(OrdersText::Title));
        let more = u16::from(self.more);
        let [search, chips, body, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(1),
            Constraint::Length(more),
        ])
        .areas(inside);
        let focus = canvas.focus;
        self.quick.show_as_search(search, canvas, focus, words.say(OrdersText::QuickHint));
        self.draw_chips(chips, canvas);
        self.draw_list(body, canvas);
        if more > 0 {
            let limit = words.language.number(Decimal::from(ORDERS_MAX));
            let text = words.fill(OrdersText::More, &[("n", &limit)]);
            canvas
                .frame
                .render_widget(Line::from(Span::styled(format!("   {text}"), canvas.theme.warning)), foot);
        }
    }
}

impl OrdersView {
    /// What is filtered, or why the latest list did not come.
    fn draw_chips(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        if let (Some(error), false) = (self.orders.failure(), self.orders.value.is_empty()) {
            let text = format!("   ✗ {}", failure::words(words, error));
            canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), area);
            return;
        }
        let note = if self.filter.is_empty() { words.say(OrdersText::OpenOnes) } else { "" };
        let parts: Vec<String> = self.filter.all().iter().map(|part| part.words(words)).collect();
        draw_parts(&parts, 0, note.to_owned(), area, canvas);
    }

    fn draw_list(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let nothing = if self.filter.is_empty() { OrdersText::Nothing } else { OrdersText::NothingAtAll };
        let (columns, nothing) = (columns(canvas.words), canvas.words.say(nothing));
        self.orders.draw(area, &columns, canvas, |_, row, canvas| cells(row, canvas), nothing);
    }
}
