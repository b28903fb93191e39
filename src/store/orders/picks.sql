SELECT t.posted_by::text AS login, count(*) AS picks, count(DISTINCT l.order_id) AS orders, max(t.occurred_at) AS last_at
FROM stock.transactions t
JOIN stock.order_lines l ON l.order_line_id = t.order_line_id
JOIN stock.locations taken ON taken.location_id = t.from_location_id AND taken.kind <> 'dock'
JOIN stock.locations put ON put.location_id = t.to_location_id AND put.kind = 'dock'
WHERE t.occurred_at >= $1 AND t.id >= $2 AND t.order_line_id IS NOT NULL AND t.kind = 'transfer'
    AND NOT EXISTS (SELECT FROM stock.reversals r WHERE r.reversed_id = t.id)
GROUP BY t.posted_by
ORDER BY picks DESC, login
LIMIT $3
