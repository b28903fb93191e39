SELECT 'product' AS kind, product_id AS key, sku AS code FROM stock.products WHERE sku = ANY ($1)
UNION ALL
SELECT 'location', location_id, code FROM stock.locations WHERE code = ANY ($2)
UNION ALL
SELECT 'partner', partner_id, code FROM stock.partners WHERE code = ANY ($3)
