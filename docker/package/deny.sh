#!/bin/sh
# Checks the dependencies with cargo-deny: licences, sources, banned crates and, where the database of advisories can be fetched
# or was fetched before, known vulnerabilities. Without it the rest is checked, and the output says so.
#
# Exit codes: 0 nothing was found; 1 something was found; 2 cargo-deny is missing.
set -eu
cd "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/../.."

config=docker/package/deny.toml
cargo=${CARGO:-cargo}

"$cargo" deny --version >/dev/null 2>&1 || {
    echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2
    exit 2
}
if "$cargo" deny --config "$config" fetch db; then
    exec "$cargo" deny --config "$config" check --hide-inclusion-graph
fi
echo "The database of advisories could not be fetched; known vulnerabilities are not checked." >&2
exec "$cargo" deny --offline --config "$config" check --hide-inclusion-graph bans licenses sources
