SELECT p.code, p.name, p.kind, p.min_life_days
FROM stock.partners p
WHERE $1 = '' OR strpos(upper(p.code), upper($1)) > 0 OR strpos(lower(p.name), lower($1)) > 0
ORDER BY p.code <> upper($1), p.code
LIMIT $2
