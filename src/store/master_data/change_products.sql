UPDATE stock.products AS p SET
    name = coalesce(c.name, p.name),
    unit = coalesce(c.unit, p.unit),
    category = CASE WHEN c.sets_category THEN c.category ELSE p.category END,
    reorder_point = CASE WHEN c.sets_reorder_point THEN c.reorder_point ELSE p.reorder_point END,
    unit_cost = CASE WHEN c.sets_cost THEN c.unit_cost ELSE p.unit_cost END,
    unit_price = CASE WHEN c.sets_price THEN c.unit_price ELSE p.unit_price END
FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::boolean[], $7::numeric[],
            $8::boolean[], $9::numeric[], $10::boolean[], $11::numeric[])
    AS c (sku, name, unit, sets_category, category, sets_reorder_point, reorder_point,
          sets_cost, unit_cost, sets_price, unit_price)
WHERE p.sku = c.sku
