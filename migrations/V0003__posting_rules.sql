-- The rules of posting, kept by the database itself, so that a clerk with psql can do what the
-- program can and no more. Refusals have SQLSTATEs of class SR and name their rule as CONSTRAINT.

CREATE FUNCTION stock.refuse_copy() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Looking at what all sessions do costs more than looking at the text of this one's statement,
    -- and no COPY comes without the word.
    IF current_query() ~* 'copy' AND EXISTS (SELECT FROM pg_stat_progress_copy c WHERE c.pid = pg_backend_pid()) THEN
        RAISE EXCEPTION 'Movements and counts are posted by INSERT, not by COPY: the audit log would hold no values.'
            USING ERRCODE = 'SR002', CONSTRAINT = 'posted_by_insert';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_copy() IS 'Refuses a COPY that is under way in this session, because pgaudit records none of its values.';

CREATE FUNCTION stock.broken_rule(posted_by name, xid xid8, posted_at timestamptz, occurred_at timestamptz,
                                  kind stock.movement_kind, quantity numeric, lot_id bigint,
                                  decimals smallint, tracking text, product_archived_at timestamptz,
                                  location_archived_at timestamptz) RETURNS text
-- One expression without settings of its own, so that the planner puts it in place of the call.
LANGUAGE sql VOLATILE
RETURN CASE
    WHEN posted_by <> session_user OR xid <> pg_current_xact_id()
         OR posted_at < now() OR posted_at > clock_timestamp() THEN 'server_fills_poster'
    WHEN occurred_at > now() + interval '5 minutes' THEN 'not_from_the_future'
    WHEN quantity <> round(quantity, decimals) THEN 'quantity_decimals'
    WHEN tracking = 'none' AND lot_id IS NOT NULL THEN 'lot_not_tracked'
    WHEN tracking <> 'none' AND lot_id IS NULL THEN 'lot_required'
    WHEN tracking = 'serial' AND quantity <> 1 THEN 'serial_quantity_one'
    WHEN location_archived_at IS NOT NULL THEN 'location_archived'
    WHEN product_archived_at IS NOT NULL AND kind = 'receipt' THEN 'product_archived'
END;
COMMENT ON FUNCTION stock.broken_rule(name, xid8, timestamptz, timestamptz, stock.movement_kind, numeric, bigint, smallint, text, timestamptz, timestamptz) IS 'The rule that a movement breaks, or null.';

CREATE FUNCTION stock.post_levels() RETURNS trigger
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
    SELECT (SELECT count(*) FROM new_rows) AS row_count, n.product_id, n.lot_id, n.from_location_id, n.to_location_id, n.quantity,
        n.kind = 'reversal' AS has_reversal, p.tracking = 'serial' AS has_serial,
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
        SELECT bool_or(n.kind = 'reversal'), bool_or(p.tracking = 'serial'),
            min(stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at))
        INTO posted.has_reversal, posted.has_serial, posted.broken_rule
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

    IF posted.row_count = 1 AND (posted.from_location_id IS NULL OR posted.to_location_id IS NULL) THEN
        -- One row that touches one level: no grouping, no join.
        place := coalesce(posted.from_location_id, posted.to_location_id);
        change := CASE WHEN posted.to_location_id IS NULL THEN -posted.quantity ELSE posted.quantity END;
        IF posted.lot_id IS NULL THEN
            UPDATE stock.stock_levels SET on_hand = on_hand + change
            WHERE product_id = posted.product_id AND location_id = place AND lot_id IS NULL;
        ELSE
            UPDATE stock.stock_levels SET on_hand = on_hand + change
            WHERE product_id = posted.product_id AND location_id = place AND lot_id = posted.lot_id;
        END IF;
        levels_touched := 1;
        levels_updated := CASE WHEN FOUND THEN 1 ELSE 0 END;
    ELSE
        WITH moved AS MATERIALIZED (
            SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta
            FROM (SELECT product_id, from_location_id AS location_id, lot_id, -quantity AS delta
                  FROM new_rows WHERE from_location_id IS NOT NULL
                  UNION ALL
                  SELECT product_id, to_location_id, lot_id, quantity
                  FROM new_rows WHERE to_location_id IS NOT NULL) AS m
            GROUP BY m.product_id, m.location_id, m.lot_id
            ORDER BY m.product_id, m.location_id, m.lot_id
        ), updated AS (
            UPDATE stock.stock_levels AS l SET on_hand = l.on_hand + m.delta
            FROM moved AS m
            WHERE l.product_id = m.product_id AND l.location_id = m.location_id
                AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL))
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM updated) INTO levels_touched, levels_updated;
    END IF;

    IF levels_updated < levels_touched THEN
        -- A missing level is zero, so its first value is the delta itself, and the CHECK refuses
        -- one below zero. INSERT … ON CONFLICT DO UPDATE cannot replace the UPDATE above: the
        -- CHECK would judge the delta alone before the conflict is seen.
        WITH moved AS MATERIALIZED (
            SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta
            FROM (SELECT product_id, from_location_id AS location_id, lot_id, -quantity AS delta
                  FROM new_rows WHERE from_location_id IS NOT NULL
                  UNION ALL
                  SELECT product_id, to_location_id, lot_id, quantity
                  FROM new_rows WHERE to_location_id IS NOT NULL) AS m
            GROUP BY m.product_id, m.location_id, m.lot_id
        )
        INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand)
        SELECT m.product_id, m.location_id, m.lot_id, m.delta
        FROM moved AS m
        WHERE NOT EXISTS (
            SELECT FROM stock.stock_levels AS l
            WHERE l.product_id = m.product_id AND l.location_id = m.location_id
                AND (l.lot_id = m.lot_id OR (l.lot_id IS NULL AND m.lot_id IS NULL)))
        ORDER BY m.product_id, m.location_id, m.lot_id;
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
COMMENT ON FUNCTION stock.post_levels() IS 'Runs once for each INSERT into the ledger: keeps the rules of posting, brings the levels up to date, registers reversals.';

CREATE FUNCTION stock.refuse_movement(rule text, sku text, unit text, decimals integer, tracking text,
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
            WHEN 'location_archived' THEN format('Location %s is out of use; nothing can be put there.', location)
            ELSE format('%s is archived and cannot be received any more.', sku)
        END
        USING ERRCODE = CASE rule WHEN 'server_fills_poster' THEN 'SR002' ELSE 'SR003' END, CONSTRAINT = rule;
END;
$$;
COMMENT ON FUNCTION stock.refuse_movement(text, text, text, integer, text, numeric, timestamptz, text) IS 'Puts the refusal of one movement into words, with the figures.';

CREATE FUNCTION stock.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: what has been posted is never changed.', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'SR002', CONSTRAINT = 'ledger_is_append_only',
              HINT = 'To undo a movement, post a reversal.';
END;
$$;
COMMENT ON FUNCTION stock.refuse_change() IS 'Refuses UPDATE, DELETE and TRUNCATE of what is append-only.';

CREATE FUNCTION stock.refuse_direct_insert() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'Rows go into stock.transactions, never straight into its partition %.', TG_TABLE_NAME
        USING ERRCODE = 'SR002', CONSTRAINT = 'ledger_written_through_parent';
END;
$$;
COMMENT ON FUNCTION stock.refuse_direct_insert() IS 'Refuses an INSERT that names a partition and so would pass the trigger of the ledger by.';

CREATE FUNCTION stock.refuse_direct_level() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '%.% is written by the ledger alone.', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'SR002', CONSTRAINT = 'written_by_the_ledger_alone',
                  HINT = 'Post a movement; the level follows.';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.refuse_direct_level() IS 'Refuses writes that do not come from the trigger of the ledger.';

CREATE TRIGGER post_levels AFTER INSERT ON stock.transactions
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock.post_levels();
CREATE TRIGGER refuse_change AFTER UPDATE OR DELETE ON stock.transactions
    FOR EACH ROW EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER refuse_change_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER post_levels;
ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER refuse_change_statement;

-- The depth is looked at before the call as well, because every posting comes by here.
CREATE TRIGGER written_by_ledger AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock.stock_levels
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock.refuse_direct_level();
ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER written_by_ledger;
CREATE TRIGGER written_by_ledger AFTER INSERT ON stock.reversals
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_level();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.reversals
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.reversals ENABLE ALWAYS TRIGGER written_by_ledger;
ALTER TABLE stock.reversals ENABLE ALWAYS TRIGGER refuse_change;

CREATE FUNCTION stock.guard_partition(partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER refuse_direct_insert BEFORE INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_insert()', partition);
    EXECUTE format('CREATE TRIGGER refuse_change_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change()', partition);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_direct_insert', partition);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change_statement', partition);
END;
$$;
COMMENT ON FUNCTION stock.guard_partition(regclass) IS 'Puts the guards of the ledger on one of its partitions, where the triggers of the parent do not reach.';
SELECT stock.guard_partition('stock.transactions_default');

CREATE FUNCTION stock.ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    month date := date_trunc('month', first_day)::date;
    partition text;
    made integer := 0;
BEGIN
    IF first_day < date '2000-01-01' OR last_day > (now() + interval '25 months')::date THEN
        RAISE EXCEPTION 'Movements can be dated from 2000-01-01 to two years ahead, not from % to %.', first_day, last_day
            USING ERRCODE = 'SR003', CONSTRAINT = 'date_out_of_range';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('stock.ensure_partitions', 0));
    WHILE month <= last_day LOOP
        partition := 'transactions_' || to_char(month, 'YYYY_MM');
        IF to_regclass('stock.' || partition) IS NULL THEN
            EXECUTE format('CREATE TABLE stock.%I PARTITION OF stock.transactions FOR VALUES FROM (%L) TO (%L)',
                           partition, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
            EXECUTE format('COMMENT ON TABLE stock.%I IS %L', partition, 'The movements of ' || to_char(month, 'YYYY-MM') || ', in UTC.');
            PERFORM stock.guard_partition(('stock.' || partition)::regclass);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END;
$$;
COMMENT ON FUNCTION stock.ensure_partitions(date, date) IS 'Makes the monthly partitions of the ledger between two days, where they are missing, and returns how many it made.';
SELECT stock.ensure_partitions((now() - interval '1 month')::date, (now() + interval '12 months')::date);

CREATE FUNCTION stock.fill_count() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    product record;
    rule text;
BEGIN
    IF current_setting('transaction_isolation') <> 'serializable' THEN
        RAISE EXCEPTION 'A count needs a SERIALIZABLE transaction; this one is %.', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'SR001', CONSTRAINT = 'posting_is_serializable',
                  HINT = 'Begin with BEGIN ISOLATION LEVEL SERIALIZABLE.';
    END IF;
    PERFORM stock.refuse_copy();
    SELECT p.sku, p.unit, p.decimals, p.tracking INTO product FROM stock.products p WHERE p.product_id = NEW.product_id;
    rule := CASE
        WHEN NEW.counted_at > now() + interval '5 minutes' THEN 'not_from_the_future'
        WHEN product.tracking = 'none' AND NEW.lot_id IS NOT NULL THEN 'lot_not_tracked'
        WHEN product.tracking <> 'none' AND NEW.lot_id IS NULL THEN 'lot_required' END;
    IF rule IS NOT NULL THEN
        PERFORM stock.refuse_movement(rule, product.sku, product.unit, product.decimals::integer, product.tracking,
                                      NEW.counted, NEW.counted_at, NULL);
    END IF;
    NEW.expected := coalesce((
        SELECT l.on_hand FROM stock.stock_levels l
        WHERE l.product_id = NEW.product_id AND l.location_id = NEW.location_id
            AND (l.lot_id = NEW.lot_id OR (l.lot_id IS NULL AND NEW.lot_id IS NULL))), 0);
    NEW.posted_at := clock_timestamp();
    NEW.posted_by := session_user;
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.fill_count() IS 'Fills in what the books hold at the moment of a count, and who counted.';

CREATE FUNCTION stock.check_count() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    adjusted numeric;
BEGIN
    SELECT CASE WHEN t.to_location_id = NEW.location_id THEN t.quantity ELSE -t.quantity END INTO adjusted
    FROM stock.transactions t
    WHERE t.id = NEW.id AND t.occurred_at = NEW.counted_at AND t.kind = 'adjustment' AND t.xid = NEW.xid
        AND t.product_id = NEW.product_id AND t.lot_id IS NOT DISTINCT FROM NEW.lot_id
        AND coalesce(t.to_location_id, t.from_location_id) = NEW.location_id;
    IF coalesce(adjusted, 0) <> NEW.counted - NEW.expected THEN
        RAISE EXCEPTION 'The count found % where the books held %, so % must be adjusted in the same transaction, not %.',
                trim_scale(NEW.counted), trim_scale(NEW.expected), trim_scale(NEW.counted - NEW.expected), trim_scale(coalesce(adjusted, 0))
            USING ERRCODE = 'SR003', CONSTRAINT = 'count_difference_is_posted';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.check_count() IS 'At commit: the difference that a count found has been posted, under the id of the count.';

CREATE TRIGGER fill_count BEFORE INSERT ON stock.stock_counts FOR EACH ROW EXECUTE FUNCTION stock.fill_count();
CREATE CONSTRAINT TRIGGER check_count AFTER INSERT ON stock.stock_counts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock.check_count();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.stock_counts
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.stock_counts ENABLE ALWAYS TRIGGER fill_count;
ALTER TABLE stock.stock_counts ENABLE ALWAYS TRIGGER check_count;
ALTER TABLE stock.stock_counts ENABLE ALWAYS TRIGGER refuse_change;
