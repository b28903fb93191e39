-- What the site decides about its orders: when stock is reserved, how long a reservation holds, and whether clerks confirm. And
-- how long goods must last that a customer gets.

CREATE TABLE stock.order_policies (
    kind          text NOT NULL,
    reserve       text NOT NULL DEFAULT 'manual',
    reserve_days  integer,
    expire_days   integer,
    clerks_decide boolean NOT NULL DEFAULT false,
    CONSTRAINT order_policies_pkey PRIMARY KEY (kind),
    CONSTRAINT order_policies_kind_known CHECK (kind IN ('purchase', 'sales', 'transfer')),
    CONSTRAINT order_policies_reserve_known CHECK (reserve IN ('manual', 'at_confirmation', 'before_due')),
    CONSTRAINT order_policies_reserve_days_given CHECK ((reserve = 'before_due') = (reserve_days IS NOT NULL)),
    CONSTRAINT order_policies_reserve_days_range CHECK (reserve_days BETWEEN 0 AND 3650),
    CONSTRAINT order_policies_expire_days_range CHECK (expire_days BETWEEN 1 AND 3650),
    CONSTRAINT order_policies_purchase_reserves_nothing CHECK (kind <> 'purchase' OR (reserve = 'manual' AND expire_days IS NULL))
);
COMMENT ON TABLE stock.order_policies IS 'What admins have decided about the orders of a kind. A kind without a row has the defaults: stock is reserved by hand, reservations do not expire, and admins alone confirm.';
COMMENT ON COLUMN stock.order_policies.kind IS 'purchase, sales or transfer.';
COMMENT ON COLUMN stock.order_policies.reserve IS 'When stock is reserved: manual, at_confirmation, or before_due (reserve_days before the order is due).';
COMMENT ON COLUMN stock.order_policies.reserve_days IS 'Days before the order is due, for before_due.';
COMMENT ON COLUMN stock.order_policies.expire_days IS 'Days after which what is reserved for a line and not picked is released; null for never.';
COMMENT ON COLUMN stock.order_policies.clerks_decide IS 'Whether clerks may confirm, change, close, cancel and reopen these orders.';

ALTER TABLE stock.partners ADD COLUMN min_life_days integer,
    ADD CONSTRAINT partners_min_life_days_range CHECK (min_life_days BETWEEN 1 AND 3650),
    ADD CONSTRAINT partners_min_life_days_of_customer CHECK (kind = 'customer' OR min_life_days IS NULL);
COMMENT ON COLUMN stock.partners.min_life_days IS 'How many days goods must still last on the day on which the customer gets them; null if that does not matter.';

CREATE FUNCTION stock.first_expiry(of_order uuid) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
RETURN (
    SELECT greatest(o.due_on, (now() AT TIME ZONE 'UTC')::date) + p.min_life_days
    FROM stock.orders o JOIN stock.partners p ON p.partner_id = o.partner_id
    WHERE o.order_id = of_order);
COMMENT ON FUNCTION stock.first_expiry(uuid) IS 'The first day on which a lot may expire that is reserved for an order: the day on which it is due, or today if that has passed, and the days that its customer demands. Null if nothing is demanded.';

-- As before, and no lot that expires too early for the customer.
CREATE OR REPLACE FUNCTION stock.post_reservations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Index access only, as in stock.post_levels.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    broken record;
    expiring record;
    changed stock.allocations[];
BEGIN
    PERFORM stock.refuse_unfit_posting('A reservation', n.posted_by, n.xid, n.posted_at, n.id) FROM new_rows n;
    PERFORM stock.refuse_foreign_posting(n.posting_id)
    FROM (SELECT DISTINCT n.posting_id FROM new_rows n
          WHERE n.id <> n.posting_id AND NOT EXISTS (SELECT FROM new_rows f WHERE f.id = n.posting_id)) AS n;

    SELECT r.* INTO broken
    FROM (SELECT n.id, l.order_id, n.lot_id, o.number, l.line_no, p.sku, p.unit, p.decimals, p.tracking, n.change, ordered.sku AS line_sku, o.kind AS order_kind,
                 CASE WHEN l.product_id <> n.product_id THEN 'order_line_product'
                      WHEN o.kind = 'purchase' THEN 'reserved_for_outgoing_orders'
                      WHEN n.change <> round(n.change, p.decimals) THEN 'quantity_decimals'
                      WHEN p.tracking = 'none' AND n.lot_id IS NOT NULL THEN 'lot_not_tracked'
                      WHEN p.tracking <> 'none' AND n.lot_id IS NULL THEN 'lot_required'
                      WHEN n.change < 0 THEN NULL
                      WHEN NOT stock.order_is_open(l.order_id) THEN 'order_not_open'
                      WHEN stock.blocked_by(
                               EXISTS (WITH RECURSIVE above (location_id, parent_id, kind) AS (
                                           SELECT c.location_id, c.parent_id, c.kind FROM stock.locations c WHERE c.location_id = n.location_id
                                           UNION
                                           SELECT c.location_id, c.parent_id, c.kind FROM stock.locations c JOIN above a ON c.location_id = a.parent_id)
                                       SELECT FROM above a WHERE a.kind = 'quarantine'),
                               (SELECT lot.expires_on FROM stock.lots lot WHERE lot.lot_id = n.lot_id),
                               (now() AT TIME ZONE 'UTC')::date) IS NOT NULL THEN 'reserved_goods_available'
                      WHEN (SELECT lot.expires_on FROM stock.lots lot WHERE lot.lot_id = n.lot_id) < stock.first_expiry(l.order_id) THEN 'minimum_life' END AS rule
          FROM new_rows n
          JOIN stock.products p ON p.product_id = n.product_id
          JOIN stock.order_lines l ON l.order_line_id = n.order_line_id
          JOIN stock.orders o ON o.order_id = l.order_id
          JOIN stock.products ordered ON ordered.product_id = l.product_id) AS r
    WHERE r.rule IS NOT NULL
    ORDER BY r.id
    LIMIT 1;
    IF FOUND AND broken.rule IN ('quantity_decimals', 'lot_not_tracked', 'lot_required') THEN
        PERFORM stock.refuse_movement(broken.rule, broken.sku, broken.unit, broken.decimals::integer, broken.tracking, broken.change, NULL, NULL);
    ELSIF FOUND AND broken.rule = 'minimum_life' THEN
        SELECT lot.code AS lot, lot.expires_on, p.code AS partner INTO expiring
        FROM stock.orders o
        JOIN stock.partners p ON p.partner_id = o.partner_id
        JOIN stock.lots lot ON lot.lot_id = broken.lot_id
        WHERE o.order_id = broken.order_id;
        RAISE EXCEPTION 'Lot % of % expires on %; % takes no goods that expire before %.', expiring.lot, broken.sku, expiring.expires_on,
                expiring.partner, stock.first_expiry(broken.order_id)
            USING ERRCODE = 'SR003', CONSTRAINT = 'minimum_life';
    ELSIF FOUND THEN
        PERFORM stock.refuse_order_line(broken.rule, broken.number, broken.line_no, broken.sku, broken.line_sku, NULL, broken.order_kind);
    END IF;

    -- All rows of the statement for one level are judged together.
    WITH moved AS MATERIALIZED (
        SELECT n.product_id, n.location_id, n.lot_id, sum(n.change) AS change
        FROM new_rows n
        GROUP BY n.product_id, n.location_id, n.lot_id
        ORDER BY n.product_id, n.location_id, n.lot_id
    ), updated AS (
        UPDATE stock.stock_levels AS l SET reserved = l.reserved + m.change
        FROM moved AS m
        WHERE l.product_id = m.product_id AND l.location_id = m.location_id
            AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL))
        RETURNING l.product_id, l.location_id, l.lot_id
    )
    -- A level that is missing holds nothing, so the CHECK refuses to reserve there.
    INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand, reserved)
    SELECT m.product_id, m.location_id, m.lot_id, 0, m.change
    FROM moved AS m
    WHERE NOT EXISTS (
        SELECT FROM updated AS u
        WHERE u.product_id = m.product_id AND u.location_id = m.location_id AND u.lot_id IS NOT DISTINCT FROM m.lot_id)
    ORDER BY m.product_id, m.location_id, m.lot_id;
    SELECT array_agg(ROW(n.order_line_id, n.product_id, n.location_id, n.lot_id, n.change)::stock.allocations) INTO changed FROM new_rows n;
    PERFORM stock.change_order_lines(changed, NULL, NULL, NULL);
    RETURN NULL;
END;
$$;

-- As before, and by admins alone unless the policy says otherwise.
CREATE OR REPLACE FUNCTION stock.apply_order_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    earlier record;
    sums record;
    state text;
    rule text;
    of_line integer;
    of_number text;
    of_kind text;
BEGIN
    PERFORM stock.refuse_unfit_posting('An order event', NEW.posted_by, NEW.xid, NEW.posted_at, NEW.id);
    SELECT o.number, o.kind INTO of_number, of_kind FROM stock.orders o WHERE o.order_id = NEW.order_id;
    IF NOT pg_has_role(session_user, 'stock_admin', 'MEMBER')
        AND NOT EXISTS (SELECT FROM stock.order_policies p WHERE p.kind = of_kind AND p.clerks_decide)
    THEN
        RAISE EXCEPTION 'Only admins confirm, change, close, cancel and reopen % orders.', of_kind
            USING ERRCODE = 'SR003', CONSTRAINT = 'order_decided_by_admin',
                  HINT = 'An admin can let clerks do it: stockroom order policy --help.';
    END IF;
    SELECT coalesce(bool_or(e.kind = 'confirmed'), false) AS is_confirmed,
        coalesce(sum(CASE WHEN e.kind IN ('confirmed', 'reopened') THEN 1 WHEN e.kind IN ('closed', 'cancelled') THEN -1 ELSE 0 END), 0) AS balance
    INTO earlier FROM stock.order_events e WHERE e.order_id = NEW.order_id AND e.id <> NEW.id;
    SELECT count(*) AS line_count, coalesce(sum(g.reserved), 0) AS reserved, coalesce(sum(g.moved), 0) AS moved,
        coalesce(bool_or(g.moved < g.ordered), false) AS has_rest
    INTO sums FROM stock.order_lines l JOIN stock.order_progress g ON g.order_line_id = l.order_line_id WHERE l.order_id = NEW.order_id;
    state := CASE WHEN earlier.balance = 1 THEN 'open' WHEN earlier.balance = 0 AND NOT earlier.is_confirmed THEN 'a draft' ELSE 'closed or cancelled' END;
    rule := CASE
        WHEN NEW.kind = 'confirmed' AND (state <> 'a draft' OR sums.line_count = 0)
            OR NEW.kind IN ('line_added', 'line_changed', 'line_closed', 'closed') AND state <> 'open'
            OR NEW.kind = 'cancelled' AND state = 'closed or cancelled'
            OR NEW.kind = 'reopened' AND state <> 'closed or cancelled' THEN 'order_event_fits_state'
        WHEN NEW.kind IN ('closed', 'cancelled') AND sums.reserved > 0 THEN 'nothing_reserved_at_close'
        WHEN NEW.kind = 'cancelled' AND sums.moved > 0 THEN 'nothing_moved_at_cancellation'
        WHEN NEW.kind = 'closed' AND sums.has_rest AND NEW.reason IS NULL THEN 'short_close_has_reason' END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION '%', CASE rule
                WHEN 'order_event_fits_state' THEN format('The event %s does not fit %s: a draft with lines is confirmed, an open order is changed, closed or cancelled, and one that was closed or cancelled is reopened.', NEW.kind, of_number)
                WHEN 'nothing_reserved_at_close' THEN format('%s are still reserved for %s; release them first.', trim_scale(sums.reserved), of_number)
                WHEN 'nothing_moved_at_cancellation' THEN format('%s of %s have been delivered; close it instead of cancelling it.', trim_scale(sums.moved), of_number)
                ELSE format('Not all of %s has been delivered; closing it needs a reason.', of_number)
            END
            USING ERRCODE = 'SR003', CONSTRAINT = rule;
    END IF;
    IF NEW.kind IN ('line_changed', 'line_closed') THEN
        SELECT l.line_no INTO of_line FROM stock.order_lines l WHERE l.order_line_id = NEW.order_line_id AND l.order_id = NEW.order_id;
        UPDATE stock.order_progress AS g SET ordered = g.ordered + NEW.change
        FROM stock.order_lines AS l, stock.products AS p
        WHERE g.order_line_id = NEW.order_line_id AND l.order_line_id = g.order_line_id AND p.product_id = l.product_id
            AND NEW.change = round(NEW.change, p.decimals)
        RETURNING g.ordered, g.moved, g.reserved INTO sums;
        IF NOT FOUND OR NEW.kind = 'line_changed' AND sums.ordered = 0 THEN
            RAISE EXCEPTION 'The quantity of line % of % cannot be changed by %.', of_line, of_number, trim_scale(NEW.change)
                USING ERRCODE = 'SR003', CONSTRAINT = 'order_line_change_fits';
        END IF;
        IF NEW.kind = 'line_closed' AND (sums.ordered <> sums.moved OR sums.reserved > 0) THEN
            RAISE EXCEPTION 'Line % of % can be closed only at the % that have been delivered, with nothing reserved.',
                    of_line, of_number, trim_scale(sums.moved)
                USING ERRCODE = 'SR003', CONSTRAINT = 'line_closed_at_delivered';
        END IF;
    END IF;
    RETURN NULL;
END;
$$;

ALTER TABLE stock.master_history DROP CONSTRAINT master_history_table_known;
ALTER TABLE stock.master_history ADD CONSTRAINT master_history_table_known CHECK (table_name IN (
    'products', 'barcodes', 'locations', 'lots', 'partners', 'partner_fields', 'privacy_events', 'person_names',
    'orders', 'order_lines', 'product_suppliers', 'order_events', 'reservations', 'order_policies'));
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.order_policies
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('kind');
ALTER TABLE stock.order_policies ENABLE ALWAYS TRIGGER keep_master_history;

REVOKE ALL ON stock.order_policies FROM PUBLIC;
REVOKE ALL ON FUNCTION stock.first_expiry(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock.first_expiry(uuid) TO stock_clerk, stock_admin, stock_auditor;
GRANT SELECT ON stock.order_policies TO stock_clerk, stock_admin, stock_auditor;
GRANT INSERT (kind, reserve, reserve_days, expire_days, clerks_decide), UPDATE (reserve, reserve_days, expire_days, clerks_decide)
    ON stock.order_policies TO stock_admin;
GRANT SELECT (min_life_days) ON stock.partners TO stock_clerk;
GRANT UPDATE (min_life_days) ON stock.partners TO stock_admin;
-- The trigger decides whether a clerk may.
GRANT INSERT (id, order_id, order_line_id, kind, change, reason) ON stock.order_events TO stock_clerk;

-- The login of the service that reserves for orders and releases what has expired. It moves no goods and decides about no order.
GRANT USAGE ON SCHEMA stock TO stock_reserver;
GRANT SELECT (version) ON stock.schema_history TO stock_reserver;
GRANT SELECT ON stock.orders, stock.order_lines, stock.order_events, stock.order_progress, stock.order_states, stock.order_policies,
    stock.reservations, stock.allocations, stock.level_availability TO stock_reserver;
GRANT SELECT (product_id, sku, name, unit) ON stock.products TO stock_reserver;
GRANT SELECT (location_id, code, kind) ON stock.locations TO stock_reserver;
GRANT SELECT (lot_id, product_id, code, expires_on) ON stock.lots TO stock_reserver;
GRANT SELECT (partner_id, code, min_life_days) ON stock.partners TO stock_reserver;
GRANT EXECUTE ON FUNCTION stock.order_is_open(uuid), stock.first_expiry(uuid), stock.available(numeric, numeric, text),
    stock.blocked_by(boolean, date, date), stock.lock_levels(integer[]) TO stock_reserver;
GRANT INSERT (id, posting_id, order_line_id, product_id, location_id, lot_id, change, reason) ON stock.reservations TO stock_reserver;
