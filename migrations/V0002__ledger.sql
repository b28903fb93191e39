-- The ledger: stock.transactions, partitioned by month, and what hangs on it.

CREATE TYPE stock.movement_kind AS ENUM ('receipt', 'issue', 'transfer', 'adjustment', 'reversal');
COMMENT ON TYPE stock.movement_kind IS 'Why stock moved: receipt (in), issue (out), transfer (from place to place), adjustment (a count or correction), reversal (the undoing of one earlier movement).';

CREATE TABLE stock.transactions (
    id               uuid NOT NULL,
    occurred_at      timestamptz(3) NOT NULL,
    posting_id       uuid NOT NULL,
    kind             stock.movement_kind NOT NULL,
    product_id       bigint NOT NULL,
    lot_id           bigint,
    from_location_id bigint,
    to_location_id   bigint,
    partner_id       bigint,
    quantity         numeric(14, 3) NOT NULL,
    unit_price       numeric(14, 4),
    reference        text,
    reason           text,
    reverses         uuid,
    posted_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    posted_by        name NOT NULL DEFAULT session_user,
    xid              xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT transactions_pkey PRIMARY KEY (id, occurred_at),
    CONSTRAINT transactions_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT transactions_lot_fkey FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
    CONSTRAINT transactions_from_location_fkey FOREIGN KEY (from_location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT transactions_to_location_fkey FOREIGN KEY (to_location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT transactions_partner_fkey FOREIGN KEY (partner_id) REFERENCES stock.partners (partner_id),
    -- The first 48 bits of a version 7 UUID are milliseconds since 1970 (RFC 9562, 5.7). Comparing
    -- six bytes spares building either value from the other.
    CONSTRAINT transactions_occurred_at_is_time_of_id CHECK (
        substring(uuid_send(id) FROM 1 FOR 6)
        = substring(int8send((date_part('epoch', occurred_at) * 1000)::bigint) FROM 3)),
    CONSTRAINT transactions_id_version_7 CHECK (get_byte(uuid_send(id), 6) BETWEEN 112 AND 127),
    CONSTRAINT transactions_quantity_positive CHECK (quantity > 0 AND quantity < 'NaN'),
    CONSTRAINT transactions_unit_price_range CHECK (unit_price >= 0 AND unit_price < 'NaN'),
    CONSTRAINT transactions_direction CHECK (CASE kind
        WHEN 'receipt' THEN from_location_id IS NULL AND to_location_id IS NOT NULL
        WHEN 'issue' THEN from_location_id IS NOT NULL AND to_location_id IS NULL
        WHEN 'transfer' THEN from_location_id <> to_location_id
        WHEN 'adjustment' THEN (from_location_id IS NULL) <> (to_location_id IS NULL)
        ELSE coalesce(from_location_id <> to_location_id,
                      (from_location_id IS NULL) <> (to_location_id IS NULL)) END IS TRUE),
    CONSTRAINT transactions_reversal_names_its_row CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CONSTRAINT transactions_reason_given CHECK (kind NOT IN ('adjustment', 'reversal') OR reason IS NOT NULL),
    CONSTRAINT transactions_reference_form CHECK (reference = btrim(reference) AND length(reference) BETWEEN 1 AND 100 AND reference !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT transactions_reason_form CHECK (reason = btrim(reason) AND length(reason) BETWEEN 1 AND 200 AND reason !~ '[\u0001-\u001f\u007f-\u009f]')
) PARTITION BY RANGE (occurred_at);
CREATE INDEX transactions_product_id_idx ON stock.transactions (product_id, id DESC);

COMMENT ON TABLE stock.transactions IS 'The ledger: one row per movement of one product, appended and never changed. Partitioned by the month in which the movement occurred.';
COMMENT ON COLUMN stock.transactions.id IS 'Version 7 UUID made by the client when the person acts; sending it again posts nothing twice.';
COMMENT ON COLUMN stock.transactions.occurred_at IS 'When it happened: the time inside id, in whole milliseconds. It is the partition key, so that (id, occurred_at) keeps id unique over all partitions.';
COMMENT ON COLUMN stock.transactions.posting_id IS 'The rows that were posted together, all or none, have the same posting_id.';
COMMENT ON COLUMN stock.transactions.kind IS 'Receipt, issue, transfer, adjustment or reversal.';
COMMENT ON COLUMN stock.transactions.product_id IS 'The product that moved.';
COMMENT ON COLUMN stock.transactions.lot_id IS 'The lot or serial number that moved; null for products that are not tracked.';
COMMENT ON COLUMN stock.transactions.from_location_id IS 'Where the goods left; null when they came from the outside world.';
COMMENT ON COLUMN stock.transactions.to_location_id IS 'Where the goods arrived; null when they went to the outside world.';
COMMENT ON COLUMN stock.transactions.partner_id IS 'The supplier or customer concerned, where one is known.';
COMMENT ON COLUMN stock.transactions.quantity IS 'How many units moved, always above zero; the locations give the direction.';
COMMENT ON COLUMN stock.transactions.unit_price IS 'The price of one unit in this movement, in the currency of the site.';
COMMENT ON COLUMN stock.transactions.reference IS 'The document behind the movement: an order, invoice or delivery note.';
COMMENT ON COLUMN stock.transactions.reason IS 'Why, in a person''s words; required for adjustments and reversals.';
COMMENT ON COLUMN stock.transactions.reverses IS 'For a reversal: the id of the movement that it undoes.';
COMMENT ON COLUMN stock.transactions.posted_at IS 'When the server took the row. Filled by the server.';
COMMENT ON COLUMN stock.transactions.posted_by IS 'The login that posted the row. Filled by the server.';
COMMENT ON COLUMN stock.transactions.xid IS 'The transaction that wrote the row; its low 32 bits are the txid in the audit log. Filled by the server.';

-- Nothing may ever be stored here: the CHECK refuses rows whose month has no partition, and an
-- empty default partition lets new months be added without a scan.
CREATE TABLE stock.transactions_default PARTITION OF stock.transactions (
    CONSTRAINT transactions_month_has_partition CHECK (false)
) DEFAULT;
COMMENT ON TABLE stock.transactions_default IS 'Catches movements of a month that has no partition yet, and refuses them.';

CREATE FUNCTION stock.uuid_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT '1970-01-01 00:00:00+00'::timestamptz
        + (('x' || lpad(encode(substring(uuid_send(id) FROM 1 FOR 6), 'hex'), 16, '0'))::bit(64)::bigint
           * interval '1 millisecond');
END;
COMMENT ON FUNCTION stock.uuid_time(uuid) IS 'The time inside a version 7 UUID (RFC 9562, 5.7).';

CREATE TABLE stock.stock_levels (
    product_id  bigint NOT NULL,
    location_id bigint NOT NULL,
    lot_id      bigint,
    on_hand     numeric(14, 3) NOT NULL,
    CONSTRAINT stock_levels_key UNIQUE NULLS NOT DISTINCT (product_id, location_id, lot_id),
    CONSTRAINT stock_levels_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT stock_levels_location_fkey FOREIGN KEY (location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT stock_levels_lot_fkey FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
    CONSTRAINT stock_levels_on_hand_not_negative CHECK (on_hand >= 0 AND on_hand < 'NaN')
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX stock_levels_location_id_idx ON stock.stock_levels (location_id);
CREATE INDEX stock_levels_lot_id_idx ON stock.stock_levels (lot_id) WHERE lot_id IS NOT NULL;

COMMENT ON TABLE stock.stock_levels IS 'What is on hand now: the running sum of the ledger. Only the trigger of the ledger writes it.';
COMMENT ON COLUMN stock.stock_levels.product_id IS 'The product.';
COMMENT ON COLUMN stock.stock_levels.location_id IS 'The place.';
COMMENT ON COLUMN stock.stock_levels.lot_id IS 'The lot or serial number; null for products that are not tracked.';
COMMENT ON COLUMN stock.stock_levels.on_hand IS 'How many units stand there; never below zero.';

CREATE TABLE stock.reversals (
    reversed_id   uuid NOT NULL,
    reversed_at   timestamptz(3) NOT NULL,
    reversal_id   uuid NOT NULL,
    reversal_at   timestamptz(3) NOT NULL,
    CONSTRAINT reversals_pkey PRIMARY KEY (reversed_id),
    CONSTRAINT reversals_reversal_key UNIQUE (reversal_id),
    CONSTRAINT reversals_reversed_fkey FOREIGN KEY (reversed_id, reversed_at) REFERENCES stock.transactions (id, occurred_at),
    CONSTRAINT reversals_reversal_fkey FOREIGN KEY (reversal_id, reversal_at) REFERENCES stock.transactions (id, occurred_at)
);
COMMENT ON TABLE stock.reversals IS 'Which movement undoes which. The primary key is what lets a movement be reversed once at most. Only the trigger of the ledger writes it.';
COMMENT ON COLUMN stock.reversals.reversed_id IS 'The movement that was undone.';
COMMENT ON COLUMN stock.reversals.reversed_at IS 'When that movement occurred; half of its key.';
COMMENT ON COLUMN stock.reversals.reversal_id IS 'The movement that undoes it.';
COMMENT ON COLUMN stock.reversals.reversal_at IS 'When the reversal occurred; half of its key.';

CREATE TABLE stock.stock_counts (
    id          uuid NOT NULL,
    counted_at  timestamptz(3) NOT NULL,
    posting_id  uuid NOT NULL,
    product_id  bigint NOT NULL,
    location_id bigint NOT NULL,
    lot_id      bigint,
    expected    numeric(14, 3) NOT NULL,
    counted     numeric(14, 3) NOT NULL,
    posted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    posted_by   name NOT NULL DEFAULT session_user,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT stock_counts_pkey PRIMARY KEY (id),
    CONSTRAINT stock_counts_counted_at_is_time_of_id CHECK (counted_at = stock.uuid_time(id)),
    CONSTRAINT stock_counts_id_version_7 CHECK (get_byte(uuid_send(id), 6) BETWEEN 112 AND 127),
    CONSTRAINT stock_counts_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT stock_counts_location_fkey FOREIGN KEY (location_id) REFERENCES stock.locations (location_id),
    CONSTRAINT stock_counts_lot_fkey FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
    CONSTRAINT stock_counts_expected_not_negative CHECK (expected >= 0),
    CONSTRAINT stock_counts_counted_not_negative CHECK (counted >= 0 AND counted < 'NaN')
);
CREATE INDEX stock_counts_product_location_idx ON stock.stock_counts (product_id, location_id, counted_at DESC);
COMMENT ON TABLE stock.stock_counts IS 'Every count of goods on the shelf, also when the figure agreed. A difference is posted as an adjustment with the same id in the same transaction.';
COMMENT ON COLUMN stock.stock_counts.id IS 'Version 7 UUID made by the client; the adjustment, if one is needed, has the same id.';
COMMENT ON COLUMN stock.stock_counts.counted_at IS 'When it was counted: the time inside id.';
COMMENT ON COLUMN stock.stock_counts.posting_id IS 'The counts that were posted together have the same posting_id.';
COMMENT ON COLUMN stock.stock_counts.product_id IS 'The product that was counted.';
COMMENT ON COLUMN stock.stock_counts.location_id IS 'Where it was counted.';
COMMENT ON COLUMN stock.stock_counts.lot_id IS 'The lot that was counted; null for products that are not tracked.';
COMMENT ON COLUMN stock.stock_counts.expected IS 'What the books held at that moment. Filled by the server.';
COMMENT ON COLUMN stock.stock_counts.counted IS 'What was found.';
COMMENT ON COLUMN stock.stock_counts.posted_at IS 'When the server took the row. Filled by the server.';
COMMENT ON COLUMN stock.stock_counts.posted_by IS 'The login that posted the row. Filled by the server.';
COMMENT ON COLUMN stock.stock_counts.xid IS 'The transaction that wrote the row. Filled by the server.';
