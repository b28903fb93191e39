SELECT k.number, t.id, t.posting_id AS posting, t.kind::text, t.product_id AS product, t.lot_id AS lot,
    t.from_location_id AS "from", t.to_location_id AS "to", t.partner_id AS partner,
    t.quantity, t.unit_price, t.reference, t.reason, t.reverses, t.order_line_id AS order_line
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS k (first_id, last_id, occurred_at, number)
JOIN stock.transactions t ON t.occurred_at = k.occurred_at AND t.id BETWEEN k.first_id AND k.last_id
    AND (t.posting_id = k.first_id OR t.id = k.first_id)
ORDER BY k.number, t.id
