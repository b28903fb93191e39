SELECT p.sku, p.name, o.code AS lot, o.expires_on,
       coalesce((SELECT sum(s.on_hand) FROM stock.stock_levels s WHERE s.lot_id = o.lot_id), 0) AS on_hand
FROM stock.lots o JOIN stock.products p ON p.product_id = o.product_id
WHERE $1 = '' OR strpos(upper(o.code), upper($1)) > 0 OR strpos(p.sku, upper($1)) > 0 OR strpos(lower(p.name), lower($1)) > 0
ORDER BY p.sku, o.code
LIMIT $2
