//! The lines of a form: what was scanned, what it turned out to be, and how to undo it.
//!
//! Boundary: plain data; queries nothing and draws nothing.

use std::collections::VecDeque;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::place::Filled;
use crate::domain::{LotCode, Sku, StockRow, Tracking, UnitPrice};

/// How many steps can be undone.
const STEPS_KEPT_MAX: usize = 500;

/// Identifies a line within the form, wherever it is.
pub(super) type LineKey = u64;

/// Goods that a line moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Goods {
    pub(super) sku: Sku,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) decimals: u32,
    pub(super) tracking: Tracking,
    /// How many units; for products tracked by serial number the list determines it.
    pub(super) quantity: Decimal,
    pub(super) lot: Option<LotCode>,
    pub(super) expires: Option<Date>,
    pub(super) serials: Vec<LotCode>,
    pub(super) unit_price: Option<UnitPrice>,
}

impl Goods {
    /// A number of units of a product.
    pub(super) fn new(row: &StockRow, quantity: Decimal) -> Self {
        Self {
            sku: row.sku.clone(),
            name: row.name.to_string(),
            unit: row.unit.to_string(),
            decimals: u32::from(row.decimals),
            tracking: row.tracking,
            quantity,
            lot: None,
            expires: None,
            serials: Vec::new(),
            unit_price: None,
        }
    }

    /// How many units the line moves: its quantity, or the number of its serial numbers.
    pub(super) fn units(&self) -> Decimal {
        match self.tracking {
            Tracking::Serial => Decimal::from(self.serials.len()),
            Tracking::None | Tracking::Lot => self.quantity,
        }
    }
}

/// What a line stands for, as far as its text has been looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    Looking,
    Goods(Goods),
    /// Something that cannot be posted; it stays visible until it is removed or corrected.
    Wrong {
        /// The reason, in the person's language.
        why: String,
    },
    /// The query failed; it is repeated.
    Failed,
}

/// A line of the form: the text that was scanned, and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) key: LineKey,
    /// What was scanned or typed.
    pub(super) text: String,
    pub(super) entry: Entry,
}

impl Line {
    pub(super) fn goods(&self) -> Option<&Goods> {
        match &self.entry {
            Entry::Goods(goods) => Some(goods),
            _ => None,
        }
    }
}

/// A line as it was before a step; none if it did not exist.
#[derive(Debug, Clone)]
pub(super) struct Before {
    key: LineKey,
    position: usize,
    line: Option<Line>,
}

/// What one scan or one change did, so that one key undoes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) lines: Vec<Before>,
    pub(super) place: Option<Filled>,
    pub(super) asked: Option<Asked>,
    /// The line that was selected afterwards.
    pub(super) selects: Option<LineKey>,
}

impl Step {
    /// A step that changed lines and may require a detail.
    pub(super) fn of(lines: Vec<Before>, asked: Option<Asked>) -> Self {
        Self { lines, asked, ..Self::default() }
    }
}

/// The lines, with a cursor and the steps that can be undone.
#[derive(Debug, Default)]
pub(super) struct Lines {
    list: Vec<Line>,
    selected: usize,
    keys: LineKey,
    /// How often the lines were changed.
    changes: u64,
    steps: VecDeque<Step>,
}

impl Lines {
    pub(super) fn all(&self) -> &[Line] {
        &self.list
    }

    /// How often the lines were changed; it never decreases.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn selected_at(&self) -> usize {
        self.selected
    }

    pub(super) fn selected(&self) -> Option<&Line> {
        self.list.get(self.selected)
    }

    pub(super) fn select(&mut self, position: usize) {
        self.selected = position.min(self.list.len().saturating_sub(1));
    }

    pub(super) fn select_key(&mut self, key: LineKey) {
        if let Some(position) = self.position(key) {
            self.selected = position;
        }
    }

    pub(super) fn position(&self, key: LineKey) -> Option<usize> {
        // The line has usually just been scanned, so it is near the end.
        self.list.iter().rposition(|line| line.key == key)
    }

    pub(super) fn get(&self, key: LineKey) -> Option<&Line> {
        self.position(key).map(|position| &self.list[position])
    }

    pub(super) fn goods(&self) -> impl DoubleEndedIterator<Item = (LineKey, &Goods)> {
        self.list.iter().filter_map(|line| line.goods().map(|goods| (line.key, goods)))
    }

    pub(super) fn goods_of(&self, key: LineKey) -> Option<&Goods> {
        self.get(key).and_then(Line::goods)
    }

    /// The latest line of a product that meets a condition.
    pub(super) fn latest(&self, sku: &Sku, holds: impl Fn(&Goods) -> bool) -> Option<LineKey> {
        self.goods().rev().find(|(_, goods)| goods.sku == *sku && holds(goods)).map(|(key, _)| key)
    }

    /// Adds a line at the end, or directly after another one.
    pub(super) fn add(&mut self, text: &str, entry: Entry, behind: Option<LineKey>) -> LineKey {
        self.keys += 1;
        self.changes += 1;
        let line = Line { key: self.keys, text: text.to_owned(), entry };
        let position = behind.and_then(|key| self.position(key)).map_or(self.list.len(), |at| at + 1);
        if position <= self.selected && !self.list.is_empty() {
            self.selected += 1;
        }
        self.list.insert(position, line);
        self.keys
    }

    pub(super) fn set(&mut self, key: LineKey, entry: Entry) {
        if let Some(position) = self.position(key) {
            self.list[position].entry = entry;
            self.changes += 1;
        }
    }

    pub(super) fn set_text(&mut self, key: LineKey, text: &str) {
        if let Some(position) = self.position(key) {
            text.clone_into(&mut self.list[position].text);
            self.changes += 1;
        }
    }

    pub(super) fn remove(&mut self, key: LineKey) {
        if let Some(position) = self.position(key) {
            self.list.remove(position);
            self.changes += 1;
            if position < self.selected {
                self.selected -= 1;
            }
            self.selected = self.selected.min(self.list.len().saturating_sub(1));
        }
    }

    /// Removes all lines and steps; keys are not reused.
    pub(super) fn clear(&mut self) {
        *self = Self { keys: self.keys, changes: self.changes + 1, ..Self::default() };
    }

    /// The present state of a line, for a step.
    pub(super) fn image(&self, key: LineKey) -> Before {
        let position = self.position(key);
        let line = position.map(|at| self.list[at].clone());
        Before { key, position: position.unwrap_or(self.list.len()), line }
    }

    /// The state of a line before it was looked up: another text, or none.
    pub(super) fn image_before(&self, key: LineKey, line: Option<Box<Line>>) -> Before {
        Before { key, position: self.position(key).unwrap_or(self.list.len()), line: line.map(|line| *line) }
    }

    /// Records a step, with the line that it left selected.
    pub(super) fn remember(&mut self, step: Step) {
        if self.steps.len() == STEPS_KEPT_MAX {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { selects: self.selected().map(|line| line.key), ..step });
    }

    /// Adds changes to the latest step of undo, so that both are undone at once.
    pub(super) fn extend_latest(&mut self, lines: Vec<Before>) {
        let selects = self.selected().map(|line| line.key);
        if let Some(step) = self.steps.back_mut() {
            step.lines.extend(lines);
            step.selects = selects;
        }
    }

    /// Selects the line that the latest step left selected, after later steps were undone.
    pub(super) fn select_latest(&mut self) {
        let latest = self.steps.back().and_then(|step| step.selects).and_then(|key| self.position(key));
        self.select(latest.unwrap_or(usize::MAX));
    }

    /// Undoes the latest step, as far as it changed lines, and returns it.
    pub(super) fn take_back(&mut self) -> Option<Step> {
        let step = self.steps.pop_back()?;
        self.changes += 1;
        for before in step.lines.iter().rev() {
            match &before.line {
                None => self.remove(before.key),
                Some(line) => match self.position(before.key) {
                    Some(position) => self.list[position] = line.clone(),
                    None => self.list.insert(before.position.min(self.list.len()), line.clone()),
                },
            }
        }
        Some(step)
    }
}
