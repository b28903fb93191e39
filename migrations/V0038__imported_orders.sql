-- Orders are imported by command too.
ALTER TABLE stock.import_runs DROP CONSTRAINT import_runs_content_known;
ALTER TABLE stock.import_runs ADD CONSTRAINT import_runs_content_known CHECK (content IN ('movements', 'products', 'orders'));
COMMENT ON COLUMN stock.import_runs.content IS 'What the file holds: movements, products or orders.';
