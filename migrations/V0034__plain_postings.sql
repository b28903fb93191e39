-- A posting without an order does no work for orders: one statement reads what there is to know of a single row, and a plain one
-- is done after the next, which changes its level. Levels that are missing are joined with order lines only where rows name some.

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
    levels_touched bigint;
    levels_updated bigint;
    is_backdated boolean;
    lines record;
BEGIN
    -- The first row, and whether there are more; most postings have no more. Whatever a plain posting can be asked is asked in
    -- this one statement: each statement of the function costs a posting some microseconds.
    SELECT EXISTS (SELECT FROM new_rows OFFSET 1) AS has_more, n.product_id, n.lot_id, n.from_location_id IS NULL OR n.to_location_id IS NULL AS has_one_level,
        coalesce(n.from_location_id, n.to_location_id) AS place, CASE WHEN n.to_location_id IS NULL THEN -n.quantity ELSE n.quantity END AS change,
        n.occurred_at, n.id = n.posting_id AS has_first_movement, interval '0' AS time_span, n.kind = 'reversal' AS has_reversal,
        p.tracking = 'serial' AS has_serial, n.order_line_id IS NOT NULL AS has_order,
        -- No COPY comes without the word; the rest is looked at only when it is there.
        current_setting('transaction_isolation') = 'serializable' AND strpos(lower(current_query() COLLATE "C"), 'copy') = 0 AS is_fit,
        stock.broken_rule(n.posted_by, n.xid, n.posted_at, n.occurred_at, n.kind, n.quantity, n.lot_id,
                              p.decimals, p.tracking, p.archived_at, t.archived_at) AS broken_rule
    INTO posted
    FROM new_rows n
    JOIN stock.products p ON p.product_id = n.product_id
    LEFT JOIN stock.locations t ON t.location_id = n.to_location_id;
    IF posted.is_fit AND NOT posted.has_more AND posted.broken_rule IS NULL AND posted.has_one_level AND posted.has_first_movement AND NOT posted.has_order THEN
        -- One row that touches one level: no grouping, no join.
        IF posted.lot_id IS NULL THEN
            UPDATE stock.stock_levels SET on_hand = on_hand + posted.change,
                last_moved_at = greatest(coalesce(last_moved_at, clock_timestamp()), posted.occurred_at)
            WHERE product_id = posted.product_id AND location_id = posted.place AND lot_id IS NULL
            RETURNING posted.change < 0 AND posted.occurred_at < last_moved_at - interval '1 minute' INTO is_backdated;
        ELSE
            UPDATE stock.stock_levels SET on_hand = on_hand + posted.change,
                last_moved_at = greatest(coalesce(last_moved_at, clock_timestamp()), posted.occurred_at)
            WHERE product_id = posted.product_id AND location_id = posted.place AND lot_id = posted.lot_id
            RETURNING posted.change < 0 AND posted.occurred_at < last_moved_at - interval '1 minute' INTO is_backdated;
        END IF;
        IF NOT (is_backdated OR posted.has_reversal OR posted.has_serial) THEN
            RETURN NULL;
        END IF;
        levels_touched := 1;
        levels_updated := CASE WHEN is_backdated IS NULL THEN 0 ELSE 1 END;
        is_backdated := coalesce(is_backdated, false);
    ELSE
        IF current_setting('transaction_isolation') <> 'serializable' THEN
            RAISE EXCEPTION 'A posting needs a SERIALIZABLE transaction; this one is %.', upper(current_setting('transaction_isolation'))
                USING ERRCODE = 'SR001', CONSTRAINT = 'posting_is_serializable',
                      HINT = 'Begin with BEGIN ISOLATION LEVEL SERIALIZABLE.';
        END IF;
        IF strpos(lower(current_query() COLLATE "C"), 'copy') > 0 THEN
            PERFORM stock.refuse_copy();
        END IF;
        IF posted.product_id IS NULL THEN
            RETURN NULL;
        END IF;
        IF posted.has_more THEN
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
                              WHEN e.effect IN ('fulfilled', 'carried') AND NOT stock.order_is_open(l.order_id) THEN 'order_not_open'
                              -- What is picked stays reserved, and nothing is reserved in quarantine. A reversal puts it back where it was.
                              WHEN e.effect = 'carried' AND n.kind = 'transfer' AND EXISTS (
                                  WITH RECURSIVE above (location_id, parent_id, kind) AS (
                                      SELECT c.location_id, c.parent_id, c.kind FROM stock.locations c WHERE c.location_id = n.to_location_id
                                      UNION
                                      SELECT c.location_id, c.parent_id, c.kind FROM stock.locations c JOIN above a ON c.location_id = a.parent_id)
                                  SELECT FROM above a WHERE a.kind = 'quarantine') THEN 'reserved_goods_available' END AS rule
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
                RETURNING l.product_id, l.location_id, l.lot_id, m.first_out_at < l.last_moved_at - interval '1 minute' AS is_backdated
            ), added AS (
                INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand, reserved, last_moved_at)
                SELECT m.product_id, m.location_id, m.lot_id, m.delta, m.reserved, m.last_at
                FROM moved AS m
                WHERE NOT EXISTS (
                    SELECT FROM updated AS u
                    WHERE u.product_id = m.product_id AND u.location_id = m.location_id AND u.lot_id IS NOT DISTINCT FROM m.lot_id)
                ORDER BY m.product_id, m.location_id, m.lot_id
                RETURNING location_id
            )
            SELECT coalesce(u.is_backdated, false) OR posted.time_span > interval '1 minute' AND EXISTS (SELECT FROM added) AS is_backdated,
                (SELECT array_agg(ROW(c.order_line_id, c.product_id, c.location_id, c.lot_id, c.reserved)::stock.allocations)
                 FROM changes c WHERE c.reserved <> 0) AS reserved,
                s.line_ids, s.moved, s.returned
            INTO lines
            FROM (SELECT bool_or(u.is_backdated) AS is_backdated FROM updated u) AS u,
                (SELECT array_agg(c.order_line_id) AS line_ids,
                        array_agg(CASE c.effect WHEN 'fulfilled' THEN c.quantity WHEN 'unfulfilled' THEN -c.quantity ELSE 0 END) AS moved,
                        array_agg(CASE c.effect WHEN 'returned' THEN c.quantity WHEN 'unreturned' THEN -c.quantity ELSE 0 END) AS returned
                 FROM carried c WHERE c.order_line_id IS NOT NULL) AS s;
            is_backdated := lines.is_backdated;
            PERFORM stock.change_order_lines(lines.reserved, lines.line_ids, lines.moved, lines.returned);
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
