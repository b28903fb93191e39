SELECT p.sku, p.name, p.category, s.cost AS cost_issued,
    round(100 * s.cost / nullif(s.total, 0), 2) AS share,
    round(100 * s.up_to / nullif(s.total, 0), 2) AS cumulative_share,
    -- A product belongs to the class in which it begins.
    CASE WHEN s.cost = 0 OR (s.up_to - s.cost) * 100 >= s.total * 95 THEN 'C'
         WHEN (s.up_to - s.cost) * 100 >= s.total * 80 THEN 'B' ELSE 'A' END AS class
FROM (
    SELECT i.product_id, i.cost, sum(i.cost) OVER () AS total,
        sum(i.cost) OVER (ORDER BY i.cost DESC, i.sku ROWS UNBOUNDED PRECEDING) AS up_to
    FROM (
        SELECT m.product_id, p.sku, sum(-m.total_cost) AS cost
        FROM moved m JOIN product p USING (product_id) WHERE m.kind = 'issue' GROUP BY m.product_id, p.sku
    ) AS i
) AS s
JOIN product p USING (product_id)
ORDER BY s.cost DESC, p.sku
