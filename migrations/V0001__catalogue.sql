-- The catalogue: products with their barcodes and lots, locations, partners.
-- Everything here belongs to stock_owner; the migration runner has done SET ROLE.
--
-- Two things that the types let through and the program cannot hold are refused by CHECKs: NaN, which
-- numeric sorts above every number, and dates past the year 9999 or infinite. Control characters are
-- named by their numbers, because what [[:cntrl:]] means depends on the locale of the server.

CREATE TABLE stock.products (
    product_id    bigint GENERATED ALWAYS AS IDENTITY,
    sku           text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    unit          text NOT NULL DEFAULT 'each',
    decimals      smallint NOT NULL DEFAULT 0,
    category      text,
    reorder_point numeric(14, 3),
    unit_cost     numeric(14, 4),
    unit_price    numeric(14, 4),
    tracking      text NOT NULL DEFAULT 'none',
    archived_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    name NOT NULL DEFAULT session_user,
    CONSTRAINT products_pkey PRIMARY KEY (product_id),
    CONSTRAINT products_sku_key UNIQUE (sku),
    CONSTRAINT products_sku_form CHECK (sku ~ '^[A-Z0-9][A-Z0-9._/+-]{0,39}$'),
    CONSTRAINT products_name_form CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 200 AND name !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT products_unit_form CHECK (unit = btrim(unit) AND length(unit) BETWEEN 1 AND 200 AND unit !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT products_decimals_range CHECK (decimals BETWEEN 0 AND 3),
    CONSTRAINT products_category_form CHECK (category = btrim(category) AND length(category) BETWEEN 1 AND 200 AND category !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT products_reorder_point_range CHECK (reorder_point >= 0 AND reorder_point < 'NaN' AND reorder_point = round(reorder_point, decimals)),
    CONSTRAINT products_unit_cost_range CHECK (unit_cost >= 0 AND unit_cost < 'NaN'),
    CONSTRAINT products_unit_price_range CHECK (unit_price >= 0 AND unit_price < 'NaN'),
    CONSTRAINT products_tracking_known CHECK (tracking IN ('none', 'lot', 'serial')),
    CONSTRAINT products_serial_whole CHECK (tracking <> 'serial' OR decimals = 0),
    CONSTRAINT products_archived_at_range CHECK (archived_at BETWEEN '2000-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00')
);

COMMENT ON TABLE stock.products IS 'What the warehouse keeps. A product is archived, never deleted, because the ledger names it for ever.';
COMMENT ON COLUMN stock.products.product_id IS 'Surrogate key, given by the server.';
COMMENT ON COLUMN stock.products.sku IS 'Stock keeping unit: the code that people type and scan. Upper case; codes that differ only in case are one product.';
COMMENT ON COLUMN stock.products.name IS 'What the product is called, 1 to 200 characters, without spaces at its ends.';
COMMENT ON COLUMN stock.products.unit IS 'The unit that quantities are counted in, such as each, kg or m.';
COMMENT ON COLUMN stock.products.decimals IS 'How many decimal places a quantity may have, 0 to 3.';
COMMENT ON COLUMN stock.products.category IS 'A heading to group products by; free text.';
COMMENT ON COLUMN stock.products.reorder_point IS 'The quantity on hand, over all locations, at or below which the product counts as low.';
COMMENT ON COLUMN stock.products.unit_cost IS 'What one unit costs to buy, in the currency of the site.';
COMMENT ON COLUMN stock.products.unit_price IS 'What one unit sells for, in the currency of the site.';
COMMENT ON COLUMN stock.products.tracking IS 'none: units are alike; lot: every movement names a lot; serial: every movement names one serial number and has quantity 1.';
COMMENT ON COLUMN stock.products.archived_at IS 'When the product was withdrawn; it can be issued down to nothing, but not received any more.';
COMMENT ON COLUMN stock.products.created_at IS 'When the row was made.';
COMMENT ON COLUMN stock.products.created_by IS 'The login that made the row.';

CREATE TABLE stock.barcodes (
    barcode       text COLLATE "C" NOT NULL,
    product_id    bigint NOT NULL,
    pack_quantity numeric(14, 3) NOT NULL DEFAULT 1,
    CONSTRAINT barcodes_pkey PRIMARY KEY (barcode),
    CONSTRAINT barcodes_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT barcodes_barcode_form CHECK (barcode ~ '^[!-~]{1,48}$'),
    CONSTRAINT barcodes_pack_quantity_range CHECK (pack_quantity > 0 AND pack_quantity < 'NaN')
);
CREATE INDEX barcodes_product_id_idx ON stock.barcodes (product_id);

COMMENT ON TABLE stock.barcodes IS 'The codes that a scanner reads. A product may have several: the piece, the inner pack, the case.';
COMMENT ON COLUMN stock.barcodes.barcode IS 'The characters as scanned: printable ASCII without spaces, at most 48.';
COMMENT ON COLUMN stock.barcodes.product_id IS 'The product that the code stands for.';
COMMENT ON COLUMN stock.barcodes.pack_quantity IS 'How many units of the product one scan counts.';

CREATE TABLE stock.locations (
    location_id bigint GENERATED ALWAYS AS IDENTITY,
    code        text COLLATE "C" NOT NULL,
    name        text,
    parent_id   bigint,
    kind        text NOT NULL DEFAULT 'bin',
    archived_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  name NOT NULL DEFAULT session_user,
    CONSTRAINT locations_pkey PRIMARY KEY (location_id),
    CONSTRAINT locations_code_key UNIQUE (code),
    CONSTRAINT locations_parent_fkey FOREIGN KEY (parent_id) REFERENCES stock.locations (location_id),
    CONSTRAINT locations_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9._/-]{0,29}$'),
    CONSTRAINT locations_name_form CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 200 AND name !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT locations_kind_known CHECK (kind IN ('site', 'zone', 'aisle', 'shelf', 'bin', 'dock', 'quarantine')),
    CONSTRAINT locations_parent_other CHECK (parent_id <> location_id),
    CONSTRAINT locations_archived_at_range CHECK (archived_at BETWEEN '2000-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00')
);
CREATE INDEX locations_parent_id_idx ON stock.locations (parent_id);

COMMENT ON TABLE stock.locations IS 'Where goods stand: a tree of sites, zones, aisles, shelves and bins.';
COMMENT ON COLUMN stock.locations.location_id IS 'Surrogate key, given by the server.';
COMMENT ON COLUMN stock.locations.code IS 'The code on the label of the place, upper case.';
COMMENT ON COLUMN stock.locations.name IS 'What people call the place.';
COMMENT ON COLUMN stock.locations.parent_id IS 'The place that this one is part of; null at the top of the tree.';
COMMENT ON COLUMN stock.locations.kind IS 'site, zone, aisle, shelf, bin, dock or quarantine.';
COMMENT ON COLUMN stock.locations.archived_at IS 'When the place went out of use; nothing can be put there any more.';
COMMENT ON COLUMN stock.locations.created_at IS 'When the row was made.';
COMMENT ON COLUMN stock.locations.created_by IS 'The login that made the row.';

CREATE TABLE stock.lots (
    lot_id     bigint GENERATED ALWAYS AS IDENTITY,
    product_id bigint NOT NULL,
    code       text NOT NULL,
    expires_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by name NOT NULL DEFAULT session_user,
    CONSTRAINT lots_pkey PRIMARY KEY (lot_id),
    CONSTRAINT lots_product_code_key UNIQUE (product_id, code),
    CONSTRAINT lots_lot_product_key UNIQUE (lot_id, product_id),
    CONSTRAINT lots_product_fkey FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
    CONSTRAINT lots_code_form CHECK (code = btrim(code) AND length(code) BETWEEN 1 AND 60 AND code !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT lots_expires_on_range CHECK (expires_on BETWEEN '1900-01-01' AND '9999-12-31')
);
CREATE INDEX lots_expires_on_idx ON stock.lots (expires_on) WHERE expires_on IS NOT NULL;

COMMENT ON TABLE stock.lots IS 'Batches and serial numbers of the products that are tracked by lot or by serial number.';
COMMENT ON COLUMN stock.lots.lot_id IS 'Surrogate key, given by the server.';
COMMENT ON COLUMN stock.lots.product_id IS 'The product that the lot is of.';
COMMENT ON COLUMN stock.lots.code IS 'The lot code or serial number as printed on the goods.';
COMMENT ON COLUMN stock.lots.expires_on IS 'The last day on which the goods may be used.';
COMMENT ON COLUMN stock.lots.created_at IS 'When the row was made.';
COMMENT ON COLUMN stock.lots.created_by IS 'The login that made the row.';

CREATE TABLE stock.partners (
    partner_id  bigint GENERATED ALWAYS AS IDENTITY,
    code        text COLLATE "C" NOT NULL,
    name        text,
    kind        text NOT NULL,
    archived_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  name NOT NULL DEFAULT session_user,
    CONSTRAINT partners_pkey PRIMARY KEY (partner_id),
    CONSTRAINT partners_code_key UNIQUE (code),
    CONSTRAINT partners_code_form CHECK (code ~ '^[A-Z0-9][A-Z0-9._/-]{0,39}$'),
    CONSTRAINT partners_name_form CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 200 AND name !~ '[\u0001-\u001f\u007f-\u009f]'),
    CONSTRAINT partners_kind_known CHECK (kind IN ('supplier', 'customer')),
    CONSTRAINT partners_archived_at_range CHECK (archived_at BETWEEN '2000-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00')
);

COMMENT ON TABLE stock.partners IS 'Whom goods come from and go to.';
COMMENT ON COLUMN stock.partners.partner_id IS 'Surrogate key, given by the server.';
COMMENT ON COLUMN stock.partners.code IS 'The number that the books know the partner by, upper case.';
COMMENT ON COLUMN stock.partners.name IS 'The name of the firm; leave it empty for a private person.';
COMMENT ON COLUMN stock.partners.kind IS 'supplier or customer.';
COMMENT ON COLUMN stock.partners.archived_at IS 'When dealings with the partner ended.';
COMMENT ON COLUMN stock.partners.created_at IS 'When the row was made.';
COMMENT ON COLUMN stock.partners.created_by IS 'The login that made the row.';
