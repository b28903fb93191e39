SELECT sku, 1::numeric AS pack_quantity FROM stock.products WHERE sku = $2
UNION ALL
SELECT p.sku, b.pack_quantity FROM stock.barcodes b JOIN stock.products p USING (product_id) WHERE b.barcode = $1
LIMIT 1
