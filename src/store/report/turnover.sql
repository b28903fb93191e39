SELECT p.sku, p.name, p.category, coalesce(i.quantity, 0) AS issued, coalesce(i.cost, 0) AS cost_issued,
    mean.value AS mean_value,
    round(coalesce(i.cost, 0) / nullif(mean.value, 0), 4) AS turnover,
    coalesce(last.on_hand, 0) AS on_hand,
    round(coalesce(last.on_hand, 0) * extract(epoch FROM period.ends - period.begins)::numeric / 86400 / nullif(i.quantity, 0), 1) AS days_of_cover
FROM period
CROSS JOIN product p
LEFT JOIN stock first ON first.product_id = p.product_id AND first.moment = period.begins
LEFT JOIN stock last ON last.product_id = p.product_id AND last.moment = period.ends
LEFT JOIN (
    SELECT product_id, sum(-quantity) AS quantity, sum(-total_cost) AS cost FROM moved WHERE kind = 'issue' GROUP BY product_id
) AS i ON i.product_id = p.product_id
CROSS JOIN LATERAL (SELECT (coalesce(first.value, 0) + coalesce(last.value, 0)) * 0.5 AS value) AS mean
WHERE i.quantity IS NOT NULL OR last.on_hand <> 0 OR first.on_hand <> 0
ORDER BY turnover DESC NULLS LAST, cost_issued DESC, p.sku
