UPDATE bench.stock_levels
SET reserved = reserved + $1
WHERE product_id = $2 AND location_id = $3 AND lot_id IS NULL
