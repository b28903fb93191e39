INSERT INTO stock.lots (product_id, code, expires_on)
SELECT DISTINCT ON (l.product_id, l.code) l.product_id, l.code, l.expires_on
FROM unnest($1::bigint[], $2::text[], $3::date[]) AS l (product_id, code, expires_on)
JOIN stock.products p ON p.product_id = l.product_id AND p.tracking <> 'none'
WHERE NOT EXISTS (SELECT FROM stock.lots known WHERE known.product_id = l.product_id AND known.code = l.code)
ON CONFLICT (product_id, code) DO NOTHING
