-- How many data keys there are, and how many of them are restricted, where the events tell otherwise. Auditors may not read the keys.
WITH last_event AS (
    SELECT DISTINCT ON (e.subject_kind, e.subject) e.subject_kind, e.subject, e.kind
    FROM stock.privacy_events e
    WHERE e.kind IN ('key_created', 'erased', 'restricted', 'restriction_lifted')
    ORDER BY e.subject_kind, e.subject, e.event_no DESC
), expected AS (
    SELECT e.subject_kind, pg_catalog.count(*) AS keys, pg_catalog.count(*) FILTER (WHERE e.kind = 'restricted') AS restricted
    FROM last_event e WHERE e.kind <> 'erased' GROUP BY e.subject_kind
), found AS (
    SELECT v.subject_kind, pg_catalog.sum(v.keys)::bigint AS keys, pg_catalog.sum(v.restricted)::bigint AS restricted
    FROM stock.data_key_versions() v GROUP BY v.subject_kind
)
SELECT coalesce(e.subject_kind, f.subject_kind), coalesce(e.keys, 0), coalesce(e.restricted, 0), coalesce(f.keys, 0), coalesce(f.restricted, 0)
FROM expected e FULL JOIN found f ON f.subject_kind = e.subject_kind
WHERE coalesce(e.keys, 0) <> coalesce(f.keys, 0) OR coalesce(e.restricted, 0) <> coalesce(f.restricted, 0)
ORDER BY 1
