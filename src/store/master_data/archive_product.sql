WITH wanted AS (
    SELECT product_id, (archived_at IS NULL) = $2 AS differs FROM stock.products WHERE sku = $1
), changed AS (
    UPDATE stock.products AS p SET archived_at = CASE WHEN $2 THEN now() END
    FROM wanted w WHERE p.product_id = w.product_id AND w.differs
)
SELECT w.differs AS changed,
    coalesce((SELECT sum(l.on_hand) FROM stock.stock_levels l WHERE l.product_id = w.product_id), 0) AS on_hand
FROM wanted w
