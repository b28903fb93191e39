-- Changes to orders and lines that the triggers of the database refuse: those made after the first event of the order, except for
-- lines that an event adds, and those to a draft by another than its author.
WITH changed AS MATERIALIZED (
    SELECT h.change_no, h.table_name, h.row_key, h.operation, h.changed_by::text AS changed_by, h.changed_at::text AS changed_at, h.row_values ->> 'order_id' AS order_id
    FROM stock.master_history h
    WHERE h.table_name IN ('orders', 'order_lines') AND h.operation <> 'existing' AND {newer}
), decided AS MATERIALIZED (
    SELECT e.row_values ->> 'order_id' AS order_id, min(e.change_no) AS change_no,
        array_agg(e.row_values ->> 'order_line_id') FILTER (WHERE e.row_values ->> 'kind' = 'line_added') AS added
    FROM stock.master_history e
    WHERE e.table_name = 'order_events' AND {concerned}
    GROUP BY e.row_values ->> 'order_id'
)
SELECT c.change_no, c.table_name, c.row_key, c.operation, c.changed_by, c.changed_at,
    CASE WHEN d.change_no < c.change_no THEN NULL ELSE o.created_by::text END AS author
FROM changed c
LEFT JOIN decided d ON d.order_id = c.order_id
LEFT JOIN stock.orders o ON o.order_id::text = c.order_id
WHERE CASE WHEN d.change_no < c.change_no
           THEN c.table_name = 'orders' OR c.operation <> 'insert' OR (c.row_key = ANY (d.added)) IS NOT TRUE
           ELSE c.changed_by <> o.created_by END
ORDER BY c.change_no
LIMIT $1
