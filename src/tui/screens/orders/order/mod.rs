//! One order in full: its lines with what is reserved, picked, moved and open, its movements, and what was decided about
//! it. From here it is taken further, as a whole and line by line.

mod acts;
mod dialog;
mod draw;
pub mod partner;

use ratatui::layout::Rect;

use self::acts::{Act, Chosen, of_line, of_order};
use self::dialog::{ActDialog, Subject};
use self::partner::PartnerView;
use crate::domain::{
    Allocation, LedgerRow, ListedTable, Order, OrderEvent, OrderKind, OrderLine, OrderNumber, PickedGoods,
    PostingId, Refusal,
};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::choice::Choice;
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::item::ItemView;
use crate::tui::screens::ledger::filter as ledger;
use crate::tui::screens::ledger::posting::PostingView;
use crate::tui::screens::orders::draft::EditDraft;
use crate::tui::text::failure;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Context, Ended, Hit, Picked, Review, Severity, Submission,
    View, WriteEnd,
};
use crate::tui::widgets::{Fetched, List, Received};
use crate::worker::message::{ExportWhat, Failure, OrderStep, Write, Written};
use crate::worker::query::{self, Answer, Ticket};

/// What is listed below the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Lines,
    Movements,
    Events,
}

impl Page {
    const ALL: [Self; 3] = [Self::Lines, Self::Movements, Self::Events];

    /// The next page, or the one before; after the last one comes the first.
    fn step(self, forward: bool) -> Self {
        match (self, forward) {
            (Self::Lines, true) | (Self::Events, false) => Self::Movements,
            (Self::Movements, true) | (Self::Lines, false) => Self::Events,
            (Self::Events, true) | (Self::Movements, false) => Self::Lines,
        }
    }
}

/// What is shown: the order, and its lines and events as lists.
#[derive(Debug, Default)]
struct Shown {
    order: Option<Box<Order>>,
    lines: List<OrderLine>,
    events: List<OrderEvent>,
}

/// A step that is asked about.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    step: OrderStep,
    /// What would be shipped, for the step that ships. Empty until it is known.
    goods: Vec<PickedGoods>,
}

/// One order, over the list.
#[derive(Debug)]
pub struct OrderView {
    number: OrderNumber,
    page: Page,
    shown: Fetched<Shown>,
    movements: Fetched<List<LedgerRow>>,
    asked: Option<Asked>,
    /// What is ready to be shipped.
    ready: Fetched<Vec<Allocation>>,
    reviewing: Review<Asked>,
    submission: Submission<Asked>,
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
            page: Page::default(),
            shown: Fetched::default(),
            movements: Fetched::default(),
            asked: None,
            ready: Fetched::default(),
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
        if self.asked.as_ref().is_some_and(|asked| asked.step == OrderStep::Ship) {
            self.ask_ready(context);
        }
    }

    /// Asks what is ready to be shipped.
    fn ask_ready(&mut self, context: &mut Context<'_>) {
        self.ready.ask(query::PickList { numbers: vec![self.number.clone()] }, context);
    }

    /// Asks whether to do a step. What it ships has to be known first, because that and nothing else is shipped.
    fn ask_whether(&mut self, step: OrderStep, context: &mut Context<'_>) {
        self.fault = None;
        let asked = Asked { step, goods: Vec::new() };
        if step == OrderStep::Ship {
            self.ask_ready(context);
        } else {
            self.reviewing.open(asked.clone());
        }
        self.asked = Some(asked);
    }

    /// Shows what would be shipped.
    fn show_ready(&mut self, context: &Context<'_>) {
        let Some(asked) = self.asked.as_mut().filter(|asked| asked.step == OrderStep::Ship) else { return };
        match PickedGoods::to_ship(&self.ready.value) {
            Ok(goods) if !goods.is_empty() => {
                asked.goods = goods;
                self.reviewing.show(asked.clone());
            }
            Ok(_) | Err(_) => {
                let nothing = Failure::Refused(Refusal::NothingReserved(self.number.clone()));
                self.forget_asked();
                self.fault = Some(failure::words(context.words, &nothing));
            }
        }
    }

    /// Asks for the movements, if they are shown and the lines are known.
    fn ask_movements(&mut self, context: &mut Context<'_>) {
        if self.page != Page::Movements || self.shown.value.order.is_none() {
            return;
        }
        let lines = self.shown.value.lines.rows().iter().map(|line| line.order_line_id).collect();
        self.movements.ask(query::OrderMovements { lines }, context);
    }

    fn turn_to(&mut self, page: Page, context: &mut Context<'_>) {
        self.page = page;
        self.ask_movements(context);
    }

    fn scroll(&mut self, command: Command) {
        match self.page {
            Page::Lines => self.shown.value.lines.command(command),
            Page::Movements => self.movements.value.command(command),
            Page::Events => self.shown.value.events.command(command),
        };
    }

    /// Receives goods against the order, or picks it.
    fn carry_out(&self, command: Command, context: &mut Context<'_>) {
        let Some(order) = &self.shown.value.order else { return context.ring() };
        let received = command == Command::ReceiveOrder;
        if (order.row.kind == OrderKind::Purchase) == received {
            context.request(Action::Show(command, Picked::new(self.number.clone())));
        } else {
            context.ring();
        }
    }

    /// Offers what can be done with the order as a whole.
    fn offer(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            context.ring();
            return;
        }
        let Some(order) = &self.shown.value.order else { return };
        let title = context.words.fill(OrdersText::StepTitle, &[("number", self.number.as_str())]);
        offer(&title, of_order(order, context.rights), context);
    }

    /// Opens what is selected: what can be done with a line, the posting of a movement, or what was posted by whoever
    /// decided.
    fn open(&mut self, context: &mut Context<'_>) {
        match self.page {
            Page::Lines => self.offer_line(context),
            Page::Movements => match self.movements.value.selected() {
                Some(row) => context.request(Action::Open(Box::new(PostingView::of_row(row)))),
                None => context.ring(),
            },
            Page::Events => match self.shown.value.events.selected() {
                Some(event) => {
                    let mut filter = ledger::Filter::default();
                    filter.set(ledger::Part::Person(event.by.clone()));
                    context.request(Action::Show(Command::ShowLedger, Picked::new(filter)));
                }
                None => context.ring(),
            },
        }
    }

    fn offer_line(&mut self, context: &mut Context<'_>) {
        let Shown { order: Some(order), lines, .. } = &self.shown.value else { return };
        let Some(line) = lines.selected().filter(|_| !self.submission.is_under_way()) else {
            context.ring();
            return;
        };
        let chosen = of_line(order, line, context.rights);
        if let [Chosen::Product(sku)] = chosen.as_slice() {
            context.request(Action::Open(Box::new(ItemView::new(sku.clone()))));
            return;
        }
        let line_no = line.line_no.to_string();
        let places = [("number", self.number.as_str()), ("line", &line_no), ("item", line.sku.as_str())];
        let title = context.words.fill(OrdersText::LineTitle, &places);
        offer(&title, chosen, context);
    }

    /// Opens the dialog of an act.
    fn ask_about(&mut self, act: Act, line_no: Option<u32>, context: &mut Context<'_>) {
        let order = self.shown.value.order.as_ref();
        let line = line_no.and_then(|line_no| order?.line(line_no)).map(Subject::from);
        let dialog = ActDialog::new(self.number.clone(), act, line);
        context.request(Action::Open(Box::new(dialog)));
    }

    /// Does what was asked about, if it has been seen.
    fn confirm(&mut self, context: &mut Context<'_>) {
        let Some(asked) = self.asked.clone() else {
            context.ring();
            return;
        };
        let Some(confirmed) = self.reviewing.confirm(&asked) else {
            context.ring();
            return;
        };
        let (number, step) = (self.number.clone(), asked.step);
        let write = move |id, asked: &Asked| {
            let Asked { step, goods } = asked.clone();
            Write::Order { number, step, goods, id }
        };
        if self.submission.send(asked, confirmed, context, write) {
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

    /// The text that is copied: the number of the order, or the id of the movement.
    fn copied(&self) -> Option<String> {
        match self.page {
            Page::Lines | Page::Events => Some(self.number.to_string()),
            Page::Movements => self.movements.value.selected().map(|row| row.id.to_string()),
        }
    }

    fn show_partner(&self, context: &mut Context<'_>) {
        PartnerView::open(self.shown.value.order.as_ref().map(|order| &order.row), context);
    }

    /// Exports the page that is shown.
    fn export(&self, context: &mut Context<'_>) {
        let shown = &self.shown.value;
        let (page, table) = match self.page {
            Page::Lines => ("lines", ListedTable::of(shown.lines.rows())),
            Page::Movements => ("movements", ListedTable::of(self.movements.value.rows())),
            Page::Events => ("decisions", ListedTable::of(shown.events.rows())),
        };
        ExportDialog::open(&format!("{}-{page}", self.number), ExportWhat::Table(table), context);
    }

    /// Shows the product of the line or movement in the ledger.
    fn show_movements(&self, context: &mut Context<'_>) {
        let sku = match self.page {
            Page::Lines => self.shown.value.lines.selected().map(|line| line.sku.clone()),
            Page::Movements => self.movements.value.selected().map(|row| row.sku.clone()),
            Page::Events => None,
        };
        match sku {
            Some(sku) => context.request(Action::Show(Command::ShowLedger, Picked::new(sku))),
            None => context.ring(),
        }
    }
}

/// Opens a list of what can be done, or says that there is nothing.
fn offer(title: &str, chosen: Vec<Chosen>, context: &mut Context<'_>) {
    let Some(first) = chosen.first().cloned() else {
        context.say(Severity::Note, OrdersText::NoStep);
        return;
    };
    let words = context.words;
    let options = chosen.into_iter().map(|chosen| (chosen.label(words).to_owned(), chosen)).collect();
    context.request(Action::Open(Box::new(Choice::new(title, options, &first))));
}

impl Bound for OrderView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::PartnerOfThis, |view, context| view.show_partner(context)),
        Binding::One(Command::Copy, |view, context| context.copy(view.copied())),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::OrderStep, |view, context| view.offer(context)),
        Binding::Several(&[Command::ReceiveOrder, Command::Pick], |view, command, context| {
            view.carry_out(command, context);
        }),
        Binding::One(Command::NextField, |view, context| view.turn_to(view.page.step(true), context)),
        Binding::One(Command::PreviousField, |view, context| view.turn_to(view.page.step(false), context)),
        // Enter answers the question that is asked, and opens the selected line when none is.
        Binding::Several(&[Command::Open, Command::Confirm], |view, _, context| match &view.asked {
            Some(_) => view.confirm(context),
            None => view.open(context),
        }),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, _| view.scroll(command)),
    ]];
}

impl View for OrderView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Order, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Close,
            Command::OrderStep,
            Command::Open,
            Command::NextField,
            Command::LedgerOfThis,
            Command::Copy,
            Command::Refresh,
        ]
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked.downcast() {
            Ok(Chosen::Step(step)) => self.ask_whether(step, context),
            Ok(Chosen::Act(act, line_no)) => self.ask_about(act, line_no, context),
            Ok(Chosen::Edit) => {
                if let Some(order) = self.shown.value.order.clone() {
                    context.request(Action::Show(Command::NewOrder, Picked::new(EditDraft(order))));
                }
            }
            Ok(Chosen::Partner) => self.show_partner(context),
            Ok(Chosen::Product(sku)) => context.request(Action::Open(Box::new(ItemView::new(sku)))),
            Err(_) => {}
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) => {
                let again = match self.page {
                    Page::Lines => self.shown.value.lines.click(position),
                    Page::Movements => self.movements.value.click(position),
                    Page::Events => self.shown.value.events.click(position),
                };
                if again && self.asked.is_none() {
                    self.open(context);
                }
            }
            Hit::Field(position) => {
                if let Some(page) = Page::ALL.get(position) {
                    self.turn_to(*page, context);
                }
            }
            Hit::Command(_) => {}
        }
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.ended(&ended, context);
        true
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
                shown.events.replace(order.events.clone(), |old, new| old == new);
                shown.order = Some(order.clone());
            });
        if received.is_own() {
            self.ask_movements(context);
            return true;
        }
        let received = self.ready.answered::<query::PickList>(ticket, answer, context.now, |ready, list| {
            ready.clone_from(list);
        });
        match received {
            Received::Value => self.show_ready(context),
            Received::Failure => {
                self.forget_asked();
                self.fault = self.ready.failure().map(|failure| failure::words(context.words, failure));
            }
            Received::Other => {}
        }
        if received.is_own() {
            return true;
        }
        self.movements
            .listed::<query::OrderMovements>(ticket, answer, context.now, |old, new| old.id == new.id)
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_view(area, canvas);
    }
}
