WITH page AS (
    SELECT l.order_id, l.line_no, l.order_line_id, l.product_id, l.unit_price, g.ordered, g.over_percent, g.reserved, g.moved
    FROM stock.order_lines l
    JOIN stock.order_progress g ON g.order_line_id = l.order_line_id AND g.ordered > 0
    WHERE (l.order_id, l.line_no) > ($1, $2)
    ORDER BY l.order_id, l.line_no
    LIMIT $3
)
SELECT o.order_id, o.number, o.kind, s.state, p.code AS partner, o.partner_reference, o.due_on, ship_to.code AS ship_to, d.code AS "to", o.note,
    page.line_no, product.sku, page.ordered AS quantity, page.unit_price, page.over_percent, page.reserved, page.moved
FROM page
JOIN stock.orders o ON o.order_id = page.order_id
JOIN stock.order_states s ON s.order_id = o.order_id
JOIN stock.products product ON product.product_id = page.product_id
LEFT JOIN stock.partners p ON p.partner_id = o.partner_id
LEFT JOIN stock.partners ship_to ON ship_to.partner_id = o.ship_to_id
LEFT JOIN stock.locations d ON d.location_id = o.to_location_id
ORDER BY page.order_id, page.line_no
