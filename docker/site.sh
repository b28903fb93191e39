#!/bin/sh
# Builds the images of a site and brings it up, with or without an image registry.
#
#   docker/site.sh build              build the images
#   docker/site.sh up                 build what is missing, and start the site
#   docker/site.sh down               stop the site; its data stay
#   docker/site.sh purge              stop the site and delete its data
#   docker/site.sh logs [SERVICE]     follow the log
#   docker/site.sh compose …          any other command of Compose
#
#   PROFILES              profiles of compose.yaml, separated by spaces: demo
#   STOCKROOM_REGISTRY    yes: an image registry can be reached; no: it cannot [default: try]
#   STOCKROOM_PROGRAM     without a registry: the program to put into the image [default: built with cargo]
#
# Without a registry, Debian's base image is built from packages, the program is built on this machine and copied in, and Grafana
# is left out. Exit codes: 0 done; 2 something is missing; 75 a mirror did not answer.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
base=debian:bookworm-slim
rust=rust:1-bookworm
grafana=$(sed -n 's/^ *image: \(grafana\/grafana:.*\)/\1/p' "$here/compose.yaml")
# A registry that cannot be reached often does not refuse but never answers.
pull_seconds_max=60
# The C library of the images; a program that was linked to a newer one does not start.
image_glibc=2.36

say() { printf '%s\n' "$*" >&2; }

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose --project-directory "$here" --file "$here/compose.yaml" "$@"
    elif command -v docker-compose >/dev/null 2>&1; then
        docker-compose --project-directory "$here" --file "$here/compose.yaml" "$@"
    else
        say "Neither the Compose plugin of docker nor docker-compose is installed (Debian: apt install docker-compose)."
        exit 2
    fi
}

profile_arguments() {
    for profile in ${PROFILES:-}; do printf ' --profile %s' "$profile"; done
}

require_engine() {
    command -v docker >/dev/null 2>&1 || { say "docker is not installed (Debian: apt install docker.io docker-compose)."; exit 2; }
    docker info >/dev/null 2>&1 || { say "The Docker engine does not answer; is it running, and may this user use it?"; exit 2; }
}

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

# Whether an image is here, or can be had from a registry.
obtain() {
    have_image "$1" && return
    [ "${STOCKROOM_REGISTRY:-try}" != no ] || return 1
    timeout "$pull_seconds_max" docker pull --quiet "$1" >/dev/null 2>&1
}

# Puts a program built on this machine where the build stage finds it.
prebuild() {
    program=${STOCKROOM_PROGRAM:-}
    if [ -z "$program" ]; then
        say "Building the program on this machine."
        (cd "$here/.." && cargo build --release --locked --package stockroom)
        program=${CARGO_TARGET_DIR:-$here/../target}/release/stockroom
    fi
    glibc=$(getconf GNU_LIBC_VERSION | sed 's/^glibc //')
    newest=$(printf '%s\n' "$image_glibc" "$glibc" | sort -V | tail -n 1)
    if [ "$newest" != "$image_glibc" ]; then
        say "This machine has glibc $glibc, the images have $image_glibc: a program built here does not start there."
        say "Build on Debian 12, or with a registry."
        exit 2
    fi
    mkdir -p "$here/program/prebuilt"
    install -m 0755 "$program" "$here/program/prebuilt/stockroom"
    # Symbols are most of a program that was built for tests.
    strip "$here/program/prebuilt/stockroom" 2>/dev/null || :
}

build() {
    require_engine
    if ! obtain "$base"; then
        if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then
            say "debootstrap requires root; sudo may ask for your password."
            sudo --preserve-env=DEBIAN_MIRROR sh "$here/base/build-base.sh"
        else
            sh "$here/base/build-base.sh"
        fi
    fi
    if obtain "$rust"; then
        export STOCKROOM_BUILD_IMAGE="$rust" STOCKROOM_PROGRAM_KIND=source
    else
        say "No registry: the program is built on this machine."
        prebuild
        export STOCKROOM_BUILD_IMAGE="$base" STOCKROOM_PROGRAM_KIND=prebuilt
    fi
    compose build database secrets service prometheus
}

up() {
    build
    if obtain "$grafana"; then
        PROFILES="${PROFILES:-} grafana"
    else
        say "Grafana is left out: its image, $grafana, cannot be had without a registry."
    fi
    # shellcheck disable=SC2046 # one word for each argument
    compose $(profile_arguments) up --detach
    say "The site is starting; docker/site.sh logs shows how it goes on, and this opens the screens:"
    say "  docker compose --project-directory docker run --rm terminal"
}

case "${1:-}" in
    build) build ;;
    up) up ;;
    # All profiles, so that nothing is left behind.
    down) require_engine; PROFILES="demo grafana terminal"; compose $(profile_arguments) down --remove-orphans ;;
    purge) require_engine; PROFILES="demo grafana terminal"; compose $(profile_arguments) down --remove-orphans --volumes ;;
    logs) require_engine; shift; compose logs --follow --tail=100 "$@" ;;
    compose) require_engine; shift; compose "$@" ;;
    *) sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
