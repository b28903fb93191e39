SELECT coalesce(round(sum(held.on_hand * p.unit_cost), 2), 0) AS at_cost, coalesce(round(sum(held.on_hand * p.unit_price), 2), 0) AS at_price,
    count(*) AS products_on_hand, count(*) FILTER (WHERE p.unit_cost IS NULL) AS products_without_cost
FROM (SELECT l.product_id, sum(l.on_hand) AS on_hand FROM stock.stock_levels l WHERE l.on_hand > 0 GROUP BY l.product_id) AS held
JOIN stock.products p USING (product_id)
