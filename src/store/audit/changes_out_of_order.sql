-- Changes with a lower number than an earlier change of the same row: the number tells which change is the last, and the server
-- counts up. A second is left for corrections of the clock.
SELECT c.change_no, c.table_name, c.row_key, c.operation, c.changed_by::text AS changed_by, c.changed_at::text AS changed_at
FROM (SELECT h.*, pg_catalog.max(h.changed_at) OVER (PARTITION BY h.table_name, h.row_key ORDER BY h.change_no
                                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_at
      FROM stock.master_history h) AS c
WHERE c.changed_at < c.earlier_at - interval '1 second'
ORDER BY c.change_no
LIMIT $1
