SELECT sum(s.available) AS quantity, partner.code AS partner, f.first_expiry
FROM stock.orders o
JOIN stock.partners partner ON partner.partner_id = o.partner_id
CROSS JOIN LATERAL (SELECT stock.first_expiry(o.order_id) AS first_expiry) AS f
JOIN stock.products p ON p.sku = $2
JOIN stock.level_availability s ON s.product_id = p.product_id AND s.available > 0 AND s.expires_on < f.first_expiry
WHERE o.order_id = $1
GROUP BY partner.code, f.first_expiry
