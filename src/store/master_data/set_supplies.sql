INSERT INTO stock.product_suppliers (product_id, partner_id, their_code, price, pack, minimum, lead_days)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[], $7::integer[])
ON CONFLICT (product_id, partner_id) DO UPDATE SET their_code = excluded.their_code, price = excluded.price,
    pack = excluded.pack, minimum = excluded.minimum, lead_days = excluded.lead_days
