-- What is reserved at counted levels beyond the figure that was counted, the newest promises first: what the newest orders
-- hold is released until the rest fits.
SELECT r.order_line_id, r.product_id, r.location_id, r.lot_id, least(r.open, r.beyond) AS released
FROM (SELECT a.order_line_id, a.product_id, a.location_id, a.lot_id, a.open,
             -- What is promised beyond the count, less what newer promises give back.
             sum(a.open) OVER (PARTITION BY k.number) - k.counted
                 - coalesce(sum(a.open) OVER (PARTITION BY k.number ORDER BY e.confirmed_at DESC NULLS FIRST, l.order_id DESC, l.line_no DESC
                                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS beyond
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::numeric[]) WITH ORDINALITY AS k (product_id, location_id, lot_id, counted, number)
      JOIN stock.allocations a ON a.product_id = k.product_id AND a.location_id = k.location_id AND a.open > 0
          AND (a.lot_id = k.lot_id OR (a.lot_id IS NULL AND k.lot_id IS NULL))
      JOIN stock.order_lines l ON l.order_line_id = a.order_line_id
      CROSS JOIN LATERAL (SELECT min(e.posted_at) AS confirmed_at FROM stock.order_events e
                          WHERE e.order_id = l.order_id AND e.kind = 'confirmed') AS e) AS r
WHERE r.beyond > 0
ORDER BY r.order_line_id, r.product_id, r.location_id, r.lot_id
