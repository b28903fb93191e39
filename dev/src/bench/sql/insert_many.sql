INSERT INTO bench.transactions (
    id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity,
    unit_price, reference, reason, reverses)
SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id,
    l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses
FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[],
        $14::uuid[])
    AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses)
