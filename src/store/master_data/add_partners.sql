INSERT INTO stock.partners (code, name, kind)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (code) DO NOTHING
