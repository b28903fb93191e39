-- The files that the service imports: what was begun, and what became of it. Both tables only grow; a run that was killed is
-- continued by the next service under the same number, and ends once.

CREATE TABLE stock.import_runs (
    run_id     uuid NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_by name NOT NULL DEFAULT session_user,
    feed       text NOT NULL,
    content    text NOT NULL,
    profile    text NOT NULL,
    file_name  text NOT NULL,
    file_bytes bigint NOT NULL,
    file_hash  bytea NOT NULL,
    CONSTRAINT import_runs_pkey PRIMARY KEY (run_id),
    CONSTRAINT import_runs_content_known CHECK (content IN ('movements', 'products')),
    CONSTRAINT import_runs_text_not_empty CHECK (feed <> '' AND profile <> '' AND file_name <> ''),
    CONSTRAINT import_runs_text_length CHECK (length(feed) <= 40 AND length(profile) <= 1000 AND length(file_name) <= 255),
    CONSTRAINT import_runs_file CHECK (file_bytes >= 0 AND length(file_hash) = 32)
);
CREATE INDEX import_runs_started_at_idx ON stock.import_runs (started_at DESC);
CREATE INDEX import_runs_file_hash_idx ON stock.import_runs (file_hash);
COMMENT ON TABLE stock.import_runs IS 'Files that the service took from a watched directory to import them. Append-only.';
COMMENT ON COLUMN stock.import_runs.run_id IS 'Version 7 UUID of the run, assigned when the file was taken.';
COMMENT ON COLUMN stock.import_runs.started_at IS 'When the run began.';
COMMENT ON COLUMN stock.import_runs.started_by IS 'Login that began it.';
COMMENT ON COLUMN stock.import_runs.feed IS 'Name of the feed, from the configuration of the service.';
COMMENT ON COLUMN stock.import_runs.content IS 'What the file holds: movements or products.';
COMMENT ON COLUMN stock.import_runs.profile IS 'Profile that describes the file.';
COMMENT ON COLUMN stock.import_runs.file_name IS 'Name under which the file arrived.';
COMMENT ON COLUMN stock.import_runs.file_bytes IS 'Size of the file.';
COMMENT ON COLUMN stock.import_runs.file_hash IS 'SHA-256 of the file, by which it is recognised when it arrives again.';

CREATE TABLE stock.import_results (
    run_id              uuid NOT NULL,
    finished_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_by         name NOT NULL DEFAULT session_user,
    outcome             text NOT NULL,
    same_as             uuid,
    rows_read           bigint NOT NULL,
    rows_posted         bigint NOT NULL,
    rows_already_posted bigint NOT NULL,
    rows_rejected       bigint NOT NULL,
    postings            bigint NOT NULL,
    value_read          numeric NOT NULL,
    value_posted        numeric NOT NULL,
    value_rejected      numeric NOT NULL,
    seconds             numeric NOT NULL,
    message             text,
    CONSTRAINT import_results_pkey PRIMARY KEY (run_id),
    CONSTRAINT import_results_run_fkey FOREIGN KEY (run_id) REFERENCES stock.import_runs,
    CONSTRAINT import_results_same_as_fkey FOREIGN KEY (same_as) REFERENCES stock.import_runs,
    CONSTRAINT import_results_outcome_known CHECK (outcome IN ('posted', 'rejects', 'duplicate', 'failed')),
    CONSTRAINT import_results_same_as_of_duplicate CHECK ((outcome = 'duplicate') = (same_as IS NOT NULL)),
    CONSTRAINT import_results_rows_add_up CHECK (rows_posted >= 0 AND rows_rejected >= 0 AND rows_already_posted BETWEEN 0 AND rows_posted
        AND postings >= 0 AND (outcome = 'failed' OR rows_read = rows_posted + rows_rejected)),
    CONSTRAINT import_results_values_add_up CHECK (outcome = 'failed' OR value_read = value_posted + value_rejected),
    CONSTRAINT import_results_seconds CHECK (seconds >= 0),
    CONSTRAINT import_results_message_length CHECK (length(message) BETWEEN 1 AND 1000)
);
COMMENT ON TABLE stock.import_results IS 'What became of each run of an import, once it was over. Append-only.';
COMMENT ON COLUMN stock.import_results.run_id IS 'The run.';
COMMENT ON COLUMN stock.import_results.finished_at IS 'When it was over.';
COMMENT ON COLUMN stock.import_results.finished_by IS 'Login that ended it.';
COMMENT ON COLUMN stock.import_results.outcome IS 'posted: all rows; rejects: some rows; duplicate: an earlier run posted all rows of the same file, and this one read none; failed: the file was not imported.';
COMMENT ON COLUMN stock.import_results.same_as IS 'For a duplicate, the earlier run.';
COMMENT ON COLUMN stock.import_results.rows_read IS 'Rows of the file, without header and empty lines.';
COMMENT ON COLUMN stock.import_results.rows_posted IS 'Rows that are in the database.';
COMMENT ON COLUMN stock.import_results.rows_already_posted IS 'Those of them that were there before, also from an attempt of the same run that was killed.';
COMMENT ON COLUMN stock.import_results.rows_rejected IS 'Rows that were rejected.';
COMMENT ON COLUMN stock.import_results.postings IS 'Postings that hold the posted rows.';
COMMENT ON COLUMN stock.import_results.value_read IS 'Quantity times unit price of all rows.';
COMMENT ON COLUMN stock.import_results.value_posted IS 'The same of the posted rows.';
COMMENT ON COLUMN stock.import_results.value_rejected IS 'The same of the rejected rows.';
COMMENT ON COLUMN stock.import_results.seconds IS 'Duration of the last attempt.';
COMMENT ON COLUMN stock.import_results.message IS 'Why it failed.';

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.import_runs FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.import_results FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.import_runs ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.import_results ENABLE ALWAYS TRIGGER refuse_change;

REVOKE ALL ON stock.import_runs, stock.import_results FROM PUBLIC;
GRANT SELECT ON stock.import_runs, stock.import_results TO stock_importer, stock_admin, stock_auditor;
GRANT INSERT (run_id, feed, content, profile, file_name, file_bytes, file_hash) ON stock.import_runs TO stock_importer;
GRANT INSERT (run_id, outcome, same_as, rows_read, rows_posted, rows_already_posted, rows_rejected, postings, value_read, value_posted, value_rejected, seconds, message)
    ON stock.import_results TO stock_importer;
