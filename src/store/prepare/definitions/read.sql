-- Everything that the migrations and `db init` create, one row for each object: its kind, its name with the table that it
-- belongs to, and its definition as text. Names are schema-qualified, because the search path of the session is pg_catalog.
-- In the definition of a monthly partition, its name is replaced by that of a template, so that a partition of any month
-- can be compared. $1 are the roles of Stockroom.
WITH ours AS (
    SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace n WHERE n.nspname IN ('stock', 'audit')
), relations AS (
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reltablespace,
        c.relhastriggers, c.relhasrules, c.relhasindex, c.relchecks, c.relacl, c.reloptions, c.relispartition, c.relpartbound, n.nspname,
        format('%I.%I', n.nspname, c.relname) AS name,
        CASE WHEN c.relname ~ '^(transactions|lines)_[0-9]{4}_[0-9]{2}$' THEN regexp_replace(c.relname, '_[0-9]{4}_[0-9]{2}$', '_YYYY_MM') ELSE c.relname END AS template
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
), tables AS (
    SELECT * FROM relations WHERE relkind IN ('r', 'p', 'f')
), functions AS (
    SELECT f.*, format('%I.%I(%s)', n.nspname, f.proname, oidvectortypes(f.proargtypes)) AS name
    FROM pg_proc f JOIN ours n ON n.oid = f.pronamespace
    -- CREATE EXTENSION puts what it creates into the first schema of the search path. $2 are extensions that only watch.
    WHERE NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                          AND x.extname = ANY ($2::text[]) AND f.probin = '$libdir/' || x.extname)
), found (kind, object, definition) AS (
    SELECT 'schema', n.nspname::text, 'owner ' || pg_get_userbyid(n.nspowner) FROM ours n
    UNION ALL
    SELECT CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
        r.name,
        concat_ws(E'\n', 'owner ' || pg_get_userbyid(r.relowner),
            CASE r.relpersistence WHEN 'u' THEN 'unlogged' END,
            CASE WHEN r.relrowsecurity THEN 'row-level security enabled' END,
            CASE WHEN r.relforcerowsecurity THEN 'row-level security forced' END,
            CASE WHEN r.relkind = 'p' THEN 'partitioned by ' || pg_get_partkeydef(r.oid) END,
            -- The server reads these columns to know what to look for; a superuser can write them.
            CASE WHEN NOT r.relhastriggers AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = r.oid) THEN 'triggers do not fire (relhastriggers)' END,
            CASE WHEN NOT r.relhasrules AND EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = r.oid) THEN 'rules do not apply (relhasrules)' END,
            CASE WHEN NOT r.relhasindex AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid) THEN 'indexes are not kept (relhasindex)' END,
            CASE WHEN r.relchecks <> (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = r.oid AND k.contype = 'c') THEN 'CHECKs do not apply (relchecks)' END,
            -- Rows of a child are read with those of its parent, and have none of its triggers.
            (SELECT string_agg('has the child ' || h.oid::regclass, E'\n' ORDER BY h.oid::regclass::text)
             FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid
             WHERE i.inhparent = r.oid AND h.relkind IN ('r', 'p', 'f')
                AND NOT (h.relnamespace IN (SELECT o.oid FROM ours o) AND h.relname ~ '^(transactions|lines)_([0-9]{4}_[0-9]{2}|default)$')),
            (SELECT format('starts at %s, by %s, from %s to %s, cache %s%s', q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, CASE WHEN q.seqcycle THEN ', cycles' END)
             FROM pg_sequence q
             WHERE q.seqrelid = r.oid AND ROW(q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle)
                IS DISTINCT FROM ROW(1::bigint, 1::bigint, 1::bigint, CASE q.seqtypid WHEN 'integer'::regtype THEN 2147483647 ELSE 9223372036854775807 END, 1::bigint, false)),
            (SELECT string_agg(CASE WHEN p.relkind = 'p' THEN 'partition of ' ELSE 'inherits ' END || p.oid::regclass
                        || coalesce(' ' || CASE WHEN r.relpartbound IS NULL THEN NULL
                               WHEN r.template <> r.relname AND pg_get_expr(r.relpartbound, r.oid)
                                    = format('FOR VALUES FROM (%L) TO (%L)', bound.low || ' 00:00:00+00', bound.high || ' 00:00:00+00')
                               THEN 'for its month' ELSE pg_get_expr(r.relpartbound, r.oid) END, ''), E'\n' ORDER BY i.inhseqno)
             FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
             LEFT JOIN LATERAL (
                 SELECT replace(right(r.relname, 7), '_', '-') || '-01' AS low,
                     (make_date(substr(right(r.relname, 7), 1, 4)::integer, right(r.relname, 2)::integer, 1) + interval '1 month')::date::text AS high
                 WHERE r.template <> r.relname AND right(r.relname, 2) BETWEEN '01' AND '12'
             ) AS bound ON true
             WHERE i.inhrelid = r.oid),
            (SELECT 'options ' || string_agg(o, ', ' ORDER BY o) FROM unnest(r.reloptions) AS o WHERE o ~ '^(security_|check_option|user_catalog)'),
            CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END)
    FROM relations r
    UNION ALL
    SELECT 'column', format('%I of %s', a.attname, r.name),
        concat_ws(' ', format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END,
            CASE WHEN a.attnotnull THEN 'NOT NULL' END,
            CASE a.attidentity WHEN 'a' THEN 'GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY' END,
            CASE WHEN a.attgenerated <> '' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
                 ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END)
    FROM tables r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    -- The foreign keys that point to single partitions follow from the one that points to the ledger.
    SELECT 'constraint', format('%I of %s', k.conname, r.name),
        pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
    FROM tables r JOIN pg_constraint k ON k.conrelid = r.oid
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND NOT (k.contype = 'f' AND k.conparentid <> 0)
    UNION ALL
    SELECT 'index', format('%I.%I of %s', n.nspname, c.relname, r.name),
        regexp_replace(replace(pg_get_indexdef(i.indexrelid), r.relname, r.template), '[a-z_]+[.]gin_trgm_ops', 'gin_trgm_ops')
        || CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN '' ELSE ' (invalid)' END
        || CASE WHEN i.indimmediate THEN '' ELSE ' (deferrable)' END
    FROM relations r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 'trigger', format('%I of %s', t.tgname, r.name),
        replace(pg_get_triggerdef(t.oid), r.relname, r.template)
        || E'\nfires ' || CASE t.tgenabled WHEN 'A' THEN 'always' WHEN 'D' THEN 'never: it is disabled' WHEN 'R' THEN 'only when session_replication_role is replica'
                              ELSE 'unless session_replication_role is replica' END
    FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', format('%I of %s', w.rulename, r.name), pg_get_ruledef(w.oid)
    FROM relations r JOIN pg_rewrite w ON w.ev_class = r.oid
    WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', format('%I of %s', p.polname, r.name),
        concat_ws(' ', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'for', p.polcmd::text,
            'to', (SELECT string_agg(CASE q WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(q)::text END, ', ') FROM unnest(p.polroles) AS q),
            'using (' || pg_get_expr(p.polqual, p.polrelid) || ')', 'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
    FROM relations r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'function', f.name,
        'owner ' || pg_get_userbyid(f.proowner) || E'\n' || CASE WHEN f.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(f.oid) ELSE 'an aggregate' END
    FROM functions f
    UNION ALL
    SELECT 'type', format('%I.%I', n.nspname, t.typname),
        concat_ws(E'\n', 'owner ' || pg_get_userbyid(t.typowner), 'kind ' || t.typtype::text, nullif(format_type(t.typbasetype, t.typtypmod), '-'),
            (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
            (SELECT string_agg(pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
    FROM pg_type t JOIN ours n ON n.oid = t.typnamespace
    WHERE t.typelem = 0 AND (t.typtype <> 'c' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'i')
    UNION ALL
    SELECT 'operator', o.oid::regoperator::text, 'function ' || o.oprcode::regprocedure
    FROM pg_operator o JOIN ours n ON n.oid = o.oprnamespace
    UNION ALL
    -- What an owner may do with its own objects is not listed: it could grant it to itself at any time.
    SELECT 'grant', 'on ' || g.object || ' to ' || g.grantee, string_agg(g.privilege, ', ' ORDER BY g.privilege COLLATE "C")
    FROM (
        SELECT o.kind || ' ' || o.object AS object,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
            a.privilege_type || coalesce(' (' || string_agg(o.part, ', ' ORDER BY o.place) || ')', '') || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END AS privilege
        FROM (
            SELECT 'schema' AS kind, n.nspname::text AS object, n.nspowner AS owner, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl, NULL::text AS part, 0 AS place
            FROM pg_namespace n WHERE n.nspname IN ('stock', 'audit', 'public')
            UNION ALL
            SELECT CASE r.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, r.name, r.relowner,
                coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", r.relowner)), NULL, 0 FROM relations r
            UNION ALL
            SELECT 'table', r.name, r.relowner, c.attacl, c.attname, c.attnum
            FROM relations r JOIN pg_attribute c ON c.attrelid = r.oid AND c.attacl IS NOT NULL AND NOT c.attisdropped
            UNION ALL
            SELECT 'function', f.name, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner)), NULL, 0 FROM functions f
            UNION ALL
            SELECT 'type', format('%I.%I', n.nspname, t.typname), t.typowner, coalesce(t.typacl, acldefault('T', t.typowner)), NULL, 0
            FROM pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r')
            UNION ALL
            SELECT 'database', 'this', d.datdba, coalesce(d.datacl, acldefault('d', d.datdba)), NULL, 0
            FROM pg_database d WHERE d.datname = current_database()
            UNION ALL
            SELECT 'language', l.lanname, l.lanowner, coalesce(l.lanacl, acldefault('l', l.lanowner)), NULL, 0
            FROM pg_language l WHERE l.lanname = 'plpgsql'
        ) AS o CROSS JOIN aclexplode(o.acl) AS a
        WHERE a.grantee <> o.owner
            -- The schema public belongs to this role or, in an old database, to a superuser.
            AND NOT (o.kind = 'schema' AND o.object = 'public' AND a.grantee = 'pg_database_owner'::regrole)
        GROUP BY o.kind, o.object, a.grantee, a.privilege_type, a.is_grantable, (o.part IS NULL)
    ) AS g
    GROUP BY g.object, g.grantee
    UNION ALL
    SELECT 'default privileges', x.name, x.acl
    FROM (
        SELECT concat_ws(' ', pg_get_userbyid(d.defaclrole), n.nspname, d.defaclobjtype::text) AS name,
            coalesce((SELECT string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END || ' ' || a.privilege_type, ', ' ORDER BY a.grantee::regrole::text, a.privilege_type)
                      FROM aclexplode(d.defaclacl) AS a WHERE a.grantee <> d.defaclrole), 'nothing for others than the owner') AS acl
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        WHERE n.nspname IN ('stock', 'audit') OR n.nspname IS NULL AND pg_get_userbyid(d.defaclrole) LIKE 'stock\_%'
    ) AS x
    UNION ALL
    SELECT 'role', r.rolname::text,
        concat_ws(' ', CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
            CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
            CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,
            CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END)
    FROM pg_roles r
    WHERE r.rolname IN (SELECT unnest($1::text[]))
    UNION ALL
    SELECT 'membership', 'of ' || quote_ident(m.rolname) || ' in ' || g.rolname, CASE WHEN bool_or(x.admin_option) THEN 'with admin option' ELSE 'without admin option' END
    FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN pg_roles m ON m.oid = x.member
    WHERE m.rolname IN (SELECT unnest($1::text[]))
        -- From PostgreSQL 16 on, who creates a login may administer it. Logins are none of these roles.
        AND (g.rolname IN (SELECT unnest($1::text[])) OR g.rolname LIKE 'pg\_%')
    GROUP BY m.rolname, g.rolname
    UNION ALL
    SELECT 'setting', e.name, e.value
    FROM (
        SELECT CASE WHEN s.setrole = 0 THEN 'of this database' ELSE 'of ' || pg_get_userbyid(s.setrole) END || ': ' || lower(split_part(entry, '=', 1)) AS name,
            substr(entry, strpos(entry, '=') + 1) AS value
        FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS entry
        WHERE (s.setrole = 0 AND s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
            OR (s.setdatabase = 0 AND pg_get_userbyid(s.setrole) IN (SELECT unnest($1::text[])))
    ) AS e
    UNION ALL
    SELECT 'extension', x.extname::text, 'installed'
    FROM pg_extension x WHERE x.extname IN ('pgaudit', 'pg_trgm')
    UNION ALL
    SELECT 'event trigger', quote_ident(t.evtname),
        format('on %s runs %s, %s', t.evtevent, (SELECT f.proname FROM pg_proc f WHERE f.oid = t.evtfoid), CASE t.evtenabled WHEN 'O' THEN 'enabled' WHEN 'A' THEN 'enabled' WHEN 'D' THEN 'disabled' ELSE 'enabled for replicas only' END)
    FROM pg_event_trigger t
)
SELECT f.kind, f.object, f.definition FROM found f ORDER BY f.kind COLLATE "C", f.object COLLATE "C"
