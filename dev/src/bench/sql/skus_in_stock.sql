-- From all over the catalogue: the hash of a key has no order.
SELECT p.sku::text
FROM stock.products p
WHERE EXISTS (SELECT FROM stock.level_availability s WHERE s.product_id = p.product_id AND s.available >= 1)
ORDER BY hashint8(p.product_id)
LIMIT $1
