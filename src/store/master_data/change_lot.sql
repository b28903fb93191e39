UPDATE stock.lots AS lot SET expires_on = CASE WHEN $3 THEN $4 ELSE before.expires_on END
FROM (SELECT lot_id, expires_on FROM stock.lots WHERE product_id = $1 AND code = $2 FOR NO KEY UPDATE) AS before
WHERE lot.lot_id = before.lot_id
RETURNING before.expires_on
