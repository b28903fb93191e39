//! What one order hands to the form of orders.

use crate::domain::Order;

/// The draft that is to be changed in the form.
#[derive(Debug)]
pub struct EditDraft(pub Box<Order>);
