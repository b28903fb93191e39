-- The structure of the schemas in $1 as one row of JSON documents. Monthly partitions are left out,
-- and so is everything that depends on the day on which the database was made.
WITH listed AS (
    SELECT c.oid, c.relkind, c.relowner, c.relacl, obj_description(c.oid, 'pg_class') AS comment,
        CASE n.nspname WHEN 'stock' THEN '' ELSE n.nspname || '.' END || c.relname AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
), ours AS (
    SELECT f.oid, f.prolang, f.proowner, f.proacl, f.prosecdef, f.prorettype, obj_description(f.oid, 'pg_proc') AS comment,
        CASE n.nspname WHEN 'stock' THEN '' ELSE n.nspname || '.' END || f.proname AS name
    FROM pg_proc f
    JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE n.nspname = ANY ($1::text[])
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
), enums AS (
    SELECT t.oid, t.typowner, t.typacl, obj_description(t.oid, 'pg_type') AS comment,
        CASE n.nspname WHEN 'stock' THEN '' ELSE n.nspname || '.' END || t.typname AS name
    FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = ANY ($1::text[]) AND t.typtype IN ('e', 'd')
), partitions AS (
    SELECT l.oid AS parent, c.oid, c.relname, pg_get_expr(c.relpartbound, c.oid) AS bound,
        obj_description(c.oid, 'pg_class') AS comment, c.relname ~ '_[0-9]{4}_[0-9]{2}$' AS monthly
    FROM listed l
    JOIN pg_inherits i ON i.inhparent = l.oid
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE l.relkind = 'p'
), keys AS (
    SELECT k.*, ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part (number, place)
                      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.number ORDER BY part.place) AS columns
    FROM pg_constraint k
    WHERE k.conparentid = 0 AND k.contype IN ('p', 'u', 'f', 'c', 'x')
), triggers AS (
    SELECT t.tgrelid, t.tgname, t.tgenabled, f.proname,
        -- What follows the name of the trigger, without the name of the table.
        regexp_replace(regexp_replace(pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER \S+ ', ''),
                       ' ON \S+(.*) EXECUTE FUNCTION .*$', '\1') AS fires
    FROM pg_trigger t
    JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
), granted AS (
    SELECT 'table' AS kind, l.name AS object, l.relowner AS owner, a.grantee, a.privilege_type AS privilege, NULL::text AS part, 0 AS place
    FROM listed l CROSS JOIN aclexplode(coalesce(l.relacl, acldefault('r', l.relowner))) AS a
    UNION ALL
    SELECT 'table', l.name, l.relowner, a.grantee, a.privilege_type, c.attname, c.attnum
    FROM listed l JOIN pg_attribute c ON c.attrelid = l.oid CROSS JOIN aclexplode(c.attacl) AS a
    UNION ALL
    SELECT 'function', o.name || '(' || oidvectortypes(f.proargtypes) || ')', o.proowner, a.grantee, a.privilege_type, NULL, 0
    FROM ours o JOIN pg_proc f ON f.oid = o.oid CROSS JOIN aclexplode(coalesce(o.proacl, acldefault('f', o.proowner))) AS a
    UNION ALL
    SELECT 'type', e.name, e.typowner, a.grantee, a.privilege_type, NULL, 0
    FROM enums e CROSS JOIN aclexplode(coalesce(e.typacl, acldefault('T', e.typowner))) AS a
    UNION ALL
    SELECT 'schema', n.nspname, n.nspowner, a.grantee, a.privilege_type, NULL, 0
    FROM pg_namespace n CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
    WHERE n.nspname = ANY ($1::text[]) OR n.nspname = 'public'
    UNION ALL
    SELECT 'database', 'this database', d.datdba, a.grantee, a.privilege_type, NULL, 0
    FROM pg_database d CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
    WHERE d.datname = current_database()
    UNION ALL
    SELECT 'language', g.lanname, g.lanowner, a.grantee, a.privilege_type, NULL, 0
    FROM pg_language g CROSS JOIN aclexplode(coalesce(g.lanacl, acldefault('l', g.lanowner))) AS a
    WHERE g.lanpltrusted AND g.lanname <> 'sql'
), privileges AS (
    SELECT g.kind, g.object, coalesce(r.rolname::text, 'PUBLIC') AS role,
        g.privilege || coalesce(' (' || string_agg(g.part, ', ' ORDER BY g.place) || ')', '') AS privilege
    FROM granted g
    LEFT JOIN pg_roles r ON r.oid = g.grantee
    WHERE g.grantee <> g.owner AND (g.grantee = 0 OR r.rolname LIKE 'stock\_%')
    GROUP BY g.kind, g.object, r.rolname, g.grantee, g.privilege, (g.part IS NULL)
)
SELECT
    (SELECT coalesce(json_agg(json_build_object('name', n.nspname, 'comment', obj_description(n.oid, 'pg_namespace')) ORDER BY n.nspname DESC), '[]')
     FROM pg_namespace n WHERE n.nspname = ANY ($1::text[])) AS schemas,
    (SELECT coalesce(json_agg(json_build_object('name', r.rolname, 'can_login', r.rolcanlogin, 'create_role', r.rolcreaterole,
                'comment', shobj_description(r.oid, 'pg_authid'),
                'member_of', ARRAY(SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                                   WHERE m.member = r.oid AND g.rolname ~ '^(stock|pg)_' ORDER BY g.rolname)) ORDER BY r.rolname), '[]')
     FROM pg_roles r WHERE r.rolname LIKE 'stock\_%') AS roles,
    (SELECT coalesce(json_agg(json_build_object('name', e.name, 'comment', e.comment,
                'values', ARRAY(SELECT v.enumlabel FROM pg_enum v WHERE v.enumtypid = e.oid ORDER BY v.enumsortorder)) ORDER BY e.name COLLATE "C"), '[]')
     FROM enums e) AS types,
    (SELECT coalesce(json_agg(json_build_object('name', l.name, 'kind', CASE WHEN l.relkind IN ('r', 'p') THEN 'table' ELSE 'view' END, 'comment', l.comment,
                'columns', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                'nullable', NOT a.attnotnull,
                                'default', CASE WHEN a.attidentity <> '' THEN 'generated' ELSE pg_get_expr(d.adbin, d.adrelid) END,
                                'comment', col_description(l.oid, a.attnum)) ORDER BY a.attnum), '[]')
                            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = l.oid AND d.adnum = a.attnum
                            WHERE a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped),
                'constraints', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid),
                                    'kind', CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE 'exclusion' END,
                                    'columns', k.columns, 'references', target.name) ORDER BY array_position('{p,u,f,c,x}'::text[], k.contype::text), k.conname), '[]')
                                FROM keys k LEFT JOIN listed target ON target.oid = k.confrelid WHERE k.conrelid = l.oid),
                'indexes', (SELECT coalesce(json_agg(json_build_object('name', i.relname, 'definition', regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '')) ORDER BY i.relname), '[]')
                            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                            WHERE x.indrelid = l.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = l.oid)),
                'triggers', (SELECT coalesce(json_agg(json_build_object('name', t.tgname, 'fires', t.fires, 'function', t.proname, 'always', t.tgenabled = 'A') ORDER BY t.tgname), '[]')
                             FROM triggers t WHERE t.tgrelid = l.oid),
                'partitioned_by', CASE WHEN l.relkind = 'p' THEN pg_get_partkeydef(l.oid) END,
                'monthly_partitions', EXISTS (SELECT FROM partitions p WHERE p.parent = l.oid AND p.monthly),
                'other_partitions', (SELECT coalesce(json_agg(json_build_object('name', p.relname, 'bound', p.bound, 'comment', p.comment,
                                        'checks', ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
                                                        WHERE k.conrelid = p.oid AND k.contype = 'c' AND k.conislocal AND k.coninhcount = 0 ORDER BY k.conname)) ORDER BY p.relname), '[]')
                                     FROM partitions p WHERE p.parent = l.oid AND NOT p.monthly),
                'partition_triggers', (SELECT coalesce(json_agg(json_build_object('name', g.tgname, 'fires', g.fires, 'function', g.proname, 'always', g.always) ORDER BY g.tgname), '[]')
                                       FROM (SELECT t.tgname, t.fires, t.proname, bool_and(t.tgenabled = 'A') AS always
                                             FROM partitions p JOIN triggers t ON t.tgrelid = p.oid
                                             WHERE p.parent = l.oid GROUP BY 1, 2, 3) AS g),
                'reads', ARRAY(SELECT DISTINCT source.name FROM pg_rewrite w
                               JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
                               JOIN listed source ON source.oid = d.refobjid
                               WHERE w.ev_class = l.oid AND source.oid <> l.oid ORDER BY source.name)
                ) ORDER BY l.name COLLATE "C"), '[]')
     FROM listed l) AS relations,
    (SELECT coalesce(json_agg(json_build_object('name', o.name, 'arguments', pg_get_function_arguments(o.oid), 'returns', pg_get_function_result(o.oid),
                'is_trigger', o.prorettype = 'trigger'::regtype, 'runs_as_owner', o.prosecdef, 'owner', r.rolname, 'comment', o.comment)
                ORDER BY o.name COLLATE "C", pg_get_function_arguments(o.oid) COLLATE "C"), '[]')
     FROM ours o JOIN pg_roles r ON r.oid = o.proowner) AS functions,
    (SELECT coalesce(json_agg(json_build_object('role', g.role, 'kind', g.kind, 'object', g.object, 'privileges', g.privileges)
                ORDER BY g.role COLLATE "C", array_position('{database,schema,table,function,type,language}'::text[], g.kind), g.object COLLATE "C"), '[]')
     FROM (SELECT role, kind, object, array_agg(privilege ORDER BY privilege COLLATE "C") AS privileges FROM privileges GROUP BY role, kind, object) AS g) AS grants
