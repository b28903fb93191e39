SELECT p.sku, l.code AS location, s.lot, s.expires_on, s.on_hand, s.blocked_by
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (product_id, location_id, lot_id)
JOIN stock.level_availability s ON s.product_id = k.product_id AND s.location_id = k.location_id
    AND (s.lot_id = k.lot_id OR (s.lot_id IS NULL AND k.lot_id IS NULL))
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
ORDER BY p.sku, l.code, s.lot
