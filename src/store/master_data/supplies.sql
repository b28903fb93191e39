SELECT p.sku, partner.code AS supplier, s.their_code, s.price, s.pack, s.minimum, s.lead_days
FROM stock.product_suppliers s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.partners partner ON partner.partner_id = s.partner_id
WHERE p.sku = $1
ORDER BY s.price NULLS LAST, s.lead_days NULLS LAST, s.supply_id
