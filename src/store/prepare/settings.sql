-- The values of settings, in the order asked for; an empty text for one that is not set or does not exist. NULL for one that this
-- login may not read: it is missing from pg_settings, and so is one that does not exist, which only a reader of all can tell apart.
-- The second column says whether there is such a setting.
SELECT CASE WHEN may.read_all OR EXISTS (SELECT FROM pg_catalog.pg_settings s WHERE lower(s.name) = lower(wanted.name))
            THEN coalesce(current_setting(wanted.name, true), '') END,
    EXISTS (SELECT FROM pg_catalog.pg_settings s WHERE lower(s.name) = lower(wanted.name))
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)
CROSS JOIN (SELECT pg_has_role('pg_read_all_settings', 'USAGE') AS read_all) AS may
ORDER BY wanted.place
