//! Lots and serial numbers on a count sheet: asked for where a product needs one, and a scanned one brings its product.

use rust_decimal::Decimal;

use super::SheetScreen;
use crate::domain::{LocationCode, LotCode, ScannedLot, StockRow, Tracking};
use crate::tui::text::form::FormText;
use crate::tui::text::sheet::SheetText;
use crate::tui::view::{Context, Severity};

/// Scanned goods that require a lot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LotQuestion {
    pub(super) product: StockRow,
    pub(super) quantity: Decimal,
    pub(super) place: LocationCode,
}

impl SheetScreen {
    pub(super) fn accept_lot(&mut self, text: &str, context: &mut Context<'_>) {
        let Ok(lot) = text.parse::<LotCode>() else {
            self.say_phrase(Severity::Bad, SheetText::BadLot, context);
            return;
        };
        // The next product may have been scanned before anybody saw the question.
        if self.is_product_code(text) {
            self.lot.preselect();
            let sku = self.lot_question.as_ref().map(|question| question.product.sku.clone());
            let places = [("code", text), ("item", sku.as_deref().unwrap_or_default())];
            let text = context.words.fill(SheetText::LotNotProduct, &places);
            self.say(Severity::Bad, text, context);
            return;
        }
        let Some(question) = self.lot_question.take() else { return };
        self.lot.take();
        self.count_lot(&question, &lot, context);
    }

    /// Counts goods of a lot on its line, or adds one.
    fn count_lot(&mut self, goods: &LotQuestion, lot: &LotCode, context: &mut Context<'_>) {
        let LotQuestion { product, quantity, place } = goods;
        let Some(draft) = &self.draft else { return };
        let rows = draft.lines.rows();
        let is_lot = |at: &&usize| rows.get(**at).is_some_and(|row| row.line.lot.as_ref() == Some(lot));
        let found = draft.of_product(&product.sku, self.here.as_ref());
        let near = |at: &&usize| is_lot(at) && rows.get(**at).is_some_and(|row| row.line.location == *place);
        match found.iter().find(near).or_else(|| found.iter().find(is_lot)).copied() {
            Some(position) => self.count_more(position, *quantity, false, context),
            None => self.add(product, *quantity, place, Some(lot), context),
        }
    }

    /// A scanned code is that of a lot or serial number: counts its product, one on the sheet before others.
    pub(super) fn lots_found(
        &mut self,
        text: &str,
        found: &[ScannedLot],
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        let (Some(draft), Some(place)) = (&self.draft, self.place_now()) else { return };
        let on_sheet = |lot: &&ScannedLot| draft.lines.rows().iter().any(|row| row.line.sku == lot.row.sku);
        let expected: Vec<&ScannedLot> = found.iter().filter(on_sheet).collect();
        let candidates = if expected.is_empty() { found.iter().collect() } else { expected };
        let fault = match candidates.as_slice() {
            [lot] if is_elsewhere(lot, &place) => {
                let held_at: Vec<String> = lot.held_at.iter().map(ToString::to_string).collect();
                let fields = [
                    ("lot", lot.lot.as_str()),
                    ("sku", lot.row.sku.as_str()),
                    ("places", &*held_at.join(", ")),
                    ("from", place.as_str()),
                ];
                context.words.fill(FormText::LotElsewhere, &fields)
            }
            [lot] => {
                let goods = LotQuestion { product: lot.row.clone(), quantity: number, place };
                let lot = lot.lot.clone();
                return self.count_lot(&goods, &lot, context);
            }
            several => {
                let skus: Vec<String> = several.iter().map(|lot| lot.row.sku.to_string()).collect();
                context.words.fill(FormText::LotOfSeveral, &[("lot", text), ("skus", &*skus.join(", "))])
            }
        };
        self.say(Severity::Bad, fault, context);
    }
}

/// Whether it is a serial number that is on hand at another location, where it has to leave before it can be counted here.
fn is_elsewhere(lot: &ScannedLot, place: &LocationCode) -> bool {
    lot.row.tracking == Tracking::Serial && !lot.held_at.is_empty() && !lot.held_at.contains(place)
}
