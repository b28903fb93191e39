UPDATE bench.stock_levels s
SET on_hand = s.on_hand + d.delta
FROM (
    SELECT product_id, location_id, sum(delta) AS delta
    FROM unnest($1::bigint[], $2::bigint[], $3::numeric[]) AS l (product_id, location_id, delta)
    GROUP BY product_id, location_id
    ORDER BY product_id, location_id) AS d
WHERE s.product_id = d.product_id AND s.location_id = d.location_id AND s.lot_id IS NULL
