WITH for_order AS MATERIALIZED (
    SELECT o.to_location_id, stock.first_expiry(o.order_id) AS first_expiry FROM stock.orders o WHERE o.number = $2
)
SELECT p.sku, c.code AS location, s.lot, s.expires_on, s.on_hand, s.reserved, s.available, s.blocked_by
FROM stock.products p
JOIN stock.level_availability s ON s.product_id = p.product_id AND s.available > 0
JOIN stock.locations c ON c.location_id = s.location_id
CROSS JOIN for_order o
WHERE p.sku = ANY ($1) AND (s.expires_on IS NULL OR o.first_expiry IS NULL OR s.expires_on >= o.first_expiry)
    -- What is at the destination of a transfer has arrived.
    AND s.location_id IS DISTINCT FROM o.to_location_id
ORDER BY p.sku, s.expires_on NULLS LAST, s.lot_id, c.code
