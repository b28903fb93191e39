SELECT o.number
FROM stock.orders o
JOIN stock.order_policies k ON k.kind = o.kind
    AND (k.reserve = 'at_confirmation'
         OR k.reserve = 'before_due' AND o.due_on <= (now() AT TIME ZONE 'UTC')::date + k.reserve_days)
CROSS JOIN LATERAL (SELECT stock.first_expiry(o.order_id) AS first_expiry) AS f
WHERE EXISTS (
        SELECT FROM stock.order_lines l
        JOIN stock.order_progress g ON g.order_line_id = l.order_line_id AND g.moved + g.reserved < g.ordered
        JOIN stock.level_availability s ON s.product_id = l.product_id AND s.available > 0
            AND (s.expires_on IS NULL OR f.first_expiry IS NULL OR s.expires_on >= f.first_expiry)
        WHERE l.order_id = o.order_id)
    AND NOT EXISTS (
        SELECT FROM stock.order_lines l
        JOIN stock.reservations r ON r.order_line_id = l.order_line_id AND r.change < 0
        WHERE l.order_id = o.order_id)
    AND stock.order_is_open(o.order_id)
ORDER BY o.due_on NULLS LAST, o.number
LIMIT $1
