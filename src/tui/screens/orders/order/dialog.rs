//! The dialog of an act that needs a quantity or a reason: what it is about, its fields, and what came of it.

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::acts::Act;
use crate::domain::entry::quantity_in;
use crate::domain::{NewOrderLine, Note, OrderLine, OrderNumber, PostingId, Quantity, Sku, Suggested};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::orders::progress::progress;
use crate::tui::screens::orders::typed::{over_percent, price};
use crate::tui::screens::reverse::reason;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Context, Ended, Hit, Review, Severity, Submission, View,
    WriteEnd,
};
use crate::tui::widgets::entry_form::{Entry, EntryForm};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Completion, Field};
use crate::worker::message::{Failure, Write};
use crate::worker::orders::OrderChange;
use crate::worker::query::{Answer, Ticket};

/// The width of the dialog, in columns.
const WIDTH: u16 = 72;
/// The lines above the fields, for what the act is about.
const HEAD_LINES: u16 = 3;
/// The lines below them, for what is wrong.
const NOTE_LINES: u16 = 3;

/// A line that the act is about, as the dialog shows it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub line_no: u32,
    pub sku: Sku,
    pub unit: String,
    pub quantity: Decimal,
    pub reserved: Decimal,
    pub moved: Decimal,
    pub open: Decimal,
}

impl From<&OrderLine> for Subject {
    fn from(line: &OrderLine) -> Self {
        Self {
            line_no: line.line_no.unsigned_abs(),
            sku: line.sku.clone(),
            unit: line.unit.to_string(),
            quantity: line.quantity,
            reserved: line.reserved,
            moved: line.moved,
            open: line.open,
        }
    }
}

/// What the fields ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Item,
    Quantity,
    Price,
    OverPercent,
    Reason,
}

impl Asked {
    fn of(act: Act) -> &'static [Self] {
        match act {
            Act::ReserveLine => &[Self::Quantity],
            Act::ReleaseLine | Act::ChangeLine => &[Self::Quantity, Self::Reason],
            Act::AddLine => &[Self::Item, Self::Quantity, Self::Price, Self::OverPercent, Self::Reason],
            Act::CloseLine | Act::Release | Act::Close | Act::Cancel | Act::Reopen => &[Self::Reason],
        }
    }

    fn label(self) -> OrdersText {
        match self {
            Self::Item => OrdersText::Item,
            Self::Quantity => OrdersText::QuantityField,
            Self::Price => OrdersText::PriceField,
            Self::OverPercent => OrdersText::OverField,
            Self::Reason => OrdersText::ReasonField,
        }
    }
}

/// The dialog.
#[derive(Debug)]
pub(super) struct ActDialog {
    number: OrderNumber,
    act: Act,
    subject: Option<Subject>,
    form: EntryForm<OrdersText>,
    completion: Completion,
    reviewing: Review<Act>,
    submission: Submission<OrderChange>,
    fault: Option<String>,
}

impl ActDialog {
    /// The dialog of an act on an order, or on one of its lines.
    pub(super) fn new(number: OrderNumber, act: Act, subject: Option<Subject>) -> Self {
        // What is most likely stands in the field, and is replaced by what is typed.
        let quantity = subject.as_ref().map(|line| match act {
            Act::ReserveLine => line.open - line.reserved,
            Act::ReleaseLine => line.reserved,
            _ => line.quantity,
        });
        let field = |asked: &Asked| {
            let text = match (asked, quantity) {
                // Without groups of digits, as it would be typed.
                (Asked::Quantity, Some(quantity)) => quantity.normalize().to_string(),
                _ => String::new(),
            };
            (asked.label(), Entry::Typed(Field::with(&text)))
        };
        let mut reviewing = Review::default();
        reviewing.open(act);
        Self {
            number,
            act,
            subject,
            form: EntryForm::new(Asked::of(act).iter().map(field).collect()),
            completion: Completion::default(),
            reviewing,
            submission: Submission::default(),
            fault: None,
        }
    }

    fn asked(&self) -> Option<Asked> {
        Asked::of(self.act).get(self.form.focus()).copied()
    }

    fn text(&self, asked: Asked) -> &str {
        let position = Asked::of(self.act).iter().position(|own| *own == asked);
        position.and_then(|position| self.form.typed(position)).unwrap_or_default().trim()
    }

    /// The quantity that is typed, which may be a sum.
    fn quantity(&self, context: &Context<'_>) -> Result<Quantity, (Asked, String)> {
        let wrong = |text: String| (Asked::Quantity, text);
        let unit = self.subject.as_ref().map(|line| line.unit.as_str()).unwrap_or_default();
        let mark = context.words.mark;
        let number = quantity_in(self.text(Asked::Quantity), unit, mark)
            .map_err(|error| wrong(failure::entry(context.words, &error)))?;
        Quantity::new(number).map_err(|_| wrong(context.words.say(OrdersText::QuantityWrong).to_owned()))
    }

    fn reason(&self, context: &Context<'_>) -> Result<Note, (Asked, String)> {
        reason(self.text(Asked::Reason), context.words).map_err(|fault| (Asked::Reason, fault))
    }

    /// The reason, where none is needed.
    fn reason_if_any(&self, context: &Context<'_>) -> Result<Option<Note>, (Asked, String)> {
        if self.text(Asked::Reason).is_empty() { Ok(None) } else { self.reason(context).map(Some) }
    }

    fn new_line(&self, context: &Context<'_>) -> Result<NewOrderLine, (Asked, String)> {
        let say = |asked: Asked, phrase: OrdersText| (asked, context.words.say(phrase).to_owned());
        let sku: Sku = self.text(Asked::Item).parse().map_err(|_| say(Asked::Item, OrdersText::ItemWrong))?;
        let quantity = self.quantity(context)?;
        let mark = context.words.mark;
        let unit_price = price(self.text(Asked::Price), mark).map_err(|wrong| say(Asked::Price, wrong))?;
        let over_percent = over_percent(self.text(Asked::OverPercent), mark)
            .map_err(|wrong| say(Asked::OverPercent, wrong))?;
        Ok(NewOrderLine { sku, quantity, unit_price, over_percent })
    }

    /// What the fields say.
    fn change(&self, context: &Context<'_>) -> Result<OrderChange, (Asked, String)> {
        let line_no = self.subject.as_ref().map_or(0, |line| line.line_no);
        Ok(match self.act {
            Act::ReserveLine => OrderChange::ReserveLine { line_no, quantity: self.quantity(context)? },
            Act::ReleaseLine => {
                let quantity = self.quantity(context)?;
                OrderChange::ReleaseLine { line_no, quantity, reason: self.reason(context)? }
            }
            Act::ChangeLine => {
                let quantity = self.quantity(context)?;
                OrderChange::ChangeLine { line_no, quantity, reason: self.reason(context)? }
            }
            Act::CloseLine => OrderChange::CloseLine { line_no, reason: self.reason(context)? },
            Act::Release => OrderChange::Release { reason: self.reason(context)? },
            Act::AddLine => {
                let line = self.new_line(context)?;
                OrderChange::AddLine { line, reason: self.reason_if_any(context)? }
            }
            Act::Close => OrderChange::Close { reason: self.reason_if_any(context)? },
            Act::Cancel => OrderChange::Cancel { reason: self.reason(context)? },
            Act::Reopen => OrderChange::Reopen { reason: self.reason(context)? },
        })
    }

    /// Takes what is chosen among the offered ones, or else posts what is filled in.
    fn accept(&mut self, context: &mut Context<'_>) {
        if self.form.take_offered(&mut self.completion) {
            return self.form.step(true);
        }
        if self.submission.is_under_way() {
            return context.ring();
        }
        let change = match self.change(context) {
            Ok(change) => change,
            Err((asked, fault)) => {
                self.fault = Some(fault);
                let position = Asked::of(self.act).iter().position(|own| *own == asked);
                self.completion.close();
                self.form.go_to(position.unwrap_or_default());
                return context.ring();
            }
        };
        // An Enter that was typed before the dialog was drawn confirms nothing.
        let Some(confirmed) = self.reviewing.confirm(&self.act) else { return context.ring() };
        context.warn_if_personal([self.text(Asked::Reason)]);
        let number = self.number.clone();
        let write = |id, change: &OrderChange| Write::OrderChange { number, change: change.clone(), id };
        if self.submission.send(change, confirmed, context, write) {
            self.fault = None;
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

    fn ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(_) => {
                let text = context.words.fill(self.act.done(), &[("number", self.number.as_str())]);
                context.tell(Severity::Good, text);
                context.request(Action::Close);
                context.request(Action::Run(Command::Refresh));
            }
            // The line below the fields says so.
            Ended::Unknown(_) => {}
            Ended::Refused(error) => {
                self.fault = Some(failure::words(context.words, error));
                context.ring();
            }
            Ended::NotPosted => self.fault = Some(context.words.say(OrdersText::WasNotPosted).to_owned()),
        }
    }

    /// What the act is about.
    fn head(&self, canvas: &Canvas<'_, '_>) -> String {
        let words = canvas.words;
        let Some(line) = &self.subject else { return words.say(self.act.label()).to_owned() };
        let number = |figure: Decimal| words.language.number(figure);
        let (line_no, ordered) = (line.line_no.to_string(), number(line.quantity));
        let (reserved, moved, open) = (number(line.reserved), number(line.moved), number(line.open));
        let places = [
            ("line", line_no.as_str()),
            ("item", line.sku.as_str()),
            ("ordered", &ordered),
            ("reserved", &reserved),
            ("moved", &moved),
            ("open", &open),
        ];
        format!("{}\n{}", words.say(self.act.label()), words.fill(OrdersText::LineFigures, &places))
    }
}

impl Bound for ActDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.step(true)),
        Binding::One(Command::PreviousField, |view, _| view.step(false)),
        Binding::One(Command::Confirm, |view, context| view.accept(context)),
        Binding::One(Command::Close, |view, context| view.close(context)),
    ]];
}

impl View for ActDialog {
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
        if self.submission.is_under_way() {
            return context.ring();
        }
        if self.form.key(key, context.words) && self.asked() == Some(Asked::Item) {
            let text = self.form.typed(self.form.focus()).unwrap_or_default();
            self.completion.ask(Suggested::Product, text, context);
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

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.ended(&ended, context);
        true
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let count = u16::try_from(self.form.count()).unwrap_or(u16::MAX);
        let height = count.saturating_add(HEAD_LINES + NOTE_LINES + 2);
        let inside = dialog(canvas, area, WIDTH, height, self.number.as_str());
        let head_lines = HEAD_LINES.min(inside.height);
        let head = Paragraph::new(self.head(canvas)).wrap(Wrap { trim: true });
        canvas.frame.render_widget(head, Rect { height: head_lines, ..inside });
        let rest = Rect { y: inside.y + head_lines, height: inside.height - head_lines, ..inside };
        let focused = self.form.draw(rest, canvas, |_, _| "");
        let used = count.min(rest.height);
        let below = Rect { y: rest.y + used, height: rest.height - used, ..rest };
        let note = progress(&self.submission, self.fault.as_deref(), canvas);
        canvas.frame.render_widget(Paragraph::new(Line::from(note)).wrap(Wrap { trim: true }), below);
        if let Some(spot) = focused {
            self.completion.draw_below(spot, area, canvas);
        }
    }
}
