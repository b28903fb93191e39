-- Texts that somebody may type into the search box, from all over the catalogue, $1 of each kind.
WITH spread AS (
    SELECT number, (SELECT max(product_id) FROM stock.products) * number / ($1::bigint + 1) AS product_id
    FROM generate_series(1, $1::bigint) AS number)
SELECT p.sku AS text FROM spread JOIN stock.products p USING (product_id)
UNION ALL
SELECT p.name FROM spread JOIN stock.products p USING (product_id)
UNION ALL
SELECT split_part(p.name, ' ', 2 + (p.product_id % 3)::integer) FROM spread JOIN stock.products p USING (product_id)
UNION ALL
SELECT b.barcode
FROM spread
JOIN LATERAL (SELECT barcode FROM stock.barcodes b WHERE b.product_id = spread.product_id LIMIT 1) AS b ON true
UNION ALL
SELECT l.code
FROM spread
JOIN LATERAL (
    SELECT code FROM stock.lots l WHERE l.product_id >= spread.product_id ORDER BY l.product_id LIMIT 1) AS l ON true
UNION ALL
SELECT l.code
FROM spread
JOIN LATERAL (
    SELECT code FROM stock.locations l WHERE l.location_id >= spread.product_id % 10000 ORDER BY l.location_id LIMIT 1) AS l ON true
