SELECT p.sku, l.code AS location, lot.code AS lot, lot.expires_on, s.on_hand, s.reserved,
    stock.available(s.on_hand, s.reserved, b.blocked_by) AS available, b.blocked_by
FROM past s
JOIN within w ON w.location_id = s.location_id
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
CROSS JOIN LATERAL (
    SELECT stock.blocked_by(s.location_id IN (SELECT q.location_id FROM stock.quarantined_locations q), lot.expires_on,
                            (coalesce($3::timestamptz, now()) AT TIME ZONE 'UTC')::date) AS blocked_by) AS b
WHERE s.on_hand <> 0
ORDER BY p.sku, l.code, lot.expires_on, lot.code
LIMIT $4
