WITH low AS (
    SELECT p.product_id, p.sku, p.name, p.decimals, p.unit_cost, p.reorder_point, coalesce(s.available, 0) AS available, coalesce(o.on_order, 0) AS on_order
    FROM stock.products p
    LEFT JOIN LATERAL (SELECT sum(l.available) AS available FROM stock.level_availability l WHERE l.product_id = p.product_id) AS s ON true
    LEFT JOIN stock.on_order o ON o.product_id = p.product_id
    WHERE p.reorder_point IS NOT NULL AND p.archived_at IS NULL AND coalesce(s.available, 0) + coalesce(o.on_order, 0) <= p.reorder_point
    ORDER BY p.sku
    LIMIT $1
)
SELECT low.sku, low.name, partner.code AS supplier, supply.their_code, coalesce(supply.price, low.unit_cost) AS price, coalesce(supply.pack, 1) AS pack,
    supply.lead_days,
    low.reorder_point, low.available, low.on_order, demand.quantity AS demand,
    -- Up to twice the reorder point, so that the product is not low again at once; in whole packs.
    ceil(greatest(2 * low.reorder_point - low.available - low.on_order, coalesce(supply.minimum, 0), 1) / coalesce(supply.pack, 1))
        * coalesce(supply.pack, 1) AS quantity
FROM low
LEFT JOIN LATERAL (
    SELECT * FROM stock.product_suppliers s WHERE s.product_id = low.product_id ORDER BY s.price NULLS LAST, s.lead_days NULLS LAST, s.supply_id LIMIT 1) AS supply ON true
LEFT JOIN stock.partners partner ON partner.partner_id = supply.partner_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(t.quantity), 0) AS quantity FROM stock.transactions t
    WHERE t.product_id = low.product_id AND t.kind = 'issue' AND t.occurred_at > now() - interval '4 weeks') AS demand
ORDER BY partner.code NULLS LAST, low.sku
