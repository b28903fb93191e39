//! The order policy of a site, per kind of order: when stock is reserved, how long a reservation is kept, and who may
//! confirm.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::order::words;
use super::{OrderKind, PartnerCode, UnknownWord};

/// The most days that a policy may give: ten years, the limit of the database.
const DAYS_MAX: i32 = 3_650;

words! {
    /// When stock is reserved for an order.
    ReserveRule, "manual, at_confirmation and before_due" {
        /// By hand only.
        Manual "manual"
        /// When the order is confirmed; what was missing then is reserved once it is available.
        AtConfirmation "at_confirmation"
        /// Some days before the order is due.
        BeforeDue "before_due"
    }
}

/// The policy for orders of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderPolicy {
    pub kind: OrderKind,
    pub reserve: ReserveRule,
    /// Days before the order is due, for [`ReserveRule::BeforeDue`].
    pub reserve_days: Option<i32>,
    /// Days after which a reservation that has not been picked is released; `None` if it is kept.
    pub expire_days: Option<i32>,
    /// Whether clerks may confirm, change, close, cancel and reopen.
    pub clerks_decide: bool,
}

/// Why a policy is malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderPolicyError {
    #[error("stock is reserved for sales and transfer orders; a purchase order reserves nothing")]
    PurchaseReserves,
    #[error("before_due requires a number of days; the other rules take none")]
    DaysByRule,
    #[error("the number of days must be between {min} and {max}, not {days}", max = DAYS_MAX)]
    Days { days: i32, min: i32 },
}

impl OrderPolicy {
    /// The policy of a kind for which none has been set.
    #[must_use]
    pub fn default_of(kind: OrderKind) -> Self {
        let reserve = ReserveRule::Manual;
        Self { kind, reserve, reserve_days: None, expire_days: None, clerks_decide: false }
    }

    /// Checks the policy without the database.
    ///
    /// # Errors
    /// [`OrderPolicyError`] if the policy is malformed.
    pub fn validate(&self) -> Result<(), OrderPolicyError> {
        if !self.kind.reserves() && (self.reserve != ReserveRule::Manual || self.expire_days.is_some()) {
            return Err(OrderPolicyError::PurchaseReserves);
        }
        if (self.reserve == ReserveRule::BeforeDue) != self.reserve_days.is_some() {
            return Err(OrderPolicyError::DaysByRule);
        }
        for (days, min) in [(self.reserve_days, 0), (self.expire_days, 1)] {
            if let Some(days) = days
                && !(min..=DAYS_MAX).contains(&days)
            {
                return Err(OrderPolicyError::Days { days, min });
            }
        }
        Ok(())
    }
}

/// Goods that are available, but expire too early for the customer of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortLived {
    pub quantity: Decimal,
    /// The customer of the order.
    pub partner: PartnerCode,
    /// The earliest expiry date that the customer accepts.
    pub first_expiry: Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_the_days_of_its_rule() {
        let policy = OrderPolicy::default_of(OrderKind::Sales);
        assert_eq!(policy.validate(), Ok(()));
        let before_due =
            |days| OrderPolicy { reserve: ReserveRule::BeforeDue, reserve_days: days, ..policy.clone() };
        assert_eq!(before_due(Some(0)).validate(), Ok(()));
        assert_eq!(before_due(None).validate(), Err(OrderPolicyError::DaysByRule));
        let (days, min) = (-1, 0);
        assert_eq!(before_due(Some(days)).validate(), Err(OrderPolicyError::Days { days, min }));
        let expiring = OrderPolicy { expire_days: Some(0), ..policy.clone() };
        assert_eq!(expiring.validate(), Err(OrderPolicyError::Days { days: 0, min: 1 }));
        let purchase = OrderPolicy { expire_days: Some(3), ..OrderPolicy::default_of(OrderKind::Purchase) };
        assert_eq!(purchase.validate(), Err(OrderPolicyError::PurchaseReserves));
    }
}
