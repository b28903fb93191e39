SELECT id, product_id, location_id, lot_id, counted, expected
FROM stock.stock_counts
WHERE id BETWEEN $1 AND $2 AND posting_id = $1
