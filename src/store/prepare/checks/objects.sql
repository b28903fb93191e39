-- Objects that can write without a record, run code for others, or change what the program reads.
WITH extension_member AS (
    SELECT d.classid, d.objid FROM pg_depend d WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
)
SELECT 'advice', 'extension pgaudit', format('version %s is created, version %s is installed', e.extversion, a.default_version), 'ALTER EXTENSION pgaudit UPDATE'
FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = 'pgaudit' AND e.extversion <> a.default_version
UNION ALL
SELECT p.weight, 'extension ' || e.extname, p.power, format('DROP EXTENSION %I', e.extname)
FROM pg_extension e JOIN (VALUES
    ('adminpack', 'unsafe', 'writes, renames and deletes files of the server'),
    ('file_fdw', 'unsafe', 'reads files of the server'),
    ('dblink', 'unsafe', 'opens sessions on this and other servers'),
    ('postgres_fdw', 'unsafe', 'opens sessions on this and other servers'),
    ('pg_surgery', 'unsafe', 'changes rows without a record'),
    ('pageinspect', 'unsafe', 'reads rows whatever the privileges'),
    ('pg_walinspect', 'advice', 'reads changes whatever the privileges'),
    ('pg_cron', 'unsafe', 'runs statements at set times'),
    ('pg_background', 'unsafe', 'runs statements in other sessions'),
    ('pg_net', 'unsafe', 'sends data elsewhere'),
    ('http', 'unsafe', 'sends data elsewhere'),
    ('pgcrypto', 'advice', 'what it encrypts and decrypts is in plain text on the server and in its log'),
    ('plsh', 'unsafe', 'runs programs on the server'),
    ('multicorn', 'unsafe', 'runs Python on the server')) AS p (name, weight, power) ON p.name = e.extname
UNION ALL
SELECT 'unsafe', 'foreign server ' || quote_ident(srvname), 'data can leave and enter through it', format('DROP SERVER %I CASCADE', srvname) FROM pg_foreign_server
UNION ALL
SELECT 'unsafe', 'user mapping of ' || usename, 'on foreign server ' || srvname, format('DROP USER MAPPING FOR %I SERVER %I', usename, srvname) FROM pg_user_mappings
UNION ALL
-- Rows that a subscription applies bypass the executor, and so pgaudit.
SELECT 'unsafe', 'subscription ' || quote_ident(subname), 'rows that it applies are not recorded', format('ALTER SUBSCRIPTION %I DISABLE; DROP SUBSCRIPTION %I', subname, subname)
FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'unsafe', 'publication ' || quote_ident(pubname), 'every movement can be copied to another server', format('DROP PUBLICATION %I', pubname) FROM pg_publication
UNION ALL
SELECT 'unsafe', 'replication slot ' || slot_name, 'every movement can be copied to another server', format('SELECT pg_drop_replication_slot(%L)', slot_name)
FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database()
UNION ALL
SELECT 'unsafe', 'prepared transaction ' || gid, 'of ' || owner || ' since ' || prepared, format('ROLLBACK PREPARED %L, or commit it', gid)
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
-- pgaudit records nothing of what a definer function does.
SELECT 'unsafe', 'definer function ' || p.oid::regprocedure, format('runs as %s, who may write the ledger; what it does is not recorded', o.rolname), format('ALTER ROUTINE %s SECURITY INVOKER', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles o ON o.oid = p.proowner
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'stock', 'audit')
    AND NOT EXISTS (SELECT FROM extension_member x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid)
    AND (o.rolsuper OR pg_has_role(o.oid, 'stock_owner', 'member'))
UNION ALL
-- ALTER TABLE … DISABLE TRIGGER ALL disables the triggers of foreign keys, too.
SELECT 'unsafe', 'foreign keys of ' || t.tgrelid::regclass, 'the triggers that check them are disabled', format('ALTER TABLE %s ENABLE TRIGGER ALL, then ENABLE ALWAYS TRIGGER for each of its other triggers', t.tgrelid::regclass)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgisinternal AND t.tgenabled <> 'O' AND c.relnamespace IN (to_regnamespace('stock'), to_regnamespace('audit'))
GROUP BY t.tgrelid
UNION ALL
-- Two triggers on the table that refers and two on the one that is referred to; a partition has the first two only.
SELECT 'unsafe', format('foreign key %s of %s', k.conname, k.conrelid::regclass), 'triggers that check it are missing or run other functions', format('ALTER TABLE %s DROP CONSTRAINT %I, then add it again', k.conrelid::regclass, k.conname)
FROM pg_constraint k
WHERE k.contype = 'f' AND k.connamespace IN (to_regnamespace('stock'), to_regnamespace('audit'))
    AND (SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE t.tgconstraint = k.oid AND t.tgisinternal AND p.pronamespace = 'pg_catalog'::regnamespace AND p.proname LIKE 'RI\_FKey\_%')
        < CASE WHEN k.conparentid = 0 THEN 4 ELSE 2 END
UNION ALL
-- Names are looked up in pg_catalog first, so only what stands there can take the place of something built in.
SELECT 'unsafe', 'built-in function ' || p.oid::regprocedure, 'was added to pg_catalog', format('DROP ROUTINE %s', p.oid::regprocedure)
FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid >= 16384
    AND NOT EXISTS (SELECT FROM extension_member x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid)
UNION ALL
-- The server calls a built-in function by its number, unless the function is written in SQL, which is put in place of the call.
SELECT 'unsafe', 'built-in function ' || p.oid::regprocedure, 'was replaced by one in ' || l.lanname, 'restore the database from a backup'
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND (l.lanname NOT IN ('internal', 'c', 'sql') OR p.prosecdef OR p.proconfig IS NOT NULL)
UNION ALL
SELECT 'unsafe', 'built-in operator ' || o.oid::regoperator, 'was added to pg_catalog', format('DROP OPERATOR %s', o.oid::regoperator)
FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oid >= 16384
    AND NOT EXISTS (SELECT FROM extension_member x WHERE x.classid = 'pg_operator'::regclass AND x.objid = o.oid)
UNION ALL
SELECT 'unsafe', format('cast from %s to %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), 'was added', format('DROP CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))
FROM pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM extension_member x WHERE x.classid = 'pg_cast'::regclass AND x.objid = c.oid)
UNION ALL
SELECT 'unsafe', 'system relation ' || c.oid::regclass, 'was added to pg_catalog', 'SET allow_system_table_mods = on and drop it'
FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.oid >= 16384
UNION ALL
SELECT 'unsafe', 'system relation ' || x.relation::regclass, 'has ' || x.what, 'SET allow_system_table_mods = on and drop it'
FROM (SELECT tgrelid, 'the trigger ' || tgname FROM pg_trigger UNION ALL SELECT polrelid, 'the policy ' || polname FROM pg_policy
      UNION ALL SELECT ev_class, 'the rule ' || rulename FROM pg_rewrite w WHERE w.rulename <> '_RETURN' AND w.oid >= 16384) AS x (relation, what)
JOIN pg_class c ON c.oid = x.relation WHERE c.relnamespace = 'pg_catalog'::regnamespace
