UPDATE stock.locations SET
    name = CASE WHEN $2 THEN $3 ELSE name END,
    parent_id = CASE WHEN $4 THEN $5 ELSE parent_id END,
    kind = coalesce($6, kind)
WHERE location_id = $1
