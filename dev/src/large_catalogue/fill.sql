-- A catalogue of {products} products as a large hardware and grocery wholesaler might have it, for benchmarks
-- on a private server. Written past the ledger, whose triggers would need many minutes for it; everything
-- else about the rows is as the program would have made them. Run by a superuser, who puts the guards back.
SET statement_timeout = 0;
CREATE TEMPORARY TABLE words AS SELECT
    ARRAY['Acme','Bolton','Carver','Delphi','Eastman','Fairway','Granby','Hobart','Irwin','Juniper','Kestrel','Linden','Marlow','Norwood','Oakley',
          'Penrose','Quarry','Radley','Sterling','Tamar','Upton','Vernon','Whitby','Xenon','Yardley','Zephyr','Barilla','Bonduelle','Lavazza','Nestor'] AS brands,
    ARRAY['heavy','light','classic','compact','deluxe','economy','flexible','folding','galvanised','insulated','large','long','magnetic','mini','narrow',
          'organic','outdoor','portable','premium','quick','round','short','silent','slim','small','soft','square','standard','strong','universal','vintage','wide'] AS qualities,
    ARRAY['aluminium','bamboo','brass','bronze','canvas','ceramic','copper','cotton','glass','granite','iron','leather','linen','marble','nylon','oak',
          'paper','pine','plastic','porcelain','rubber','silicone','steel','stone','wool','zinc'] AS materials,
    ARRAY['adapter','anchor','apron','basket','bearing','bolt','bowl','bracket','brush','bucket','cable','candle','chain','chair','clamp','clock','coffee','cup',
          'cutter','door handle','drawer','drill','elbow','extension lead','fastener','filter','flange','fuse','garden hose','gasket','gauge','gloves','grinder','hammer',
          'hinge','holder','hook','jar','jug','kettle','knife','ladder','lamp','lantern','lever','light bulb','lock','mirror','mug','nail','nozzle','nut','padlock','pan','pasta',
          'pencil','picture frame','pipe','plate','plug','pump','rack','ribbon','rivet','roller','rope','sauce','saw','screw','screwdriver','shelf','socket','spanner',
          'spoon','spring','stool','strap','switch','table','tape','tap','tea towel','thermometer','tile','torch','tray','valve','vase','washer','wheel','wire','wrench','yoghurt','zip'] AS goods,
    ARRAY['black','blue','brown','café','crème','cream','dark green','gold','green','grey','ivory','lime','natural','orange','pink','purple','red','silver','turquoise','white','yellow'] AS colours,
    ARRAY['5 mm','8 mm','10 mm','12 mm','15 mm','22 mm','25 cm','30 cm','50 cm','1 m','2 m','5 m','100 g','250 g','500 g','1 kg','0.5 l','1 l','5 l','18V','230V','M4','M6','M8','M10','set of 3','set of 6','pack of 12','box of 50','x100'] AS sizes,
    ARRAY['BLT','CER','DRY','ELC','FIX','GRD','HOM','KIT','LGT','PLB','TLS','WRK'] AS families;

-- Building the indexes of search at the end is several times faster than keeping them meanwhile.
CREATE TEMPORARY TABLE search_indexes AS
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'stock' AND indexname LIKE 'products_search_words%';
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT indexname FROM search_indexes LOOP
        EXECUTE format('DROP INDEX stock.%I', one);
    END LOOP;
END;
$$;

INSERT INTO stock.products (sku, name, unit, category, reorder_point, unit_cost, unit_price, tracking)
SELECT families[1 + abs(hashint8(g * 13)) % 12] || '-' || lpad(g::text, 7, '0'),
    concat_ws(' ', brands[1 + abs(hashint8(g * 31 + 1)) % 30], qualities[1 + abs(hashint8(g * 37 + 2)) % 32],
              materials[1 + abs(hashint8(g * 41 + 3)) % 26], goods[1 + abs(hashint8(g * 43 + 4)) % 94],
              sizes[1 + abs(hashint8(g * 47 + 5)) % 30], colours[1 + abs(hashint8(g * 53 + 6)) % 21]),
    'each', 'Family ' || families[1 + abs(hashint8(g * 13)) % 12],
    CASE WHEN abs(hashint8(g * 59)) % 10 < 3 THEN 5 + abs(hashint8(g * 61)) % 20 END,
    CASE WHEN abs(hashint8(g * 67)) % 10 < 9 THEN (1 + abs(hashint8(g * 71)) % 10000) / 100.0 END,
    (2 + abs(hashint8(g * 71)) % 10000) / 80.0,
    CASE WHEN abs(hashint8(g * 73)) % 20 = 0 THEN 'lot' ELSE 'none' END
FROM generate_series(1, {products}::bigint) AS g, words
ORDER BY g;
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT indexdef FROM search_indexes LOOP
        EXECUTE one;
    END LOOP;
END;
$$;
ANALYZE stock.products;

-- Every product has an EAN-13 with its check digit, every tenth a case of twelve besides.
INSERT INTO stock.barcodes (barcode, product_id, pack_quantity)
SELECT c.code || ((10 - (SELECT sum(substr(c.code, d, 1)::integer * CASE WHEN d % 2 = 0 THEN 3 ELSE 1 END) FROM generate_series(1, 12) AS d) % 10) % 10)::text,
    p.product_id, c.pack
FROM stock.products p
CROSS JOIN LATERAL (
    SELECT '50' || lpad((abs(hashint8extended(p.product_id, 1)) % 10000)::text, 4, '0') || lpad((p.product_id % 1000000)::text, 6, '0') AS code, 1 AS pack
    UNION ALL
    SELECT '15' || lpad((abs(hashint8extended(p.product_id, 2)) % 10000)::text, 4, '0') || lpad((p.product_id % 1000000)::text, 6, '0'), 12
    WHERE p.product_id % 10 = 0) AS c
ON CONFLICT DO NOTHING;

INSERT INTO stock.locations (code, name, kind)
SELECT 'W' || site, 'Warehouse ' || site, 'site' FROM generate_series(1, 4) AS site;
INSERT INTO stock.locations (code, parent_id, kind)
SELECT l.code || '-' || zone, l.location_id, 'zone' FROM stock.locations l, unnest(ARRAY['A', 'B', 'C', 'D', 'E']) AS zone WHERE l.kind = 'site';
INSERT INTO stock.locations (code, parent_id, kind)
SELECT l.code || '-' || lpad(aisle::text, 2, '0'), l.location_id, 'aisle' FROM stock.locations l, generate_series(1, 10) AS aisle WHERE l.kind = 'zone';
INSERT INTO stock.locations (code, parent_id, kind)
SELECT l.code || '-' || lpad(bin::text, 2, '0'), l.location_id, 'bin' FROM stock.locations l, generate_series(1, 50) AS bin WHERE l.kind = 'aisle';

INSERT INTO stock.lots (product_id, code, expires_on)
SELECT p.product_id, 'L' || to_char(now() - make_interval(days => (abs(hashint8(p.product_id * 79 + n)) % 700)), 'YYMMDD') || '-' || (p.product_id % 9000 + 1000),
    (now() + make_interval(days => abs(hashint8(p.product_id * 83 + n)) % 700 - 20))::date
FROM stock.products p, generate_series(1, 2) AS n
WHERE p.tracking = 'lot'
ON CONFLICT DO NOTHING;

ALTER TABLE stock.stock_levels DISABLE TRIGGER written_by_ledger;
CREATE TEMPORARY TABLE bins AS SELECT location_id, row_number() OVER (ORDER BY code) AS number FROM stock.locations WHERE kind = 'bin';
CREATE UNIQUE INDEX ON bins (number);
ANALYZE bins;
-- One in fifty is out of stock; one in a hundred of those with a reorder point is at or below it.
INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand)
SELECT p.product_id, b.location_id, NULL,
    CASE WHEN abs(hashint8(p.product_id * 89)) % 50 = 0 THEN 0
         WHEN abs(hashint8(p.product_id * 97)) % 100 = 0 THEN 1 + abs(hashint8(p.product_id * 101)) % 4
         ELSE 30 + abs(hashint8(p.product_id * 103)) % 500 END
FROM stock.products p
JOIN bins b ON b.number = 1 + abs(hashint8(p.product_id * 107)) % 10000
WHERE p.tracking = 'none';
INSERT INTO stock.stock_levels (product_id, location_id, lot_id, on_hand)
SELECT l.product_id, b.location_id, l.lot_id, abs(hashint8(l.lot_id * 89)) % 60
FROM stock.lots l
JOIN bins b ON b.number = 1 + abs(hashint8(l.lot_id * 107)) % 10000;
ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER written_by_ledger;

-- Movements of the last ninety days, one line each. They have the form of the real ones, but the levels do
-- not follow from them.
SELECT stock.ensure_partitions(current_date - 91, current_date);
ALTER TABLE stock.transactions DISABLE TRIGGER post_levels;
SET session_replication_role = replica;
INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reference, posted_by, posted_at)
SELECT m.id, m.occurred_at, m.id, m.kind, l.product_id, l.lot_id,
    CASE WHEN m.kind <> 'receipt' THEN l.location_id END,
    CASE m.kind WHEN 'receipt' THEN l.location_id WHEN 'transfer' THEN l.location_id % 10000 + 225 END,
    1 + m.g % 12, 2.55, 'ORDER ' || m.g / 8, 'clerk_' || m.g % 8, m.occurred_at
FROM (SELECT g, (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(g % 4096), 3, '0') || '8' || lpad(to_hex(g * 7919), 15, '0'))::uuid AS id,
          timestamptz 'epoch' + ms * interval '1 millisecond' AS occurred_at,
          (ARRAY['issue', 'issue', 'issue', 'receipt', 'transfer'])[1 + abs(hashint8(g)) % 5]::stock.movement_kind AS kind
      FROM generate_series(1, {movements}::bigint) AS g,
          LATERAL (SELECT (extract(epoch FROM now()) * 1000)::bigint - ({movements}::bigint - g) * (90 * 86400000::bigint / {movements}) AS ms) AS at) AS m
JOIN LATERAL (SELECT 1 + abs(hashint8(m.g * 113)) % {products} AS product_id) AS p ON true
JOIN LATERAL (SELECT l.product_id, l.lot_id, l.location_id FROM stock.stock_levels l WHERE l.product_id = p.product_id LIMIT 1) AS l ON true
WHERE NOT (m.kind = 'transfer' AND l.location_id = l.location_id % 10000 + 225);
RESET session_replication_role;
ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER post_levels;
DROP TABLE bins, words, search_indexes;
RESET statement_timeout;
