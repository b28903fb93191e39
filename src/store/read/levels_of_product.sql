SELECT p.sku, l.code AS location, lot.code AS lot, lot.expires_on, s.on_hand
FROM stock.stock_levels s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
WHERE s.product_id = (SELECT product_id FROM stock.products WHERE sku = $1) AND s.on_hand > 0
ORDER BY l.code, lot.expires_on, lot.code
