//! The statements that write orders, their lines, their events and reservations. A verification reads the values of their
//! audit records back, so they are named here for both; `audit::record::master` says which parameter is which column.

/// Creates an order.
pub const INSERT_ORDER: &str = "INSERT INTO stock.orders (order_id, kind, partner_id, partner_reference, due_on, ship_to_id, to_location_id, note) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Adds lines to an order.
pub const INSERT_LINES: &str = "INSERT INTO stock.order_lines (order_line_id, order_id, line_no, product_id, quantity, unit_price, over_percent) \
     SELECT l.order_line_id, $1::uuid, l.line_no, l.product_id, l.quantity, l.unit_price, l.over_percent \
     FROM unnest($2::uuid[], $3::integer[], $4::bigint[], $5::numeric[], $6::numeric[], $7::numeric[]) \
     AS l (order_line_id, line_no, product_id, quantity, unit_price, over_percent)";
/// Posts an event of an order. Every value is a parameter, as in a posting.
pub const INSERT_ORDER_EVENT: &str = "INSERT INTO stock.order_events (id, order_id, order_line_id, kind, change, reason) VALUES ($1, $2, $3, $4, $5, $6)";
/// Posts reservations and releases. Every value is a parameter, as in a posting.
pub const INSERT_RESERVATIONS: &str = "INSERT INTO stock.reservations (id, posting_id, order_line_id, product_id, location_id, lot_id, change, reason) \
     SELECT r.id, $1::uuid, r.order_line_id, r.product_id, r.location_id, r.lot_id, r.change, $2::text \
     FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::numeric[]) \
     AS r (id, order_line_id, product_id, location_id, lot_id, change)";
/// Changes the head of a draft.
pub const UPDATE_ORDER: &str = "UPDATE stock.orders SET partner_id = $2, partner_reference = $3, due_on = $4, ship_to_id = $5, to_location_id = $6, note = $7 \
     WHERE order_id = $1";
/// Changes lines of a draft.
pub const UPDATE_LINES: &str = "UPDATE stock.order_lines AS l SET quantity = c.quantity, unit_price = c.unit_price, over_percent = c.over_percent \
     FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::numeric[]) AS c (order_line_id, quantity, unit_price, over_percent) \
     WHERE l.order_line_id = c.order_line_id";
/// Removes lines of a draft.
pub const DELETE_LINES: &str = "DELETE FROM stock.order_lines AS l USING unnest($1::uuid[]) AS c (order_line_id) WHERE l.order_line_id = c.order_line_id";
