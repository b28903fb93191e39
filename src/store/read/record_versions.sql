-- The versions of a record; those of a product include its barcodes. The state before comes from the same row.
WITH meant (table_name, row_key) AS (
    SELECT 'products', p.product_id::text FROM stock.products p WHERE $1 = 'product' AND p.sku = $2
    UNION ALL
    SELECT 'locations', l.location_id::text FROM stock.locations l WHERE $1 = 'location' AND l.code = $2
    UNION ALL
    SELECT 'lots', o.lot_id::text FROM stock.lots o JOIN stock.products p ON p.product_id = o.product_id
    WHERE $1 = 'lot' AND p.sku = $2 AND o.code = $3
    UNION ALL
    SELECT 'partners', r.partner_id::text FROM stock.partners r WHERE $1 = 'partner' AND r.code = $2
    UNION ALL
    SELECT 'barcodes', b.barcode FROM stock.barcodes b JOIN stock.products p ON p.product_id = b.product_id
    WHERE $1 = 'product' AND p.sku = $2
    UNION
    SELECT 'barcodes', h.row_key FROM stock.master_history h JOIN stock.products p ON p.sku = $2
    WHERE $1 = 'product' AND h.table_name = 'barcodes' AND h.operation = 'delete'
        AND h.row_values ->> 'product_id' = p.product_id::text
)
SELECT v.changed_at, v.changed_by, v.operation, v.row_values, v.before
FROM (SELECT h.change_no, h.changed_at, h.changed_by::text AS changed_by, h.operation, h.row_values,
             lag(h.row_values) OVER (PARTITION BY h.table_name, h.row_key ORDER BY h.change_no) AS before
      FROM stock.master_history h JOIN meant m ON m.table_name = h.table_name AND m.row_key = h.row_key) AS v
ORDER BY v.change_no DESC
LIMIT $4
