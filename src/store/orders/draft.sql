SELECT p.code AS partner, o.partner_reference, ship_to.code AS ship_to, d.code AS "to", o.due_on, o.note
FROM stock.orders o
LEFT JOIN stock.partners p ON p.partner_id = o.partner_id
LEFT JOIN stock.partners ship_to ON ship_to.partner_id = o.ship_to_id
LEFT JOIN stock.locations d ON d.location_id = o.to_location_id
WHERE o.order_id = $1
