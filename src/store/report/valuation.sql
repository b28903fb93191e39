-- The start of every report. $1 and $2 bound the period (from, inclusive; to, exclusive), $3 is a category or null, $4 says
-- whether the stock at the start of the period is valued too.
WITH period AS (
    SELECT $1::timestamptz AS begins, $2::timestamptz AS ends, $3::text AS category
), moments AS (
    SELECT ends AS moment FROM period
    UNION SELECT begins FROM period WHERE $4::boolean
), product AS MATERIALIZED (
    SELECT c.product_id, c.sku, c.name, c.unit, c.category, c.unit_cost FROM stock.catalogue c, period
    WHERE period.category IS NULL OR c.category = period.category
), flow AS MATERIALIZED (
    -- The ledger as it was known at a moment: a movement that had been reversed by then is left out, and so is its reversal.
    SELECT m.moment, f.product_id, f.id, f.occurred_at, f.kind, f.quantity, f.unit_price, f.is_return,
        coalesce(price.paid, p.unit_cost, 0) AS cost,
        price.paid IS NULL AND p.unit_cost IS NOT NULL AS at_standard_cost,
        price.paid IS NULL AND p.unit_cost IS NULL AS without_cost
    FROM moments m
    JOIN stock.goods_flows f ON f.occurred_at < m.moment AND f.reverses IS NULL AND (f.reversed_at IS NULL OR f.reversed_at >= m.moment)
    JOIN product p ON p.product_id = f.product_id
    CROSS JOIN LATERAL (SELECT CASE WHEN f.kind = 'receipt' AND NOT f.is_return THEN f.unit_price END AS paid) AS price
), layer AS MATERIALIZED (
    -- What came in, first to last: each layer is an interval of the units that the product ever had.
    SELECT f.*, row_number() OVER w AS layer_no,
        sum(f.quantity) OVER w - f.quantity AS begins, sum(f.quantity) OVER w AS ends,
        sum(f.quantity * f.cost) OVER w - f.quantity * f.cost AS cost_before
    FROM flow f WHERE f.quantity > 0
    WINDOW w AS (PARTITION BY f.moment, f.product_id ORDER BY f.occurred_at, f.id ROWS UNBOUNDED PRECEDING)
), outflow AS MATERIALIZED (
    -- What went out, first to last, likewise: it takes the same units in the same order.
    SELECT f.*, sum(-f.quantity) OVER w AS ends
    FROM flow f WHERE f.quantity < 0
    WINDOW w AS (PARTITION BY f.moment, f.product_id ORDER BY f.occurred_at, f.id ROWS UNBOUNDED PRECEDING)
), located AS (
    -- In which layer each outflow ends: the last one that begins before it ends.
    SELECT e.*, count(*) FILTER (WHERE e.is_layer) OVER (PARTITION BY e.moment, e.product_id ORDER BY e.position, e.is_layer ROWS UNBOUNDED PRECEDING) AS layer_no
    FROM (
        SELECT moment, product_id, id, begins AS position, true AS is_layer FROM layer
        UNION ALL
        SELECT moment, product_id, id, ends, false FROM outflow
    ) AS e
), costed AS MATERIALIZED (
    -- The cost of an outflow is the cost of all units up to its end, less that of those before it.
    SELECT o.*, reached.cost - lag(reached.cost, 1, 0::numeric) OVER (PARTITION BY o.moment, o.product_id ORDER BY o.occurred_at, o.id) AS total_cost
    FROM outflow o
    JOIN located e ON e.moment = o.moment AND e.product_id = o.product_id AND e.id = o.id AND NOT e.is_layer
    LEFT JOIN layer l ON l.moment = o.moment AND l.product_id = o.product_id AND l.layer_no = e.layer_no
    CROSS JOIN LATERAL (SELECT coalesce(l.cost_before + (o.ends - l.begins) * l.cost, 0) AS cost) AS reached
), gone AS (
    SELECT moment, product_id, max(ends) AS quantity FROM outflow GROUP BY moment, product_id
), stock AS MATERIALIZED (
    -- What is left of the layers at each moment.
    SELECT l.moment, l.product_id,
        sum(rest.quantity) AS on_hand,
        sum(rest.quantity * l.cost) AS value,
        coalesce(sum(rest.quantity * l.cost) FILTER (WHERE l.at_standard_cost), 0) AS at_standard_cost,
        coalesce(sum(rest.quantity) FILTER (WHERE l.without_cost), 0) AS without_cost
    FROM layer l
    LEFT JOIN gone g ON g.moment = l.moment AND g.product_id = l.product_id
    CROSS JOIN LATERAL (SELECT greatest(0, l.ends - greatest(l.begins, coalesce(g.quantity, 0))) AS quantity) AS rest
    GROUP BY l.moment, l.product_id
), moved AS (
    -- What went in and out within the period, as it is known at its end.
    SELECT f.product_id, f.kind, f.is_return, f.quantity, f.unit_price, f.occurred_at, f.quantity * f.cost AS total_cost
    FROM flow f, period WHERE f.moment = period.ends AND f.quantity > 0 AND f.occurred_at >= period.begins
    UNION ALL
    SELECT c.product_id, c.kind, c.is_return, c.quantity, c.unit_price, c.occurred_at, -c.total_cost
    FROM costed c, period WHERE c.moment = period.ends AND c.occurred_at >= period.begins
)
