INSERT INTO bench.transactions (
    id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity,
    unit_price, reference, reason)
VALUES ($1, $2, $3, $4::text::stock.movement_kind, $5, $6, $7, $8, $9, $10, $11, $12, $13)
