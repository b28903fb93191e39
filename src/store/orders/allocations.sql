SELECT o.number, l.line_no, l.order_line_id, p.sku, p.name, p.unit, c.code AS location, lot.code AS lot, lot.expires_on, a.open,
    c.kind = 'dock' AS picked, o.due_on,
    (SELECT min(e.posted_at) FROM stock.order_events e WHERE e.order_id = o.order_id AND e.kind = 'confirmed') AS confirmed_at
FROM stock.orders o
JOIN stock.order_lines l ON l.order_id = o.order_id
JOIN stock.allocations a ON a.order_line_id = l.order_line_id AND a.open > 0
JOIN stock.products p ON p.product_id = a.product_id
JOIN stock.locations c ON c.location_id = a.location_id
LEFT JOIN stock.lots lot ON lot.lot_id = a.lot_id
WHERE {condition}
ORDER BY c.code, p.sku, lot.expires_on NULLS LAST, lot.lot_id, o.due_on NULLS LAST, o.number, l.line_no
