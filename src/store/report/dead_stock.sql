SELECT p.sku, p.name, p.category, s.on_hand, s.value,
    max(f.occurred_at) FILTER (WHERE f.kind = 'issue') AS last_issue,
    max(f.occurred_at) FILTER (WHERE f.kind = 'receipt') AS last_receipt
FROM stock s
JOIN period ON s.moment = period.ends
JOIN product p USING (product_id)
LEFT JOIN flow f ON f.moment = s.moment AND f.product_id = s.product_id
WHERE s.on_hand <> 0
GROUP BY p.sku, p.name, p.category, s.on_hand, s.value, period.begins
HAVING coalesce(max(f.occurred_at) FILTER (WHERE f.kind = 'issue') < period.begins, true)
ORDER BY s.value DESC, p.sku
