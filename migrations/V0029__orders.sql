-- Orders, and reservations of stock for their lines. stock.reservations is a second append-only ledger with the pattern of
-- stock.transactions: the triggers of the two alone write what follows from them, and the CHECKs on those rows decide.
-- No state, no picked quantity and no pick list is stored; they are views and queries.

CREATE SEQUENCE stock.purchase_order_number;
CREATE SEQUENCE stock.sales_order_number;
CREATE SEQUENCE stock.transfer_order_number;

CREATE TABLE stock.orders (
    order_id          uuid NOT NULL,
    number            text COLLATE "C" NOT NULL,
    kind              text NOT NULL,
    partner_id        bigint,
    partner_reference text,
    due_on            date,
    ship_to_id        bigint,
    to_location_id    bigint,
    note              text,
    created_by        name NOT NULL DEFAULT session_user,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT orders_pkey PRIMARY KEY (order_id),
    CONSTRAINT orders_number_key UNIQUE (number),
    CONSTRAINT orders_partner_reference_key UNIQUE (partner_id, partner_reference),
    CONSTRAINT orders_partner_fkey FOREIGN KEY (partner_id) REFERENCES stock.partners (partner_id),
    CONSTRAINT orders_ship_to_fkey FOREIGN KEY (ship_to_id) REFERENCES stock.partners (partner_id),
    CONSTRAINT orders_to_location_fkey FOREIGN KEY (to_location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT orders_id_version_7 CHECK (get_byte(uuid_send(order_id), 6) BETWEEN 112 AND 127),
    CONSTRAINT orders_kind_known CHECK (kind IN ('purchase', 'sales', 'transfer')),
    CONSTRAINT orders_partner_by_kind CHECK ((kind = 'transfer') = (partner_id IS NULL)),
    CONSTRAINT orders_destination_by_kind CHECK ((kind = 'transfer') = (to_location_id IS NOT NULL)),
    CONSTRAINT orders_ship_to_by_kind CHECK (kind = 'sales' OR ship_to_id IS NULL),
    CONSTRAINT orders_due_on_range CHECK (due_on BETWEEN '2000-01-01' AND '9999-12-31'),
    CONSTRAINT orders_partner_reference_form CHECK (partner_reference = btrim(partner_reference) AND length(partner_reference) BETWEEN 1 AND 100 AND partner_reference !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT orders_note_form CHECK (note = btrim(note) AND length(note) BETWEEN 1 AND 200 AND note !~ '[\u0001-\u001f\u007f-\u009f]')
);
COMMENT ON TABLE stock.orders IS 'Purchase, sales and transfer orders. An author may change a draft; once an order is confirmed, every change is a row of stock.order_events.';
COMMENT ON COLUMN stock.orders.order_id IS 'Version 7 UUID made by the client; sending it again creates nothing twice.';
COMMENT ON COLUMN stock.orders.number IS 'PO-, SO- or TO- and a number counted by the server for each kind. Numbers may be skipped.';
COMMENT ON COLUMN stock.orders.kind IS 'purchase: goods come from a supplier; sales: goods go to a customer; transfer: goods go to another location.';
COMMENT ON COLUMN stock.orders.partner_id IS 'The supplier of a purchase order, the customer of a sales order; null for a transfer.';
COMMENT ON COLUMN stock.orders.partner_reference IS 'The partner''s own number for the order; each occurs once per partner.';
COMMENT ON COLUMN stock.orders.due_on IS 'The day by which the goods are expected or promised.';
COMMENT ON COLUMN stock.orders.ship_to_id IS 'The partner that a sales order is delivered to, where it is not the customer. The address is that of the partner, which is stored encrypted.';
COMMENT ON COLUMN stock.orders.to_location_id IS 'Where the goods of a transfer order go.';
COMMENT ON COLUMN stock.orders.note IS 'Free text. It stays in the audit log for ever, so it must hold no personal data.';
COMMENT ON COLUMN stock.orders.created_by IS 'Login that entered the order. Filled by the server.';
COMMENT ON COLUMN stock.orders.created_at IS 'When the order was entered. Filled by the server.';
CREATE INDEX orders_due_on_idx ON stock.orders (due_on);
CREATE INDEX orders_partner_idx ON stock.orders (partner_id);

CREATE TABLE stock.order_lines (
    order_line_id uuid NOT NULL,
    order_id      uuid NOT NULL,
    line_no       integer NOT NULL,
    product_id    bigint NOT NULL,
    quantity      numeric NOT NULL,
    unit_price    numeric,
    over_percent  numeric NOT NULL DEFAULT 0,
    CONSTRAINT order_lines_pkey PRIMARY KEY (order_line_id),
    CONSTRAINT order_lines_line_no_key UNIQUE (order_id, line_no),
    CONSTRAINT order_lines_order_key UNIQUE (order_line_id, order_id),
    CONSTRAINT order_lines_order_fkey FOREIGN KEY (order_id) REFERENCES stock.orders (order_id),
    CONSTRAINT order_lines_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT order_lines_id_version_7 CHECK (get_byte(uuid_send(order_line_id), 6) BETWEEN 112 AND 127),
    CONSTRAINT order_lines_line_no_range CHECK (line_no BETWEEN 1 AND 5000),
    CONSTRAINT order_lines_quantity_range CHECK (quantity > 0 AND quantity < 100000000000),
    CONSTRAINT order_lines_unit_price_range CHECK (unit_price >= 0 AND unit_price < 10000000000 AND unit_price = round(unit_price, 4)),
    CONSTRAINT order_lines_over_percent_range CHECK (over_percent BETWEEN 0 AND 100 AND over_percent = round(over_percent, 2))
);
CREATE INDEX order_lines_product_idx ON stock.order_lines (product_id);
COMMENT ON TABLE stock.order_lines IS 'What is ordered: one product and quantity per line. After confirmation the quantity is changed by events only.';
COMMENT ON COLUMN stock.order_lines.order_line_id IS 'Version 7 UUID made by the client.';
COMMENT ON COLUMN stock.order_lines.order_id IS 'The order.';
COMMENT ON COLUMN stock.order_lines.line_no IS 'Position on the order, from 1.';
COMMENT ON COLUMN stock.order_lines.product_id IS 'The product.';
COMMENT ON COLUMN stock.order_lines.quantity IS 'Units ordered when the order was confirmed or the line was added.';
COMMENT ON COLUMN stock.order_lines.unit_price IS 'Price of one unit, in the currency of the site.';
COMMENT ON COLUMN stock.order_lines.over_percent IS 'By how many percent more may be delivered than was ordered.';

CREATE TABLE stock.order_events (
    id            uuid NOT NULL,
    order_id      uuid NOT NULL,
    order_line_id uuid,
    kind          text NOT NULL,
    change        numeric,
    reason        text,
    posted_by     name NOT NULL DEFAULT session_user,
    posted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT order_events_pkey PRIMARY KEY (id),
    CONSTRAINT order_events_order_fkey FOREIGN KEY (order_id) REFERENCES stock.orders (order_id),
    CONSTRAINT order_events_line_fkey FOREIGN KEY (order_line_id, order_id) REFERENCES stock.order_lines (order_line_id, order_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT order_events_id_version_7 CHECK (get_byte(uuid_send(id), 6) BETWEEN 112 AND 127),
    CONSTRAINT order_events_kind_known CHECK (kind IN ('confirmed', 'line_added', 'line_changed', 'line_closed', 'closed', 'cancelled', 'reopened')),
    CONSTRAINT order_events_line_by_kind CHECK ((kind IN ('line_added', 'line_changed', 'line_closed')) = (order_line_id IS NOT NULL)),
    CONSTRAINT order_events_change_by_kind CHECK ((kind IN ('line_changed', 'line_closed')) = (change IS NOT NULL)),
    CONSTRAINT order_events_change_range CHECK (change <> 0 AND abs(change) < 100000000000 AND change < 'NaN'),
    CONSTRAINT order_events_reason_given CHECK (kind IN ('confirmed', 'line_added', 'closed') OR reason IS NOT NULL),
    CONSTRAINT order_events_reason_form CHECK (reason = btrim(reason) AND length(reason) BETWEEN 1 AND 200 AND reason !~ '[\u0001-\u001f\u007f-\u009f]')
);
CREATE INDEX order_events_order_idx ON stock.order_events (order_id);
CREATE INDEX order_events_posted_at_idx ON stock.order_events USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE stock.order_events IS 'What was decided about orders, appended and never changed: confirmation, changed lines, short close, close, cancellation, reopening.';
COMMENT ON COLUMN stock.order_events.id IS 'Version 7 UUID made by the client; sending it again posts nothing twice.';
COMMENT ON COLUMN stock.order_events.order_id IS 'The order.';
COMMENT ON COLUMN stock.order_events.order_line_id IS 'The line, for events about one line.';
COMMENT ON COLUMN stock.order_events.kind IS 'confirmed, line_added, line_changed, line_closed (the rest will not be delivered), closed, cancelled or reopened.';
COMMENT ON COLUMN stock.order_events.change IS 'By how much the quantity of the line changes; for line_closed, the rest with a minus sign.';
COMMENT ON COLUMN stock.order_events.reason IS 'Why, in a person''s words.';
COMMENT ON COLUMN stock.order_events.posted_by IS 'Login that posted the event. Filled by the server.';
COMMENT ON COLUMN stock.order_events.posted_at IS 'When the server received the event. Filled by the server.';
COMMENT ON COLUMN stock.order_events.xid IS 'Transaction that wrote the row. Filled by the server.';

CREATE TABLE stock.reservations (
    id            uuid NOT NULL,
    posting_id    uuid NOT NULL,
    order_line_id uuid NOT NULL,
    product_id    bigint NOT NULL,
    location_id   bigint NOT NULL,
    lot_id        bigint,
    change        numeric NOT NULL,
    reason        text,
    posted_by     name NOT NULL DEFAULT session_user,
    posted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT reservations_pkey PRIMARY KEY (id),
    CONSTRAINT reservations_line_fkey FOREIGN KEY (order_line_id) REFERENCES stock.order_lines (order_line_id),
    CONSTRAINT reservations_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT reservations_location_fkey FOREIGN KEY (location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT reservations_lot_fkey FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
    CONSTRAINT reservations_id_version_7 CHECK (get_byte(uuid_send(id), 6) BETWEEN 112 AND 127),
    CONSTRAINT reservations_change_range CHECK (change <> 0 AND abs(change) < 100000000000 AND change < 'NaN'),
    CONSTRAINT reservations_reason_given CHECK (change > 0 OR reason IS NOT NULL),
    CONSTRAINT reservations_reason_form CHECK (reason = btrim(reason) AND length(reason) BETWEEN 1 AND 200 AND reason !~ '[\u0001-\u001f\u007f-\u009f]')
);
CREATE INDEX reservations_line_idx ON stock.reservations (order_line_id);
CREATE INDEX reservations_posted_at_idx ON stock.reservations USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE stock.reservations IS 'The ledger of reservations, appended and never changed: stock promised to an order line, and released again. Goods that leave for a line consume its reservation by the movement itself.';
COMMENT ON COLUMN stock.reservations.id IS 'Version 7 UUID made by the client; sending it again posts nothing twice.';
COMMENT ON COLUMN stock.reservations.posting_id IS 'Rows that were posted together, all or none, have the same posting_id.';
COMMENT ON COLUMN stock.reservations.order_line_id IS 'The order line.';
COMMENT ON COLUMN stock.reservations.product_id IS 'The product, which is that of the line.';
COMMENT ON COLUMN stock.reservations.location_id IS 'The location.';
COMMENT ON COLUMN stock.reservations.lot_id IS 'The lot or serial number; null for products that are not tracked.';
COMMENT ON COLUMN stock.reservations.change IS 'Units reserved, or with a minus sign released.';
COMMENT ON COLUMN stock.reservations.reason IS 'Why, in a person''s words; required for a release.';
COMMENT ON COLUMN stock.reservations.posted_by IS 'Login that posted the row. Filled by the server.';
COMMENT ON COLUMN stock.reservations.posted_at IS 'When the server received the row. Filled by the server.';
COMMENT ON COLUMN stock.reservations.xid IS 'Transaction that wrote the row. Filled by the server.';

CREATE TABLE stock.allocations (
    order_line_id uuid NOT NULL,
    product_id    bigint NOT NULL,
    location_id   bigint NOT NULL,
    lot_id        bigint,
    open          numeric NOT NULL,
    CONSTRAINT allocations_key UNIQUE NULLS NOT DISTINCT (order_line_id, product_id, location_id, lot_id),
    CONSTRAINT allocations_line_fkey FOREIGN KEY (order_line_id) REFERENCES stock.order_lines (order_line_id),
    CONSTRAINT allocations_open_not_negative CHECK (open >= 0 AND open < 'NaN')
) WITH (fillfactor = 80);
CREATE INDEX allocations_level_idx ON stock.allocations (product_id, location_id) WHERE open > 0;
COMMENT ON TABLE stock.allocations IS 'Where the reserved goods of each order line are now. Written only by the triggers of stock.reservations and stock.transactions.';
COMMENT ON COLUMN stock.allocations.order_line_id IS 'The order line.';
COMMENT ON COLUMN stock.allocations.product_id IS 'The product.';
COMMENT ON COLUMN stock.allocations.location_id IS 'The location.';
COMMENT ON COLUMN stock.allocations.lot_id IS 'The lot or serial number; null for products that are not tracked.';
COMMENT ON COLUMN stock.allocations.open IS 'Units reserved there for the line and not shipped yet; 0 once they have left.';

CREATE TABLE stock.order_progress (
    order_line_id uuid NOT NULL,
    ordered       numeric NOT NULL,
    over_percent  numeric NOT NULL,
    reserved      numeric NOT NULL DEFAULT 0,
    moved         numeric NOT NULL DEFAULT 0,
    returned      numeric NOT NULL DEFAULT 0,
    CONSTRAINT order_progress_pkey PRIMARY KEY (order_line_id),
    CONSTRAINT order_progress_line_fkey FOREIGN KEY (order_line_id) REFERENCES stock.order_lines (order_line_id),
    CONSTRAINT order_progress_ordered_not_negative CHECK (ordered >= 0),
    CONSTRAINT order_progress_reserved_not_negative CHECK (reserved >= 0),
    CONSTRAINT order_progress_returned_range CHECK (returned >= 0 AND returned <= moved),
    CONSTRAINT order_progress_within_order CHECK (moved + reserved <= ordered * (1 + over_percent / 100))
) WITH (fillfactor = 50);
COMMENT ON TABLE stock.order_progress IS 'Sums of each order line: ordered, reserved, moved and returned. Written only by the triggers of the ledgers and of the order tables.';
COMMENT ON COLUMN stock.order_progress.order_line_id IS 'The order line.';
COMMENT ON COLUMN stock.order_progress.ordered IS 'Quantity of the line, with the changes of its events.';
COMMENT ON COLUMN stock.order_progress.over_percent IS 'By how many percent more may be delivered, from the line.';
COMMENT ON COLUMN stock.order_progress.reserved IS 'Units reserved for the line and not shipped yet, at all locations.';
COMMENT ON COLUMN stock.order_progress.moved IS 'Units received for a purchase line, shipped for a sales line, delivered to the destination for a transfer line.';
COMMENT ON COLUMN stock.order_progress.returned IS 'Units of these that came back from the customer or went back to the supplier.';

CREATE TABLE stock.product_suppliers (
    supply_id  bigint GENERATED ALWAYS AS IDENTITY,
    product_id bigint NOT NULL,
    partner_id bigint NOT NULL,
    their_code text,
    price      numeric,
    pack       numeric NOT NULL DEFAULT 1,
    minimum    numeric NOT NULL DEFAULT 0,
    lead_days  integer,
    CONSTRAINT product_suppliers_pkey PRIMARY KEY (supply_id),
    CONSTRAINT product_suppliers_key UNIQUE (product_id, partner_id),
    CONSTRAINT product_suppliers_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT product_suppliers_partner_fkey FOREIGN KEY (partner_id) REFERENCES stock.partners (partner_id),
    CONSTRAINT product_suppliers_their_code_form CHECK (their_code = btrim(their_code) AND length(their_code) BETWEEN 1 AND 60 AND their_code !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT product_suppliers_price_range CHECK (price >= 0 AND price < 10000000000 AND price = round(price, 4)),
    CONSTRAINT product_suppliers_pack_range CHECK (pack > 0 AND pack < 1000000000 AND pack = round(pack, 3)),
    CONSTRAINT product_suppliers_minimum_range CHECK (minimum >= 0 AND minimum < 1000000000 AND minimum = round(minimum, 3)),
    CONSTRAINT product_suppliers_lead_days_range CHECK (lead_days BETWEEN 0 AND 3650)
);
CREATE INDEX product_suppliers_partner_idx ON stock.product_suppliers (partner_id);
COMMENT ON TABLE stock.product_suppliers IS 'Who supplies a product, and on which terms.';
COMMENT ON COLUMN stock.product_suppliers.supply_id IS 'Surrogate key, assigned by the server.';
COMMENT ON COLUMN stock.product_suppliers.product_id IS 'The product.';
COMMENT ON COLUMN stock.product_suppliers.partner_id IS 'The supplier.';
COMMENT ON COLUMN stock.product_suppliers.their_code IS 'The supplier''s code for the product.';
COMMENT ON COLUMN stock.product_suppliers.price IS 'Price of one unit, in the currency of the site.';
COMMENT ON COLUMN stock.product_suppliers.pack IS 'Units in the smallest pack that is supplied.';
COMMENT ON COLUMN stock.product_suppliers.minimum IS 'The smallest quantity that is supplied, in units.';
COMMENT ON COLUMN stock.product_suppliers.lead_days IS 'Days from the order to the arrival of the goods.';

-- A foreign key would cost every movement a trigger, also those without an order. The trigger of the ledger looks the line
-- up instead, and no line is ever deleted.
ALTER TABLE stock.transactions ADD COLUMN order_line_id uuid;
COMMENT ON COLUMN stock.transactions.order_line_id IS 'The order line that the movement carries out; null for movements without an order.';
CREATE INDEX transactions_order_line_idx ON stock.transactions (order_line_id) WHERE order_line_id IS NOT NULL;

-- In no index, so that an update of a level stays a HOT update.
ALTER TABLE stock.stock_levels ADD COLUMN reserved numeric(14, 3) NOT NULL DEFAULT 0;
ALTER TABLE stock.stock_levels ADD CONSTRAINT stock_levels_reserved_range CHECK (reserved >= 0 AND reserved <= on_hand);
COMMENT ON COLUMN stock.stock_levels.reserved IS 'Units of these that are promised to order lines; never more than are on hand.';

CREATE FUNCTION stock.order_is_open(of_order uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
RETURN (
    -- Events alternate, as their trigger demands, so that the order in which they were posted does not matter here.
    SELECT coalesce(sum(CASE WHEN e.kind IN ('confirmed', 'reopened') THEN 1 WHEN e.kind IN ('closed', 'cancelled') THEN -1 ELSE 0 END), 0) = 1
    FROM stock.order_events e WHERE e.order_id = of_order);
COMMENT ON FUNCTION stock.order_is_open(uuid) IS 'Whether an order is confirmed and neither closed nor cancelled, so that goods may be reserved and moved for it.';

-- One expression, so that the planner inlines it.
CREATE FUNCTION stock.order_effect(order_kind text, kind stock.movement_kind, from_location_id bigint, to_location_id bigint, destination_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN order_kind = 'purchase' THEN CASE
        WHEN kind = 'receipt' THEN 'fulfilled'
        WHEN kind = 'issue' THEN 'returned'
        WHEN kind = 'reversal' AND to_location_id IS NULL THEN 'unfulfilled'
        WHEN kind = 'reversal' AND from_location_id IS NULL THEN 'unreturned' END
    WHEN order_kind = 'sales' THEN CASE
        WHEN kind = 'issue' THEN 'fulfilled'
        WHEN kind = 'receipt' THEN 'returned'
        WHEN kind = 'transfer' THEN 'carried'
        WHEN kind = 'reversal' AND from_location_id IS NULL THEN 'unfulfilled'
        WHEN kind = 'reversal' AND to_location_id IS NULL THEN 'unreturned'
        WHEN kind = 'reversal' THEN 'carried' END
    WHEN order_kind = 'transfer' THEN CASE
        WHEN kind = 'transfer' AND to_location_id = destination_id THEN 'fulfilled'
        WHEN kind = 'reversal' AND from_location_id = destination_id THEN 'unfulfilled'
        WHEN kind IN ('transfer', 'reversal') AND from_location_id <> to_location_id THEN 'carried' END
END;
COMMENT ON FUNCTION stock.order_effect(text, stock.movement_kind, bigint, bigint, bigint) IS 'What a movement does to its order line: fulfilled (goods received, shipped or delivered; consumes the reservation), carried (goods move with their reservation), returned, unfulfilled or unreturned (a reversal; goods come back as available); null if the movement cannot carry out an order of this kind.';

-- One expression, so that the planner inlines it.
CREATE FUNCTION stock.available(on_hand numeric, reserved numeric, blocked_by text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN blocked_by IS NULL THEN on_hand - reserved ELSE 0 END;
COMMENT ON FUNCTION stock.available(numeric, numeric, text) IS 'How much of a stock level may be used: what is not reserved, or nothing if the level is blocked.';

CREATE FUNCTION stock.refuse_order_line(rule text, number text, line_no integer, sku text, line_sku text, movement_kind text, order_kind text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', CASE rule
            WHEN 'order_line_known' THEN format('There is no order line for this movement of %s.', sku)
            WHEN 'order_line_product' THEN format('Line %s of %s is for %s, not for %s.', line_no, number, line_sku, sku)
            WHEN 'order_line_movement' THEN format('%s is a %s order; a movement of kind %s cannot carry it out.', number, order_kind, movement_kind)
            WHEN 'reserved_for_outgoing_orders' THEN format('%s is a purchase order; stock is reserved for sales and transfer orders.', number)
            WHEN 'reserved_goods_available' THEN format('%s of line %s of %s cannot be reserved there: the location is in quarantine or the lot has expired.', sku, line_no, number)
            ELSE format('%s is not open: it has not been confirmed, or has been closed or cancelled.', number)
        END
        USING ERRCODE = 'SR003', CONSTRAINT = rule;
END;
$$;
COMMENT ON FUNCTION stock.refuse_order_line(text, text, integer, text, text, text, text) IS 'Refuses a movement or reservation that does not fit its order line, with the details.';

CREATE FUNCTION stock.refuse_unfit_posting(what text, posted_by name, xid xid8, posted_at timestamptz, id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'serializable' THEN
        RAISE EXCEPTION '% needs a SERIALIZABLE transaction; this one is %.', what, upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'SR001', CONSTRAINT = 'posting_is_serializable',
                  HINT = 'Begin with BEGIN ISOLATION LEVEL SERIALIZABLE.';
    END IF;
    IF strpos(lower(current_query() COLLATE "C"), 'copy') > 0 THEN
        PERFORM stock.refuse_copy();
    END IF;
    IF posted_by <> session_user OR xid <> pg_current_xact_id() OR posted_at < now() OR posted_at > clock_timestamp() THEN
        PERFORM stock.refuse_movement('server_fills_poster', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    END IF;
    IF stock.uuid_time(id) > now() + interval '5 minutes' THEN
        PERFORM stock.refuse_movement('not_from_the_future', NULL, NULL, NULL, NULL, NULL, stock.uuid_time(id), NULL);
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_unfit_posting(text, name, xid8, timestamptz, uuid) IS 'Refuses rows of orders, events and reservations that are not posted as the ledger demands: SERIALIZABLE, by INSERT, by the person who is logged in, not from the future.';

CREATE FUNCTION stock.change_order_lines(reserved stock.allocations[], line_ids uuid[], moved numeric[], returned numeric[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    WITH changed AS MATERIALIZED (
        SELECT c.order_line_id, c.product_id, c.location_id, c.lot_id, sum(c.open) AS change
        FROM unnest(reserved) AS c
        GROUP BY c.order_line_id, c.product_id, c.location_id, c.lot_id
        ORDER BY c.order_line_id, c.product_id, c.location_id, c.lot_id
    ), updated AS (
        UPDATE stock.allocations AS a SET open = a.open + c.change
        FROM changed AS c
        WHERE a.order_line_id = c.order_line_id AND a.product_id = c.product_id AND a.location_id = c.location_id
            AND (a.lot_id = c.lot_id OR (a.lot_id IS NULL AND c.lot_id IS NULL))
        RETURNING a.order_line_id, a.product_id, a.location_id, a.lot_id
    )
    INSERT INTO stock.allocations (order_line_id, product_id, location_id, lot_id, open)
    SELECT c.order_line_id, c.product_id, c.location_id, c.lot_id, c.change
    FROM changed AS c
    WHERE NOT EXISTS (
        SELECT FROM updated AS u
        WHERE u.order_line_id = c.order_line_id AND u.product_id = c.product_id AND u.location_id = c.location_id
            AND u.lot_id IS NOT DISTINCT FROM c.lot_id)
    ORDER BY c.order_line_id, c.product_id, c.location_id, c.lot_id;
    UPDATE stock.order_progress AS g
    SET reserved = g.reserved + s.reserved, moved = g.moved + s.moved, returned = g.returned + s.returned
    FROM (SELECT c.order_line_id, sum(c.reserved) AS reserved, sum(c.moved) AS moved, sum(c.returned) AS returned
          FROM (SELECT r.order_line_id, r.open AS reserved, 0 AS moved, 0 AS returned FROM unnest(reserved) AS r
                UNION ALL
                SELECT m.line_id, 0, m.moved, m.returned FROM unnest(line_ids, moved, returned) AS m (line_id, moved, returned)) AS c
          GROUP BY c.order_line_id
          HAVING sum(c.reserved) <> 0 OR sum(c.moved) <> 0 OR sum(c.returned) <> 0
          ORDER BY c.order_line_id) AS s
    WHERE g.order_line_id = s.order_line_id;
END;
$$;
COMMENT ON FUNCTION stock.change_order_lines(stock.allocations[], uuid[], numeric[], numeric[]) IS 'Brings the allocations and sums of order lines up to date: changes of reservations (as rows of stock.allocations with the change in open), and what was moved and returned by line.';

-- As before, with the movements that carry out order lines. A posting without an order takes the path that it took.
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
    lines record;
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
        n.order_line_id IS NOT NULL AS has_order,
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
            bool_or(n.order_line_id IS NOT NULL),
            min(stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at))
        INTO posted.has_first_movement, posted.time_span, posted.has_reversal, posted.has_serial, posted.has_order, posted.broken_rule
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

    IF posted.has_order THEN
        SELECT r.rule, r.number, r.line_no, r.sku, r.line_sku, r.movement_kind, r.order_kind INTO broken
        FROM (SELECT n.id, o.number, l.line_no, p.sku, ordered.sku AS line_sku, n.kind::text AS movement_kind, o.kind AS order_kind,
                     CASE WHEN l.order_line_id IS NULL THEN 'order_line_known'
                          WHEN l.product_id <> n.product_id THEN 'order_line_product'
                          WHEN e.effect IS NULL THEN 'order_line_movement'
                          WHEN e.effect IN ('fulfilled', 'carried') AND NOT stock.order_is_open(l.order_id) THEN 'order_not_open' END AS rule
              FROM new_rows n
              JOIN stock.products p ON p.product_id = n.product_id
              LEFT JOIN stock.order_lines l ON l.order_line_id = n.order_line_id
              LEFT JOIN stock.orders o ON o.order_id = l.order_id
              LEFT JOIN stock.products ordered ON ordered.product_id = l.product_id
              CROSS JOIN LATERAL (SELECT stock.order_effect(o.kind, n.kind, n.from_location_id, n.to_location_id, o.to_location_id) AS effect) AS e
              WHERE n.order_line_id IS NOT NULL) AS r
        WHERE r.rule IS NOT NULL
        ORDER BY r.id
        LIMIT 1;
        IF FOUND THEN
            PERFORM stock.refuse_order_line(broken.rule, broken.number, broken.line_no, broken.sku, broken.line_sku,
                                            broken.movement_kind, broken.order_kind);
        END IF;
        WITH carried AS MATERIALIZED (
            SELECT n.order_line_id, n.product_id, n.lot_id, n.from_location_id, n.to_location_id, n.quantity, n.occurred_at,
                stock.order_effect(o.kind, n.kind, n.from_location_id, n.to_location_id, o.to_location_id) AS effect
            FROM new_rows n
            LEFT JOIN stock.order_lines l ON l.order_line_id = n.order_line_id
            LEFT JOIN stock.orders o ON o.order_id = l.order_id
        ), changes AS MATERIALIZED (
            SELECT order_line_id, product_id, from_location_id AS location_id, lot_id, -quantity AS delta,
                CASE WHEN effect IN ('fulfilled', 'carried') THEN -quantity ELSE 0 END AS reserved, occurred_at
            FROM carried WHERE from_location_id IS NOT NULL
            UNION ALL
            SELECT order_line_id, product_id, to_location_id, lot_id, quantity,
                CASE WHEN effect = 'carried' THEN quantity ELSE 0 END, occurred_at
            FROM carried WHERE to_location_id IS NOT NULL
        ), moved AS MATERIALIZED (
            SELECT c.product_id, c.location_id, c.lot_id, sum(c.delta) AS delta, sum(c.reserved) AS reserved, max(c.occurred_at) AS last_at,
                min(c.occurred_at) FILTER (WHERE c.delta < 0) AS first_out_at
            FROM changes c
            GROUP BY c.product_id, c.location_id, c.lot_id
            ORDER BY c.product_id, c.location_id, c.lot_id
        ), updated AS (
            UPDATE stock.stock_levels AS l SET on_hand = l.on_hand + m.delta, reserved = l.reserved + m.reserved,
                last_moved_at = greatest(coalesce(l.last_moved_at, clock_timestamp()), m.last_at)
            FROM moved AS m
            WHERE l.product_id = m.product_id AND l.location_id = m.location_id
                AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL))
            RETURNING m.first_out_at < l.last_moved_at - interval '1 minute' AS is_backdated
        )
        SELECT (SELECT count(*) FROM moved) AS touched, u.level_count, coalesce(u.is_backdated, false) AS is_backdated,
            (SELECT array_agg(ROW(c.order_line_id, c.product_id, c.location_id, c.lot_id, c.reserved)::stock.allocations)
             FROM changes c WHERE c.reserved <> 0) AS reserved,
            s.line_ids, s.moved, s.returned
        INTO lines
        FROM (SELECT count(*) AS level_count, bool_or(u.is_backdated) AS is_backdated FROM updated u) AS u,
            (SELECT array_agg(c.order_line_id) AS line_ids,
                    array_agg(CASE c.effect WHEN 'fulfilled' THEN c.quantity WHEN 'unfulfilled' THEN -c.quantity ELSE 0 END) AS moved,
                    array_agg(CASE c.effect WHEN 'returned' THEN c.quantity WHEN 'unreturned' THEN -c.quantity ELSE 0 END) AS returned
             FROM carried c WHERE c.order_line_id IS NOT NULL) AS s;
        levels_touched := lines.touched;
        levels_updated := lines.level_count;
        is_backdated := lines.is_backdated;
        PERFORM stock.change_order_lines(lines.reserved, lines.line_ids, lines.moved, lines.returned);
    ELSIF posted.row_count = 1 AND (posted.from_location_id IS NULL OR posted.to_location_id IS NULL) THEN
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
            SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta, sum(m.reserved) AS reserved, max(m.occurred_at) AS last_at
            FROM (SELECT product_id, from_location_id AS location_id, lot_id, -quantity AS delta, 0 AS reserved, occurred_at
                  FROM new_rows WHERE from_location_id IS NOT NULL
                  UNION ALL
                  -- Nothing was reserved at a level that is missing: reserved goods can only arrive there, by a transfer.
                  SELECT n.product_id, n.to_location_id, n.lot_id, n.quantity,
                         CASE stock.order_effect(o.kind, n.kind, n.from_location_id, n.to_location_id, o.to_location_id)
                              WHEN 'carried' THEN n.quantity ELSE 0 END, n.occurred_at
                  FROM new_rows n
                  LEFT JOIN stock.order_lines l ON l.order_line_id = n.order_line_id
                  LEFT JOIN stock.orders o ON o.order_id = l.order_id
                  WHERE n.to_location_id IS NOT NULL) AS m
            GROUP BY m.product_id, m.location_id, m.lot_id
        )
        INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand, reserved, last_moved_at)
        SELECT m.product_id, m.location_id, m.lot_id, m.delta, m.reserved, m.last_at
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
                 OR n.order_line_id IS DISTINCT FROM o.order_line_id
                 OR n.from_location_id IS DISTINCT FROM o.to_location_id
                 OR n.to_location_id IS DISTINCT FROM o.from_location_id)
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '%', CASE
                    WHEN broken.id IS NULL THEN format('There is no movement %s to reverse.', broken.reverses)
                    WHEN broken.kind = 'reversal' THEN format('Movement %s is itself a reversal; post the movement again instead.', broken.reverses)
                    ELSE format('A reversal must move the same goods back, for the same order line; movement %s moved others.', broken.reverses)
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

CREATE OR REPLACE FUNCTION stock.refuse_foreign_posting(posting uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock.transactions t
                   WHERE t.id = posting AND t.occurred_at = stock.uuid_time(posting) AND t.xid = pg_current_xact_id())
        AND NOT EXISTS (SELECT FROM stock.stock_counts c WHERE c.id = posting AND c.xid = pg_current_xact_id())
        AND NOT EXISTS (SELECT FROM stock.reservations r WHERE r.id = posting AND r.xid = pg_current_xact_id())
    THEN
        RAISE EXCEPTION 'Posting % was not begun in this transaction. Its first movement, count or reservation must have the id of the posting, and nothing can be added to it later.', posting
            USING ERRCODE = 'SR003', CONSTRAINT = 'posting_is_one_transaction';
    END IF;
END;
$$;

CREATE FUNCTION stock.post_reservations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Index access only, as in stock.post_levels.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    broken record;
    changed stock.allocations[];
BEGIN
    PERFORM stock.refuse_unfit_posting('A reservation', n.posted_by, n.xid, n.posted_at, n.id) FROM new_rows n;
    PERFORM stock.refuse_foreign_posting(n.posting_id)
    FROM (SELECT DISTINCT n.posting_id FROM new_rows n
          WHERE n.id <> n.posting_id AND NOT EXISTS (SELECT FROM new_rows f WHERE f.id = n.posting_id)) AS n;

    SELECT r.* INTO broken
    FROM (SELECT n.id, o.number, l.line_no, p.sku, p.unit, p.decimals, p.tracking, n.change, ordered.sku AS line_sku, o.kind AS order_kind,
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
                               (now() AT TIME ZONE 'UTC')::date) IS NOT NULL THEN 'reserved_goods_available' END AS rule
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
COMMENT ON FUNCTION stock.post_reservations() IS 'Runs once for each INSERT into the ledger of reservations: checks the rules and updates levels, allocations and sums of order lines.';

CREATE FUNCTION stock.fill_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partner record;
    next_number text;
BEGIN
    PERFORM stock.refuse_unfit_posting('An order', session_user, pg_current_xact_id(), now(), NEW.order_id);
    FOR partner IN
        SELECT p.code, p.kind FROM stock.partners p WHERE p.partner_id IN (NEW.partner_id, NEW.ship_to_id)
    LOOP
        IF partner.kind <> (CASE NEW.kind WHEN 'purchase' THEN 'supplier' ELSE 'customer' END) THEN
            RAISE EXCEPTION '% is a %; a % order cannot name it.', partner.code, partner.kind, NEW.kind
                USING ERRCODE = 'SR003', CONSTRAINT = 'order_partner_kind';
        END IF;
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.created_by <> session_user OR EXISTS (SELECT FROM stock.order_events e WHERE e.order_id = OLD.order_id) THEN
            RAISE EXCEPTION '% can be changed only by its author, %, and only while it is a draft.', OLD.number, OLD.created_by
                USING ERRCODE = 'SR003', CONSTRAINT = 'draft_changed_by_author';
        END IF;
        RETURN NEW;
    END IF;
    next_number := nextval(('stock.' || NEW.kind || '_order_number')::regclass)::text;
    NEW.number := upper(left(NEW.kind, 1)) || 'O-' || lpad(next_number, greatest(6, length(next_number)), '0');
    NEW.created_by := session_user;
    NEW.created_at := clock_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.fill_order() IS 'Numbers a new order and notes its author; refuses changes other than by the author of a draft.';

CREATE FUNCTION stock.check_order_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    of_order record;
    product record;
BEGIN
    PERFORM stock.refuse_unfit_posting('An order', session_user, pg_current_xact_id(), now(), NEW.order_line_id);
    SELECT o.number, o.kind, o.created_by, EXISTS (SELECT FROM stock.order_events e WHERE e.order_id = o.order_id) AS has_events
    INTO of_order FROM stock.orders o WHERE o.order_id = NEW.order_id;
    IF NOT FOUND THEN
        RETURN NEW; -- The foreign key refuses it.
    END IF;
    IF NOT of_order.has_events AND of_order.created_by <> session_user OR of_order.has_events AND (TG_OP = 'UPDATE' OR NOT EXISTS (
        SELECT FROM stock.order_events e
        WHERE e.order_id = NEW.order_id AND e.order_line_id = NEW.order_line_id AND e.kind = 'line_added' AND e.xid = pg_current_xact_id()))
    THEN
        RAISE EXCEPTION '% can be changed only by its author, %, and only while it is a draft.', of_order.number, of_order.created_by
            USING ERRCODE = 'SR003', CONSTRAINT = 'draft_changed_by_author',
                  HINT = 'A line is added to a confirmed order after an event line_added with its id, in the same transaction.';
    END IF;
    SELECT p.sku, p.unit, p.decimals, p.tracking, p.archived_at INTO product FROM stock.products p WHERE p.product_id = NEW.product_id;
    IF NEW.quantity <> round(NEW.quantity, product.decimals) THEN
        PERFORM stock.refuse_movement('quantity_decimals', product.sku, product.unit, product.decimals::integer, product.tracking, NEW.quantity, NULL, NULL);
    ELSIF product.archived_at IS NOT NULL AND of_order.kind = 'purchase' THEN
        PERFORM stock.refuse_movement('product_archived', product.sku, product.unit, product.decimals::integer, product.tracking, NEW.quantity, NULL, NULL);
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.check_order_line() IS 'Refuses lines that are not the author''s in a draft, nor added to a confirmed order by an event.';

CREATE FUNCTION stock.follow_order_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO stock.order_progress (order_line_id, ordered, over_percent) VALUES (NEW.order_line_id, NEW.quantity, NEW.over_percent);
    ELSE
        UPDATE stock.order_progress SET ordered = NEW.quantity, over_percent = NEW.over_percent WHERE order_line_id = NEW.order_line_id;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.follow_order_line() IS 'Keeps the sums of an order line up to date with the line of a draft.';

CREATE FUNCTION stock.apply_order_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    earlier record;
    sums record;
    state text;
    rule text;
    of_line integer;
    of_number text := (SELECT o.number FROM stock.orders o WHERE o.order_id = NEW.order_id);
BEGIN
    PERFORM stock.refuse_unfit_posting('An order event', NEW.posted_by, NEW.xid, NEW.posted_at, NEW.id);
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
COMMENT ON FUNCTION stock.apply_order_event() IS 'Checks that an event fits the state of its order, and changes the ordered quantity of its line.';

CREATE TRIGGER post_reservations AFTER INSERT ON stock.reservations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock.post_reservations();
CREATE TRIGGER refuse_savepoint AFTER INSERT ON stock.reservations
    FOR EACH ROW WHEN (NEW.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION stock.refuse_savepoint();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.reservations
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER apply_order_event AFTER INSERT ON stock.order_events
    FOR EACH ROW EXECUTE FUNCTION stock.apply_order_event();
CREATE TRIGGER refuse_savepoint AFTER INSERT ON stock.order_events
    FOR EACH ROW WHEN (NEW.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION stock.refuse_savepoint();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.order_events
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER fill_order BEFORE INSERT OR UPDATE ON stock.orders FOR EACH ROW EXECUTE FUNCTION stock.fill_order();
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON stock.orders
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER check_order_line BEFORE INSERT OR UPDATE ON stock.order_lines FOR EACH ROW EXECUTE FUNCTION stock.check_order_line();
CREATE TRIGGER follow_order_line AFTER INSERT OR UPDATE ON stock.order_lines FOR EACH ROW EXECUTE FUNCTION stock.follow_order_line();
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON stock.order_lines
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER written_by_ledger BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock.allocations
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock.refuse_direct_level();
CREATE TRIGGER written_by_ledger BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock.order_progress
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock.refuse_direct_level();
ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER post_reservations;
ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_savepoint;
ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.order_events ENABLE ALWAYS TRIGGER apply_order_event;
ALTER TABLE stock.order_events ENABLE ALWAYS TRIGGER refuse_savepoint;
ALTER TABLE stock.order_events ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.orders ENABLE ALWAYS TRIGGER fill_order;
ALTER TABLE stock.orders ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER check_order_line;
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER follow_order_line;
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.allocations ENABLE ALWAYS TRIGGER written_by_ledger;
ALTER TABLE stock.order_progress ENABLE ALWAYS TRIGGER written_by_ledger;

-- Orders, lines and terms of supply are kept as the master data are: every change with the row after it, sealed.
ALTER TABLE stock.master_history DROP CONSTRAINT master_history_table_known;
ALTER TABLE stock.master_history ADD CONSTRAINT master_history_table_known CHECK (table_name IN (
    'products', 'barcodes', 'locations', 'lots', 'partners', 'partner_fields', 'privacy_events', 'person_names',
    'orders', 'order_lines', 'product_suppliers'));
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.orders
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('order_id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.order_lines
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('order_line_id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.product_suppliers
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('supply_id');
ALTER TABLE stock.orders ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.product_suppliers ENABLE ALWAYS TRIGGER keep_master_history;

CREATE OR REPLACE VIEW stock.level_availability AS
SELECT f.product_id, f.location_id, f.lot_id, f.lot, f.expires_on, f.on_hand,
       stock.available(f.on_hand, f.reserved, f.blocked_by) AS available, f.blocked_by, f.reserved
FROM (SELECT s.product_id, s.location_id, s.lot_id, lot.code AS lot, lot.expires_on, s.on_hand, s.reserved,
             stock.blocked_by(s.location_id IN (SELECT q.location_id FROM stock.quarantined_locations q), lot.expires_on,
                              (now() AT TIME ZONE 'UTC')::date) AS blocked_by
      FROM stock.stock_levels s LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id) AS f;
COMMENT ON COLUMN stock.level_availability.available IS 'How many of them may be used: on hand less reserved, or none if the level is blocked.';
COMMENT ON COLUMN stock.level_availability.reserved IS 'How many of them are promised to order lines.';

CREATE OR REPLACE VIEW stock.levels AS
SELECT p.sku, p.name, p.category, p.unit, l.code AS location, s.lot, s.expires_on, s.on_hand, s.available, s.blocked_by, s.reserved
FROM stock.level_availability s
JOIN stock.products p ON p.product_id = s.product_id
JOIN stock.locations l ON l.location_id = s.location_id
WHERE s.on_hand > 0;
COMMENT ON COLUMN stock.levels.available IS 'How many of the units on hand may be used: those that are not reserved, or none if the level is blocked.';
COMMENT ON COLUMN stock.levels.reserved IS 'How many of the units on hand are promised to order lines.';
COMMENT ON COLUMN stock.low_stock.available IS 'How many units may be used: on hand, less what is reserved, expired or in quarantine.';

CREATE VIEW stock.reserved_changes AS
SELECT r.product_id, r.location_id, r.lot_id, r.order_line_id, stock.uuid_time(r.id) AS occurred_at, r.change FROM stock.reservations r
UNION ALL
SELECT m.product_id, m.from_location_id, m.lot_id, m.order_line_id, m.occurred_at, -m.quantity
FROM (SELECT t.*, stock.order_effect(o.kind, t.kind, t.from_location_id, t.to_location_id, o.to_location_id) AS effect
      FROM stock.transactions t JOIN stock.order_lines l ON l.order_line_id = t.order_line_id JOIN stock.orders o ON o.order_id = l.order_id
      WHERE t.order_line_id IS NOT NULL) AS m
WHERE m.effect IN ('fulfilled', 'carried') AND m.from_location_id IS NOT NULL
UNION ALL
SELECT m.product_id, m.to_location_id, m.lot_id, m.order_line_id, m.occurred_at, m.quantity
FROM (SELECT t.*, stock.order_effect(o.kind, t.kind, t.from_location_id, t.to_location_id, o.to_location_id) AS effect
      FROM stock.transactions t JOIN stock.order_lines l ON l.order_line_id = t.order_line_id JOIN stock.orders o ON o.order_id = l.order_id
      WHERE t.order_line_id IS NOT NULL) AS m
WHERE m.effect = 'carried';
COMMENT ON VIEW stock.reserved_changes IS 'Everything that changed what is reserved at a level: reservations, releases, and goods that left or moved for an order line.';
COMMENT ON COLUMN stock.reserved_changes.product_id IS 'The product.';
COMMENT ON COLUMN stock.reserved_changes.location_id IS 'The location.';
COMMENT ON COLUMN stock.reserved_changes.lot_id IS 'The lot, if the product is tracked.';
COMMENT ON COLUMN stock.reserved_changes.order_line_id IS 'The order line.';
COMMENT ON COLUMN stock.reserved_changes.occurred_at IS 'When it occurred.';
COMMENT ON COLUMN stock.reserved_changes.change IS 'By how many units more are reserved; negative for fewer.';

CREATE VIEW stock.order_states AS
SELECT o.order_id, o.number, o.kind, o.partner_id, o.due_on,
       CASE WHEN e.balance = 1 AND g.has_rest THEN
                CASE WHEN g.moved > 0 THEN 'partly_done'
                     WHEN g.is_picked THEN 'picking'
                     WHEN o.kind <> 'purchase' AND g.reserved > 0 THEN CASE WHEN g.is_reserved THEN 'reserved' ELSE 'partly_reserved' END
                     ELSE 'confirmed' END
            WHEN e.balance = 1 THEN 'done'
            WHEN e.balance = 0 AND NOT e.is_confirmed THEN 'draft'
            WHEN e.last_end = 'cancelled' THEN 'cancelled'
            ELSE 'done' END AS state,
       coalesce(e.balance = 1 AND g.has_rest AND o.due_on < (now() AT TIME ZONE 'UTC')::date, false) AS is_late,
       g.line_count, g.ordered, g.reserved, g.moved, e.confirmed_at, e.ended_at
FROM stock.orders o
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN e.kind IN ('confirmed', 'reopened') THEN 1 WHEN e.kind IN ('closed', 'cancelled') THEN -1 ELSE 0 END), 0) AS balance,
        coalesce(bool_or(e.kind = 'confirmed'), false) AS is_confirmed,
        (array_agg(e.kind ORDER BY e.posted_at DESC, e.id DESC) FILTER (WHERE e.kind IN ('closed', 'cancelled')))[1] AS last_end,
        min(e.posted_at) FILTER (WHERE e.kind = 'confirmed') AS confirmed_at,
        max(e.posted_at) FILTER (WHERE e.kind IN ('closed', 'cancelled')) AS ended_at
    FROM stock.order_events e WHERE e.order_id = o.order_id) AS e
CROSS JOIN LATERAL (
    SELECT count(*) AS line_count, coalesce(sum(g.ordered), 0) AS ordered, coalesce(sum(g.reserved), 0) AS reserved, coalesce(sum(g.moved), 0) AS moved,
        coalesce(bool_or(g.moved < g.ordered), false) AS has_rest, coalesce(bool_and(g.moved + g.reserved >= g.ordered), false) AS is_reserved,
        coalesce(bool_or(g.reserved > 0 AND EXISTS (
            SELECT FROM stock.allocations a JOIN stock.locations c ON c.location_id = a.location_id AND c.kind = 'dock'
            WHERE a.order_line_id = g.order_line_id AND a.open > 0)), false) AS is_picked
    FROM stock.order_lines l JOIN stock.order_progress g ON g.order_line_id = l.order_line_id
    WHERE l.order_id = o.order_id) AS g;
COMMENT ON VIEW stock.order_states IS 'The state and progress of each order, computed from its events and sums.';
COMMENT ON COLUMN stock.order_states.order_id IS 'The order.';
COMMENT ON COLUMN stock.order_states.number IS 'Its number.';
COMMENT ON COLUMN stock.order_states.kind IS 'purchase, sales or transfer.';
COMMENT ON COLUMN stock.order_states.partner_id IS 'The supplier or customer.';
COMMENT ON COLUMN stock.order_states.due_on IS 'The day by which the goods are expected or promised.';
COMMENT ON COLUMN stock.order_states.state IS 'draft, confirmed, partly_reserved, reserved, picking (reserved goods are at a dock), partly_done, done or cancelled.';
COMMENT ON COLUMN stock.order_states.is_late IS 'Whether the order is open, not all of it has moved, and its day has passed.';
COMMENT ON COLUMN stock.order_states.line_count IS 'Number of lines.';
COMMENT ON COLUMN stock.order_states.ordered IS 'Units ordered, over all lines.';
COMMENT ON COLUMN stock.order_states.reserved IS 'Units reserved and not shipped yet.';
COMMENT ON COLUMN stock.order_states.moved IS 'Units received, shipped or delivered.';
COMMENT ON COLUMN stock.order_states.confirmed_at IS 'When the order was confirmed.';
COMMENT ON COLUMN stock.order_states.ended_at IS 'When the order was last closed or cancelled.';

CREATE VIEW stock.on_order AS
SELECT l.product_id, sum(g.ordered - g.moved) AS on_order, min(o.due_on) AS next_due_on
FROM stock.order_progress g
JOIN stock.order_lines l ON l.order_line_id = g.order_line_id
JOIN stock.orders o ON o.order_id = l.order_id AND o.kind = 'purchase'
WHERE g.moved < g.ordered AND stock.order_is_open(o.order_id)
GROUP BY l.product_id;
COMMENT ON VIEW stock.on_order IS 'What is still to come on open purchase orders, by product.';
COMMENT ON COLUMN stock.on_order.product_id IS 'The product.';
COMMENT ON COLUMN stock.on_order.on_order IS 'Units ordered and not received yet.';
COMMENT ON COLUMN stock.on_order.next_due_on IS 'The first day on which some of it is expected.';

REVOKE ALL ON stock.orders, stock.order_lines, stock.order_events, stock.reservations, stock.allocations, stock.order_progress,
    stock.product_suppliers, stock.reserved_changes, stock.order_states, stock.on_order FROM PUBLIC;
REVOKE ALL ON SEQUENCE stock.purchase_order_number, stock.sales_order_number, stock.transfer_order_number FROM PUBLIC;
REVOKE ALL ON FUNCTION stock.available(numeric, numeric, text), stock.order_is_open(uuid), stock.order_effect(text, stock.movement_kind, bigint, bigint, bigint),
    stock.refuse_order_line(text, text, integer, text, text, text, text), stock.refuse_unfit_posting(text, name, xid8, timestamptz, uuid),
    stock.change_order_lines(stock.allocations[], uuid[], numeric[], numeric[]), stock.post_reservations(), stock.fill_order(),
    stock.check_order_line(), stock.follow_order_line(), stock.apply_order_event() FROM PUBLIC;
GRANT SELECT ON stock.orders, stock.order_lines, stock.order_events, stock.reservations, stock.allocations, stock.order_progress,
    stock.product_suppliers, stock.reserved_changes, stock.order_states, stock.on_order TO stock_clerk, stock_admin, stock_auditor;
GRANT EXECUTE ON FUNCTION stock.order_is_open(uuid), stock.order_effect(text, stock.movement_kind, bigint, bigint, bigint)
    TO stock_clerk, stock_admin, stock_auditor;
GRANT EXECUTE ON FUNCTION stock.available(numeric, numeric, text) TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
-- Clerks enter drafts, reserve, release, pick, ship and receive. What binds the firm is an admin's: confirming, changing, closing and cancelling.
GRANT INSERT (order_line_id) ON stock.transactions TO stock_clerk, stock_admin;
GRANT INSERT (order_id, kind, partner_id, partner_reference, due_on, ship_to_id, to_location_id, note),
    UPDATE (partner_id, partner_reference, due_on, ship_to_id, to_location_id, note) ON stock.orders TO stock_clerk, stock_admin;
GRANT INSERT (order_line_id, order_id, line_no, product_id, quantity, unit_price, over_percent),
    UPDATE (quantity, unit_price, over_percent) ON stock.order_lines TO stock_clerk, stock_admin;
GRANT INSERT (id, posting_id, order_line_id, product_id, location_id, lot_id, change, reason) ON stock.reservations TO stock_clerk, stock_admin;
GRANT INSERT (id, order_id, order_line_id, kind, change, reason) ON stock.order_events TO stock_admin;
GRANT INSERT (product_id, partner_id, their_code, price, pack, minimum, lead_days), UPDATE (their_code, price, pack, minimum, lead_days), DELETE
    ON stock.product_suppliers TO stock_admin;
GRANT SELECT ON stock.reservations, stock.order_events TO stock_collector;
