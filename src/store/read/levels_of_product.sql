SELECT p.sku, l.code AS location, s.lot, s.expires_on, s.on_hand, s.reserved, s.available, s.blocked_by
FROM stock.level_availability s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
WHERE s.product_id = (SELECT product_id FROM stock.products WHERE sku = $1) AND s.on_hand > 0
ORDER BY l.code, s.expires_on, s.lot
