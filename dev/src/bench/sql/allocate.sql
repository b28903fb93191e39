INSERT INTO bench.allocations (order_line_id, product_id, location_id, open)
VALUES ($1, $2, $3, greatest($4::numeric, 0))
ON CONFLICT (order_line_id, product_id, location_id, lot_id) DO UPDATE SET open = allocations.open + $4::numeric
