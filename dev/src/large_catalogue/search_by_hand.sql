-- What a web system would send for its search box: the text anywhere in the codes and the name.
SELECT p.sku, p.name, p.unit,
    (SELECT coalesce(sum(l.on_hand), 0) FROM stock.stock_levels l WHERE l.product_id = p.product_id) AS on_hand
FROM stock.products p
WHERE p.archived_at IS NULL
    AND (p.sku ILIKE '%' || $1 || '%' OR p.name ILIKE '%' || $1 || '%'
        OR EXISTS (SELECT FROM stock.barcodes b WHERE b.product_id = p.product_id AND b.barcode ILIKE '%' || $1 || '%'))
ORDER BY p.sku
LIMIT 50
