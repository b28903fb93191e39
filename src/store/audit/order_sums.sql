-- What is reserved at each level, allocated to each line and moved for each line, added up from the two ledgers without the
-- functions of the database, where it is not what its triggers keep.
WITH effect AS (
    SELECT t.order_line_id, t.product_id, t.lot_id, t.from_location_id, t.to_location_id, t.quantity, t.kind::text AS kind,
        o.kind AS order_kind, o.to_location_id AS destination
    FROM stock.transactions t
    JOIN stock.order_lines l ON l.order_line_id = t.order_line_id
    JOIN stock.orders o ON o.order_id = l.order_id
), changes AS (
    SELECT r.order_line_id, r.product_id, r.location_id, r.lot_id, r.change FROM stock.reservations r
    UNION ALL
    -- Goods that leave for a sales or transfer order take their reservation with them.
    SELECT e.order_line_id, e.product_id, e.from_location_id, e.lot_id, -e.quantity FROM effect e
    WHERE e.order_kind <> 'purchase' AND e.from_location_id IS NOT NULL
        AND (e.kind = 'issue' OR e.to_location_id IS NOT NULL AND NOT (e.kind = 'reversal' AND e.from_location_id IS NOT DISTINCT FROM e.destination))
    UNION ALL
    -- And it arrives with them, unless they have reached the destination or come back from it. What was moved away from there
    -- with its reservation may be moved back there with it.
    SELECT e.order_line_id, e.product_id, e.to_location_id, e.lot_id, e.quantity FROM effect e
    WHERE e.order_kind <> 'purchase' AND e.from_location_id IS NOT NULL AND e.to_location_id IS NOT NULL
        AND NOT (e.kind = 'transfer' AND e.to_location_id IS NOT DISTINCT FROM e.destination) AND NOT (e.kind = 'reversal' AND e.from_location_id IS NOT DISTINCT FROM e.destination)
), by_level AS (
    SELECT product_id, location_id, lot_id, sum(change) AS reserved FROM changes GROUP BY product_id, location_id, lot_id
), by_line AS (
    SELECT order_line_id, product_id, location_id, lot_id, sum(change) AS open FROM changes GROUP BY order_line_id, product_id, location_id, lot_id
), moved AS (
    SELECT e.order_line_id, sum(CASE
        WHEN e.order_kind = 'purchase' THEN CASE WHEN e.kind = 'receipt' THEN e.quantity WHEN e.kind = 'reversal' AND e.to_location_id IS NULL THEN -e.quantity ELSE 0 END
        WHEN e.order_kind = 'sales' THEN CASE WHEN e.kind = 'issue' THEN e.quantity WHEN e.kind = 'reversal' AND e.from_location_id IS NULL THEN -e.quantity ELSE 0 END
        WHEN e.kind = 'transfer' AND e.to_location_id = e.destination THEN e.quantity
        WHEN e.kind = 'reversal' AND e.from_location_id = e.destination THEN -e.quantity ELSE 0 END) AS moved,
        sum(CASE
        WHEN e.order_kind = 'purchase' THEN CASE WHEN e.kind = 'issue' THEN e.quantity WHEN e.kind = 'reversal' AND e.from_location_id IS NULL THEN -e.quantity ELSE 0 END
        WHEN e.order_kind = 'sales' THEN CASE WHEN e.kind = 'receipt' THEN e.quantity WHEN e.kind = 'reversal' AND e.to_location_id IS NULL THEN -e.quantity ELSE 0 END
        ELSE 0 END) AS returned
    FROM effect e GROUP BY e.order_line_id
), ordered AS (
    SELECT l.order_line_id, l.over_percent, l.quantity + coalesce(v.change, 0) AS ordered
    FROM stock.order_lines l
    LEFT JOIN (SELECT order_line_id, sum(change) AS change FROM stock.order_events WHERE order_line_id IS NOT NULL GROUP BY order_line_id) AS v
        ON v.order_line_id = l.order_line_id
), reserved AS (
    SELECT order_line_id, sum(open) AS open FROM by_line GROUP BY order_line_id
)
SELECT 'what is reserved of product ' || coalesce(s.product_id, b.product_id) || ' at location ' || coalesce(s.location_id, b.location_id)
           || coalesce(' lot ' || coalesce(s.lot_id, b.lot_id), '') AS what,
       coalesce(b.reserved, 0) AS expected, s.reserved::numeric AS found
FROM stock.stock_levels s FULL JOIN by_level b
    ON b.product_id = s.product_id AND b.location_id = s.location_id AND coalesce(b.lot_id, 0) = coalesce(s.lot_id, 0)
WHERE coalesce(s.reserved, 0) <> coalesce(b.reserved, 0)
UNION ALL
SELECT 'the allocation of order line ' || coalesce(a.order_line_id, b.order_line_id) || ' at location ' || coalesce(a.location_id, b.location_id)
           || coalesce(' lot ' || coalesce(a.lot_id, b.lot_id), ''),
       coalesce(b.open, 0), a.open
FROM stock.allocations a FULL JOIN by_line b
    ON b.order_line_id = a.order_line_id AND b.product_id = a.product_id AND b.location_id = a.location_id AND coalesce(b.lot_id, 0) = coalesce(a.lot_id, 0)
WHERE coalesce(a.open, 0) <> coalesce(b.open, 0)
UNION ALL
SELECT 'what has moved for order line ' || o.order_line_id, coalesce(m.moved, 0), g.moved
FROM ordered o LEFT JOIN stock.order_progress g ON g.order_line_id = o.order_line_id LEFT JOIN moved m ON m.order_line_id = o.order_line_id
WHERE g.moved IS DISTINCT FROM coalesce(m.moved, 0)
UNION ALL
SELECT 'what came back of order line ' || o.order_line_id, coalesce(m.returned, 0), g.returned
FROM ordered o LEFT JOIN stock.order_progress g ON g.order_line_id = o.order_line_id LEFT JOIN moved m ON m.order_line_id = o.order_line_id
WHERE g.returned IS DISTINCT FROM coalesce(m.returned, 0)
UNION ALL
SELECT 'what is ordered on order line ' || o.order_line_id, o.ordered, g.ordered
FROM ordered o LEFT JOIN stock.order_progress g ON g.order_line_id = o.order_line_id
WHERE g.ordered IS DISTINCT FROM o.ordered OR g.over_percent IS DISTINCT FROM o.over_percent
UNION ALL
SELECT 'what is reserved for order line ' || o.order_line_id, coalesce(r.open, 0), g.reserved
FROM ordered o LEFT JOIN stock.order_progress g ON g.order_line_id = o.order_line_id LEFT JOIN reserved r ON r.order_line_id = o.order_line_id
WHERE g.reserved IS DISTINCT FROM coalesce(r.open, 0)
ORDER BY 1
LIMIT 1000
