-- The first and the last of the months between two days for which the ledger has no partition. Days that
-- stock.ensure_partitions refuses count as missing, so that it is called and says why.
-- pg_class is read and not to_regclass: a session that has once looked for a name in vain may go on missing the
-- partition that another session creates meanwhile.
WITH missing AS (
    SELECT m::date AS month
    FROM generate_series(date_trunc('month', greatest($1::date, date '2000-01-01')::timestamp),
                         least($2::date, (now() + interval '25 months')::date)::timestamp, interval '1 month') AS m
    WHERE NOT EXISTS (SELECT FROM pg_class c
                      WHERE c.relnamespace = 'stock'::regnamespace AND c.relname = 'transactions_' || to_char(m, 'YYYY_MM'))
)
SELECT CASE WHEN r.refused THEN $1::date ELSE (SELECT min(month) FROM missing) END AS first,
       CASE WHEN r.refused THEN $2::date ELSE (SELECT max(month) FROM missing) END AS last,
       r.refused
FROM (SELECT $1::date < date '2000-01-01' OR $2::date > (now() + interval '25 months')::date AS refused) AS r
