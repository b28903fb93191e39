-- What the checks of `stockroom db check` need to read beyond what everybody may. Run by `stockroom db init` as a superuser inside
-- the database, after the migrations.
GRANT SELECT ON pg_catalog.pg_hba_file_rules TO stock_auditor;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO stock_auditor;
GRANT SELECT (rolname, rolpassword) ON pg_catalog.pg_authid TO stock_log_reader;
CREATE OR REPLACE FUNCTION audit.weak_passwords(OUT login name, OUT weakness text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$SELECT rolname, CASE WHEN rolpassword LIKE 'md5%' THEN 'stored as an MD5 hash, which can be used in place of the password' ELSE 'hashed with fewer than 4096 iterations' END FROM pg_authid WHERE rolpassword LIKE 'md5%' OR rolpassword LIKE 'SCRAM-%' AND split_part(split_part(rolpassword, '$', 2), ':', 1)::integer < 4096 ORDER BY rolname$$;
COMMENT ON FUNCTION audit.weak_passwords() IS 'Lists logins whose password is stored in a weak form, without showing the stored form.';
ALTER FUNCTION audit.weak_passwords() OWNER TO stock_log_reader;
REVOKE ALL ON FUNCTION audit.weak_passwords() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.weak_passwords() TO stock_auditor;
