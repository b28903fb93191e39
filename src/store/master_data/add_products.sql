INSERT INTO stock.products (sku, name, unit, decimals, category, reorder_point, unit_cost, unit_price, tracking)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::text[])
ON CONFLICT (sku) DO NOTHING
