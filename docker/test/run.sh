#!/usr/bin/env bash
# Builds the images without a registry, brings a site up, and tests it: posting, an import through the watched directory, metrics and
# Prometheus, an alert, containers that are killed, an upgrade from the previous schema version, the Debian package.
# Everything it makes has names of its own and is removed at the end; a site that runs on this machine is not touched.
#
#   STOCKROOM_PROGRAM    the program to test [default: target/debug/stockroom, built first]
#
# Where there is no Docker engine, or no mirror of Debian, it says that it was skipped and ends with 0.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# It takes about five minutes, of which the base image and the packages are three; the bound is for what hangs.
readonly seconds_max=900
# Containers start within seconds; a busy machine with two processors takes longer.
readonly start_seconds_max=180

if [ "${STOCKROOM_TEST_BOUNDED:-}" != yes ]; then
    # Asked to end rather than killed, so that it still cleans up.
    STOCKROOM_TEST_BOUNDED=yes exec timeout --kill-after=60 "$seconds_max" bash "$0" "$@"
fi

say() { printf '\n--- %s (%d s)\n' "$1" "$SECONDS"; }
skip() { printf 'SKIPPED test-docker: %s\n' "$1"; exit 0; }
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }

# --- what must be there ----------------------------------------------------------------------------------------

command -v docker >/dev/null 2>&1 || skip "docker is not installed"
docker info >/dev/null 2>&1 || skip "the Docker engine does not answer"
if ! docker compose version >/dev/null 2>&1 && ! command -v docker-compose >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 180 apt-get install --yes --no-install-recommends docker-compose; } >/dev/null 2>&1 ||
            skip "Compose is not installed, and could not be installed"
    else
        skip "Compose is not installed"
    fi
fi

say "Base image"
status=0
DEBOOTSTRAP_SECONDS_MAX=240 sh docker/base/build-base.sh || status=$?
[ "$status" -ne 75 ] || skip "no mirror of Debian can be reached"
[ "$status" -ne 2 ] || skip "the base image cannot be built here"
[ "$status" -eq 0 ] || fail "the base image was not built"
timeout 120 docker run --rm debian:bookworm-slim apt-get update -qq >/dev/null 2>&1 || skip "containers cannot reach a mirror of Debian"

# --- the site --------------------------------------------------------------------------------------------------

name=stockroom-test-$$
work=$(mktemp -d "${TMPDIR:-/tmp}/$name.XXXXXX")
export COMPOSE_PROJECT_NAME=$name STOCKROOM_TAG=$name STOCKROOM_REGISTRY=no
export STOCKROOM_PROMETHEUS_ADDRESS=127.0.0.1:     # any free port
export STOCKROOM_CONFIG_FILE=$work/config.toml STOCKROOM_TEST_RULES=$work/rules

compose() { sh docker/site.sh compose --file docker/test/compose.yaml "$@"; }

container() { compose ps --quiet "$1"; }

# Removes what the test made; called at every end.
clean_up() {
    status=$?
    trap - EXIT INT TERM
    if [ "$status" -ne 0 ]; then
        compose logs --no-color --tail=15 2>/dev/null || true
    fi
    for project in "$name" "$name-upgrade"; do
        COMPOSE_PROJECT_NAME=$project compose --profile demo --profile terminal down --volumes --remove-orphans >/dev/null 2>&1 || true
    done
    for image in stockroom stockroom-database stockroom-setup stockroom-monitoring; do
        docker image rm --force "$image:$name" >/dev/null 2>&1 || true
    done
    # What the build stage left behind has no name; it is told by its label.
    docker image prune --force --filter label=stockroom.stage=build >/dev/null 2>&1 || true
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# until_true SECONDS WORDS COMMAND…: waits until the command succeeds.
until_true() {
    local seconds=$1 words=$2 deadline=$((SECONDS + $1))
    shift 2
    until "$@" >"$work/last" 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 5 "$work/last" >&2
            fail "not within $seconds seconds: $words"
        fi
        sleep 1
    done
}

healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$(container "$1")")" = healthy ]; }

all_healthy() {
    local service
    for service in "$@"; do healthy "$service" || return 1; done
}

# The program with the login of a person. In the container of the service, because starting one takes seconds each time.
stockroom() {
    docker exec --interactive --env PGPASSFILE=/run/stockroom/secrets/terminal/pgpass \
        --env "STOCKROOM_DATABASE_URL=postgres://admin@database/stock_management?sslmode=verify-full&sslrootcert=/run/stockroom/secrets/terminal/ca.crt" \
        "$(docker ps --quiet --filter "name=${name}[_-]service[_-]1")" /usr/bin/stockroom "$@"
}

on_hand() { stockroom stock "$1" --json | sed -n 's/.*"on_hand":"\([0-9.]*\)".*/\1/p'; }

is_on_hand() { [ "$(on_hand "$1")" = "$2" ]; }

# The answer of Prometheus to a query, as JSON.
prometheus() {
    docker exec "$(container prometheus)" curl --silent --show-error --fail --get \
        --cacert /run/stockroom/secrets/prometheus/ca.crt --data-urlencode "query=$1" https://localhost:9090/api/v1/query
}

answers() { prometheus "$1" | grep -q '"value":'; }
answers_nothing() { prometheus "$1" | grep -q '"result":\[\]'; }

say "Program"
program=${STOCKROOM_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --locked --package stockroom
    program=${CARGO_TARGET_DIR:-target}/debug/stockroom
fi

say "Images"
# Waits of minutes and hours are for people; the test waits for seconds.
mkdir "$work/rules"
for rules in docker/prometheus/rules/*.yml; do
    sed -e 's/^\( *for:\) .*/\1 10s/' -e 's/_last_pass_time_seconds) > 300/_last_pass_time_seconds) > 30/' "$rules" >"$work/rules/$(basename "$rules")"
done
sed 's/^incremental_minutes = .*/incremental_minutes = 1/' docker/service/config.toml >"$work/config.toml"
chmod 0755 "$work" "$work/rules"
chmod 0644 "$work/config.toml" "$work"/rules/*
status=0
STOCKROOM_PROGRAM=$program sh docker/site.sh build >"$work/build.log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
    tail -n 30 "$work/build.log" >&2
    if grep -qE 'Temporary failure resolving|Failed to fetch|Could not connect' "$work/build.log"; then
        skip "the mirror of Debian failed while packages were installed"
    fi
    fail "the images were not built"
fi
docker image inspect --format '{{.RepoTags}} {{.Size}} bytes, user {{.Config.User}}' "stockroom:$name"

say "Start"
compose up --detach >"$work/up.log" 2>&1 || { cat "$work/up.log" >&2; fail "the site did not start"; }
until_true "$start_seconds_max" "all containers are healthy" all_healthy database service prometheus alertmanager node-exporter postgres-exporter

say "Isolation"
for service in database service prometheus alertmanager node-exporter postgres-exporter; do
    # Neither root, nor a root file system that can be written to, nor capabilities.
    docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Memory}}' "$(container "$service")" \
        | grep -qE '^(971:971|postgres|prometheus) true \[ALL\] [1-9]' || fail "$service is not isolated as it should be"
done
compose logs --no-color setup 2>/dev/null | grep -q 'No missing or unsafe settings' || fail "db init finds something to correct"

say "Posting"
# Once as a person does it.
compose run --rm -T terminal location add A-01 --kind bin </dev/null
stockroom product add W1 Widget --reorder-point 10 --unit-cost 2.50 --unit-price 4.00
stockroom receive W1 24 --to A-01 --reference PO-1
stockroom issue W1 4 --from A-01
is_on_hand W1 20 || fail "20 should be on hand after receiving 24 and issuing 4"
refused=0
stockroom issue W1 999 --from A-01 || refused=$?
[ "$refused" -eq 3 ] || fail "issuing 999 of 20 ended with exit code $refused, not 3"

say "Import through the watched directory"
# Written under another name and renamed, as whoever delivers files should do it.
deliver() {
    docker run --rm --interactive --user 971:971 --volume "${name}_imports:/in" --entrypoint sh "stockroom-setup:$name" \
        -c "mkdir -p /in/movements && cat >/in/movements/.$1.partial && mv /in/movements/.$1.partial /in/movements/$1"
}
now=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
printf 'reference,kind,occurred_at,sku,quantity,to\nDN-1,receipt,%s,W1,5,A-01\nDN-1,receipt,%s,W1,7,A-01\nDN-2,receipt,%s,UNKNOWN,1,A-01\n' "$now" "$now" "$now" |
    deliver one.csv
until_true 150 "the imported 12 are on hand" is_on_hand W1 32

say "Metrics"
for job in stockroom node postgres prometheus; do
    until_true 60 "Prometheus scrapes $job" answers "up{job=\"$job\"} == 1"
done
until_true 60 "the imported rows are counted" answers 'sum(stockroom_import_rows_total{feed="movements",result="posted"}) == 2'
until_true 60 "the rejected row is counted" answers 'sum(stockroom_import_rows_total{feed="movements",result="rejected"}) == 1'
until_true 90 "a verification has found nothing" answers 'max(stockroom_verification_alarms) == 0'

say "Panels"
# Every query of Prometheus in the dashboards, with Grafana's variable replaced.
queries() {
    sed -n 's/^ *"expr": "\(.*\)",\{0,1\}$/\1/p' docker/grafana/dashboards/*.json | sed -e 's/\\"/"/g' -e 's/\$__rate_interval/5m/g'
}
[ "$(queries | wc -l)" -gt 30 ] || fail "the queries of the dashboards are not read as they are written"
while IFS= read -r query; do
    until_true 120 "a panel shows data: $query" answers "$query"
done < <(queries)

say "Alert: the collector is stopped"
answers_nothing 'ALERTS{alertname="CollectorSilent",alertstate="firing"}' || fail "CollectorSilent fires though the collector runs"
compose stop service >/dev/null 2>&1
until_true 120 "CollectorSilent fires" answers 'ALERTS{alertname="CollectorSilent",alertstate="firing"}'
compose start service >/dev/null 2>&1
until_true "$start_seconds_max" "the service is healthy again" healthy service
until_true 120 "CollectorSilent ends" answers_nothing 'ALERTS{alertname="CollectorSilent",alertstate="firing"}'

say "Every container is killed and started again"
for service in alertmanager node-exporter postgres-exporter prometheus service database; do
    docker kill "$(container "$service")" >/dev/null
    docker start "$(container "$service")" >/dev/null
done
killed_at=$(date +%s)
until_true "$start_seconds_max" "all containers are healthy again" all_healthy database service prometheus alertmanager node-exporter postgres-exporter
is_on_hand W1 32 || fail "32 should be on hand after the crash"
stockroom receive W1 8 --to A-01
is_on_hand W1 40 || fail "40 should be on hand after receiving 8 more"
until_true 120 "a verification after the crash has found nothing" \
    answers "max(stockroom_verification_alarms) == 0 and max(stockroom_verification_time_seconds) > $killed_at"

say "Upgrade from the previous schema version"
(
    export COMPOSE_PROJECT_NAME=$name-upgrade
    compose up --detach database >"$work/upgrade.log" 2>&1 || { cat "$work/upgrade.log" >&2; fail "the database did not start"; }
    until_true "$start_seconds_max" "the database is healthy" healthy database
    compose run --rm -T --no-deps --volume "$PWD/migrations:/previous/migrations:ro" --volume "$PWD/src/store/prepare:/previous/prepare:ro" \
        --volume "$PWD/docker/test/upgrade.sh:/previous/upgrade.sh:ro" setup /previous/upgrade.sh </dev/null
    compose down --volumes >/dev/null 2>&1
)

say "Debian package"
bash docker/test/package.sh "$program" "stockroom-database:$name"

say "End"
compose --profile terminal down --volumes >"$work/down.log" 2>&1 || { cat "$work/down.log" >&2; fail "the site did not go down"; }
[ -z "$(docker ps --all --quiet --filter "name=$name")" ] || fail "containers are left"
[ -z "$(docker volume ls --quiet --filter "name=$name")" ] || fail "volumes are left"
printf '\ntest-docker passed in %d seconds. Grafana was left out: its image cannot be had without a registry.\n' "$SECONDS"
