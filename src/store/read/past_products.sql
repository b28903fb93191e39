SELECT p.sku, p.name, p.unit, p.decimals, p.category, p.tracking, p.reorder_point, sum(s.on_hand) AS on_hand,
    sum(stock.available(s.on_hand, s.reserved, b.blocked_by)) AS available,
    count(*) FILTER (WHERE s.on_hand > 0) AS places, min(lot.expires_on) FILTER (WHERE s.on_hand > 0) AS expires_on
FROM past s
JOIN within w ON w.location_id = s.location_id
JOIN stock.products p ON p.product_id = s.product_id
LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
CROSS JOIN LATERAL (
    SELECT stock.blocked_by(s.location_id IN (SELECT q.location_id FROM stock.quarantined_locations q), lot.expires_on,
                            (coalesce($3::timestamptz, now()) AT TIME ZONE 'UTC')::date) AS blocked_by) AS b
WHERE s.on_hand <> 0
  AND ($5 = '' OR strpos(p.sku, upper($5)) > 0 OR strpos(stock.search_text(p.name), stock.search_text($5)) > 0)
GROUP BY p.product_id
ORDER BY p.sku
LIMIT $4
