SELECT e.kind, e.posted_by::text AS by, e.posted_at AS at, e.reason, l.line_no, e.change
FROM stock.order_events e
LEFT JOIN stock.order_lines l ON l.order_line_id = e.order_line_id
WHERE e.order_id = $1
ORDER BY e.posted_at, e.id
