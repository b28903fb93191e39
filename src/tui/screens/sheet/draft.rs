//! A count that is not posted yet: the recorded quantities, the counted ones, and the steps to undo.
//!
//! Boundary: values only. Knows nothing of keys, queries and drawing.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::kept::KeptLine;
use crate::domain::{LocationCode, LotCode, Quantity, SheetFigure, SheetLine, Sku, StockRow, Tracking};
use crate::tui::widgets::List;

/// How many steps can be undone.
const UNDO_MAX: usize = 1_000;

/// The count of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub counted: Decimal,
    /// The recorded quantity when it was counted; if it is another one at the time of posting, goods have moved in
    /// between, and it is unknown whether before or after the counting.
    pub seen: Decimal,
}

/// One line of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct CountLine {
    /// The present recorded quantity.
    pub line: SheetLine,
    /// The count, if there is one.
    pub tally: Option<Tally>,
    /// Whether no stock is recorded there, and the line was added because goods were found.
    pub added: bool,
}

/// Identifies a line: location, product and lot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    pub location: LocationCode,
    pub sku: Sku,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
}

impl CountLine {
    /// The identity of the line.
    #[must_use]
    pub fn spot(&self) -> Spot {
        let line = &self.line;
        Spot { location: line.location.clone(), sku: line.sku.clone(), lot: line.lot.clone() }
    }

    /// The counted minus the recorded quantity: above zero if more was found.
    #[must_use]
    pub fn difference(&self) -> Option<Decimal> {
        self.tally.map(|tally| tally.counted - tally.seen)
    }

    /// The recorded quantity when it was counted, if it is another one now.
    #[must_use]
    pub fn moved(&self) -> Option<Decimal> {
        self.tally.map(|tally| tally.seen).filter(|seen| *seen != self.line.on_hand)
    }
}

/// Why a quantity is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    Negative,
    /// More than can be posted.
    TooLarge,
    /// It has more decimal places than the product allows.
    TooPrecise {
        decimals: u32,
    },
    /// A serial number is counted as 0 or 1.
    NotASerial,
}

/// A state to return to.
#[derive(Debug, Clone, PartialEq)]
struct Undo {
    spot: Spot,
    before: Option<Tally>,
    /// Whether the step added the line, so that undoing it removes the line.
    added: bool,
}

/// A count sheet in progress: its location, its lines, and the steps that can be undone.
#[derive(Debug)]
pub struct Draft {
    /// The location of the sheet.
    pub location: LocationCode,
    /// The lines, ordered by location, product and lot.
    pub lines: List<CountLine>,
    undo: Vec<Undo>,
    /// How often a count was changed.
    changes: u64,
}

fn in_order(lines: &mut [CountLine]) {
    // Lots that never expire come last, as on the server.
    lines.sort_by(|left, right| {
        let key = |line: &CountLine| {
            let line = &line.line;
            let expiry = (line.expires_on.is_none(), line.expires_on);
            (line.location.clone(), line.sku.clone(), expiry, line.lot.clone())
        };
        key(left).cmp(&key(right))
    });
}

impl Draft {
    /// A sheet of these lines, none of which is counted yet.
    #[must_use]
    pub fn new(location: LocationCode, lines: Vec<SheetLine>) -> Self {
        let mut rows: Vec<CountLine> =
            lines.into_iter().map(|line| CountLine { line, tally: None, added: false }).collect();
        in_order(&mut rows);
        Self { location, lines: List::new(rows), undo: Vec::new(), changes: 0 }
    }

    /// Updates the recorded quantities. Counts are kept, and the cursor stays on its line.
    pub fn refresh(&mut self, lines: Vec<SheetLine>) {
        let mut old: HashMap<Spot, CountLine> =
            self.lines.rows().iter().map(|line| (line.spot(), line.clone())).collect();
        let mut rows: Vec<CountLine> = Vec::with_capacity(lines.len());
        for line in lines {
            let mut row = CountLine { line, tally: None, added: false };
            row.tally = old.remove(&row.spot()).and_then(|old| old.tally);
            rows.push(row);
        }
        // The other lines have no recorded stock any more. They are kept only if they were counted or added.
        rows.extend(old.into_values().filter(|line| line.tally.is_some() || line.added).map(|mut line| {
            line.line.on_hand = Decimal::ZERO;
            line
        }));
        in_order(&mut rows);
        self.lines.replace(rows, |old, new| {
            (&old.line.sku, &old.line.location, &old.line.lot)
                == (&new.line.sku, &new.line.location, &new.line.lot)
        });
    }

    /// The position of a line.
    #[must_use]
    pub fn position(&self, spot: &Spot) -> Option<usize> {
        self.lines.rows().iter().position(|line| {
            line.line.sku == spot.sku && line.line.location == spot.location && line.line.lot == spot.lot
        })
    }

    /// The lines of a product, at one location or all.
    #[must_use]
    pub fn of_product(&self, sku: &Sku, place: Option<&LocationCode>) -> Vec<usize> {
        let fits = |line: &SheetLine| line.sku == *sku && place.is_none_or(|place| line.location == *place);
        let rows = self.lines.rows().iter().enumerate();
        rows.filter(|(_, row)| fits(&row.line)).map(|(position, _)| position).collect()
    }

    fn remember(&mut self, position: usize, added: bool) {
        self.changes += 1;
        let Some(line) = self.lines.rows().get(position) else { return };
        if self.undo.len() == UNDO_MAX {
            self.undo.remove(0);
        }
        self.undo.push(Undo { spot: line.spot(), before: line.tally, added });
    }

    /// Sets the count of a line.
    ///
    /// # Errors
    /// [`Unfit`] if the product does not allow it; nothing is changed.
    pub fn count(&mut self, position: usize, counted: Decimal) -> Result<(), Unfit> {
        let Some(row) = self.lines.rows().get(position) else { return Ok(()) };
        fits(&row.line, counted)?;
        self.remember(position, false);
        if let Some(row) = self.lines.rows_mut().get_mut(position) {
            row.tally = Some(Tally { counted, seen: row.line.on_hand });
        }
        Ok(())
    }

    /// Adds to the count of a line, as a scan does.
    ///
    /// # Errors
    /// [`Unfit`] if the product does not allow as many; nothing is changed.
    pub fn count_more(&mut self, position: usize, more: Decimal, added: bool) -> Result<(), Unfit> {
        let Some(row) = self.lines.rows().get(position) else { return Ok(()) };
        // An earlier count refers to the quantities recorded at that time.
        let tally = match row.tally {
            Some(tally) => Tally { counted: tally.counted + more, ..tally },
            None => Tally { counted: more, seen: row.line.on_hand },
        };
        fits(&row.line, tally.counted)?;
        self.remember(position, added);
        if let Some(row) = self.lines.rows_mut().get_mut(position) {
            row.tally = Some(tally);
        }
        Ok(())
    }

    /// Removes the count of a line. A line that was added is removed with it.
    pub fn clear(&mut self, position: usize) {
        self.changes += 1;
        let Some(row) = self.lines.rows().get(position) else { return };
        if row.added {
            let spot = row.spot();
            self.undo.retain(|undo| undo.spot != spot);
            self.remove(position);
        } else if row.tally.is_some() {
            self.remember(position, false);
            if let Some(row) = self.lines.rows_mut().get_mut(position) {
                row.tally = None;
            }
        }
    }

    fn remove(&mut self, position: usize) {
        let mut rows = self.lines.rows().to_vec();
        rows.remove(position);
        self.lines.replace(rows, |old, new| old.spot() == new.spot());
    }

    /// Undoes the latest step and moves the cursor to its line. Returns the line as it is then.
    pub fn undo(&mut self) -> Option<CountLine> {
        let undo = self.undo.pop()?;
        self.changes += 1;
        let position = self.position(&undo.spot)?;
        if let Some(row) = self.lines.rows_mut().get_mut(position) {
            row.tally = undo.before;
        }
        self.lines.select(position);
        let line = self.lines.rows().get(position).cloned();
        if undo.added {
            self.remove(position);
        }
        line
    }

    /// Adds goods that are not recorded there, and returns the position of the line.
    pub fn add(&mut self, product: &StockRow, place: &LocationCode, lot: Option<&LotCode>) -> usize {
        let line = SheetLine {
            sku: product.sku.clone(),
            name: product.name.clone(),
            unit: product.unit.clone(),
            decimals: product.decimals,
            tracking: product.tracking,
            location: place.clone(),
            lot: lot.cloned(),
            expires_on: None,
            on_hand: Decimal::ZERO,
            last_counted_at: None,
        };
        let row = CountLine { line, tally: None, added: true };
        let spot = row.spot();
        let mut rows = self.lines.rows().to_vec();
        rows.push(row);
        in_order(&mut rows);
        self.lines.replace(rows, |old, new| old.spot() == new.spot());
        self.position(&spot).unwrap_or_default()
    }

    /// How often a count was changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The counted lines as they are saved.
    pub(super) fn kept(&self) -> Vec<KeptLine> {
        let kept = |row: &CountLine| {
            let (line, tally) = (&row.line, row.tally?);
            Some(KeptLine {
                location: line.location.clone(),
                sku: line.sku.clone(),
                lot: line.lot.clone(),
                counted: tally.counted,
                seen: tally.seen,
                name: line.name.clone(),
                unit: line.unit.clone(),
                decimals: line.decimals,
                tracking: line.tracking,
            })
        };
        self.lines.rows().iter().filter_map(kept).collect()
    }

    /// Restores a saved count, with the recorded quantity of that time.
    pub(super) fn restore(&mut self, kept: &KeptLine) {
        self.changes += 1;
        let spot = Spot { location: kept.location.clone(), sku: kept.sku.clone(), lot: kept.lot.clone() };
        let position = self.position(&spot).unwrap_or_else(|| {
            let product = StockRow {
                sku: kept.sku.clone(),
                name: kept.name.clone(),
                unit: kept.unit.clone(),
                decimals: kept.decimals,
                category: None,
                tracking: kept.tracking,
                reorder_point: None,
                on_hand: Decimal::ZERO,
                available: Decimal::ZERO,
                places: 0,
                expires_on: None,
            };
            self.add(&product, &kept.location, kept.lot.as_ref())
        });
        if let Some(row) = self.lines.rows_mut().get_mut(position) {
            row.tally = Some(Tally { counted: kept.counted, seen: kept.seen });
        }
    }

    /// The lines that have a count, matching or not.
    pub fn counted(&self) -> impl Iterator<Item = &CountLine> {
        self.lines.rows().iter().filter(|line| line.tally.is_some())
    }

    /// The counted lines that differ from the recorded quantity.
    pub fn differing(&self) -> impl Iterator<Item = &CountLine> {
        self.counted().filter(|line| line.difference().is_some_and(|difference| !difference.is_zero()))
    }

    /// The first line of which goods have moved since it was counted.
    #[must_use]
    pub fn first_moved(&self) -> Option<usize> {
        self.lines.rows().iter().position(|line| line.moved().is_some())
    }

    /// The counts to post, including matching ones.
    #[must_use]
    pub fn figures(&self) -> Vec<SheetFigure> {
        let figure = |line: &CountLine, tally: Tally| SheetFigure {
            sku: line.line.sku.clone(),
            location: line.line.location.clone(),
            lot: line.line.lot.clone(),
            counted: tally.counted,
            seen: Some(tally.seen),
        };
        self.counted().filter_map(|line| line.tally.map(|tally| figure(line, tally))).collect()
    }
}

fn fits(line: &SheetLine, counted: Decimal) -> Result<(), Unfit> {
    let decimals = u32::from(line.decimals);
    if counted < Decimal::ZERO {
        Err(Unfit::Negative)
    } else if counted > Quantity::largest() {
        Err(Unfit::TooLarge)
    } else if counted.normalize().scale() > decimals {
        Err(Unfit::TooPrecise { decimals })
    } else if line.tracking == Tracking::Serial && counted > Decimal::ONE {
        Err(Unfit::NotASerial)
    } else {
        Ok(())
    }
}
