-- A month of collected lines is dropped only if it holds the oldest lines, without a gap. An empty month used to pass,
-- because a comparison with NULL is not false.

CREATE OR REPLACE FUNCTION audit.retire_month(partition text, lines_below bigint, frontier bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first_line bigint;
    last_line bigint;
    line_count bigint;
    retired_below bigint;
BEGIN
    IF partition IS NULL OR partition !~ '^lines_[0-9]{4}_[0-9]{2}$'
       OR partition COLLATE "C" >= 'lines_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') THEN
        RAISE EXCEPTION '% is no month of lines that has passed.', partition USING ERRCODE = 'SR003', CONSTRAINT = 'month_has_passed';
    END IF;
    EXECUTE format('SELECT min(line_no), max(line_no), count(*) FROM audit.%I', partition) INTO first_line, last_line, line_count;
    SELECT coalesce(max(r.lines_below), 0) INTO retired_below FROM audit.retired r;
    -- From the oldest on and without a gap, so that what remains is one run of lines up to the newest.
    IF first_line IS DISTINCT FROM retired_below OR last_line + 1 IS DISTINCT FROM lines_below
       OR line_count IS DISTINCT FROM lines_below - retired_below THEN
        RAISE EXCEPTION 'Months of lines are dropped from the oldest on; % is not the oldest.', partition
            USING ERRCODE = 'SR003', CONSTRAINT = 'oldest_month_first';
    END IF;
    INSERT INTO audit.retired (partition_name, lines_below, frontier) VALUES (partition, lines_below, frontier);
    EXECUTE format('DROP TABLE audit.%I', partition);
END;
$$;
COMMENT ON FUNCTION audit.retire_month(text, bigint, bytea) IS 'Drops the oldest month of collected log entries, and keeps what later checkpoints need.';

COMMENT ON TABLE audit.retired IS 'Months of collected log entries that were dropped. Each is confirmed by a checkpoint, signed with the key of the seal, that names the month; a verification reports any other.';
COMMENT ON TABLE audit.lines IS 'Every entry of the server log as it was collected, partitioned by the month of collection. The other columns are derived from raw, for searching; a verification derives them again and compares them.';
