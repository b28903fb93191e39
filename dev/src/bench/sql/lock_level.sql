SELECT on_hand, reserved FROM bench.stock_levels
WHERE product_id = $1 AND location_id = $2 AND lot_id IS NULL
FOR UPDATE
