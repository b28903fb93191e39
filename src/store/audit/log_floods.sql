SELECT r.login, pg_catalog.count(*), coalesce(pg_catalog.sum(r.bytes), 0)::bigint, pg_catalog.min(r.logged_at)
FROM (SELECT l.login, l.class, l.logged_at, pg_catalog.lead(l.file_offset) OVER (PARTITION BY l.file_id ORDER BY l.line_no) - l.file_offset AS bytes
      FROM audit.lines l
      WHERE l.line_no >= (SELECT t.size FROM audit.trees t WHERE t.name = 'lines') - $1::bigint) AS r
WHERE r.login IS NOT NULL AND r.class IS DISTINCT FROM 'WRITE' AND r.logged_at > pg_catalog.now() - interval '1 hour'
GROUP BY r.login
HAVING pg_catalog.count(*) >= $2::bigint OR pg_catalog.sum(r.bytes) >= $3::bigint
ORDER BY 3 DESC, 1
LIMIT 10
