//! Prices and percentages as they are typed into the forms of orders.

use rust_decimal::Decimal;

use crate::domain::UnitPrice;
use crate::domain::entry::DecimalMark;
use crate::tui::text::orders::OrdersText;

/// A price, if one is typed.
///
/// # Errors
/// What is wrong with it.
pub(super) fn price(text: &str, mark: DecimalMark) -> Result<Option<UnitPrice>, OrdersText> {
    let text = mark.with_point(text.trim());
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| OrdersText::PriceWrong)
}

/// By how many percent more may be delivered; none without a word.
///
/// # Errors
/// What is wrong with it.
pub(super) fn over_percent(text: &str, mark: DecimalMark) -> Result<Decimal, OrdersText> {
    let text = mark.with_point(text.trim());
    if text.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let percent: Decimal =
        text.trim_end_matches('%').trim_end().parse().map_err(|_| OrdersText::OverWrong)?;
    let whole = Decimal::ZERO..=Decimal::ONE_HUNDRED;
    if whole.contains(&percent) && percent.normalize().scale() <= 2 {
        Ok(percent.normalize())
    } else {
        Err(OrdersText::OverWrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_percentages_are_read_as_they_are_typed() {
        assert_eq!(price("", DecimalMark::Point), Ok(None));
        assert_eq!(price("2,5", DecimalMark::Comma).unwrap().unwrap().value(), Decimal::new(25, 1));
        assert_eq!(price("2,5", DecimalMark::Point), Err(OrdersText::PriceWrong));
        assert_eq!(over_percent(" 7.5 % ", DecimalMark::Point), Ok(Decimal::new(75, 1)));
        assert_eq!(over_percent("", DecimalMark::Comma), Ok(Decimal::ZERO));
        for wrong in ["-1", "101", "1.005", "x"] {
            assert_eq!(over_percent(wrong, DecimalMark::Point), Err(OrdersText::OverWrong), "{wrong}");
        }
    }
}
