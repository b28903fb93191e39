SELECT p.sku, p.name, p.category, m.lost, m.found, m.cost_lost, m.cost_found, m.cost_lost - m.cost_found AS shrinkage
FROM (
    SELECT product_id,
        coalesce(sum(-quantity) FILTER (WHERE quantity < 0), 0) AS lost,
        coalesce(sum(quantity) FILTER (WHERE quantity > 0), 0) AS found,
        coalesce(sum(-total_cost) FILTER (WHERE quantity < 0), 0) AS cost_lost,
        coalesce(sum(total_cost) FILTER (WHERE quantity > 0), 0) AS cost_found
    FROM moved WHERE kind = 'adjustment'
    GROUP BY product_id
) AS m
JOIN product p USING (product_id)
ORDER BY shrinkage DESC, m.cost_lost DESC, p.sku
