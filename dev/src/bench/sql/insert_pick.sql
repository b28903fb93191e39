INSERT INTO bench.transactions (
    id, occurred_at, posting_id, kind, product_id, from_location_id, to_location_id, quantity, reference, order_line_id)
VALUES ($1, $2, $1, 'transfer', $3, $4, $5, $6, $7, $8)
