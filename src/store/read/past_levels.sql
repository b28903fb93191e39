WITH RECURSIVE within (location_id) AS (
    SELECT l.location_id FROM stock.locations l WHERE ($2::bigint IS NULL AND l.parent_id IS NULL) OR l.location_id = $2
    UNION
    SELECT l.location_id FROM stock.locations l JOIN within w ON l.parent_id = w.location_id
), later AS (
    SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta, sum(m.reserved) AS reserved
    FROM (SELECT t.product_id, t.to_location_id AS location_id, t.lot_id, t.quantity AS delta, 0 AS reserved
          FROM stock.transactions t
          WHERE $3::timestamptz IS NOT NULL AND t.occurred_at > $3 AND t.to_location_id IS NOT NULL AND ($1::bigint IS NULL OR t.product_id = $1)
          UNION ALL
          SELECT t.product_id, t.from_location_id, t.lot_id, -t.quantity, 0
          FROM stock.transactions t
          WHERE $3::timestamptz IS NOT NULL AND t.occurred_at > $3 AND t.from_location_id IS NOT NULL AND ($1::bigint IS NULL OR t.product_id = $1)
          UNION ALL
          SELECT r.product_id, r.location_id, r.lot_id, 0, r.change
          FROM stock.reserved_changes r
          WHERE $3::timestamptz IS NOT NULL AND r.occurred_at > $3 AND ($1::bigint IS NULL OR r.product_id = $1)) AS m
    GROUP BY m.product_id, m.location_id, m.lot_id
), past AS (
    SELECT s.product_id, s.location_id, s.lot_id, s.on_hand - coalesce(later.delta, 0) AS on_hand, s.reserved - coalesce(later.reserved, 0) AS reserved
    FROM stock.stock_levels s
    LEFT JOIN later ON later.product_id = s.product_id AND later.location_id = s.location_id AND later.lot_id IS NOT DISTINCT FROM s.lot_id
    WHERE $1::bigint IS NULL OR s.product_id = $1
)
