UPDATE bench.order_progress
SET reserved = reserved + $1
WHERE order_line_id = $2
