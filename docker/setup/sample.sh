#!/bin/sh
# Posts the sample data: ten days of a real retailer, and a delivery on the morning after. Posting it again changes nothing.
set -eu

secrets=/run/stockroom/secrets
export PGPASSFILE="$secrets/setup/pgpass"
export PGSSLMODE=verify-full PGSSLROOTCERT="$secrets/setup/ca.crt"
PGPASSWORD=$(cat "$secrets/setup/admin.password")
export PGPASSWORD
export STOCKROOM_DATABASE_URL=postgres://admin@database/stock_management

import=0
stockroom import movements /usr/local/share/stockroom/online-retail-sample.csv.gz --profile online-retail \
    --rejects /tmp/rejects.csv || import=$?
# Exit code 7: some rows are not goods (postage, fees) and are rejected.
[ "$import" -eq 0 ] || [ "$import" -eq 7 ] || exit "$import"

query() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$STOCKROOM_DATABASE_URL" --command "COPY ($1) TO STDOUT (FORMAT csv, HEADER)"
}

# Costs and reorder points of some products, so that the dashboards have something to show. They follow from the code of the
# product, so that every demo shows the same.
query "SELECT sku, round((0.40 + (hashtext(sku) & 1023) / 200.0)::numeric, 2), 12 * (1 + (hashtext(sku) & 3))
       FROM (SELECT * FROM stock.products ORDER BY sku LIMIT 60) AS first WHERE unit_cost IS NULL ORDER BY sku" | sed 1d |
    while IFS=, read -r sku cost reorder_point; do
        stockroom product change "$sku" --unit-cost "$cost" --reorder-point "$reorder_point" --category Giftware >/dev/null
    done

query "SELECT 'DELIVERY' AS reference, 'receipt' AS kind, '2010-12-11T08:00:00Z' AS occurred_at, sku, 12 * (1 + (hashtext(sku) & 7)) AS quantity,
              'MAIN' AS \"to\"
       FROM stock.products WHERE tracking = 'none' ORDER BY sku LIMIT 1000" >/tmp/delivery.csv
stockroom import movements /tmp/delivery.csv
echo "The sample data are posted"
