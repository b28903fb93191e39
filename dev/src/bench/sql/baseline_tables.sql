-- The tables of the baseline: the columns, CHECKs, foreign keys and indexes of the real ones, without partitions
-- and triggers.
CREATE SCHEMA bench;
CREATE TABLE bench.transactions (LIKE stock.transactions INCLUDING ALL);
ALTER TABLE bench.transactions
    ADD FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    ADD FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
    ADD FOREIGN KEY (from_location_id) REFERENCES stock.locations (location_id),
    ADD FOREIGN KEY (to_location_id) REFERENCES stock.locations (location_id),
    ADD FOREIGN KEY (partner_id) REFERENCES stock.partners (partner_id);
CREATE TABLE bench.stock_levels (LIKE stock.stock_levels INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO bench.stock_levels SELECT * FROM stock.stock_levels;
CREATE TABLE bench.reservations (LIKE stock.reservations INCLUDING ALL);
ALTER TABLE bench.reservations
    ADD FOREIGN KEY (order_line_id) REFERENCES stock.order_lines (order_line_id),
    ADD FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    ADD FOREIGN KEY (location_id) REFERENCES stock.locations (location_id),
    ADD FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id);
CREATE TABLE bench.allocations (LIKE stock.allocations INCLUDING ALL) WITH (fillfactor = 80);
INSERT INTO bench.allocations SELECT * FROM stock.allocations;
CREATE TABLE bench.order_progress (LIKE stock.order_progress INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO bench.order_progress SELECT * FROM stock.order_progress;
GRANT USAGE ON SCHEMA bench, stock TO bench_baseline;
GRANT USAGE ON TYPE stock.movement_kind TO bench_baseline;
GRANT SELECT ON ALL TABLES IN SCHEMA stock TO bench_baseline;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA bench TO bench_baseline;
