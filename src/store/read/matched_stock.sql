-- What is on hand of products at the locations, or of the lots, that a search found them by. A location counts with all within it.
WITH RECURSIVE asked (sku, code, is_lot) AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
), inside (root, location_id) AS (
    SELECT l.code, l.location_id FROM stock.locations l WHERE l.code IN (SELECT code FROM asked WHERE NOT is_lot)
    UNION
    SELECT inside.root, l.location_id FROM inside JOIN stock.locations l ON l.parent_id = inside.location_id
)
SELECT p.sku, sum(l.on_hand) AS on_hand, sum(l.available) AS available, min(l.expires_on) FILTER (WHERE l.on_hand > 0) AS expires_on
FROM asked a
JOIN stock.products p ON p.sku = a.sku
JOIN stock.level_availability l ON l.product_id = p.product_id
WHERE CASE WHEN a.is_lot THEN l.lot = a.code
           ELSE EXISTS (SELECT FROM inside i WHERE i.root = a.code AND i.location_id = l.location_id) END
GROUP BY p.sku
