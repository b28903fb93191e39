SELECT a.order_id, a.what
FROM (SELECT e.order_id, e.kind AS what, 1 AS place FROM stock.order_events e WHERE e.id = $1
      UNION ALL
      SELECT l.order_id, t.kind::text, 2
      FROM stock.transactions t JOIN stock.order_lines l ON l.order_line_id = t.order_line_id
      WHERE t.occurred_at = $3 AND t.id BETWEEN $1 AND $2 AND t.posting_id = $1
      UNION ALL
      SELECT l.order_id, 'reservation', 3
      FROM stock.reservations r JOIN stock.order_lines l ON l.order_line_id = r.order_line_id
      WHERE r.id BETWEEN $1 AND $2 AND r.posting_id = $1) AS a
ORDER BY a.place
LIMIT 1
