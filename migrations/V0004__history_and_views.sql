-- What the master data were before, and the views that people query.

CREATE TABLE stock.product_history (
    product_id    bigint NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by    name NOT NULL DEFAULT session_user,
    name          text NOT NULL,
    unit          text NOT NULL,
    category      text,
    reorder_point numeric(14, 3),
    unit_cost     numeric(14, 4),
    unit_price    numeric(14, 4),
    archived_at   timestamptz,
    CONSTRAINT product_history_pkey PRIMARY KEY (product_id, changed_at),
    CONSTRAINT product_history_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id)
);
COMMENT ON TABLE stock.product_history IS 'The values that a product had before each change of its master data. Only a trigger writes it.';
COMMENT ON COLUMN stock.product_history.product_id IS 'The product that was changed.';
COMMENT ON COLUMN stock.product_history.changed_at IS 'When the values below ceased to hold.';
COMMENT ON COLUMN stock.product_history.changed_by IS 'The login that changed them.';
COMMENT ON COLUMN stock.product_history.name IS 'The name before the change.';
COMMENT ON COLUMN stock.product_history.unit IS 'The unit before the change.';
COMMENT ON COLUMN stock.product_history.category IS 'The category before the change.';
COMMENT ON COLUMN stock.product_history.reorder_point IS 'The reorder point before the change.';
COMMENT ON COLUMN stock.product_history.unit_cost IS 'The cost of one unit before the change.';
COMMENT ON COLUMN stock.product_history.unit_price IS 'The price of one unit before the change.';
COMMENT ON COLUMN stock.product_history.archived_at IS 'When it had been archived before the change, if it had.';

CREATE FUNCTION stock.keep_product_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO stock.product_history (product_id, name, unit, category, reorder_point, unit_cost, unit_price, archived_at)
    VALUES (OLD.product_id, OLD.name, OLD.unit, OLD.category, OLD.reorder_point, OLD.unit_cost, OLD.unit_price, OLD.archived_at);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.keep_product_history() IS 'Keeps the values that a product had before a change.';
CREATE TRIGGER keep_product_history AFTER UPDATE ON stock.products
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION stock.keep_product_history();
ALTER TABLE stock.products ENABLE ALWAYS TRIGGER keep_product_history;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.product_history
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.product_history ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER written_by_products AFTER INSERT ON stock.product_history
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_level();
ALTER TABLE stock.product_history ENABLE ALWAYS TRIGGER written_by_products;

-- A place can go out of use only when it is empty; the rules of posting keep it empty after that.
CREATE FUNCTION stock.refuse_archiving_full_location() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    levels bigint;
BEGIN
    -- A posting at the same time is seen only if both transactions are SERIALIZABLE.
    IF current_setting('transaction_isolation') <> 'serializable' THEN
        RAISE EXCEPTION 'Putting a place out of use needs a SERIALIZABLE transaction; this one is %.', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'SR001', CONSTRAINT = 'archiving_is_serializable',
                  HINT = 'Begin with BEGIN ISOLATION LEVEL SERIALIZABLE.';
    END IF;
    SELECT count(*) INTO levels FROM stock.stock_levels l WHERE l.location_id = NEW.location_id AND l.on_hand > 0;
    IF levels > 0 THEN
        RAISE EXCEPTION 'Location % still holds % kinds of goods; move them first.', NEW.code, levels
            USING ERRCODE = 'SR003', CONSTRAINT = 'location_not_empty';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.refuse_archiving_full_location() IS 'Refuses to put a place out of use while goods stand there.';
CREATE TRIGGER refuse_archiving_full_location AFTER UPDATE OF archived_at ON stock.locations
    FOR EACH ROW WHEN (OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL)
    EXECUTE FUNCTION stock.refuse_archiving_full_location();
ALTER TABLE stock.locations ENABLE ALWAYS TRIGGER refuse_archiving_full_location;

-- Places in a ring would belong to no site, and their goods would vanish from every listing.
CREATE FUNCTION stock.refuse_location_ring() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Two admins who each close half of a ring take turns.
    PERFORM pg_advisory_xact_lock(hashtextextended('stock.refuse_location_ring', 0));
    IF EXISTS (
        WITH RECURSIVE above (location_id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT l.parent_id FROM stock.locations l JOIN above a ON l.location_id = a.location_id WHERE l.parent_id IS NOT NULL
        )
        SELECT FROM above WHERE location_id = NEW.location_id)
    THEN
        RAISE EXCEPTION 'Location % cannot be part of a place that is part of it.', NEW.code
            USING ERRCODE = 'SR003', CONSTRAINT = 'locations_form_a_tree';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.refuse_location_ring() IS 'Refuses to make a place part of itself, however far round.';
CREATE TRIGGER refuse_location_ring AFTER UPDATE OF parent_id ON stock.locations
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION stock.refuse_location_ring();
ALTER TABLE stock.locations ENABLE ALWAYS TRIGGER refuse_location_ring;

CREATE VIEW stock.levels AS
SELECT p.sku, p.name, p.category, p.unit, l.code AS location, lot.code AS lot, lot.expires_on, s.on_hand
FROM stock.stock_levels s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
WHERE s.on_hand > 0;
COMMENT ON VIEW stock.levels IS 'What is on hand, with the codes that people use.';
COMMENT ON COLUMN stock.levels.sku IS 'The product.';
COMMENT ON COLUMN stock.levels.name IS 'What the product is called.';
COMMENT ON COLUMN stock.levels.category IS 'The heading that the product is grouped under.';
COMMENT ON COLUMN stock.levels.unit IS 'The unit that on_hand is in.';
COMMENT ON COLUMN stock.levels.location IS 'The place.';
COMMENT ON COLUMN stock.levels.lot IS 'The lot or serial number, if the product is tracked.';
COMMENT ON COLUMN stock.levels.expires_on IS 'The last day of use of the lot.';
COMMENT ON COLUMN stock.levels.on_hand IS 'How many units stand there.';

CREATE VIEW stock.low_stock AS
SELECT p.sku, p.name, p.unit, p.reorder_point, coalesce(sum(s.on_hand), 0) AS on_hand
FROM stock.products p
LEFT JOIN stock.stock_levels s ON s.product_id = p.product_id
WHERE p.reorder_point IS NOT NULL AND p.archived_at IS NULL
GROUP BY p.product_id
HAVING coalesce(sum(s.on_hand), 0) <= p.reorder_point;
COMMENT ON VIEW stock.low_stock IS 'Products at or below their reorder point, all locations together.';
COMMENT ON COLUMN stock.low_stock.sku IS 'The product.';
COMMENT ON COLUMN stock.low_stock.name IS 'What the product is called.';
COMMENT ON COLUMN stock.low_stock.unit IS 'The unit that the quantities are in.';
COMMENT ON COLUMN stock.low_stock.reorder_point IS 'The quantity at or below which to order.';
COMMENT ON COLUMN stock.low_stock.on_hand IS 'How many units are left in all.';

CREATE VIEW stock.movements AS
SELECT t.id, t.posting_id, t.occurred_at, t.posted_at, t.kind, p.sku, lot.code AS lot,
       f.code AS from_location, d.code AS to_location, t.quantity, t.unit_price, t.reverses
FROM stock.transactions t
JOIN stock.products p ON p.product_id = t.product_id
LEFT JOIN stock.lots lot ON lot.lot_id = t.lot_id
LEFT JOIN stock.locations f ON f.location_id = t.from_location_id
LEFT JOIN stock.locations d ON d.location_id = t.to_location_id;
COMMENT ON VIEW stock.movements IS 'The ledger with the codes that people use, without persons, partners and free text.';
COMMENT ON COLUMN stock.movements.id IS 'The movement.';
COMMENT ON COLUMN stock.movements.posting_id IS 'What was posted together.';
COMMENT ON COLUMN stock.movements.occurred_at IS 'When it happened.';
COMMENT ON COLUMN stock.movements.posted_at IS 'When the server took it.';
COMMENT ON COLUMN stock.movements.kind IS 'Receipt, issue, transfer, adjustment or reversal.';
COMMENT ON COLUMN stock.movements.sku IS 'The product.';
COMMENT ON COLUMN stock.movements.lot IS 'The lot or serial number, if the product is tracked.';
COMMENT ON COLUMN stock.movements.from_location IS 'Where the goods left; null for the outside world.';
COMMENT ON COLUMN stock.movements.to_location IS 'Where the goods arrived; null for the outside world.';
COMMENT ON COLUMN stock.movements.quantity IS 'How many units moved.';
COMMENT ON COLUMN stock.movements.unit_price IS 'The price of one unit in this movement.';
COMMENT ON COLUMN stock.movements.reverses IS 'The movement that this one undoes.';
