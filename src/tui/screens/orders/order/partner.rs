//! One supplier or customer: what is known of it besides its personal fields, and its open orders.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::OrderView;
use crate::domain::display::safe_line;
use crate::domain::{ListedTable, OrderRow, PartnerCode, PartnerRow, RecordKey};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::ledger::filter as ledger;
use crate::tui::screens::orders::rows::{ORDERS_MAX, cells, columns};
use crate::tui::text::orders::OrdersText;
use crate::tui::text::records;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::empty::draw_empty;
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// What is shown: the partner, unless there is none of this code, and its open orders.
#[derive(Debug, Default)]
struct Shown {
    partner: Option<PartnerRow>,
    orders: List<OrderRow>,
}

/// One partner, over an order or the list.
#[derive(Debug)]
pub struct PartnerView {
    code: PartnerCode,
    shown: Fetched<Shown>,
}

impl PartnerView {
    fn new(code: PartnerCode) -> Self {
        Self { code, shown: Fetched::default() }
    }

    /// Opens the view of the partner of an order, if it has one.
    pub fn open(row: Option<&OrderRow>, context: &mut Context<'_>) {
        match row.and_then(|row| row.partner.clone()) {
            Some(code) => context.request(Action::Open(Box::new(Self::new(code)))),
            None => context.ring(),
        }
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.shown.ask(query::PartnerInFull { code: self.code.clone(), limit: ORDERS_MAX }, context);
    }

    fn open_order(&self, context: &mut Context<'_>) {
        match self.shown.value.orders.selected() {
            Some(row) => {
                let view = OrderView::new(row.number.clone(), context);
                context.request(Action::Open(Box::new(view)));
            }
            None => context.ring(),
        }
    }

    /// Shows what was received from the partner or went to it.
    fn show_movements(&self, context: &mut Context<'_>) {
        let mut filter = ledger::Filter::default();
        filter.set(ledger::Part::Partner(self.code.to_string()));
        context.request(Action::Show(Command::ShowLedger, Picked::new(filter)));
    }

    fn export(&self, context: &mut Context<'_>) {
        let table = ListedTable::of(self.shown.value.orders.rows());
        ExportDialog::open(&format!("orders-{}", self.code), ExportWhat::Table(table), context);
    }
}

impl Bound for PartnerView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open_order(context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        // In the master data, an admin changes it.
        Binding::One(Command::ShowRecords, |view, context| {
            let key = RecordKey::Partner(view.code.clone());
            context.request(Action::Show(Command::ShowRecords, Picked::new(key)));
        }),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| context.copy(Some(view.code.to_string()))),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.shown.value.orders.command(command);
        }),
    ]];
}

impl View for PartnerView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Partner, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::Open, Command::LedgerOfThis, Command::ShowRecords, Command::Copy]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.shown.value.orders.click(position)
        {
            self.open_order(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let received =
            self.shown.answered::<query::PartnerInFull>(ticket, answer, context.now, |shown, found| {
                let (partner, orders) = &**found;
                shown.partner.clone_from(partner);
                shown.orders.replace(orders.clone(), |old, new| old.order_id == new.order_id);
            });
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let inside = padded(cover(canvas, area, self.code.as_str()));
        if self.shown.came_at().is_none() {
            return self.shown.draw_missing(inside, canvas);
        }
        let Some(partner) = &self.shown.value.partner else {
            let text = words.say(OrdersText::NoSuchPartner);
            return canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
        };
        let kind = records::word(partner.kind.as_str()).map(|word| words.say(word).to_owned());
        let name = partner.name.as_ref().map(|name| safe_line(name.as_str()).into_owned());
        let life = partner.min_life_days.map(|days| {
            words.fill(OrdersText::MinLife, &[("n", &words.language.number(Decimal::from(days)))])
        });
        let head: Vec<String> = kind.into_iter().chain(name).chain(life).collect();
        let head = Paragraph::new(Line::from(head.join(" · "))).wrap(Wrap { trim: true });
        let lines = u16::try_from(head.line_count(inside.width)).unwrap_or(1);
        let [top, heading, body] =
            Layout::vertical([Constraint::Length(lines), Constraint::Length(2), Constraint::Min(1)])
                .areas(inside);
        canvas.frame.render_widget(head, top);
        let text = words.fill(OrdersText::OpenOrdersOf, &[("partner", self.code.as_str())]);
        let text = Line::from(Span::styled(text, canvas.theme.dim));
        canvas
            .frame
            .render_widget(text, Rect { y: heading.bottom().saturating_sub(1), height: 1, ..heading });
        let orders = &mut self.shown.value.orders;
        orders.draw(body, &columns(words), canvas, |_, row, canvas| cells(row, canvas));
        if orders.is_empty() {
            draw_empty(false, None, words.say(OrdersText::Nothing), body, canvas);
        }
    }
}
