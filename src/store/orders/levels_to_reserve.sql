SELECT p.sku, c.code AS location, s.lot, s.expires_on, s.on_hand, s.reserved, s.available, s.blocked_by
FROM stock.products p
JOIN stock.level_availability s ON s.product_id = p.product_id AND s.available > 0
JOIN stock.locations c ON c.location_id = s.location_id
CROSS JOIN (SELECT stock.first_expiry($2) AS first_expiry) AS o
WHERE p.sku = ANY ($1) AND (s.expires_on IS NULL OR o.first_expiry IS NULL OR s.expires_on >= o.first_expiry)
ORDER BY p.sku, s.expires_on NULLS LAST, s.lot_id, c.code
