SELECT 'count' AS source, c.id::text AS row_id,
       pg_catalog.jsonb_build_object(
           'id', c.id, 'counted_at', c.counted_at, 'posting_id', c.posting_id, 'product_id', c.product_id,
           'location_id', c.location_id, 'lot_id', c.lot_id, 'expected', c.expected, 'counted', c.counted,
           'posted_at', c.posted_at, 'posted_by', c.posted_by, 'xid', c.xid::text)::text AS leaf,
       NULL AS table_name, NULL AS operation, c.posted_by::text AS login, c.xid::text AS xid, c.posted_at AS at,
       {c.visible} AS is_visible, {c.judged} AS is_judged, {c.written_by} AS written_by
FROM stock.stock_counts c WHERE {c.condition}
UNION ALL
SELECT 'change', h.change_no::text,
       pg_catalog.jsonb_build_object(
           'change_no', h.change_no, 'table_name', h.table_name, 'row_key', h.row_key, 'operation', h.operation,
           'changed_at', h.changed_at, 'changed_by', h.changed_by, 'xid', h.xid::text, 'row_values', h.row_values)::text,
       h.table_name, h.operation, h.changed_by::text, h.xid::text, h.changed_at,
       {h.visible}, {h.judged}, {h.written_by}
FROM stock.master_history h WHERE {h.condition}
