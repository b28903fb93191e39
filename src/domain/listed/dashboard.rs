//! [`Listed`](super::Listed) for the rows of dashboard panels.

use super::{Listed, some};
use crate::domain::{ExpiringLot, HourCount, PersonActivity, ProductTurnover, SlowMover, TopItem};

impl Listed for HourCount {
    const COLUMNS: &'static [&'static str] = &["hour", "kind", "movements"];

    fn fields(&self) -> Vec<String> {
        vec![self.hour.to_string(), self.kind.to_string(), self.movements.to_string()]
    }
}

impl Listed for ExpiringLot {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "lot", "location", "expires_on", "on_hand"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.lot.to_string(),
            self.location.to_string(),
            self.expires_on.to_string(),
            self.on_hand.to_string(),
        ]
    }
}

impl Listed for SlowMover {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "on_hand", "value", "last_moved_at"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.on_hand.to_string(),
            some(self.value.as_ref()),
            some(self.last_moved_at.as_ref()),
        ]
    }
}

impl Listed for TopItem {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "quantity", "movements"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.quantity.to_string(),
            self.movements.to_string(),
        ]
    }
}

impl Listed for ProductTurnover {
    const COLUMNS: &'static [&'static str] =
        &["sku", "name", "issued", "cost_issued", "turnover", "days_of_cover"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.issued.to_string(),
            self.cost_issued.to_string(),
            some(self.turnover.as_ref()),
            some(self.days_of_cover.as_ref()),
        ]
    }
}

impl Listed for PersonActivity {
    const COLUMNS: &'static [&'static str] = &["login", "postings", "movements", "last_at"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.login.clone(),
            self.postings.to_string(),
            self.movements.to_string(),
            self.last_at.to_string(),
        ]
    }
}
