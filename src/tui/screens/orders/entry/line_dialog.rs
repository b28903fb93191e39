//! The dialog that changes a line of an order that is entered: quantity, price, over-delivery.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

use super::lines::FormLine;
use crate::domain::entry::quantity_in;
use crate::domain::{Quantity, UnitPrice};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::screens::orders::typed::{over_percent, price};
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::Field;
use crate::tui::widgets::entry_form::{Entry, EntryForm};
use crate::tui::widgets::panel::{dialog, draw_note};

/// The size of the dialog, borders included.
const WIDTH: u16 = 60;
const HEIGHT: u16 = 9;
/// The fields.
const QUANTITY: usize = 0;
const PRICE: usize = 1;
const OVER: usize = 2;

/// What a line becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LineEdit {
    pub position: usize,
    pub quantity: Quantity,
    pub unit_price: Option<UnitPrice>,
    pub over_percent: Decimal,
}

/// The dialog.
#[derive(Debug)]
pub(super) struct LineDialog {
    position: usize,
    line: FormLine,
    form: EntryForm<OrdersText>,
    fault: Option<String>,
}

impl LineDialog {
    /// The dialog of the line at a position.
    pub(super) fn new(position: usize, line: &FormLine) -> Self {
        let price = line.unit_price.map(|price| price.value().normalize().to_string()).unwrap_or_default();
        let over = if line.over_percent.is_zero() { String::new() } else { line.over_percent.to_string() };
        let field = |text: &str| Entry::Typed(Field::with(text));
        let form = EntryForm::new(vec![
            (OrdersText::QuantityField, field(&line.quantity.value().normalize().to_string())),
            (OrdersText::PriceField, field(&price)),
            (OrdersText::OverField, field(&over)),
        ]);
        Self { position, line: line.clone(), form, fault: None }
    }

    fn read(&self, context: &Context<'_>) -> Result<LineEdit, (usize, String)> {
        let (words, mark) = (context.words, context.words.mark);
        let text = |field: usize| self.form.typed(field).unwrap_or_default();
        let say = |field: usize| move |phrase: OrdersText| (field, words.say(phrase).to_owned());
        let number = quantity_in(text(QUANTITY), &self.line.unit, mark)
            .map_err(|error| (QUANTITY, failure::entry(words, &error)))?;
        if number.normalize().scale() > self.line.decimals {
            let places = [("code", self.line.sku.as_str())];
            return Err((QUANTITY, words.fill(OrdersText::TooManyDecimals, &places)));
        }
        Ok(LineEdit {
            position: self.position,
            quantity: Quantity::new(number).map_err(|_| say(QUANTITY)(OrdersText::QuantityWrong))?,
            unit_price: price(text(PRICE), mark).map_err(say(PRICE))?,
            over_percent: over_percent(text(OVER), mark).map_err(say(OVER))?,
        })
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        match self.read(context) {
            Ok(edit) => {
                context.request(Action::Close);
                context.request(Action::Picked(Picked::new(edit)));
            }
            Err((field, fault)) => {
                self.fault = Some(fault);
                self.form.go_to(field);
                context.ring();
            }
        }
    }
}

impl Bound for LineDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.form.step(true)),
        Binding::One(Command::PreviousField, |view, _| view.form.step(false)),
        Binding::One(Command::Confirm, |view, context| view.accept(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for LineDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        self.form.typing()
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        match key.code {
            Code::Down => self.form.step(true),
            Code::Up => self.form.step(false),
            _ => {
                self.fault = None;
                self.form.key(key, context.words);
            }
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(position) = hit {
            self.form.click(position);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, WIDTH, HEIGHT, self.line.sku.as_str());
        let name = Line::from(Span::styled(self.line.name.as_str(), canvas.theme.dim));
        canvas.frame.render_widget(name, Rect { height: 1.min(inside.height), ..inside });
        let head = 1.min(inside.height);
        let rest = Rect { y: inside.y + head, height: inside.height - head, ..inside };
        self.form.draw(rest, canvas, |_, _| "");
        let used = 3.min(rest.height);
        let below = Rect { y: rest.y + used, height: rest.height - used, ..rest };
        draw_note(canvas, below, self.fault.as_deref(), "");
    }
}
