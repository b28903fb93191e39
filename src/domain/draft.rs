//! What has to be done to a draft so that it becomes another.

use super::NewOrderLine;

/// The changes that make of the lines of a draft those that are wanted. Lines are named by their positions, counted from
/// 0, among the known ones or the wanted ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineChanges {
    /// Known lines that are not wanted.
    pub removed: Vec<usize>,
    /// Known lines that become others, each with the wanted one.
    pub changed: Vec<(usize, usize)>,
    /// Wanted lines that are not known.
    pub added: Vec<usize>,
}

impl LineChanges {
    /// Finds each wanted line among the known ones by its product, because the product of a line stays. Where several lines
    /// have the same product, those that are alike in everything are the same, and the others follow in their order.
    #[must_use]
    pub fn of(known: &[NewOrderLine], wanted: &[NewOrderLine]) -> Self {
        let mut free: Vec<usize> = (0..known.len()).collect();
        let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
        for alike in [true, false] {
            for (place, line) in found.iter_mut().zip(wanted).filter(|(place, _)| place.is_none()) {
                let fits = |at: &usize| known[*at].sku == line.sku && (!alike || known[*at] == *line);
                if let Some(at) = free.iter().position(fits) {
                    *place = Some(free.remove(at));
                }
            }
        }
        let mut changes = Self { removed: free, ..Self::default() };
        for (position, place) in found.into_iter().enumerate() {
            match place {
                Some(at) if known[at] == wanted[position] => {}
                Some(at) => changes.changed.push((at, position)),
                None => changes.added.push(position),
            }
        }
        changes
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changed.is_empty() && self.added.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::samples::parsed;

    fn lines(lines: &[(&str, &str)]) -> Vec<NewOrderLine> {
        let line = |(sku, quantity): &(&str, &str)| NewOrderLine {
            sku: parsed(sku),
            quantity: parsed(quantity),
            unit_price: None,
            over_percent: Decimal::ZERO,
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn lines_are_found_by_their_product() {
        let known = lines(&[("A", "10"), ("B", "5"), ("C", "1")]);
        assert!(LineChanges::of(&known, &known).is_empty());
        let wanted = lines(&[("C", "1.0"), ("D", "2"), ("A", "11")]);
        let changes = LineChanges::of(&known, &wanted);
        assert_eq!((changes.removed, changes.changed, changes.added), (vec![1], vec![(0, 2)], vec![1]));
        assert_eq!(LineChanges::of(&known, &[]).removed, [0, 1, 2]);
    }

    #[test]
    fn of_several_lines_of_a_product_those_that_are_alike_stay() {
        let known = lines(&[("A", "10"), ("A", "5"), ("A", "3")]);
        let changes = LineChanges::of(&known, &lines(&[("A", "5")]));
        assert_eq!((changes.removed, changes.changed), (vec![0, 2], vec![]));
        let changes = LineChanges::of(&known, &lines(&[("A", "5"), ("A", "7"), ("A", "10"), ("A", "1")]));
        assert_eq!((changes.removed, changes.changed, changes.added), (vec![], vec![(2, 1)], vec![3]));
    }
}
