INSERT INTO stock.locations (code, name, parent_id, kind)
VALUES ($1, $2, (SELECT location_id FROM stock.locations WHERE code = $3), $4)
ON CONFLICT (code) DO NOTHING
