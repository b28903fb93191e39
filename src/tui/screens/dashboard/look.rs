//! What the cells of the panels need besides their rows, and what several lists have in common.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use unicode_width::UnicodeWidthStr as _;

use super::panels::RowKey;
use crate::domain::PeopleNames;
use crate::tui::text::Words;
use crate::tui::text::dashboard::DashboardText;
use crate::tui::text::stock::StockText;
use crate::tui::theme::Theme;
use crate::tui::view::Canvas;
use crate::tui::widgets::table::Column;

/// The width from which on the columns of a list are as wide as elsewhere; below it they are narrower.
const WIDE_MIN: u16 = 60;
/// The width of the bar of a share.
pub(super) const BAR_WIDTH: u16 = 4;
/// The smallest and the largest width of a SKU; a longer one is truncated.
const SKU_WIDTH_MIN: u16 = 6;
const SKU_WIDTH_MAX: u16 = 14;
/// The smallest width of a name; less would be meaningless.
const NAME_WIDTH_MIN: u16 = 12;

/// What the cells need besides their row: widths, language and theme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub words: Words,
    pub theme: &'a Theme,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub people: &'a PeopleNames,
    pub today: Date,
    /// Whether there is room for the usual widths.
    pub wide: bool,
    /// The width of the longest SKU in the list.
    pub sku_width: u16,
}

impl<'a> Look<'a> {
    /// The layout for a list in an area.
    pub fn of(keys: &[RowKey], area: Rect, canvas: &Canvas<'a, '_>) -> Self {
        let longest = keys.iter().filter_map(|key| key.sku.as_ref()).map(|sku| sku.width()).max();
        Self {
            words: canvas.words,
            theme: canvas.theme,
            now: canvas.now,
            people: canvas.people,
            zone: canvas.zone,
            today: canvas.today(),
            wide: area.width >= WIDE_MIN,
            sku_width: u16::try_from(longest.unwrap_or(0))
                .unwrap_or(u16::MAX)
                .clamp(SKU_WIDTH_MIN, SKU_WIDTH_MAX),
        }
    }
}

impl Look<'_> {
    pub fn say(self, phrase: DashboardText) -> &'static str {
        self.words.say(phrase)
    }

    pub fn number(self, value: Decimal) -> String {
        self.words.language.number(value)
    }

    /// The column for the SKU.
    pub fn sku(self) -> Column {
        let width = if self.wide { SKU_WIDTH_MAX } else { self.sku_width };
        // If there is no room for names, it fills the remaining width.
        Column { fills: true, ..Column::text(self.words.say(StockText::Sku), width, 0) }
    }

    /// The column of the name, which is dropped in the narrowest panels, because the SKU identifies the product.
    pub fn name(self) -> Column {
        Column { gives_way: 5, ..Column::fill(self.words.say(StockText::Name), NAME_WIDTH_MIN) }
    }

    /// The column for the quantity on hand.
    pub fn on_hand(self) -> Column {
        self.quantity(StockText::OnHand)
    }

    /// The column for the quantity that may be used.
    pub fn available(self) -> Column {
        self.quantity(StockText::Available)
    }

    fn quantity(self, heading: StockText) -> Column {
        if self.wide {
            Column::figure(self.words.say(heading), 10, 0)
        } else {
            Column::figure(self.say(DashboardText::Left), 6, 0)
        }
    }
}

/// A share as a heavy line over a light one, in halves of a column. Unlike blocks, lines of neighbouring rows do not
/// merge, and they differ in weight, not in colour.
pub(super) fn bar(share: Decimal, width: u16) -> String {
    let width = usize::from(width);
    let halves = share.clamp(Decimal::ZERO, Decimal::ONE) * Decimal::from(width * 2);
    let halves = halves.round().to_usize().unwrap_or(0);
    let (full, half) = (halves / 2, halves % 2);
    format!("{}{}{}", "━".repeat(full), "╸".repeat(half), "─".repeat(width.saturating_sub(full + half)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        for (share, expected) in
            [("0", "────"), ("0.25", "━───"), ("0.375", "━╸──"), ("1", "━━━━"), ("7", "━━━━"), ("-1", "────")]
        {
            assert_eq!(bar(share.parse().unwrap(), 4), expected, "{share}");
        }
    }
}
