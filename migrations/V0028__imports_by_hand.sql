-- Imports by command are recorded beside those of the service, by the login that made them; and a result says where the
-- rejected rows and the report are.

ALTER TABLE stock.import_results ADD COLUMN rejects_file text, ADD COLUMN report_file text;
ALTER TABLE stock.import_results
    ADD CONSTRAINT import_results_file_length CHECK (length(rejects_file) BETWEEN 1 AND 4096 AND length(report_file) BETWEEN 1 AND 4096);

-- Only the service speaks for a feed: a run by hand under the name of a feed could pass a file off as imported.
ALTER TABLE stock.import_runs ADD CONSTRAINT import_runs_feed_of_service CHECK (feed = 'command' OR started_by = 'stock_importer');
-- A run is ended by the login that began it.
ALTER TABLE stock.import_runs ADD CONSTRAINT import_runs_run_id_started_by_key UNIQUE (run_id, started_by);
ALTER TABLE stock.import_results
    ADD CONSTRAINT import_results_ended_by_starter_fkey FOREIGN KEY (run_id, finished_by) REFERENCES stock.import_runs (run_id, started_by);

COMMENT ON TABLE stock.import_runs IS 'Files that were imported: those that the service took from a watched directory, and those of import by command. Append-only.';
COMMENT ON COLUMN stock.import_runs.feed IS 'Name of the feed, from the configuration of the service; command for an import by command.';
COMMENT ON COLUMN stock.import_runs.file_name IS 'Name under which the file arrived; - for standard input.';
COMMENT ON COLUMN stock.import_runs.file_bytes IS 'Size of the file; 0 where it is not known.';
COMMENT ON COLUMN stock.import_runs.file_hash IS 'SHA-256 of the file, by which it is recognised when it arrives again; zeros where it cannot be read beforehand.';
COMMENT ON COLUMN stock.import_results.finished_by IS 'Login that ended it, which is the one that began it.';
COMMENT ON COLUMN stock.import_results.rejects_file IS 'File with the rejected rows, on the machine where the import ran.';
COMMENT ON COLUMN stock.import_results.report_file IS 'File with the report, on the machine where the import ran.';

GRANT INSERT (run_id, feed, content, profile, file_name, file_bytes, file_hash) ON stock.import_runs TO stock_clerk, stock_admin;
GRANT INSERT (run_id, outcome, same_as, rows_read, rows_posted, rows_already_posted, rows_rejected, postings, value_read, value_posted, value_rejected, seconds, message,
              rejects_file, report_file)
    ON stock.import_results TO stock_clerk, stock_admin;
GRANT INSERT (rejects_file, report_file) ON stock.import_results TO stock_importer;
-- ON CONFLICT reads the key.
GRANT SELECT (run_id) ON stock.import_runs, stock.import_results TO stock_clerk;
