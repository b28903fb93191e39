SELECT p.sku, l.code AS location, lot.code AS lot, lot.expires_on, s.on_hand
FROM stock.stock_levels s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
JOIN stock.lots lot ON lot.lot_id = s.lot_id
WHERE s.product_id = $1 AND s.location_id = $2 AND s.on_hand > 0
  AND (lot.expires_on IS NULL OR lot.expires_on >= (now() AT TIME ZONE 'UTC')::date)
ORDER BY lot.expires_on NULLS LAST, lot.lot_id
