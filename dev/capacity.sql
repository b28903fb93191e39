-- How much space a movement takes: in the ledger, its indexes, the server log and the collected log. Run by a superuser on a
-- database whose log has been collected, such as that of the demo:
--
--   psql --no-psqlrc --file dev/capacity.sql "$SUPERUSER_URL"

\set ON_ERROR_STOP on
VACUUM (ANALYZE) stock.transactions, stock.stock_levels, audit.lines, audit.sealed;

-- Only months with movements, and of the log only the records of writes: what preparing the server wrote does not grow.
-- A row of the collected log has about 150 bytes besides the text of its entry.
CREATE TEMPORARY TABLE sizes AS
WITH relations (part, root) AS (
    VALUES ('ledger', 'stock.transactions'::regclass), ('seal', 'audit.sealed'), ('collected log', 'audit.lines')
), leaves AS (
    SELECT r.part, t.relid
    FROM relations r CROSS JOIN LATERAL (SELECT relid FROM pg_partition_tree(r.root) UNION SELECT r.root) AS t
    JOIN pg_class c ON c.oid = t.relid AND c.relkind = 'r' AND c.reltuples > 0
), writes AS (
    SELECT sum(pg_column_size(raw) + 150) FILTER (WHERE class = 'WRITE')::numeric / sum(pg_column_size(raw) + 150) AS share FROM audit.lines
)
SELECT part, sum(pg_table_size(relid)) * CASE part WHEN 'collected log' THEN share ELSE 1 END AS table_bytes,
    sum(pg_indexes_size(relid)) * CASE part WHEN 'collected log' THEN share ELSE 1 END AS index_bytes
FROM leaves CROSS JOIN writes GROUP BY part, share
UNION ALL
SELECT 'server log', sum(octet_length(raw)), 0 FROM audit.lines WHERE class = 'WRITE';

\echo 'What was measured'
SELECT (SELECT count(*) FROM stock.transactions) AS movements,
    (SELECT count(DISTINCT posting_id) FROM stock.transactions) AS postings,
    (SELECT count(*) FROM audit.lines WHERE class = 'WRITE') AS records_of_writes;

\echo 'Bytes a movement, and a year of a million movements'
SELECT part, round(table_bytes / number) AS "table", round(index_bytes / number) AS indexes,
    round((table_bytes + index_bytes) / number) AS together,
    pg_size_pretty(round((table_bytes + index_bytes) / number * 1000000)) AS a_million
FROM sizes CROSS JOIN (SELECT count(*) AS number FROM stock.transactions) AS movements
ORDER BY part;
