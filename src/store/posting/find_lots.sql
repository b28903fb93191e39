SELECT DISTINCT lot.product_id, lot.code, lot.lot_id, lot.expires_on
FROM unnest($1::bigint[], $2::text[]) AS l (product_id, code)
JOIN stock.lots lot ON lot.product_id = l.product_id AND lot.code = l.code
