-- Of the sales and transfer orders that were due in the last days: how many there are, and how many had left by their day.
SELECT count(*) AS due, count(*) FILTER (WHERE s.moved >= s.ordered AND (m.last_at IS NULL OR (m.last_at AT TIME ZONE 'UTC')::date <= o.due_on)) AS on_time
FROM stock.orders o
JOIN stock.order_states s ON s.order_id = o.order_id
CROSS JOIN LATERAL (
    SELECT max(t.occurred_at) AS last_at
    FROM stock.order_lines l
    JOIN stock.transactions t ON t.order_line_id = l.order_line_id AND t.kind IN ('issue', 'transfer')
        AND t.occurred_at > now() - interval '1 day' * (2 * $1::integer)
    WHERE l.order_id = o.order_id) AS m
WHERE o.kind <> 'purchase' AND s.state NOT IN ('draft', 'cancelled')
    AND o.due_on BETWEEN (now() AT TIME ZONE 'UTC')::date - $1::integer AND (now() AT TIME ZONE 'UTC')::date - 1
