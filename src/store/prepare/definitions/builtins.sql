-- What belongs to PostgreSQL itself and decides what a query returns: functions written in SQL and views one by one, the rest
-- as one digest for each kind. What minor releases have changed or added to is left out: some statistics views, and the functions of
-- pg_upgrade (15.20 has one more than 15.18), which refuse to run outside it.
SELECT 'built-in function', p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid))
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND l.lanname = 'sql' AND p.prokind IN ('f', 'p')
UNION ALL
SELECT 'system view', c.oid::regclass::text, md5(pg_get_viewdef(c.oid))
FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.oid < 16384 AND c.relkind = 'v' AND c.relname NOT LIKE 'pg\_stats\_ext%'
UNION ALL
SELECT 'built-in functions', 'written in C', md5(string_agg(concat_ws(' ', p.oid, p.proname, p.prosrc, p.prolang, p.provolatile, p.prosupport::oid, p.prorettype, p.proargtypes), E'\n' ORDER BY p.oid))
FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND p.prolang = 12 AND p.proname NOT LIKE 'binary\_upgrade\_%'
UNION ALL
SELECT 'built-in operators', 'all', md5(string_agg(concat_ws(' ', o.oid, o.oprname, o.oprcode::oid, o.oprcom, o.oprnegate, o.oprleft, o.oprright), E'\n' ORDER BY o.oid))
FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oid < 16384
UNION ALL
SELECT 'built-in casts', 'all', md5(string_agg(concat_ws(' ', c.oid, c.castsource, c.casttarget, c.castfunc, c.castcontext, c.castmethod), E'\n' ORDER BY c.oid))
FROM pg_cast c WHERE c.oid < 16384
UNION ALL
SELECT 'built-in aggregates', 'all', md5(string_agg(concat_ws(' ', a.aggfnoid::oid, a.aggtransfn::oid, a.aggfinalfn::oid, a.agginitval), E'\n' ORDER BY a.aggfnoid::oid))
FROM pg_aggregate a WHERE a.aggfnoid::oid < 16384
UNION ALL
SELECT 'built-in types', 'all', md5(string_agg(concat_ws(' ', t.oid, t.typname, t.typinput::oid, t.typoutput::oid, t.typreceive::oid, t.typsend::oid), E'\n' ORDER BY t.oid))
FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.oid < 10000
