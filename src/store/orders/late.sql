SELECT o.order_id, o.number, o.kind, s.state, p.code AS partner, o.partner_reference, ship_to.code AS ship_to, d.code AS "to", o.due_on,
    s.is_late AS late, o.note, o.created_by::text, o.created_at, s.line_count, s.ordered, s.reserved, s.moved, count(*) OVER () AS total
FROM stock.orders o
JOIN stock.order_states s ON s.order_id = o.order_id
LEFT JOIN stock.partners p ON p.partner_id = o.partner_id
LEFT JOIN stock.partners ship_to ON ship_to.partner_id = o.ship_to_id
LEFT JOIN stock.locations d ON d.location_id = o.to_location_id
WHERE o.due_on < (now() AT TIME ZONE 'UTC')::date AND s.is_late
ORDER BY o.due_on, o.number
LIMIT $1
