//! The lines of an order that is entered: scanned, typed by name, or pasted from a spreadsheet.

use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::OrderForm;
use super::line_dialog::LineEdit;
use crate::domain::{
    LINES_MAX, NewOrderLine, OrderLine, Quantity, Scanned, Sku, StockRow, Suggested, UnitPrice,
};
use crate::tui::screens::form::scan_of;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::LookedUp;

/// How long nothing is typed before suggestions are asked for. A scanner is faster.
const PAUSE: SignedDuration = SignedDuration::from_millis(250);
/// The fewest characters that suggestions are asked for.
const CHARACTERS_MIN: usize = 2;

/// A line as it is entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FormLine {
    pub sku: Sku,
    pub name: String,
    pub unit: String,
    pub decimals: u32,
    pub quantity: Quantity,
    pub unit_price: Option<UnitPrice>,
    pub over_percent: Decimal,
}

impl FormLine {
    /// A line of a draft.
    pub(super) fn of(line: &OrderLine) -> Self {
        let NewOrderLine { sku, quantity, unit_price, over_percent } = line.into();
        Self {
            sku,
            name: line.name.to_string(),
            unit: line.unit.to_string(),
            decimals: Quantity::DECIMALS_MAX,
            quantity,
            unit_price,
            over_percent,
        }
    }

    pub(super) fn line(&self) -> NewOrderLine {
        NewOrderLine {
            sku: self.sku.clone(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            over_percent: self.over_percent,
        }
    }

    /// What the line costs, if it has a price.
    pub(super) fn amount(&self) -> Option<Decimal> {
        self.unit_price.map(|price| price.value().saturating_mul(self.quantity.value()))
    }
}

impl OrderForm {
    /// Looks up what was scanned or typed.
    pub(super) fn scanned(&mut self, text: &str, context: &mut Context<'_>) {
        self.fault = None;
        self.queue.ask((), text, context);
    }

    /// Takes a block of rows, each with a code, a tab and a quantity, as a spreadsheet copies them.
    pub(super) fn take_rows(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        if !self.scanning || self.review.is_some() || self.submission.is_under_way() || !text.contains('\t') {
            return false;
        }
        let mark = context.words.mark;
        for row in text.lines().filter(|row| !row.trim().is_empty()).take(LINES_MAX) {
            self.scanned(&scan_of(row, mark), context);
        }
        true
    }

    /// Takes what has been looked up, in the order of the scans.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        while let Some(LookedUp { text, found, times, .. }) = self.queue.next(|_| true) {
            let wrong = match found {
                Ok(Scanned::Product { row, pack_quantity }) => {
                    match self.count(&row, times.saturating_mul(pack_quantity).normalize()) {
                        Ok(()) => continue,
                        Err(phrase) => context.words.fill(phrase, &[("code", row.sku.as_str())]),
                    }
                }
                Ok(_) => context.words.fill(OrdersText::NoProduct, &[("code", &text)]),
                Err(error) => failure::words(context.words, &error),
            };
            // Several may be wrong, as of a pasted block; each is said.
            context.tell(Severity::Bad, wrong);
            context.ring();
        }
    }

    /// Adds units to the line of a product, or a line of its own.
    fn count(&mut self, row: &StockRow, units: Decimal) -> Result<(), OrdersText> {
        let at = self.lines.rows().iter().position(|line| line.sku == row.sku);
        let before = at.map_or(Decimal::ZERO, |at| self.lines.rows()[at].quantity.value());
        let sum = before.saturating_add(units);
        if sum.normalize().scale() > u32::from(row.decimals) {
            return Err(OrdersText::TooManyDecimals);
        }
        let quantity = Quantity::new(sum).map_err(|_| OrdersText::TooMuch)?;
        let mut lines = self.lines.rows().to_vec();
        let at = match at {
            Some(at) => {
                lines[at].quantity = quantity;
                lines[at].decimals = u32::from(row.decimals);
                at
            }
            None if lines.len() >= LINES_MAX => return Err(OrdersText::FormFull),
            None => {
                lines.push(FormLine {
                    sku: row.sku.clone(),
                    name: row.name.to_string(),
                    unit: row.unit.to_string(),
                    decimals: u32::from(row.decimals),
                    quantity,
                    unit_price: None,
                    over_percent: Decimal::ZERO,
                });
                lines.len() - 1
            }
        };
        let sku = lines[at].sku.clone();
        self.lines.replace(lines, |old, new| old.sku == new.sku);
        let at = self.lines.rows().iter().position(|line| line.sku == sku);
        self.lines.select(at.unwrap_or_default());
        Ok(())
    }

    /// Removes the selected line.
    pub(super) fn remove_line(&mut self, context: &mut Context<'_>) {
        let at = self.lines.cursor();
        if self.review.is_some() || self.submission.is_under_way() || self.lines.selected().is_none() {
            return context.ring();
        }
        let mut lines = self.lines.rows().to_vec();
        lines.remove(at);
        self.lines.replace(lines, |old, new| old.sku == new.sku);
    }

    /// Takes what the dialog of a line says.
    pub(super) fn take_edit(&mut self, edit: LineEdit) {
        if let Some(line) = self.lines.rows_mut().get_mut(edit.position) {
            line.quantity = edit.quantity;
            line.unit_price = edit.unit_price;
            line.over_percent = edit.over_percent;
        }
    }

    /// Asks for products after a pause, if the text can be a name: digits alone are a code.
    pub(super) fn suggest_later(&mut self, context: &Context<'_>) {
        self.completion.close();
        let text = self.scan.text().trim();
        let is_name = text.chars().count() >= CHARACTERS_MIN && text.chars().any(char::is_alphabetic);
        self.suggest_at = is_name.then(|| context.now.saturating_add(PAUSE).unwrap_or(context.now));
    }

    pub(super) fn suggest_if_due(&mut self, context: &mut Context<'_>) {
        if self.suggest_at.take_if(|at| *at <= context.now).is_some() && self.scanning {
            self.completion.ask(Suggested::Product, self.scan.text(), context);
        }
    }

    pub(super) fn stop_suggesting(&mut self) {
        self.completion.close();
        self.suggest_at = None;
    }
}
