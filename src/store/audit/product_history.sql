-- Rows of stock.product_history that are not what the history of master data says a product was before a change, and changes that
-- are missing there. What is older than the history of master data cannot be compared.
WITH change AS (
    SELECT h.row_key::bigint AS product_id, h.changed_by, h.operation, h.row_values, h.changed_at,
        pg_catalog.lag(h.row_values) OVER (PARTITION BY h.row_key ORDER BY h.change_no) AS before
    FROM stock.master_history h WHERE h.table_name = 'products'
), expected AS (
    SELECT c.product_id, c.changed_by, c.before ->> 'name' AS name, c.before ->> 'unit' AS unit, c.before ->> 'category' AS category,
        (c.before ->> 'reorder_point')::numeric AS reorder_point, (c.before ->> 'unit_cost')::numeric AS unit_cost,
        (c.before ->> 'unit_price')::numeric AS unit_price, (c.before ->> 'archived_at')::timestamptz AS archived_at
    FROM change c WHERE c.operation = 'update' AND c.before IS DISTINCT FROM c.row_values
), found AS (
    SELECT p.product_id, p.changed_by, p.name, p.unit, p.category, p.reorder_point, p.unit_cost, p.unit_price, p.archived_at
    FROM stock.product_history p
    -- The two rows of a change are written one after the other.
    WHERE p.changed_at >= (SELECT pg_catalog.min(c.changed_at) FROM change c WHERE c.product_id = p.product_id) - interval '1 second'
)
SELECT d.product_id, d.is_found, pg_catalog.concat_ws(', ', 'by ' || d.changed_by, 'name ' || d.name, 'unit ' || d.unit, 'category ' || d.category,
    'reorder point ' || d.reorder_point, 'unit cost ' || d.unit_cost, 'unit price ' || d.unit_price, 'archived at ' || d.archived_at)
FROM (SELECT f.*, true AS is_found FROM (SELECT * FROM found EXCEPT ALL SELECT * FROM expected) AS f
      UNION ALL SELECT e.*, false FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM found) AS e) AS d
ORDER BY 1, 2, 3
LIMIT $1
