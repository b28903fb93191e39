//! Who supplies a product, and on which terms.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{PartnerCode, Quantity, Sku, SupplierCode, UnitPrice};

/// The terms on which a supplier delivers a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupplyTerms {
    pub sku: Sku,
    pub supplier: PartnerCode,
    /// The supplier's code for the product.
    pub their_code: Option<SupplierCode>,
    /// The price of one unit.
    pub price: Option<UnitPrice>,
    /// Units in the smallest pack that is supplied.
    pub pack: Quantity,
    /// The smallest quantity that is supplied, in units.
    pub minimum: Decimal,
    /// Days from the order to the arrival of the goods.
    pub lead_days: Option<i32>,
}
