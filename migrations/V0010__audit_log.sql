-- The log of the server, collected line by line, and the seal over it and over the ledger.
-- Everything here belongs to stock_owner; the migration runner has done SET ROLE.

CREATE TABLE audit.files (
    file_id       integer GENERATED ALWAYS AS IDENTITY,
    name          text COLLATE "C" NOT NULL,
    read_to       bigint NOT NULL DEFAULT 0,
    first_read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_read_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT files_pkey PRIMARY KEY (file_id),
    CONSTRAINT files_name_key UNIQUE (name),
    CONSTRAINT files_read_to_not_negative CHECK (read_to >= 0)
);
COMMENT ON TABLE audit.files IS 'The files of the server log and how far each has been collected. A line and the place behind it are stored in one transaction, so that none is collected twice or left out.';
COMMENT ON COLUMN audit.files.file_id IS 'Surrogate key, given by the server.';
COMMENT ON COLUMN audit.files.name IS 'The name of the file in the log directory.';
COMMENT ON COLUMN audit.files.read_to IS 'The first byte that has not been collected.';
COMMENT ON COLUMN audit.files.first_read_at IS 'When the first line of it was collected.';
COMMENT ON COLUMN audit.files.last_read_at IS 'When the last line of it was collected.';

-- No foreign key on file_id: it would cost a trigger call for each line.
CREATE TABLE audit.lines (
    line_no       bigint NOT NULL,
    collected_at  timestamptz NOT NULL,
    file_id       integer NOT NULL,
    file_offset   bigint NOT NULL,
    logged_at     timestamptz(3),
    session_id    text,
    session_line  bigint,
    login         text,
    database_name text,
    remote_host   text,
    severity      text,
    class         text,
    command       text,
    object_name   text,
    raw           bytea NOT NULL,
    leaf_hash     bytea NOT NULL,
    CONSTRAINT lines_pkey PRIMARY KEY (line_no, collected_at),
    CONSTRAINT lines_numbers CHECK (line_no >= 0 AND file_offset >= 0 AND length(leaf_hash) = 32)
) PARTITION BY RANGE (collected_at);
COMMENT ON TABLE audit.lines IS 'Every line of the server log as it was collected, partitioned by the month of collection. Verification reads raw and nothing else; the other columns are for people who look for something.';
COMMENT ON COLUMN audit.lines.line_no IS 'Dense number in the order of collection, from 0; the number of its leaf in the tree over the lines.';
COMMENT ON COLUMN audit.lines.collected_at IS 'When it was collected; never earlier than for the line before, even when the clock was put back.';
COMMENT ON COLUMN audit.lines.file_id IS 'The file that it was in.';
COMMENT ON COLUMN audit.lines.file_offset IS 'The place of its first byte in the file.';
COMMENT ON COLUMN audit.lines.logged_at IS 'When the server wrote it, as it says itself; null when it cannot be read.';
COMMENT ON COLUMN audit.lines.session_id IS 'Start time and number of the server process, hexadecimal.';
COMMENT ON COLUMN audit.lines.session_line IS 'The number of the line within its server process, from 1.';
COMMENT ON COLUMN audit.lines.login IS 'The login of the session.';
COMMENT ON COLUMN audit.lines.database_name IS 'The database of the session.';
COMMENT ON COLUMN audit.lines.remote_host IS 'Where the client was.';
COMMENT ON COLUMN audit.lines.severity IS 'LOG, ERROR, FATAL and so on.';
COMMENT ON COLUMN audit.lines.class IS 'The class of a pgaudit record: WRITE, DDL, ROLE, MISC; FORGED for a message that only looks like one, UNREADABLE for what is no record at all; null for other lines.';
COMMENT ON COLUMN audit.lines.command IS 'The command of a pgaudit record, such as INSERT.';
COMMENT ON COLUMN audit.lines.object_name IS 'The object of a pgaudit record, where pgaudit names it.';
COMMENT ON COLUMN audit.lines.raw IS 'The line itself, byte by byte, without the end of the line.';
COMMENT ON COLUMN audit.lines.leaf_hash IS 'The hash of its leaf (RFC 9162, 2.1.1), over the name of the file, the offset and the line.';

CREATE TABLE audit.trees (
    name         text NOT NULL,
    size         bigint NOT NULL DEFAULT 0,
    frontier     bytea NOT NULL DEFAULT '',
    collected_at timestamptz NOT NULL DEFAULT '-infinity',
    snapshot     pg_snapshot,
    since        timestamptz,
    CONSTRAINT trees_pkey PRIMARY KEY (name),
    CONSTRAINT trees_name_known CHECK (name IN ('lines', 'ledger')),
    CONSTRAINT trees_size CHECK (size >= 0 AND length(frontier) = 32 * length(replace(size::bit(64)::text, '0', '')))
);
COMMENT ON TABLE audit.trees IS 'The two Merkle trees (RFC 9162, 2.1) as far as they have grown: over the collected lines, and over the rows of the ledger.';
COMMENT ON COLUMN audit.trees.name IS 'lines or ledger.';
COMMENT ON COLUMN audit.trees.size IS 'How many leaves it has.';
COMMENT ON COLUMN audit.trees.frontier IS 'The hashes of its largest whole subtrees, from left to right, 32 bytes each; all that is needed to append.';
COMMENT ON COLUMN audit.trees.collected_at IS 'When its last leaf was added.';
COMMENT ON COLUMN audit.trees.snapshot IS 'Ledger: every transaction visible in this snapshot has been sealed.';
COMMENT ON COLUMN audit.trees.since IS 'Ledger: no transaction that the snapshot does not show began before this time.';
INSERT INTO audit.trees (name) VALUES ('lines'), ('ledger');

CREATE TABLE audit.sealed (
    leaf_no     bigint NOT NULL,
    id          uuid NOT NULL,
    occurred_at timestamptz(3) NOT NULL,
    leaf_hash   bytea NOT NULL,
    CONSTRAINT sealed_pkey PRIMARY KEY (leaf_no),
    CONSTRAINT sealed_id_key UNIQUE (id),
    CONSTRAINT sealed_numbers CHECK (leaf_no >= 0 AND length(leaf_hash) = 32)
);
COMMENT ON TABLE audit.sealed IS 'Which row of the ledger is which leaf of the tree over the ledger.';
COMMENT ON COLUMN audit.sealed.leaf_no IS 'Dense number in the order of sealing, from 0.';
COMMENT ON COLUMN audit.sealed.id IS 'The movement.';
COMMENT ON COLUMN audit.sealed.occurred_at IS 'When it occurred; half of its key.';
COMMENT ON COLUMN audit.sealed.leaf_hash IS 'The hash of its leaf, over the whole row as JSON.';

CREATE TABLE audit.retired (
    partition_name text NOT NULL,
    lines_below    bigint NOT NULL,
    frontier       bytea NOT NULL,
    retired_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_by     name NOT NULL DEFAULT session_user,
    CONSTRAINT retired_pkey PRIMARY KEY (partition_name)
);
COMMENT ON TABLE audit.retired IS 'Months of collected lines that were dropped when their time was up, with what is needed to check later checkpoints without them.';
COMMENT ON COLUMN audit.retired.partition_name IS 'The partition that was dropped.';
COMMENT ON COLUMN audit.retired.lines_below IS 'How many lines there were up to its end; lines of lower numbers are gone.';
COMMENT ON COLUMN audit.retired.frontier IS 'The hashes of the largest whole subtrees over those lines. Were it altered, no later checkpoint would match.';
COMMENT ON COLUMN audit.retired.retired_at IS 'When.';
COMMENT ON COLUMN audit.retired.retired_by IS 'The login that did it.';

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.lines FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.sealed FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.retired FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE audit.lines ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE audit.sealed ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE audit.retired ENABLE ALWAYS TRIGGER refuse_change;

CREATE FUNCTION audit.ensure_month(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    month date := date_trunc('month', moment AT TIME ZONE 'UTC')::date;
    partition text := 'lines_' || to_char(month, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit.ensure_month', 0));
    IF to_regclass('audit.' || partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.lines FOR VALUES FROM (%L) TO (%L)',
                   partition, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
    EXECUTE format('COMMENT ON TABLE audit.%I IS %L', partition, 'The lines collected in ' || to_char(month, 'YYYY-MM') || ', in UTC.');
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change()', partition);
    EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER refuse_change', partition);
    RETURN true;
END;
$$;
COMMENT ON FUNCTION audit.ensure_month(timestamptz) IS 'Makes the partition for the lines collected in the month of this moment, if it is missing.';

CREATE FUNCTION audit.retire_month(partition text, lines_below bigint, frontier bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first_line bigint;
    last_line bigint;
BEGIN
    IF partition !~ '^lines_[0-9]{4}_[0-9]{2}$' OR partition >= 'lines_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') THEN
        RAISE EXCEPTION '% is no month of lines that has passed.', partition USING ERRCODE = 'SR003', CONSTRAINT = 'month_has_passed';
    END IF;
    EXECUTE format('SELECT min(line_no), max(line_no) FROM audit.%I', partition) INTO first_line, last_line;
    -- From the oldest on and without a gap, so that what remains is one run of lines up to the newest.
    IF EXISTS (SELECT FROM audit.lines l WHERE l.line_no < first_line) OR last_line + 1 <> lines_below THEN
        RAISE EXCEPTION 'Months of lines are dropped from the oldest on; % is not the oldest.', partition
            USING ERRCODE = 'SR003', CONSTRAINT = 'oldest_month_first';
    END IF;
    INSERT INTO audit.retired (partition_name, lines_below, frontier) VALUES (partition, lines_below, frontier);
    EXECUTE format('DROP TABLE audit.%I', partition);
END;
$$;
COMMENT ON FUNCTION audit.retire_month(text, bigint, bytea) IS 'Drops the oldest month of collected lines, and keeps what later checkpoints need.';

-- Finds the rows that were posted since a time without reading the ledger from its beginning. A BRIN
-- index costs a posting next to nothing; autosummarize keeps it useful between two vacuums.
CREATE INDEX transactions_posted_at_idx ON stock.transactions USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);

REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.ensure_month(timestamptz), audit.retire_month(text, bigint, bytea) FROM PUBLIC;
GRANT USAGE ON SCHEMA audit TO stock_collector, stock_auditor, stock_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO stock_collector, stock_auditor, stock_admin;
GRANT INSERT ON audit.lines, audit.sealed TO stock_collector;
GRANT INSERT (name), UPDATE (read_to, last_read_at) ON audit.files TO stock_collector;
GRANT UPDATE (size, frontier, collected_at, snapshot, since) ON audit.trees TO stock_collector;
GRANT EXECUTE ON FUNCTION audit.ensure_month(timestamptz), audit.retire_month(text, bigint, bytea) TO stock_collector;
-- The collector reads the ledger to seal it, and can write nothing in it.
GRANT USAGE ON SCHEMA stock TO stock_collector;
GRANT USAGE ON TYPE stock.movement_kind TO stock_collector;
GRANT SELECT ON stock.transactions TO stock_collector;
