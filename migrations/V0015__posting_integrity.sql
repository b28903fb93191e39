-- What a posting could still do to others: lose decimals without a word, join the posting of another person,
-- take goods from a time before they arrived, and hold the lock under which a month is created.

-- numeric(14, 3) rounds before any rule can look, so that the ledger held 10.000 where the audit record said 10.0004.
-- Without a scale the value arrives as it was sent, and the rules refuse it. Neither table is rewritten.
DROP VIEW stock.movements;
ALTER TABLE stock.transactions ALTER COLUMN quantity TYPE numeric, ALTER COLUMN unit_price TYPE numeric;
ALTER TABLE stock.transactions
    ADD CONSTRAINT transactions_quantity_range CHECK (quantity < 100000000000),
    ADD CONSTRAINT transactions_unit_price_scale CHECK (unit_price < 10000000000 AND unit_price = round(unit_price, 4));
ALTER TABLE stock.stock_counts ALTER COLUMN counted TYPE numeric;
ALTER TABLE stock.stock_counts
    ADD CONSTRAINT stock_counts_counted_range CHECK (counted < 100000000000 AND counted = round(counted, 3));
CREATE VIEW stock.movements AS
SELECT t.id, t.posting_id, t.occurred_at, t.posted_at, t.kind, p.sku, lot.code AS lot,
       f.code AS from_location, d.code AS to_location, t.quantity, t.unit_price, t.reverses
FROM stock.transactions t
JOIN stock.products p ON p.product_id = t.product_id
LEFT JOIN stock.lots lot ON lot.lot_id = t.lot_id
LEFT JOIN stock.locations f ON f.location_id = t.from_location_id
LEFT JOIN stock.locations d ON d.location_id = t.to_location_id;
COMMENT ON VIEW stock.movements IS 'The ledger with codes instead of keys, without people, partners and free text.';
COMMENT ON COLUMN stock.movements.id IS 'The movement.';
COMMENT ON COLUMN stock.movements.posting_id IS 'The posting.';
COMMENT ON COLUMN stock.movements.occurred_at IS 'When the movement occurred.';
COMMENT ON COLUMN stock.movements.posted_at IS 'When the server received it.';
COMMENT ON COLUMN stock.movements.kind IS 'Receipt, issue, transfer, adjustment or reversal.';
COMMENT ON COLUMN stock.movements.sku IS 'The product.';
COMMENT ON COLUMN stock.movements.lot IS 'The lot or serial number, if the product is tracked.';
COMMENT ON COLUMN stock.movements.from_location IS 'Location that the goods left; null for a receipt from outside.';
COMMENT ON COLUMN stock.movements.to_location IS 'Location that the goods arrived at; null for an issue to outside.';
COMMENT ON COLUMN stock.movements.quantity IS 'Number of units moved.';
COMMENT ON COLUMN stock.movements.unit_price IS 'Price of one unit in this movement.';
COMMENT ON COLUMN stock.movements.reverses IS 'Movement that this one reverses.';
GRANT SELECT ON stock.movements TO stock_clerk, stock_admin, stock_auditor, stock_analyst;

ALTER TABLE stock.stock_levels ADD COLUMN last_moved_at timestamptz(3);
COMMENT ON COLUMN stock.stock_levels.last_moved_at IS 'No movement of this level occurred later than this time. Null until the first movement after the column was added.';

CREATE FUNCTION stock.refuse_foreign_posting(posting uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock.transactions t
                   WHERE t.id = posting AND t.occurred_at = stock.uuid_time(posting) AND t.xid = pg_current_xact_id())
        AND NOT EXISTS (SELECT FROM stock.stock_counts c WHERE c.id = posting AND c.xid = pg_current_xact_id())
    THEN
        RAISE EXCEPTION 'Posting % was not begun in this transaction. Its first movement or count must have the id of the posting, and nothing can be added to it later.', posting
            USING ERRCODE = 'SR003', CONSTRAINT = 'posting_is_one_transaction';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_foreign_posting(uuid) IS 'Refuses rows that name a posting which was not begun in the same transaction: another person may have made it.';

CREATE FUNCTION stock.refuse_early_issue(product bigint, place bigint, lot bigint, first_out_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    shortage record;
    -- The smallest id of that time: the ledger has an index on the product and the id.
    first_id uuid := (lpad(to_hex((date_part('epoch', first_out_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
BEGIN
    -- From the present back: what was on hand after each moment is what is on hand now less all that moved later.
    SELECT h.occurred_at, h.on_hand INTO shortage
    FROM (SELECT m.occurred_at,
                 l.on_hand - coalesce(sum(m.delta) OVER (ORDER BY m.occurred_at DESC
                     RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP), 0) AS on_hand
          FROM (SELECT t.occurred_at, CASE WHEN t.to_location_id = place THEN t.quantity ELSE -t.quantity END AS delta
                FROM stock.transactions t
                WHERE t.product_id = product AND t.id >= first_id AND t.occurred_at >= first_out_at
                    AND t.lot_id IS NOT DISTINCT FROM lot
                    AND (t.to_location_id = place OR t.from_location_id = place)) AS m
          CROSS JOIN (SELECT s.on_hand FROM stock.stock_levels s
                      WHERE s.product_id = product AND s.location_id = place
                          AND (s.lot_id = lot OR (s.lot_id IS NULL AND lot IS NULL))) AS l) AS h
    WHERE h.on_hand < 0
    ORDER BY h.occurred_at
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% at % would have had % on hand at %: goods cannot leave before they arrive.',
                (SELECT p.sku FROM stock.products p WHERE p.product_id = product),
                (SELECT c.code FROM stock.locations c WHERE c.location_id = place),
                trim_scale(shortage.on_hand), to_char(shortage.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            USING ERRCODE = 'SR003', CONSTRAINT = 'on_hand_at_all_times';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_early_issue(bigint, bigint, bigint, timestamptz) IS 'Refuses a movement dated so early that the quantity on hand would have been negative at that time or later.';

-- last_moved_at tells without reading the ledger that a movement is the newest of its level; only an older one is
-- checked against the ledger. A minute is left for the clocks of the terminals, which differ.
CREATE OR REPLACE FUNCTION stock.post_levels() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Index access only: a sequential scan of the levels would take a predicate lock on the whole
-- table, and every pair of SERIALIZABLE postings would collide.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    broken record;
    posted record;
    place bigint;
    change numeric;
    levels_touched bigint;
    levels_updated bigint;
    moved_at timestamptz;
    is_backdated boolean := false;
BEGIN
    IF current_setting('transaction_isolation') <> 'serializable' THEN
        RAISE EXCEPTION 'A posting needs a SERIALIZABLE transaction; this one is %.', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'SR001', CONSTRAINT = 'posting_is_serializable',
                  HINT = 'Begin with BEGIN ISOLATION LEVEL SERIALIZABLE.';
    END IF;
    -- No COPY comes without the word; the rest is looked at only when it is there.
    IF strpos(lower(current_query() COLLATE "C"), 'copy') > 0 THEN
        PERFORM stock.refuse_copy();
    END IF;

    -- How many rows there are, and the first of them; most postings have no more.
    SELECT (SELECT count(*) FROM new_rows) AS row_count, n.product_id, n.lot_id, n.from_location_id, n.to_location_id, n.quantity, n.occurred_at,
        n.id = n.posting_id AS has_first_movement, interval '0' AS time_span, n.kind = 'reversal' AS has_reversal, p.tracking = 'serial' AS has_serial,
        stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at) AS broken_rule
    INTO posted
    FROM new_rows n
    JOIN stock.products p ON p.product_id = n.product_id
    LEFT JOIN stock.locations t ON t.location_id = n.to_location_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF posted.row_count > 1 THEN
        SELECT bool_and(n.id = n.posting_id OR EXISTS (SELECT FROM new_rows f WHERE f.id = n.posting_id)),
            max(n.occurred_at) - min(n.occurred_at), bool_or(n.kind = 'reversal'), bool_or(p.tracking = 'serial'),
            min(stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at))
        INTO posted.has_first_movement, posted.time_span, posted.has_reversal, posted.has_serial, posted.broken_rule
        FROM new_rows n
        JOIN stock.products p ON p.product_id = n.product_id
        LEFT JOIN stock.locations t ON t.location_id = n.to_location_id;
    END IF;
    IF posted.broken_rule IS NOT NULL THEN
        SELECT n.quantity, n.occurred_at, p.sku, p.unit, p.decimals, p.tracking, t.code AS location
        INTO broken
        FROM new_rows n
        JOIN stock.products p ON p.product_id = n.product_id
        LEFT JOIN stock.locations t ON t.location_id = n.to_location_id
        WHERE stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at) = posted.broken_rule
        ORDER BY n.id
        LIMIT 1;
        PERFORM stock.refuse_movement(posted.broken_rule, broken.sku, broken.unit, broken.decimals::integer,
                                      broken.tracking, broken.quantity, broken.occurred_at, broken.location);
    END IF;
    IF NOT posted.has_first_movement THEN
        PERFORM stock.refuse_foreign_posting(n.posting_id) FROM (SELECT DISTINCT posting_id FROM new_rows) AS n;
    END IF;

    IF posted.row_count = 1 AND (posted.from_location_id IS NULL OR posted.to_location_id IS NULL) THEN
        -- One row that touches one level: no grouping, no join.
        place := coalesce(posted.from_location_id, posted.to_location_id);
        change := CASE WHEN posted.to_location_id IS NULL THEN -posted.quantity ELSE posted.quantity END;
        IF posted.lot_id IS NULL THEN
            UPDATE stock.stock_levels SET on_hand = on_hand + change,
                last_moved_at = greatest(coalesce(last_moved_at, clock_timestamp()), posted.occurred_at)
            WHERE product_id = posted.product_id AND location_id = place AND lot_id IS NULL
            RETURNING last_moved_at INTO moved_at;
        ELSE
            UPDATE stock.stock_levels SET on_hand = on_hand + change,
                last_moved_at = greatest(coalesce(last_moved_at, clock_timestamp()), posted.occurred_at)
            WHERE product_id = posted.product_id AND location_id = place AND lot_id = posted.lot_id
            RETURNING last_moved_at INTO moved_at;
        END IF;
        levels_touched := 1;
        levels_updated := CASE WHEN FOUND THEN 1 ELSE 0 END;
        is_backdated := change < 0 AND posted.occurred_at < moved_at - interval '1 minute';
    ELSE
        WITH moved AS MATERIALIZED (
            SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta, max(m.occurred_at) AS last_at,
                min(m.occurred_at) FILTER (WHERE m.delta < 0) AS first_out_at
            FROM (SELECT product_id, from_location_id AS location_id, lot_id, -quantity AS delta, occurred_at
                  FROM new_rows WHERE from_location_id IS NOT NULL
                  UNION ALL
                  SELECT product_id, to_location_id, lot_id, quantity, occurred_at
                  FROM new_rows WHERE to_location_id IS NOT NULL) AS m
            GROUP BY m.product_id, m.location_id, m.lot_id
            ORDER BY m.product_id, m.location_id, m.lot_id
        ), updated AS (
            UPDATE stock.stock_levels AS l SET on_hand = l.on_hand + m.delta,
                last_moved_at = greatest(coalesce(l.last_moved_at, clock_timestamp()), m.last_at)
            FROM moved AS m
            WHERE l.product_id = m.product_id AND l.location_id = m.location_id
                AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL))
            RETURNING m.first_out_at < l.last_moved_at - interval '1 minute' AS is_backdated
        )
        SELECT (SELECT count(*) FROM moved), u.level_count, coalesce(u.is_backdated, false)
        INTO levels_touched, levels_updated, is_backdated
        FROM (SELECT count(*) AS level_count, bool_or(u.is_backdated) AS is_backdated FROM updated u) AS u;
    END IF;

    IF levels_updated < levels_touched THEN
        -- A missing level is zero, so its first value is the delta itself, and the CHECK refuses
        -- one below zero. INSERT … ON CONFLICT DO UPDATE cannot replace the UPDATE above: the
        -- CHECK would see the delta alone before the conflict is found.
        is_backdated := is_backdated OR posted.time_span > interval '1 minute';
        WITH moved AS MATERIALIZED (
            SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta, max(m.occurred_at) AS last_at
            FROM (SELECT product_id, from_location_id AS location_id, lot_id, -quantity AS delta, occurred_at
                  FROM new_rows WHERE from_location_id IS NOT NULL
                  UNION ALL
                  SELECT product_id, to_location_id, lot_id, quantity, occurred_at
                  FROM new_rows WHERE to_location_id IS NOT NULL) AS m
            GROUP BY m.product_id, m.location_id, m.lot_id
        )
        INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand, last_moved_at)
        SELECT m.product_id, m.location_id, m.lot_id, m.delta, m.last_at
        FROM moved AS m
        WHERE NOT EXISTS (
            SELECT FROM stock.stock_levels AS l
            WHERE l.product_id = m.product_id AND l.location_id = m.location_id
                AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL)))
        ORDER BY m.product_id, m.location_id, m.lot_id;
    END IF;

    IF is_backdated THEN
        PERFORM stock.refuse_early_issue(o.product_id, o.from_location_id, o.lot_id, o.first_out_at)
        FROM (SELECT n.product_id, n.from_location_id, n.lot_id, min(n.occurred_at) AS first_out_at
              FROM new_rows n WHERE n.from_location_id IS NOT NULL
              GROUP BY n.product_id, n.from_location_id, n.lot_id) AS o;
    END IF;

    IF posted.has_serial THEN
        SELECT p.sku, lot.code INTO broken
        FROM (SELECT DISTINCT product_id, lot_id FROM new_rows WHERE to_location_id IS NOT NULL) AS n
        JOIN stock.products p ON p.product_id = n.product_id AND p.tracking = 'serial'
        JOIN stock.lots lot ON lot.lot_id = n.lot_id
        WHERE (SELECT sum(l.on_hand) FROM stock.stock_levels l WHERE l.lot_id = n.lot_id) > 1
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Serial number % of % is in stock already; there can be only one.', broken.code, broken.sku
                USING ERRCODE = 'SR003', CONSTRAINT = 'serial_is_unique';
        END IF;
    END IF;
    IF posted.has_reversal THEN
        SELECT n.reverses, o.id, o.kind INTO broken
        FROM new_rows n
        LEFT JOIN stock.transactions o ON o.id = n.reverses AND o.occurred_at = stock.uuid_time(n.reverses)
        WHERE n.kind = 'reversal'
            AND (o.id IS NULL OR o.kind = 'reversal' OR n.product_id <> o.product_id OR n.quantity <> o.quantity
                 OR n.lot_id IS DISTINCT FROM o.lot_id
                 OR n.from_location_id IS DISTINCT FROM o.to_location_id
                 OR n.to_location_id IS DISTINCT FROM o.from_location_id)
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '%', CASE
                    WHEN broken.id IS NULL THEN format('There is no movement %s to reverse.', broken.reverses)
                    WHEN broken.kind = 'reversal' THEN format('Movement %s is itself a reversal; post the movement again instead.', broken.reverses)
                    ELSE format('A reversal must move the same goods back; movement %s moved others.', broken.reverses)
                END
                USING ERRCODE = 'SR003', CONSTRAINT = 'reversal_mirrors_its_row';
        END IF;
        INSERT INTO stock.reversals (reversed_id, reversed_at, reversal_id, reversal_at)
        SELECT n.reverses, stock.uuid_time(n.reverses), n.id, n.occurred_at
        FROM new_rows n WHERE n.kind = 'reversal'
        ORDER BY n.reverses;
    END IF;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION stock.refuse_movement(rule text, sku text, unit text, decimals integer, tracking text,
                                      quantity numeric, occurred_at timestamptz, location text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', CASE rule
            WHEN 'server_fills_poster' THEN 'posted_at, posted_by and xid are filled by the server and by nobody else.'
            WHEN 'not_from_the_future' THEN format('Nothing can have happened in the future: %s is more than five minutes ahead of the server''s clock.', occurred_at)
            WHEN 'quantity_decimals' THEN format('%s is counted in %s with %s decimal places; %s has more.', sku, unit, decimals, trim_scale(quantity))
            WHEN 'lot_not_tracked' THEN format('%s is not tracked by lot, so no lot can be named.', sku)
            WHEN 'lot_required' THEN format('%s is tracked by %s, so one must be named.', sku, CASE tracking WHEN 'lot' THEN 'lot' ELSE 'serial number' END)
            WHEN 'serial_quantity_one' THEN format('%s is tracked by serial number: one movement moves 1, not %s.', sku, trim_scale(quantity))
            WHEN 'location_archived' THEN format('Location %s is archived; nothing can be put there.', location)
            ELSE format('%s is archived and cannot be received any more.', sku)
        END
        USING ERRCODE = CASE rule WHEN 'server_fills_poster' THEN 'SR002' ELSE 'SR003' END, CONSTRAINT = rule;
END;
$$;

CREATE FUNCTION stock.check_posting_of_counts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    PERFORM stock.refuse_foreign_posting(n.posting_id)
    FROM (SELECT DISTINCT n.posting_id FROM new_rows n
          WHERE n.id <> n.posting_id AND NOT EXISTS (SELECT FROM new_rows f WHERE f.id = n.posting_id)) AS n;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.check_posting_of_counts() IS 'Refuses counts that name a posting which was not begun in the same transaction.';
CREATE TRIGGER check_posting AFTER INSERT ON stock.stock_counts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock.check_posting_of_counts();
ALTER TABLE stock.stock_counts ENABLE ALWAYS TRIGGER check_posting;

CREATE OR REPLACE FUNCTION stock.refuse_savepoint() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'A movement or count cannot be posted after a savepoint: a rollback to the savepoint would remove it and leave its audit record.'
        USING ERRCODE = 'SR001', CONSTRAINT = 'posting_outside_savepoints',
              HINT = 'Release the savepoint, or roll back to it and release it. In psql: \set ON_ERROR_ROLLBACK off';
END;
$$;

-- Creating a month locks the whole ledger until the transaction ends. Clerks post into months that exist; the
-- collector keeps a year of them ahead.
REVOKE EXECUTE ON FUNCTION stock.ensure_partitions(date, date) FROM stock_clerk;
GRANT EXECUTE ON FUNCTION stock.ensure_partitions(date, date) TO stock_collector;
REVOKE ALL ON FUNCTION stock.refuse_foreign_posting(uuid), stock.refuse_early_issue(bigint, bigint, bigint, timestamptz),
    stock.check_posting_of_counts() FROM PUBLIC;
