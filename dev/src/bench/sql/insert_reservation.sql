INSERT INTO bench.reservations (id, posting_id, order_line_id, product_id, location_id, change)
VALUES ($1, $1, $2, $3, $4, $5)
