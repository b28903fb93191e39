SELECT l.order_line_id, l.line_no, p.sku, l.quantity, l.unit_price, l.over_percent
FROM stock.order_lines l
JOIN stock.products p ON p.product_id = l.product_id
WHERE l.order_id = $1
ORDER BY l.line_no
