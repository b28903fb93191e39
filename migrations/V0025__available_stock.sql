-- What is on hand and what may be used are two figures: goods in quarantine and lots past their last day of use are on
-- hand, and nobody may promise, pick or count on them. What blocks goods is defined here, once, for every list and form.

CREATE VIEW stock.quarantined_locations AS
WITH RECURSIVE within (location_id) AS (
    SELECT l.location_id FROM stock.locations l WHERE l.kind = 'quarantine'
    UNION
    -- OFFSET keeps the planner from reading all locations for the few that are meant.
    SELECT l.location_id FROM within w CROSS JOIN LATERAL (
        SELECT i.location_id FROM stock.locations i WHERE i.parent_id = w.location_id OFFSET 0) AS l
)
SELECT w.location_id FROM within w;
COMMENT ON VIEW stock.quarantined_locations IS 'Quarantine locations and all locations within them.';
COMMENT ON COLUMN stock.quarantined_locations.location_id IS 'The location.';
CREATE INDEX locations_quarantine ON stock.locations (location_id) WHERE kind = 'quarantine';

-- One expression, so that the planner inlines it.
CREATE FUNCTION stock.blocked_by(is_quarantined boolean, expires_on date, on_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN expires_on < on_day THEN 'expired' WHEN is_quarantined THEN 'quarantine' END;
COMMENT ON FUNCTION stock.blocked_by(boolean, date, date) IS 'Why goods that are on hand cannot be used on a day: expired (the last day of use of their lot has passed) or quarantine; null if they are available.';

CREATE VIEW stock.level_availability AS
SELECT f.product_id, f.location_id, f.lot_id, f.lot, f.expires_on, f.on_hand,
       CASE WHEN f.blocked_by IS NULL THEN f.on_hand ELSE 0 END AS available, f.blocked_by
FROM (SELECT s.product_id, s.location_id, s.lot_id, lot.code AS lot, lot.expires_on, s.on_hand,
             stock.blocked_by(s.location_id IN (SELECT q.location_id FROM stock.quarantined_locations q), lot.expires_on,
                              (now() AT TIME ZONE 'UTC')::date) AS blocked_by
      FROM stock.stock_levels s LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id) AS f;
COMMENT ON VIEW stock.level_availability IS 'Every stock level with how much of it may be used today.';
COMMENT ON COLUMN stock.level_availability.product_id IS 'The product.';
COMMENT ON COLUMN stock.level_availability.location_id IS 'The location.';
COMMENT ON COLUMN stock.level_availability.lot_id IS 'The lot, if the product is tracked.';
COMMENT ON COLUMN stock.level_availability.lot IS 'The lot or serial number.';
COMMENT ON COLUMN stock.level_availability.expires_on IS 'The last day of use of the lot.';
COMMENT ON COLUMN stock.level_availability.on_hand IS 'How many units are there.';
COMMENT ON COLUMN stock.level_availability.available IS 'How many of them may be used: all, or none if the level is blocked.';
COMMENT ON COLUMN stock.level_availability.blocked_by IS 'expired or quarantine; null if the goods are available.';

CREATE OR REPLACE VIEW stock.levels AS
SELECT p.sku, p.name, p.category, p.unit, l.code AS location, s.lot, s.expires_on, s.on_hand, s.available, s.blocked_by
FROM stock.level_availability s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
WHERE s.on_hand > 0;
COMMENT ON COLUMN stock.levels.available IS 'How many of the units on hand may be used: all, or none if the level is blocked.';
COMMENT ON COLUMN stock.levels.blocked_by IS 'expired or quarantine; null if the goods are available.';

CREATE OR REPLACE VIEW stock.low_stock AS
SELECT p.sku, p.name, p.unit, p.reorder_point, coalesce(sum(s.on_hand), 0) AS on_hand, coalesce(sum(s.available), 0) AS available
FROM stock.products p
LEFT JOIN stock.level_availability s ON s.product_id = p.product_id
WHERE p.reorder_point IS NOT NULL AND p.archived_at IS NULL
GROUP BY p.product_id
HAVING coalesce(sum(s.available), 0) <= p.reorder_point;
COMMENT ON VIEW stock.low_stock IS 'Products whose available stock is at or below their reorder point, all locations together.';
COMMENT ON COLUMN stock.low_stock.available IS 'How many units may be used: on hand, less what is expired or in quarantine.';

REVOKE ALL ON FUNCTION stock.blocked_by(boolean, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock.blocked_by(boolean, date, date) TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
GRANT SELECT ON stock.quarantined_locations, stock.level_availability TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
