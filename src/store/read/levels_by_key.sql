-- This is read after each posting. OFFSET keeps the planner from reading all levels of a location that holds
-- thousands of products. LIMIT drops nothing: with it, the planner expects one key instead of ten, and so keeps
-- one plan for all postings, where planning would take longer than reading.
SELECT p.sku, l.code AS location, s.lot, s.expires_on, s.on_hand, s.reserved, s.available, s.blocked_by
FROM (SELECT u.product_id, u.location_id, u.lot_id
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (product_id, location_id, lot_id)
      LIMIT cardinality($1)) AS k
CROSS JOIN LATERAL (
    SELECT a.lot, a.expires_on, a.on_hand, a.reserved, a.available, a.blocked_by
    FROM stock.level_availability a
    WHERE a.product_id = k.product_id AND a.location_id = k.location_id
        AND (a.lot_id = k.lot_id OR (a.lot_id IS NULL AND k.lot_id IS NULL))
    OFFSET 0) AS s
JOIN stock.products p ON p.product_id = k.product_id
JOIN stock.locations l ON l.location_id = k.location_id
ORDER BY p.sku, l.code, s.lot
