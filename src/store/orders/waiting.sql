-- Orders that need more of a product than is available, each judged by itself.
WITH need AS MATERIALIZED (
    SELECT l.order_id, l.product_id, sum(g.ordered - g.moved - g.reserved) AS missing
    FROM stock.order_progress g
    JOIN stock.order_lines l ON l.order_line_id = g.order_line_id
    JOIN stock.orders o ON o.order_id = l.order_id AND o.kind <> 'purchase'
    WHERE g.moved + g.reserved < g.ordered AND stock.order_is_open(o.order_id)
    GROUP BY l.order_id, l.product_id
), available AS MATERIALIZED (
    SELECT n.product_id, coalesce((SELECT sum(a.available) FROM stock.level_availability a WHERE a.product_id = n.product_id), 0) AS available,
        (SELECT r.next_due_on FROM stock.on_order r WHERE r.product_id = n.product_id) AS expected_on
    FROM (SELECT DISTINCT need.product_id FROM need) AS n
), short AS (
    SELECT n.order_id, count(*) AS lines, sum(n.missing - a.available) AS missing,
        CASE WHEN bool_and(a.expected_on IS NOT NULL) THEN max(a.expected_on) END AS expected_on
    FROM need n JOIN available a ON a.product_id = n.product_id AND a.available < n.missing
    GROUP BY n.order_id
)
SELECT o.number, o.kind, p.code AS partner, d.code AS "to", o.due_on, coalesce(o.due_on < (now() AT TIME ZONE 'UTC')::date, false) AS late,
    s.lines, s.missing, s.expected_on, count(*) OVER () AS total
FROM short s
JOIN stock.orders o ON o.order_id = s.order_id
LEFT JOIN stock.partners p ON p.partner_id = o.partner_id
LEFT JOIN stock.locations d ON d.location_id = o.to_location_id
ORDER BY o.due_on NULLS LAST, o.number
LIMIT $1
