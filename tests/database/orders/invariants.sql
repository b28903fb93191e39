-- Both ledgers replayed from nothing, without the functions of the database, against what its triggers keep.
WITH effect AS (
    SELECT t.order_line_id, t.product_id, t.lot_id, t.from_location_id, t.to_location_id, t.quantity, t.kind::text AS kind, o.kind AS order_kind,
        o.to_location_id AS destination, coalesce(r.kind::text, t.kind::text) AS undone
    FROM stock.transactions t
    JOIN stock.order_lines l ON l.order_line_id = t.order_line_id
    JOIN stock.orders o ON o.order_id = l.order_id
    LEFT JOIN stock.transactions r ON r.id = t.reverses
), consumed AS (
    SELECT *, from_location_id IS NOT NULL AND order_kind <> 'purchase' AND (
        to_location_id IS NOT NULL AND NOT (kind = 'reversal' AND destination IS NOT DISTINCT FROM from_location_id) OR kind = 'issue') AS takes,
        order_kind <> 'purchase' AND from_location_id IS NOT NULL AND to_location_id IS NOT NULL
            AND NOT (kind = 'transfer' AND destination IS NOT DISTINCT FROM to_location_id)
            AND NOT (kind = 'reversal' AND destination IS NOT DISTINCT FROM from_location_id) AS carries
    FROM effect
), changes AS (
    SELECT order_line_id, product_id, location_id, lot_id, change FROM stock.reservations
    UNION ALL SELECT order_line_id, product_id, from_location_id, lot_id, -quantity FROM consumed WHERE takes
    UNION ALL SELECT order_line_id, product_id, to_location_id, lot_id, quantity FROM consumed WHERE carries
), by_level AS (
    SELECT product_id, location_id, lot_id, sum(change) AS reserved FROM changes GROUP BY 1, 2, 3
), by_line AS (
    SELECT order_line_id, product_id, location_id, lot_id, sum(change) AS open FROM changes GROUP BY 1, 2, 3, 4
), moved AS (
    SELECT order_line_id, sum(CASE
        WHEN order_kind = 'purchase' AND undone = 'receipt' OR order_kind = 'sales' AND undone = 'issue'
          OR order_kind = 'transfer' AND (kind = 'transfer' AND to_location_id = destination OR kind = 'reversal' AND from_location_id = destination)
        THEN CASE kind WHEN 'reversal' THEN -quantity ELSE quantity END ELSE 0 END) AS moved,
        sum(CASE WHEN order_kind = 'purchase' AND undone = 'issue' OR order_kind = 'sales' AND undone = 'receipt'
            THEN CASE kind WHEN 'reversal' THEN -quantity ELSE quantity END ELSE 0 END) AS returned
    FROM effect GROUP BY order_line_id
), open_orders AS (
    SELECT o.order_id FROM stock.orders o JOIN stock.order_events e ON e.order_id = o.order_id GROUP BY o.order_id
    HAVING sum(CASE WHEN e.kind IN ('confirmed', 'reopened') THEN 1 WHEN e.kind IN ('closed', 'cancelled') THEN -1 ELSE 0 END) = 1
)
SELECT 'reserved is between 0 and on hand' AS what FROM stock.stock_levels WHERE NOT (reserved >= 0 AND reserved <= on_hand)
UNION ALL SELECT 'reserved is what the ledgers add up to' FROM stock.stock_levels s FULL JOIN by_level b
    ON b.product_id = s.product_id AND b.location_id = s.location_id AND coalesce(b.lot_id, 0) = coalesce(s.lot_id, 0)
    WHERE coalesce(s.reserved, 0) <> coalesce(b.reserved, 0)
UNION ALL SELECT 'allocations are what the ledgers add up to' FROM stock.allocations a FULL JOIN by_line b
    ON b.order_line_id = a.order_line_id AND b.location_id = a.location_id AND coalesce(b.lot_id, 0) = coalesce(a.lot_id, 0)
    WHERE coalesce(a.open, 0) <> coalesce(b.open, 0)
UNION ALL SELECT 'allocations of a level add up to what is reserved there' FROM stock.stock_levels s
    WHERE s.reserved <> (SELECT coalesce(sum(a.open), 0) FROM stock.allocations a
                         WHERE a.product_id = s.product_id AND a.location_id = s.location_id AND coalesce(a.lot_id, 0) = coalesce(s.lot_id, 0))
UNION ALL SELECT 'allocations of a line add up to what is reserved for it' FROM stock.order_progress g
    WHERE g.reserved <> (SELECT coalesce(sum(a.open), 0) FROM stock.allocations a WHERE a.order_line_id = g.order_line_id)
UNION ALL SELECT 'moved is what the ledger adds up to' FROM stock.order_progress g LEFT JOIN moved m ON m.order_line_id = g.order_line_id
    WHERE g.moved <> coalesce(m.moved, 0)
UNION ALL SELECT 'returned is what the ledger adds up to' FROM stock.order_progress g LEFT JOIN moved m ON m.order_line_id = g.order_line_id
    WHERE g.returned <> coalesce(m.returned, 0)
UNION ALL SELECT 'moved and reserved are within the order' FROM stock.order_progress
    WHERE moved + reserved > ordered * (1 + over_percent / 100)
UNION ALL SELECT 'nothing is reserved for orders that are not open' FROM stock.order_progress g JOIN stock.order_lines l ON l.order_line_id = g.order_line_id
    WHERE g.reserved <> 0 AND l.order_id NOT IN (SELECT order_id FROM open_orders)
