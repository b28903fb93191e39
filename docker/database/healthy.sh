#!/bin/sh
# Whether the server accepts connections. It asks the server's own state file instead of connecting: each connection would
# be two entries in the audit log, every few seconds.
set -eu

pg_ctl status --pgdata="$PGDATA" >/dev/null
sed -n 8p "$PGDATA/postmaster.pid" | grep -q '^ready'
