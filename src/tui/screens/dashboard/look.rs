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

/// From this width on the columns of a list are as wide as elsewhere; below it they hold what is usual.
const WIDE_MIN: u16 = 60;
/// The width of the picture of a share.
pub(super) const BAR_WIDTH: u16 = 4;
/// The least and the largest width of a SKU; a longer one is cut.
const SKU_WIDTH_MIN: u16 = 6;
const SKU_WIDTH_MAX: u16 = 14;
/// The least width of a name, below which it tells nothing.
const NAME_WIDTH_MIN: u16 = 12;

/// What the cells need besides their row.
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
    /// The look of a list in an area.
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
        // Where there is no room for names, it takes what is left.
        Column { fills: true, ..Column::text(self.words.say(StockText::Sku), width, 0) }
    }

    /// The name gives way in the narrowest panels, as the SKU says which product it is.
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

/// A share as a heavy line over a light one, in halves of a column. Lines leave room between the rows,
/// where blocks would run together, and differ by their weight, not by a colour.
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
