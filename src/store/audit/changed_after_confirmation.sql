-- Orders and lines that were changed after the first event of their order. The triggers of the database refuse that, except for
-- lines that an event adds.
WITH decided AS (
    SELECT h.row_values ->> 'order_id' AS order_id, min(h.change_no) AS change_no
    FROM stock.master_history h
    WHERE h.table_name = 'order_events'
    GROUP BY h.row_values ->> 'order_id'
)
SELECT h.change_no, h.table_name, h.row_key, h.operation, h.changed_by::text, h.changed_at::text
FROM stock.master_history h
JOIN decided d ON d.order_id = h.row_values ->> 'order_id' AND d.change_no < h.change_no
WHERE h.table_name = 'orders'
    OR h.table_name = 'order_lines' AND NOT (h.operation = 'insert' AND h.row_key IN (
        SELECT e.row_values ->> 'order_line_id' FROM stock.master_history e
        WHERE e.table_name = 'order_events' AND e.row_values ->> 'kind' = 'line_added'))
ORDER BY h.change_no
LIMIT $1
