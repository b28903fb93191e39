//! The form as a posting: what is still missing, and the basket that is sent.

use super::edit::LineField;
use super::line::{Entry, Goods, LineKey};
use super::place::{End, State};
use super::post::Trouble;
use super::{Focus, FormScreen};
use crate::domain::{Basket, BasketLine, Details, LINES_MAX, Quantity, Tracking};
use crate::tui::text::form::FormText;
use crate::tui::view::Context;

impl FormScreen {
    /// Checks whether the form can be posted; otherwise returns what must be corrected, and where.
    pub(super) fn check(&mut self, context: &mut Context<'_>) -> Result<Basket, Trouble> {
        let words = context.words;
        let say = |phrase: FormText| words.say(phrase).to_owned();
        if self.lines.is_empty() {
            return Err(Trouble::new(None, say(FormText::NothingToPost)));
        }
        if self.lines.all().iter().any(|line| line.entry == Entry::Failed) {
            self.ask_again(context);
            return Err(Trouble::new(None, say(FormText::AskedAgain)));
        }
        for end in End::of(self.kind) {
            match &self.place(*end).state {
                State::Known(..) => {}
                State::Wrong(why) => return Err(Trouble::new(Some(Focus::Place(*end)), why.clone())),
                State::Open | State::Asked | State::Failed => {
                    self.ask_again(context);
                    let phrase = if *end == End::From { FormText::NoFrom } else { FormText::NoTo };
                    return Err(Trouble::new(Some(Focus::Place(*end)), say(phrase)));
                }
            }
        }
        for focus in [Focus::Partner, Focus::Reference, Focus::Reason] {
            if let Some(why) = self.wrong_detail(focus, context) {
                return Err(Trouble::new(Some(focus), why));
            }
        }
        let mut lines = Vec::with_capacity(self.lines.all().len());
        for line in self.lines.all() {
            let key = line.key;
            match &line.entry {
                Entry::Goods(goods) => {
                    if let Some((field, phrase)) = self.missing(goods) {
                        let why = words.fill(phrase, &[("sku", goods.sku.as_str())]);
                        return Err(Trouble::of_line(key, field, why));
                    }
                    lines.extend(self.basket_lines(goods));
                }
                Entry::Wrong { why } => return Err(Trouble::of_line(key, None, why.clone())),
                Entry::Looking | Entry::Failed => {
                    return Err(Trouble::of_line(key, None, say(FormText::StillLooking)));
                }
            }
        }
        let lines = self.share(lines, words)?;
        if lines.len() > LINES_MAX {
            let most = words.language.number(LINES_MAX.into());
            let count = words.language.number(lines.len().into());
            let why = words.fill(FormText::TooManyLines, &[("n", &count), ("most", &most)]);
            return Err(Trouble::new(None, why));
        }
        Ok(self.basket(lines))
    }

    /// The field that the line still requires, and the message about it.
    fn missing(&self, goods: &Goods) -> Option<(Option<LineField>, FormText)> {
        match goods.tracking {
            Tracking::Lot if self.takes_new_lots() && goods.lot.is_none() => {
                Some((None, FormText::LotMissing))
            }
            Tracking::Serial if goods.serials.is_empty() => {
                Some((Some(LineField::Serials), FormText::SerialsMissing))
            }
            _ => None,
        }
    }

    fn basket_lines(&self, goods: &Goods) -> Vec<BasketLine> {
        let line = |quantity: Quantity, lot| BasketLine {
            sku: goods.sku.clone(),
            quantity,
            lot,
            expires: goods.expires,
            unit_price: goods.unit_price,
            order_line: None,
        };
        let one = Quantity::new(rust_decimal::Decimal::ONE);
        match (goods.tracking, one, Quantity::new(goods.quantity)) {
            (Tracking::Serial, Ok(one), _) => {
                goods.serials.iter().map(|serial| line(one, Some(serial.clone()))).collect()
            }
            (_, _, Ok(quantity)) => vec![line(quantity, goods.lot.clone())],
            // Quantities are checked when they are typed or counted, so no other fault is possible.
            _ => Vec::new(),
        }
    }

    fn basket(&self, lines: Vec<BasketLine>) -> Basket {
        let place =
            |end: End| End::of(self.kind).contains(&end).then(|| self.place(end).code().cloned()).flatten();
        let number = self.order().and_then(|order| order.row.number.as_str().parse().ok());
        let details = Details {
            id: None,
            // An empty field is none of these, and unreadable text was refused before.
            reference: self.reference.text().parse().ok().or(number),
            reason: self.reason.text().parse().ok(),
            partner: self.partner.text().parse().ok(),
        };
        Basket { kind: self.kind, from: place(End::From), to: place(End::To), lines, details }
    }

    /// The line that a refusal refers to.
    pub(super) fn line_of(&self, sku: &str, lot: Option<&str>) -> Option<LineKey> {
        let of_lot = |goods: &Goods| {
            let serial = goods.serials.iter().any(|serial| Some(serial.as_str()) == lot);
            serial || goods.lot.as_ref().map(|code| code.as_str()) == lot
        };
        let of_sku: Vec<(LineKey, &Goods)> =
            self.lines.goods().filter(|(_, goods)| goods.sku.as_str() == sku).collect();
        of_sku.iter().find(|(_, goods)| of_lot(goods)).or(of_sku.first()).map(|(key, _)| *key)
    }
}
