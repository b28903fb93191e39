WITH this AS MATERIALIZED (SELECT product_id FROM stock.products WHERE sku = $1),
moved AS (
    SELECT least((t.occurred_at AT TIME ZONE 'UTC')::date, $4::date) AS day,
        sum(CASE WHEN t.to_location_id IS NULL THEN 0 ELSE t.quantity END - CASE WHEN t.from_location_id IS NULL THEN 0 ELSE t.quantity END) AS delta
    FROM stock.transactions t
    WHERE t.product_id = (SELECT product_id FROM this) AND t.id >= $2 AND t.occurred_at >= $3 GROUP BY 1),
now (on_hand) AS (SELECT coalesce(sum(s.on_hand), 0) FROM stock.stock_levels s WHERE s.product_id = (SELECT product_id FROM this))
SELECT days.day, now.on_hand - (sum(coalesce(moved.delta, 0)) OVER (ORDER BY days.day DESC) - coalesce(moved.delta, 0)) AS on_hand
FROM (SELECT $4::date - back AS day FROM generate_series(0, $5::integer - 1) AS back) AS days
CROSS JOIN now LEFT JOIN moved ON moved.day = days.day
ORDER BY days.day
