-- How many orders are open and late, for the metrics of the service: counts, and nothing of the orders themselves. The condition
-- is that of stock.order_states, for all orders at once.

CREATE VIEW stock.order_counts AS
SELECT o.kind, count(*) AS open_orders, count(*) FILTER (WHERE o.due_on < (now() AT TIME ZONE 'UTC')::date) AS late_orders
FROM stock.orders o
JOIN (SELECT e.order_id, sum(CASE WHEN e.kind IN ('confirmed', 'reopened') THEN 1 WHEN e.kind IN ('closed', 'cancelled') THEN -1 ELSE 0 END) AS balance
      FROM stock.order_events e GROUP BY e.order_id) AS e ON e.order_id = o.order_id AND e.balance = 1
WHERE EXISTS (
    SELECT FROM stock.order_lines l JOIN stock.order_progress g ON g.order_line_id = l.order_line_id
    WHERE l.order_id = o.order_id AND g.moved < g.ordered)
GROUP BY o.kind;
COMMENT ON VIEW stock.order_counts IS 'How many orders of each kind are open and late. A kind without open orders has no row.';
COMMENT ON COLUMN stock.order_counts.kind IS 'purchase, sales or transfer.';
COMMENT ON COLUMN stock.order_counts.open_orders IS 'Orders that are confirmed, neither closed nor cancelled, and not delivered in full.';
COMMENT ON COLUMN stock.order_counts.late_orders IS 'Those of them whose day has passed.';
REVOKE ALL ON stock.order_counts FROM PUBLIC;
GRANT SELECT ON stock.order_counts TO stock_service;
