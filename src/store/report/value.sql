SELECT p.sku, p.name, p.category, s.on_hand, s.value, s.at_standard_cost, s.without_cost
FROM stock s
JOIN period ON s.moment = period.ends
JOIN product p USING (product_id)
WHERE s.on_hand <> 0
ORDER BY s.value DESC, p.sku
