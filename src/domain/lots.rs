//! Chooses the lots that an issue or transfer takes if none is named: those that expire first. The service posts by
//! this rule, and the forms show by it which lots will be taken.

use rust_decimal::Decimal;

use super::{BlockedBy, Level, LotCode};

/// The lots of one product at one location that may be taken, the first to expire first.
#[derive(Debug, Clone, Default)]
pub struct LotStock {
    lots: Vec<(LotCode, Decimal)>,
    expired: Decimal,
}

/// The quantity taken from one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenLot {
    pub lot: LotCode,
    pub quantity: Decimal,
}

/// The error when there is less than is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLittle {
    /// The quantity that could have been taken.
    pub have: Decimal,
    /// The quantity on hand in expired lots, which is not taken.
    pub expired: Decimal,
}

impl LotStock {
    /// From the levels of a product at a location, those that expire first at the front. Reserved quantities and
    /// expired lots are left out. Goods in quarantine are included: whoever takes from such a location has named it.
    #[must_use]
    pub fn of(levels: &[Level]) -> Self {
        let mut stock = Self::default();
        for level in levels.iter().filter(|level| level.on_hand > level.reserved) {
            let free = level.on_hand - level.reserved;
            match (&level.lot, level.blocked_by) {
                (Some(_), Some(BlockedBy::Expired)) => stock.expired += free,
                (Some(lot), _) => stock.lots.push((lot.clone(), free)),
                (None, _) => {}
            }
        }
        stock
    }

    /// Subtracts a quantity from a lot that somebody has named.
    pub fn set_aside(&mut self, lot: &LotCode, quantity: Decimal) {
        if let Some((_, left)) = self.lots.iter_mut().find(|(code, _)| code == lot) {
            *left = (*left - quantity).max(Decimal::ZERO);
        }
    }

    /// Takes a quantity from the lots, in their order.
    ///
    /// # Errors
    /// [`TooLittle`] if there is less; the lots have been emptied in that case.
    pub fn take(&mut self, quantity: Decimal) -> Result<Vec<TakenLot>, TooLittle> {
        let mut needed = quantity;
        let mut taken = Vec::new();
        for (lot, left) in self.lots.iter_mut().filter(|(_, left)| *left > Decimal::ZERO) {
            let part = needed.min(*left);
            taken.push(TakenLot { lot: lot.clone(), quantity: part });
            *left -= part;
            needed -= part;
            if needed.is_zero() {
                return Ok(taken);
            }
        }
        Err(TooLittle { have: quantity - needed, expired: self.expired })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{level, some};

    fn lot(code: &str, on_hand: i64, blocked_by: Option<BlockedBy>) -> Level {
        Level { lot: some(code), blocked_by, ..level("TEA", "A-01", on_hand) }
    }

    fn parts(taken: &[TakenLot]) -> Vec<(String, Decimal)> {
        taken.iter().map(|taken| (taken.lot.to_string(), taken.quantity)).collect()
    }

    #[test]
    fn lots_are_taken_in_order_and_expired_ones_are_not() {
        let mut stock = LotStock::of(&[
            lot("OLD", 14, Some(BlockedBy::Expired)),
            lot("L1", 4, None),
            lot("L2", 10, Some(BlockedBy::Quarantine)),
        ]);
        stock.set_aside(&"L1".parse().unwrap(), 1.into());
        let taken = stock.take(5.into()).unwrap();
        assert_eq!(parts(&taken), [("L1".to_owned(), 3.into()), ("L2".to_owned(), 2.into())]);
        assert_eq!(stock.take(9.into()), Err(TooLittle { have: 8.into(), expired: 14.into() }));
    }
}
