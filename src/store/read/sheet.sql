SELECT p.sku, p.name, p.unit, p.decimals, p.tracking, place.code AS location, lot.code AS lot, lot.expires_on, l.on_hand,
    (SELECT max(c.counted_at) FROM stock.stock_counts c
     WHERE c.product_id = l.product_id AND c.location_id = l.location_id AND c.lot_id IS NOT DISTINCT FROM l.lot_id) AS last_counted_at
FROM unnest($1::bigint[]) AS within (location_id)
JOIN stock.stock_levels l ON l.location_id = within.location_id AND l.on_hand > 0
JOIN stock.locations place ON place.location_id = l.location_id
JOIN stock.products p ON p.product_id = l.product_id
LEFT JOIN stock.lots lot ON lot.lot_id = l.lot_id
ORDER BY place.code, p.sku, lot.expires_on NULLS LAST, lot.code
