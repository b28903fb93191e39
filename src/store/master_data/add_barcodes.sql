INSERT INTO stock.barcodes (barcode, product_id, pack_quantity)
SELECT b.barcode, p.product_id, b.pack_quantity
FROM unnest($1::text[], $2::text[], $3::numeric[]) AS b (sku, barcode, pack_quantity)
JOIN stock.products p ON p.sku = b.sku
ON CONFLICT (barcode) DO NOTHING
