//! Objects that do not belong to Stockroom: what is set up, the finding that names it, and how it is undone.

use super::How::Sql;
use super::{Case, case};

/// The weaknesses.
pub const CASES: &[Case] = &[
    case(
        "A definer function of a superuser",
        Sql,
        "CREATE FUNCTION public.post() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'",
        "definer function public.post()",
        "DROP FUNCTION public.post()",
    ),
    case(
        "The extension pgaudit is missing",
        Sql,
        "DROP EXTENSION pgaudit",
        "extension pgaudit",
        "CREATE EXTENSION pgaudit SCHEMA public",
    ),
    case(
        "An event trigger of pgaudit is disabled",
        Sql,
        "ALTER EVENT TRIGGER pgaudit_sql_drop DISABLE",
        "event trigger pgaudit_sql_drop",
        "ALTER EVENT TRIGGER pgaudit_sql_drop ENABLE",
    ),
    case(
        "An event trigger was added",
        Sql,
        "CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER ours ON ddl_command_end EXECUTE FUNCTION public.on_ddl()",
        "event trigger ours",
        "DROP EVENT TRIGGER ours; DROP FUNCTION public.on_ddl()",
    ),
    case(
        "An extension writes files of the server (adminpack)",
        Sql,
        "CREATE EXTENSION adminpack",
        "extension adminpack",
        "DROP EXTENSION adminpack",
    ),
    case(
        "An extension reads files of the server (file_fdw)",
        Sql,
        "CREATE EXTENSION file_fdw SCHEMA public",
        "extension file_fdw",
        "DROP EXTENSION file_fdw",
    ),
    case(
        "An extension opens other sessions (dblink)",
        Sql,
        "CREATE EXTENSION dblink SCHEMA public",
        "extension dblink",
        "DROP EXTENSION dblink",
    ),
    case(
        "An extension changes rows without a record (pg_surgery)",
        Sql,
        "CREATE EXTENSION pg_surgery SCHEMA public",
        "extension pg_surgery",
        "DROP EXTENSION pg_surgery",
    ),
    case(
        "A foreign server",
        Sql,
        "CREATE EXTENSION postgres_fdw SCHEMA public; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR clerk SERVER elsewhere",
        "foreign server elsewhere",
        "DROP EXTENSION postgres_fdw CASCADE",
    ),
    case(
        "An untrusted language",
        Sql,
        "CREATE LANGUAGE free HANDLER plpgsql_call_handler",
        "language free",
        "DROP LANGUAGE free",
    ),
    case(
        "A subscription",
        Sql,
        "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
        "subscription s",
        "ALTER SUBSCRIPTION s SET (slot_name = NONE);; DROP SUBSCRIPTION s",
    ),
    case(
        "A publication",
        Sql,
        "CREATE PUBLICATION p FOR TABLE stock.transactions",
        "publication p",
        "DROP PUBLICATION p",
    ),
    case(
        "A logical replication slot",
        Sql,
        "SELECT pg_create_logical_replication_slot('s', 'pgoutput')",
        "replication slot s",
        "SELECT pg_drop_replication_slot('s')",
    ),
    case(
        "A function was added to pg_catalog",
        Sql,
        "CREATE FUNCTION pg_catalog.pg_xact_status(text) RETURNS text LANGUAGE sql AS $$SELECT 'aborted'$$",
        "built-in function pg_xact_status(text)",
        "DROP FUNCTION pg_catalog.pg_xact_status(text)",
    ),
    case(
        "A built-in function was replaced",
        Sql,
        "CREATE OR REPLACE FUNCTION pg_catalog.obj_description(oid, name) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$SELECT 'x'::text$$",
        "built-in function obj_description(oid,name)",
        "{obj_description}",
    ),
    case(
        "A cast was added",
        Sql,
        "CREATE CAST (text AS bigint) WITH INOUT AS ASSIGNMENT",
        "cast from text to bigint",
        "DROP CAST (text AS bigint)",
    ),
    case(
        "An operator was added to pg_catalog",
        Sql,
        "CREATE FUNCTION public.always(numeric, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR pg_catalog.=== (LEFTARG = numeric, RIGHTARG = bigint, FUNCTION = public.always)",
        "built-in operator",
        "DROP OPERATOR pg_catalog.=== (numeric, bigint); DROP FUNCTION public.always(numeric, bigint)",
    ),
    case(
        "A system table has a trigger",
        Sql,
        "SET allow_system_table_mods = on; CREATE TRIGGER extra AFTER INSERT ON pg_authid FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change(); RESET allow_system_table_mods",
        "system relation pg_authid",
        "SET allow_system_table_mods = on; DROP TRIGGER extra ON pg_authid; RESET allow_system_table_mods",
    ),
];
