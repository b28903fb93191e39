-- What the reports read: goods that entered or left the site with what they cost, and the products. Analysts may read both,
-- because neither names a person, a partner or a free text.

CREATE VIEW stock.catalogue AS
SELECT p.product_id, p.sku, p.name, p.unit, p.category, p.reorder_point, p.unit_cost, p.unit_price, p.archived_at
FROM stock.products p;
COMMENT ON VIEW stock.catalogue IS 'Products with their standard costs and prices.';
COMMENT ON COLUMN stock.catalogue.product_id IS 'The product.';
COMMENT ON COLUMN stock.catalogue.sku IS 'SKU of the product.';
COMMENT ON COLUMN stock.catalogue.name IS 'Name of the product.';
COMMENT ON COLUMN stock.catalogue.unit IS 'Unit of the quantities.';
COMMENT ON COLUMN stock.catalogue.category IS 'Category of the product.';
COMMENT ON COLUMN stock.catalogue.reorder_point IS 'Quantity at or below which stock is low.';
COMMENT ON COLUMN stock.catalogue.unit_cost IS 'Standard cost of one unit.';
COMMENT ON COLUMN stock.catalogue.unit_price IS 'Standard sales price of one unit.';
COMMENT ON COLUMN stock.catalogue.archived_at IS 'When it was archived, if it is.';

CREATE VIEW stock.goods_flows AS
SELECT t.id, t.occurred_at, t.kind, t.product_id,
    CASE WHEN t.from_location_id IS NULL THEN t.quantity ELSE -t.quantity END AS quantity,
    t.unit_price,
    t.kind = 'receipt' AND partner.kind IS NOT DISTINCT FROM 'customer' AS is_return,
    t.reverses,
    r.reversal_at AS reversed_at
FROM stock.transactions t
LEFT JOIN stock.partners partner ON partner.partner_id = t.partner_id
LEFT JOIN stock.reversals r ON r.reversed_id = t.id
WHERE (t.from_location_id IS NULL) <> (t.to_location_id IS NULL);
COMMENT ON VIEW stock.goods_flows IS 'Movements by which goods entered or left the site; transfers are not among them.';
COMMENT ON COLUMN stock.goods_flows.id IS 'The movement.';
COMMENT ON COLUMN stock.goods_flows.occurred_at IS 'When the movement occurred.';
COMMENT ON COLUMN stock.goods_flows.kind IS 'Receipt, issue, adjustment or reversal.';
COMMENT ON COLUMN stock.goods_flows.product_id IS 'The product.';
COMMENT ON COLUMN stock.goods_flows.quantity IS 'Number of units: positive if they entered, negative if they left.';
COMMENT ON COLUMN stock.goods_flows.unit_price IS 'Price of one unit in this movement.';
COMMENT ON COLUMN stock.goods_flows.is_return IS 'Whether it is a receipt from a customer, whose price is a sales price.';
COMMENT ON COLUMN stock.goods_flows.reverses IS 'Movement that this one reverses.';
COMMENT ON COLUMN stock.goods_flows.reversed_at IS 'When it was reversed, if it was.';

GRANT SELECT ON stock.catalogue, stock.goods_flows TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
