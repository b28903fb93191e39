#!/usr/bin/env bash
# Builds the Debian package, and installs, upgrades, removes and purges it in a container. Without cargo-deb it says that it was skipped.
#
#   package.sh PROGRAM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

program=$1
if ! cargo deb --version >/dev/null 2>&1; then
    echo "SKIPPED the Debian package: cargo-deb is not installed (cargo install --locked cargo-deb)"
    exit 0
fi

rm -rf target/package
DEB_FAST=yes sh docker/package/build.sh deb "$program" >/dev/null
DEB_FAST=yes DEB_REVISION=2 sh docker/package/build.sh deb "$program" >/dev/null
ls target/package/*.deb
if command -v lintian >/dev/null 2>&1; then
    lintian --fail-on error,warning --tag-display-limit 0 --profile debian target/package/stockroom_*-1_*.deb
else
    echo "lintian is not installed; its checks were left out"
fi
for unit in docker/package/systemd/*.service; do
    if ! systemd-analyze security --help 2>/dev/null | grep -q -- --offline; then
        echo "systemd-analyze cannot judge units offline here; left out"
        break
    fi
    # The threshold is in tenths: 2.5.
    systemd-analyze security --offline=true --threshold=25 --no-pager "$unit" | tail -n 1
done

container=$(docker create --interactive debian:bookworm-slim sh -eu)
trap 'docker rm --force "$container" >/dev/null' EXIT
for file in target/package/*.deb; do docker cp "$file" "$container:/tmp/" >/dev/null; done
docker start --interactive --attach "$container" <<'SH'
say() { echo "package: $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
# The slim image leaves documentation out, and with it the manual pages.
rm -f /etc/dpkg/dpkg.cfg.d/slim /etc/dpkg/dpkg.cfg.d/docker
apt-get update -qq
apt-get install --yes -qq --no-install-recommends /tmp/stockroom_*-1_*.deb >/dev/null 2>/tmp/log || { cat /tmp/log; fail "not installed"; }

stockroom --version
getent passwd stockroom | grep -q ':/var/lib/stockroom:/usr/sbin/nologin$' || fail "no account stockroom that cannot log in"
[ "$(stat -c %a:%U /etc/stockroom/credentials)" = 700:root ] || fail "others can enter /etc/stockroom/credentials"
[ -e /usr/lib/systemd/system/stockroom.service ] || [ -e /lib/systemd/system/stockroom.service ] || fail "no unit"
[ ! -e /etc/systemd/system/multi-user.target.wants/stockroom.service ] || fail "the service is enabled before there is a database"
for file in man/man1/stockroom.1.gz bash-completion/completions/stockroom zsh/vendor-completions/_stockroom fish/vendor_completions.d/stockroom.fish; do
    [ -s "/usr/share/$file" ] || fail "no /usr/share/$file"
done
say "installed"

# An upgrade keeps what the administrator changed, and what the service wrote.
echo '# changed by the administrator' >>/etc/stockroom/config.toml
echo secret >/etc/stockroom/credentials/stock_collector
install -d -o stockroom -m 0700 /var/lib/stockroom
echo evidence >/var/lib/stockroom/seal.key
apt-get install --yes -qq --no-install-recommends /tmp/stockroom_*-2_*.deb >/dev/null 2>/tmp/log || { cat /tmp/log; fail "not upgraded"; }
[ "$(dpkg-query --show --showformat '${Version}' stockroom | sed 's/.*-//')" = 2 ] || fail "the old version is still there"
grep -q 'changed by the administrator' /etc/stockroom/config.toml || fail "the upgrade changed the configuration"
[ -e /etc/stockroom/credentials/stock_collector ] || fail "the upgrade deleted the credentials"
stockroom --version >/dev/null
say "upgraded"

apt-get remove --yes -qq stockroom >/dev/null 2>&1
[ ! -e /usr/bin/stockroom ] || fail "removing leaves the program"
[ -e /etc/stockroom/config.toml ] || fail "removing deletes the configuration"
say "removed"

apt-get purge --yes -qq stockroom >/dev/null 2>&1
[ ! -e /etc/stockroom ] || fail "purging leaves /etc/stockroom"
[ "$(cat /var/lib/stockroom/seal.key)" = evidence ] || fail "purging deletes the evidence"
[ -z "$(dpkg-query --show --showformat '${Status}' stockroom 2>/dev/null | grep -v 'not-installed')" ] || fail "the package is still known"
say "purged"
SH
