SELECT DISTINCT o.number
FROM stock.allocations a
JOIN stock.products p ON p.product_id = a.product_id AND p.sku = $1
JOIN stock.locations c ON c.location_id = a.location_id AND c.code = $2
LEFT JOIN stock.lots lot ON lot.lot_id = a.lot_id
JOIN stock.order_lines l ON l.order_line_id = a.order_line_id
JOIN stock.orders o ON o.order_id = l.order_id
WHERE a.open > 0 AND lot.code IS NOT DISTINCT FROM $3
ORDER BY o.number
LIMIT $4
