//! Proposes which stock to reserve for order lines. What can be reserved for an order is queried once, by one rule for every
//! proposal (`Store::levels_to_reserve`); the database decides when the proposal is posted.

use rust_decimal::Decimal;

use super::{Allocation, Level, OrderLineId, ReservationChange, Sku};

/// What an order line still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub order_line: OrderLineId,
    pub sku: Sku,
    pub quantity: Decimal,
}

/// The proposed reservations, and what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    pub changes: Vec<ReservationChange>,
    /// Lines for which less is available than they need, with what is missing.
    pub short: Vec<(OrderLineId, Decimal)>,
}

impl Proposal {
    /// Takes what each line needs from the levels, in their order. What one line takes is no longer available to the
    /// next.
    #[must_use]
    pub fn of(needs: &[Need], levels: &[Level]) -> Self {
        let mut left: Vec<(&Level, Decimal)> = levels
            .iter()
            .filter(|level| level.available > Decimal::ZERO)
            .map(|level| (level, level.available))
            .collect();
        let mut proposal = Self::default();
        for need in needs {
            let mut missing = need.quantity;
            for (level, available) in &mut left {
                if missing <= Decimal::ZERO {
                    break;
                }
                if level.sku != need.sku || available.is_zero() {
                    continue;
                }
                let taken = missing.min(*available);
                *available -= taken;
                missing -= taken;
                proposal.changes.push(ReservationChange {
                    order_line: need.order_line,
                    sku: need.sku.clone(),
                    location: level.location.clone(),
                    lot: level.lot.clone(),
                    change: taken,
                });
            }
            if missing > Decimal::ZERO {
                proposal.short.push((need.order_line, missing));
            }
        }
        proposal
    }

    /// Takes what is missing of an allocation from other levels.
    #[must_use]
    pub fn elsewhere(allocation: &Allocation, missing: Decimal, levels: &[Level]) -> Self {
        let is_other = |level: &&Level| level.location != allocation.location || level.lot != allocation.lot;
        let levels: Vec<Level> = levels.iter().filter(is_other).cloned().collect();
        let Allocation { order_line_id, sku, .. } = allocation;
        Self::of(&[Need { order_line: *order_line_id, sku: sku.clone(), quantity: missing }], &levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{level, parsed};

    fn need(line: u8, quantity: i64) -> Need {
        let order_line = parsed(&format!("01930000-0000-7000-8000-00000000000{line}"));
        Need { order_line, sku: parsed("A"), quantity: Decimal::from(quantity) }
    }

    #[test]
    fn lines_share_what_is_available() {
        let mut reserved = level("A", "X", 5);
        (reserved.reserved, reserved.available) = (Decimal::from(3), Decimal::from(2));
        let levels = [reserved, level("B", "X", 9), level("A", "Y", 4)];
        let proposal = Proposal::of(&[need(1, 3), need(2, 4)], &levels);
        let taken: Vec<(String, i64)> = proposal
            .changes
            .iter()
            .map(|change| (change.location.to_string(), change.change.try_into().unwrap()))
            .collect();
        assert_eq!(taken, [("X".to_owned(), 2), ("Y".to_owned(), 1), ("Y".to_owned(), 3)]);
        assert_eq!(proposal.short, [(need(2, 0).order_line, Decimal::ONE)]);
        assert_eq!(Proposal::of(&[need(1, 1)], &[]).short.len(), 1);
    }
}
