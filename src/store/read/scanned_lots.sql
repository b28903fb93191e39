SELECT {columns}, lot.code AS lot, lot.expires_on AS lot_expires_on,
       coalesce((SELECT array_agg(place.code ORDER BY place.code)
                 FROM stock.stock_levels held JOIN stock.locations place USING (location_id)
                 WHERE held.product_id = lot.product_id AND held.lot_id = lot.lot_id AND held.on_hand > 0), '{}') AS held_at
FROM stock.lots lot
JOIN stock.products p USING (product_id)
{on_hand}
WHERE upper(lot.code COLLATE "C") = upper($1 COLLATE "C")
ORDER BY p.sku
LIMIT $2
