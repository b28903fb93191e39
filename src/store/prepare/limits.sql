-- Bounds on what one login can take from everybody else, and functions that nobody but the schema needs. Run by
-- `stockroom db init` as a superuser inside the database, after its roles and schemas exist.
-- temp_file_limit holds for everybody but superusers. The timeouts are defaults for psql, which a session can change; the
-- collector ends sessions that go beyond them (stock.end_stale_sessions).
GRANT pg_read_all_stats TO stock_user_manager;
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET temp_file_limit TO ''4GB''', current_database());
    EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout TO ''60s''', current_database());
    EXECUTE format('ALTER DATABASE %I SET lock_timeout TO ''10s''', current_database());
END;
$$;
-- Advisory locks serve the collector, the migrations and hot levels (stock.lock_levels).
REVOKE EXECUTE ON FUNCTION
    pg_advisory_lock(bigint), pg_advisory_lock(integer, integer),
    pg_advisory_lock_shared(bigint), pg_advisory_lock_shared(integer, integer),
    pg_advisory_xact_lock(bigint), pg_advisory_xact_lock(integer, integer),
    pg_advisory_xact_lock_shared(bigint), pg_advisory_xact_lock_shared(integer, integer),
    pg_try_advisory_lock(bigint), pg_try_advisory_lock(integer, integer),
    pg_try_advisory_lock_shared(bigint), pg_try_advisory_lock_shared(integer, integer),
    pg_try_advisory_xact_lock(bigint), pg_try_advisory_xact_lock(integer, integer),
    pg_try_advisory_xact_lock_shared(bigint), pg_try_advisory_xact_lock_shared(integer, integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    pg_advisory_lock(integer, integer), pg_advisory_lock(bigint), pg_advisory_xact_lock(bigint), pg_try_advisory_lock(bigint)
    TO stock_owner, stock_collector;
-- Large objects are written past pgaudit and fill the disk; a listener that never reads fills the queue of notifications.
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), pg_notify(text, text) FROM PUBLIC;
