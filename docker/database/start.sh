#!/bin/sh
# Creates the data directory at the first start, copies the configuration into it, and becomes the server.
set -eu

configuration=/etc/stockroom
secrets=/run/stockroom/secrets/database
partial=$PGDATA.partial

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # Made under another name, so that an initdb that was killed is done again and not taken for a server.
    rm -rf "$partial"
    initdb --pgdata="$partial" --username=postgres --pwfile="$secrets/superuser.password" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --lc-messages=C --text-search-config=simple --data-checksums
    cat >>"$partial/postgresql.conf" <<'CONF'

# Stockroom: the files below are copied from the image at each start.
include 'audit.conf'
include 'ledger.conf'
include 'site.conf'
CONF
    mv "$partial" "$PGDATA"
fi

for file in audit.conf ledger.conf site.conf pg_hba.conf; do
    install -m 0600 "$configuration/$file" "$PGDATA/$file"
done

exec postgres -D "$PGDATA"
