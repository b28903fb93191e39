//! The dialog that changes what is ordered of a product: how much, and from whom.

use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use rust_decimal::Decimal;

use crate::domain::entry::quantity;
use crate::domain::{PartnerCode, Quantity, ReorderProposal, Sku, Suggested};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::entry_form::{Entry, EntryForm};
use crate::tui::widgets::panel::{dialog, draw_note};
use crate::tui::widgets::{Completion, Field};
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Ticket};

/// The size of the dialog, borders included.
const WIDTH: u16 = 64;
const HEIGHT: u16 = 10;
/// The lines above the fields.
const HEAD_LINES: u16 = 2;
/// The fields.
const QUANTITY: usize = 0;
const SUPPLIER: usize = 1;

/// What is ordered of a product.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProposalEdit {
    pub sku: Sku,
    pub quantity: Decimal,
    pub supplier: Option<PartnerCode>,
}

/// The dialog.
#[derive(Debug)]
pub(super) struct ProposalDialog {
    proposal: ReorderProposal,
    form: EntryForm<OrdersText>,
    completion: Completion,
    fault: Option<String>,
}

impl ProposalDialog {
    /// The dialog of a proposal, with what is to be ordered now.
    pub(super) fn new(proposal: &ReorderProposal, now: Decimal, supplier: Option<&PartnerCode>) -> Self {
        let supplier = supplier.map(ToString::to_string).unwrap_or_default();
        let form = EntryForm::new(vec![
            (OrdersText::QuantityField, Entry::Typed(Field::with(&now.normalize().to_string()))),
            (OrdersText::Supplier, Entry::Typed(Field::with(&supplier))),
        ]);
        Self { proposal: proposal.clone(), form, completion: Completion::default(), fault: None }
    }

    fn read(&self, context: &Context<'_>) -> Result<ProposalEdit, (usize, String)> {
        let words = context.words;
        let text = |field: usize| self.form.typed(field).unwrap_or_default().trim();
        let number = quantity(text(QUANTITY), words.mark)
            .map_err(|error| (QUANTITY, failure::entry(words, &error)))?;
        // Nothing is a quantity here: the product is left out.
        let quantity = Quantity::counted(number)
            .map_err(|_| (QUANTITY, words.say(OrdersText::QuantityWrong).to_owned()))?;
        let supplier = match text(SUPPLIER) {
            "" => None,
            text => Some(text.parse().map_err(|error| (SUPPLIER, failure::code(words, &error)))?),
        };
        Ok(ProposalEdit { sku: self.proposal.sku.clone(), quantity, supplier })
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        if self.form.take_offered(&mut self.completion) {
            return;
        }
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

    fn step(&mut self, forward: bool) {
        self.form.leave(forward, &mut self.completion);
    }

    fn close(&mut self, context: &mut Context<'_>) {
        if !self.completion.dismiss() {
            context.request(Action::Close);
        }
    }
}

impl Bound for ProposalDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.step(true)),
        Binding::One(Command::PreviousField, |view, _| view.step(false)),
        Binding::One(Command::Confirm, |view, context| view.accept(context)),
        Binding::One(Command::Close, |view, context| view.close(context)),
    ]];
}

impl View for ProposalDialog {
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
        if self.form.arrow(key, &mut self.completion) {
            return;
        }
        self.fault = None;
        if self.form.key(key, context.words) && self.form.focus() == SUPPLIER {
            let text = self.form.typed(SUPPLIER).unwrap_or_default();
            self.completion.ask(Suggested::Partner, text, context);
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(position) = hit
            && self.form.click(position)
        {
            self.completion.close();
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        self.completion.answered(ticket, answer)
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let inside = dialog(canvas, area, WIDTH, HEIGHT, self.proposal.sku.as_str());
        let (pack, proposed) =
            (words.language.number(self.proposal.pack), words.language.number(self.proposal.quantity));
        let places = [("pack", pack.as_str()), ("proposed", &proposed)];
        let head = format!("{}\n{}", self.proposal.name, words.fill(OrdersText::ProposedInPacks, &places));
        let head_lines = HEAD_LINES.min(inside.height);
        let text = Paragraph::new(head).style(canvas.theme.dim);
        canvas.frame.render_widget(text, Rect { height: head_lines, ..inside });
        let rest = Rect { y: inside.y + head_lines, height: inside.height - head_lines, ..inside };
        let focused = self.form.draw(rest, canvas, |_, _| "");
        let used = 2.min(rest.height);
        let below = Rect { y: rest.y + used, height: rest.height - used, ..rest };
        draw_note(canvas, below, self.fault.as_deref(), "");
        if let Some(spot) = focused {
            self.completion.draw_below(spot, area, canvas);
        }
    }
}
