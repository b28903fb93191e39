#!/bin/sh
# Prepares the database, or migrates it, and makes the logins of the site. Runs once the database accepts connections, and
# changes nothing that is right.
set -eu
umask 077

secrets=/run/stockroom/secrets
export PGPASSFILE="$secrets/setup/pgpass"
export PGSSLMODE=verify-full PGSSLROOTCERT="$secrets/setup/ca.crt"
url=postgres://postgres@database/stock_management

# Exit code 6: done, with advice that `stockroom db check` repeats.
prepared=0
stockroom --database-url postgres://postgres@database/postgres db init || prepared=$?
[ "$prepared" -eq 0 ] || [ "$prepared" -eq 6 ] || exit "$prepared"

ask() {
    psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$url" "$@"
}

has_login() {
    [ "$(ask --command "SELECT count(*) FROM pg_roles WHERE rolname = '$1'")" = 1 ]
}

# person LOGIN GROUP PASSWORD_FILE
person() {
    has_login "$1" || stockroom --database-url "$url" user add "$1" --role "$2" --password-stdin <"$3"
}

person admin admin "$secrets/setup/admin.password"
person grafana analyst "$secrets/grafana/analyst.password"

# It logs in with its certificate, so it has no password.
has_login postgres_exporter ||
    ask --command 'CREATE ROLE postgres_exporter LOGIN' --command 'GRANT pg_monitor TO postgres_exporter'

# The logins of the service; one that has a file keeps its password.
credentials=$secrets/service/credentials
stockroom --database-url "$url" serve credentials "$credentials"
chown -R 971:971 "$credentials"
echo "The database is ready"
