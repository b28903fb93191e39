#!/bin/sh
# Builds the Debian base image that docker/Dockerfile names, from Debian packages, and imports it under the same tag. It is
# for sites that reach a Debian mirror but no image registry; elsewhere, `docker pull` gets the image.
#
#   DEBIAN_MIRROR     the mirror [default: http://deb.debian.org]; its debian/ and debian-security/ are used
#
# Requires root and debootstrap, which it installs if it can.
# Exit codes: 0 the image exists; 2 something is missing; 75 the mirror did not answer (EX_TEMPFAIL).
set -eu

image=debian:bookworm-slim
suite=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org}
# debootstrap takes two minutes on a slow mirror; one that hangs must not hold everything up.
seconds_max=${DEBOOTSTRAP_SECONDS_MAX:-420}

say() { printf '%s\n' "$*" >&2; }

if docker image inspect "$image" >/dev/null 2>&1; then
    say "$image is there already."
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    say "debootstrap requires root: sudo sh $0"
    exit 2
fi
if ! command -v debootstrap >/dev/null 2>&1; then
    if ! command -v apt-get >/dev/null 2>&1; then
        say "debootstrap is missing; install it and run this again."
        exit 2
    fi
    apt-get update -qq >&2 || :
    if ! DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends debootstrap >&2; then
        say "debootstrap could not be installed."
        exit 75
    fi
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/stockroom-base.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "Building $image from $mirror/debian; this takes a minute or two."
if ! timeout "$seconds_max" debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/root" "$mirror/debian" \
    >"$work/debootstrap.log" 2>&1; then
    say "debootstrap failed:"
    tail -n 5 "$work/debootstrap.log" >&2
    exit 75
fi

cat >"$work/root/etc/apt/sources.list" <<LIST
deb $mirror/debian $suite main
deb $mirror/debian $suite-updates main
deb $mirror/debian-security $suite-security main
LIST

# What the official image leaves out as well: caches, documentation, translations.
cat >"$work/root/etc/dpkg/dpkg.cfg.d/slim" <<'SLIM'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/info/*
SLIM
echo 'APT::Install-Recommends "false";' >"$work/root/etc/apt/apt.conf.d/slim"
# Starting services while packages are installed would fail: there is no init.
printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
chmod 0755 "$work/root/usr/sbin/policy-rc.d"

tar --directory "$work/root" --create --numeric-owner --one-file-system \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*.log' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/info/*' \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' . |
    docker import --change 'CMD ["bash"]' - "$image" >/dev/null
say "Imported $image."
