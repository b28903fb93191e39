SELECT p.sku, p.name, p.category, m.issues, m.issued, m.returned, m.revenue
FROM (
    SELECT product_id,
        count(*) FILTER (WHERE kind = 'issue')::numeric AS issues,
        coalesce(sum(-quantity) FILTER (WHERE kind = 'issue'), 0) AS issued,
        coalesce(sum(quantity) FILTER (WHERE is_return), 0) AS returned,
        coalesce(sum(-quantity * unit_price), 0) AS revenue
    FROM moved WHERE kind = 'issue' OR is_return
    GROUP BY product_id
) AS m
JOIN product p USING (product_id)
ORDER BY m.issued DESC, m.revenue DESC, p.sku
