#!/bin/sh
# Runs in the setup container: makes a database as the previous version of the program left it, with goods in it, and upgrades it.
set -eu

secrets=/run/stockroom/secrets
export PGPASSFILE="$secrets/setup/pgpass" PGSSLMODE=verify-full PGSSLROOTCERT="$secrets/setup/ca.crt"
server=postgres://postgres@database
database=$server/stock_management

ask() { PGOPTIONS='-c client_min_messages=warning' psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }

# The roles belong to the server; preparing another database makes them, and has the history to copy from.
stockroom --database-url "$server/postgres" --json db init --database another >/tmp/another.json || { cat /tmp/another.json >&2; exit 1; }
newest=$(ask --dbname "$server/another" --command 'SELECT max(version) FROM stock.schema_history')

ask --dbname "$server/postgres" --command "CREATE DATABASE stock_management TEMPLATE template0 ENCODING 'UTF8' OWNER stock_owner"
ask --dbname "$database" --command 'SET search_path TO public' --file /previous/prepare/database.sql --file /previous/prepare/limits.sql
# As the migration runner makes it.
ask --dbname "$database" --command 'SET ROLE stock_owner' \
    --command 'CREATE TABLE stock.schema_history (version int8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))'
for migration in /previous/migrations/V*.sql; do
    version=$(basename "$migration" | sed 's/^V0*\([0-9]*\)__.*/\1/')
    [ "$version" -lt "$newest" ] || continue
    { echo 'SET ROLE stock_owner; SET search_path TO stock; BEGIN;'; cat "$migration"; echo '; COMMIT;'; } | ask --dbname "$database" >/dev/null
done
ask --dbname "$database" --command 'SET ROLE stock_owner' \
    --command "SELECT stock.ensure_partitions(current_date, (now() + interval '12 months')::date)" >/dev/null
ask --dbname "$server/another" --command "COPY (SELECT * FROM stock.schema_history WHERE version < $newest) TO STDOUT" |
    ask --dbname "$database" --command 'COPY stock.schema_history FROM STDIN'

# Goods, posted as a person would, in SQL: the program of the previous version is not here.
ask --dbname "$database" >/dev/null <<'SQL'
INSERT INTO stock.products (sku, name) VALUES ('OLD1', 'Posted before the upgrade');
INSERT INTO stock.locations (code, kind) VALUES ('A-01', 'bin');
SET default_transaction_isolation TO 'serializable';
WITH moment AS (
    SELECT (lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7000' || '8000000000000001')::uuid AS id
)
INSERT INTO stock.transactions (id, posting_id, occurred_at, kind, product_id, to_location_id, quantity)
SELECT id, id, stock.uuid_time(id), 'receipt', (SELECT product_id FROM stock.products), (SELECT location_id FROM stock.locations), 12 FROM moment;
SQL

applied=$(stockroom --database-url "$server/postgres" --json db init)
echo "$applied" | grep -q "\"V${newest}__" || { echo "The newest migration, $newest, was not run: $applied" >&2; exit 1; }
echo "$applied" | grep -q '"findings":\[\]' || { echo "The upgraded database differs from a new one: $applied" >&2; exit 1; }

printf '%s' 'a password for tests' | stockroom --database-url "$database" user add ann --role admin --password-stdin
export PGPASSWORD='a password for tests'
export STOCKROOM_DATABASE_URL=postgres://ann@database/stock_management
stockroom receive OLD1 3 --to A-01
stockroom stock OLD1 --json | grep -q '"on_hand":"15"' || { echo "12 before and 3 after the upgrade are not 15" >&2; exit 1; }
echo "Upgraded to version $newest: the goods are there, and postings go on"
