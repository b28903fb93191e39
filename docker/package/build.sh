#!/bin/sh
# Builds the packages of a release into target/package.
#
#   build.sh deb [PROGRAM]     a Debian package, with cargo-deb (cargo install cargo-deb)
#   build.sh dist [PROGRAM]    a tarball with an SBOM (cargo install cargo-cyclonedx), and the checksums of everything
#
#   PROGRAM          the program to package [default: built with cargo build --release]
#   DEB_REVISION     the revision of the Debian package [default: 1]
#   DEB_FAST         anything: compress less, for tests
#
# Exit codes: 0 done; 2 a tool is missing.
set -eu
cd "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/../.."

what=${1:-}
program=${2:-}
# Where the assets in Cargo.toml point, whatever the target directory of cargo is.
out=target/package

need() {
    cargo "$1" --version >/dev/null 2>&1 && return
    echo "cargo $1 is missing: cargo install --locked cargo-$1" >&2
    exit 2
}

# The program without symbols, with its completions and manual pages.
stage() {
    if [ -z "$program" ]; then
        cargo build --release --locked --package stockroom
        program=${CARGO_TARGET_DIR:-target}/release/stockroom
    fi
    rm -rf "$out/man" "$out/completions"
    mkdir -p "$out/man" "$out/completions"
    install -m 0755 "$program" "$out/stockroom"
    strip "$out/stockroom"
    "$out/stockroom" man "$out/man"
    for shell in bash zsh fish; do "$out/stockroom" completions "$shell" >"$out/completions/stockroom.$shell"; done
}

# The time of the last commit, so that building it again gives the same files.
epoch() { git log -1 --format=%ct 2>/dev/null || date +%s; }

deb() {
    stage
    SOURCE_DATE_EPOCH=$(epoch) cargo deb ${DEB_FAST:+--fast} --no-build --no-strip --locked --deb-revision "${DEB_REVISION:-1}" --output "$out/"
}

dist() {
    stage
    version=$("$out/stockroom" --version | sed 's/^stockroom //')
    directory=stockroom-$version-$(uname -m)-linux
    root=$out/$directory
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/share/man/man1" "$root/share/completions" "$root/share/doc" "$root/share/systemd"
    cp "$out/stockroom" "$root/bin/"
    cp "$out"/man/*.1 "$root/share/man/man1/"
    cp "$out"/completions/* "$root/share/completions/"
    cp README.md LICENSE docs/*.md "$root/share/doc/"
    cp -r pgaudit "$root/share/"
    cp -r docker/prometheus/rules "$root/share/prometheus"
    cp -r docker/grafana/dashboards "$root/share/grafana"
    cp docker/package/systemd/* docker/package/stockroom.sysusers docker/package/config.toml "$root/share/systemd/"
    SOURCE_DATE_EPOCH=$(epoch) cargo cyclonedx --format json --manifest-path Cargo.toml --override-filename "$directory.cdx" --quiet
    # The references of the project's own crates hold the directory of this checkout.
    sed "s|path+file://$PWD|path+file:///stockroom|g" "$directory.cdx.json" >"$out/$directory.cdx.json"
    rm -f "$directory.cdx.json" "dev/$directory.cdx.json"
    tar --directory "$out" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(epoch)" -cf - "$directory" | gzip -9n >"$out/$directory.tar.gz"
    rm -rf "$root"
    (cd "$out" && sha256sum "$directory.tar.gz" "$directory.cdx.json" $(ls stockroom_*.deb 2>/dev/null) >SHA256SUMS)
    echo "$out/$directory.tar.gz"
}

case "$what" in
    deb) need deb; deb ;;
    dist) need cyclonedx; dist ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
