WITH RECURSIVE within (location_id) AS (
    SELECT location_id FROM stock.locations WHERE code = $1
    UNION
    SELECT l.location_id FROM stock.locations l JOIN within w ON l.parent_id = w.location_id
)
SELECT coalesce(array_agg(location_id), '{}') FROM within
