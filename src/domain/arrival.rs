//! Distribution of goods received for an order over its lines: first over the open quantities, then over the permitted
//! over-delivery.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{OrderLine, Sku};

impl OrderLine {
    /// Units that may still be moved: the ordered quantity and the permitted over-delivery, less what has moved and
    /// what is reserved.
    #[must_use]
    pub fn room(&self) -> Decimal {
        let most = self.quantity * (Decimal::ONE + self.over_percent / Decimal::ONE_HUNDRED);
        (most - self.moved - self.reserved).max(Decimal::ZERO)
    }
}

/// The quantities that the lines of an order can still receive.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    lines: Vec<Share<'a>>,
}

#[derive(Debug, Clone)]
struct Share<'a> {
    line: &'a OrderLine,
    /// Units that are still expected.
    open: Decimal,
    /// The most units that the line can receive, over-delivery included.
    room: Decimal,
}

impl<'a> Arrival<'a> {
    /// The quantities that these lines can receive.
    #[must_use]
    pub fn of(lines: &'a [OrderLine]) -> Self {
        let share = |line: &'a OrderLine| Share { line, open: line.open.min(line.room()), room: line.room() };
        Self { lines: lines.iter().map(share).collect() }
    }

    /// The most units of a product that the lines can receive, where its quantities have `decimals` decimal places.
    #[must_use]
    pub fn room(&self, sku: &Sku, decimals: u32) -> Decimal {
        self.lines
            .iter()
            .filter(|share| share.line.sku == *sku)
            .map(|share| whole(share.room, decimals))
            .sum()
    }

    /// Distributes units of a product over its lines, in parts with `decimals` decimal places. Returns `None`, and
    /// distributes nothing, if the lines cannot receive all of them.
    pub fn take(
        &mut self,
        sku: &Sku,
        quantity: Decimal,
        decimals: u32,
    ) -> Option<Vec<(&'a OrderLine, Decimal)>> {
        if quantity > self.room(sku, decimals) {
            return None;
        }
        let (mut missing, mut taken) = (quantity, vec![Decimal::ZERO; self.lines.len()]);
        for expected in [true, false] {
            for (share, taken) in self.lines.iter_mut().zip(&mut taken) {
                if share.line.sku != *sku {
                    continue;
                }
                let most = if expected { share.open } else { share.room };
                let part = missing.min(whole(most, decimals));
                share.open = (share.open - part).max(Decimal::ZERO);
                share.room -= part;
                missing -= part;
                *taken += part;
            }
        }
        let parts = self.lines.iter().zip(taken).filter(|(_, taken)| *taken > Decimal::ZERO);
        Some(parts.map(|(share, taken)| (share.line, taken)).collect())
    }
}

/// Rounds down to `decimals` decimal places.
fn whole(units: Decimal, decimals: u32) -> Decimal {
    units.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{order_line, parsed};

    fn taken(arrival: &mut Arrival<'_>, quantity: i64) -> Option<Vec<(i32, Decimal)>> {
        let parts = arrival.take(&parsed("A"), Decimal::from(quantity), 0)?;
        Some(parts.into_iter().map(|(line, quantity)| (line.line_no, quantity)).collect())
    }

    #[test]
    fn open_lines_are_filled_before_over_delivery() {
        let mut first = order_line(1, "A", 10, 4);
        first.over_percent = Decimal::from(20);
        let lines = [first, order_line(2, "B", 5, 0), order_line(3, "A", 3, 0)];
        let mut arrival = Arrival::of(&lines);
        assert_eq!(arrival.room(&parsed("A"), 0), Decimal::from(11));
        assert_eq!(taken(&mut arrival, 4), Some(vec![(1, Decimal::from(4))]));
        assert_eq!(taken(&mut arrival, 6), Some(vec![(1, Decimal::from(3)), (3, Decimal::from(3))]));
        assert_eq!(taken(&mut arrival, 2), None, "nothing is shared when not all of it has room");
        assert_eq!(taken(&mut arrival, 1), Some(vec![(1, Decimal::ONE)]));
        assert_eq!(arrival.room(&parsed("A"), 0), Decimal::ZERO);
        assert_eq!(arrival.room(&parsed("B"), 0), Decimal::from(5));
        assert_eq!(arrival.room(&parsed("C"), 0), Decimal::ZERO);
    }

    #[test]
    fn what_is_counted_in_pieces_is_not_split_within_one() {
        let over = |line_no| OrderLine { over_percent: Decimal::TEN, ..order_line(line_no, "A", 5, 0) };
        let lines = [over(1), over(2)];
        let mut arrival = Arrival::of(&lines);
        assert_eq!(arrival.room(&parsed("A"), 0), Decimal::TEN);
        assert_eq!(arrival.room(&parsed("A"), 1), Decimal::from(11));
        assert_eq!(taken(&mut arrival, 11), None);
        assert_eq!(taken(&mut arrival, 10), Some(vec![(1, Decimal::from(5)), (2, Decimal::from(5))]));
    }

    #[test]
    fn a_line_that_got_more_than_was_ordered_has_no_room() {
        assert_eq!(order_line(1, "A", 10, 12).room(), Decimal::ZERO);
        let mut over = order_line(1, "A", 10, 10);
        over.over_percent = Decimal::new(5, 0);
        assert_eq!(over.room(), Decimal::new(5, 1));
    }
}
