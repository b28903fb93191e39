SELECT l.order_line_id, l.line_no, p.sku, p.name, p.unit, g.ordered AS quantity, g.reserved,
    coalesce((SELECT sum(a.open) FROM stock.allocations a JOIN stock.locations c ON c.location_id = a.location_id AND c.kind = 'dock'
              WHERE a.order_line_id = l.order_line_id), 0) AS picked,
    g.moved, g.returned, greatest(g.ordered - g.moved, 0) AS open, g.over_percent, l.unit_price AS price
FROM stock.order_lines l
JOIN stock.order_progress g ON g.order_line_id = l.order_line_id
JOIN stock.products p ON p.product_id = l.product_id
WHERE l.order_id = $1
ORDER BY l.line_no
