#!/bin/sh
# Runs in the build stage: puts the program and the libraries that it links to into a root file system of their own.
#
#   build.sh source|prebuilt DIRECTORY
set -eu

kind=$1
out=$2

case "$kind" in
    source)
        cargo build --release --locked --package stockroom
        program=target/release/stockroom
        ;;
    prebuilt)
        program=docker/program/prebuilt/stockroom
        [ -x "$program" ] || { echo "$program is missing; docker/site.sh build puts it there" >&2; exit 1; }
        ;;
    *)
        echo "PROGRAM is source or prebuilt, not $kind" >&2
        exit 1
        ;;
esac

root=$out/root
mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/usr/share" "$root/tmp" "$out/state" "$out/import/movements" "$out/import/products"
install -m 0755 "$program" "$root/usr/bin/stockroom"

# Fails here, and not at the first start, when the C library of this image is older than the program needs.
"$root/usr/bin/stockroom" --version

ldd "$root/usr/bin/stockroom" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x[0-9a-f]*)$/\1/p' | while IFS= read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp --dereference "$library" "$root$library"
done
chroot "$root" /usr/bin/stockroom --version >/dev/null

cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
[ ! -d /usr/share/zoneinfo ] || cp -r /usr/share/zoneinfo "$root/usr/share/"
chmod 1777 "$root/tmp"
echo 'stockroom:x:971:971:Stockroom:/var/lib/stockroom:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'stockroom:x:971:' >"$root/etc/group"
