#!/bin/sh
# Makes the authority, certificates and passwords of a site, as files: each component has a directory that only its own
# account can read. What exists is kept; certificates that expire within 30 days are renewed. Runs before everything else.
#
#   /run/stockroom/authority    the key of the certificate authority; no other container has it
#   /run/stockroom/secrets      a directory for each component
set -eu
umask 077

authority=/run/stockroom/authority
secrets=/run/stockroom/secrets
# Long enough for the authority to outlive the machine; certificates are renewed by running this again.
authority_days=3650
certificate_days=365
renew_seconds=$((30 * 24 * 3600))

# Files are written under another name first: a job that is killed leaves none that is half written.
make_key() {
    [ -s "$1" ] && return
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.partial" 2>/dev/null
    mv "$1.partial" "$1"
}

make_authority() {
    make_key "$authority/ca.key"
    [ -s "$authority/ca.crt" ] && return
    openssl req -x509 -new -key "$authority/ca.key" -days "$authority_days" -subj '/CN=Stockroom site authority' \
        -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
        -out "$authority/ca.crt.partial"
    mv "$authority/ca.crt.partial" "$authority/ca.crt"
}

# certificate DIRECTORY NAME COMMON_NAME: a certificate for server and client, with the names of the host as seen by the others.
certificate() {
    directory=$1 name=$2 common_name=$3
    make_key "$directory/$name.key"
    if [ -s "$directory/$name.crt" ] && openssl x509 -checkend "$renew_seconds" -noout -in "$directory/$name.crt" >/dev/null &&
        openssl verify -CAfile "$authority/ca.crt" "$directory/$name.crt" >/dev/null 2>&1; then
        return
    fi
    openssl req -new -key "$directory/$name.key" -subj "/CN=$common_name" -out "$directory/$name.csr"
    cat >"$directory/$name.ext" <<EXT
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:$common_name,DNS:localhost,IP:127.0.0.1
EXT
    openssl x509 -req -in "$directory/$name.csr" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -days "$certificate_days" \
        -set_serial "0x$(openssl rand -hex 16)" -extfile "$directory/$name.ext" -out "$directory/$name.crt.partial" 2>/dev/null
    # The authority follows, so that the file is also what a client on the same machine trusts.
    cat "$authority/ca.crt" >>"$directory/$name.crt.partial"
    mv "$directory/$name.crt.partial" "$directory/$name.crt"
    rm -f "$directory/$name.csr" "$directory/$name.ext"
    echo "Signed a certificate for $common_name, valid for $certificate_days days"
}

password() {
    [ -s "$1" ] && return
    # 32 characters of base64 are 192 bits; the characters that a URL would have to escape are replaced.
    openssl rand -base64 24 | tr '+/' '-_' | tr -d '\n' >"$1.partial"
    mv "$1.partial" "$1"
}

# component NAME ACCOUNT: a directory with the authority's certificate and one of its own.
component() {
    mkdir -p "$secrets/$1"
    cp "$authority/ca.crt" "$secrets/$1/ca.crt"
    certificate "$secrets/$1" tls "$1"
}

owned_by() {
    chown -R "$2:$2" "$secrets/$1"
    chmod -R u=rwX,go= "$secrets/$1"
}

mkdir -p "$authority" "$secrets"
chmod 0755 "$secrets"
make_authority

component database
password "$secrets/database/superuser.password"
mkdir -p "$secrets/setup"
cp "$authority/ca.crt" "$secrets/setup/ca.crt"
printf '*:*:*:postgres:%s\n' "$(cat "$secrets/database/superuser.password")" >"$secrets/setup/pgpass"
password "$secrets/setup/admin.password"

component service
password "$secrets/service/token"

mkdir -p "$secrets/terminal"
cp "$authority/ca.crt" "$secrets/terminal/ca.crt"
printf '*:*:*:admin:%s\n' "$(cat "$secrets/setup/admin.password")" >"$secrets/terminal/pgpass"

component prometheus
cp "$secrets/service/token" "$secrets/prometheus/token"
component alertmanager
component node-exporter
component postgres-exporter
# Its name is a login of the database, which accepts the certificate in place of a password.
certificate "$secrets/postgres-exporter" login postgres_exporter

component grafana
password "$secrets/grafana/admin.password"
password "$secrets/grafana/analyst.password"

owned_by database 970
owned_by service 971
owned_by terminal 971
owned_by prometheus 972
owned_by alertmanager 972
owned_by node-exporter 972
owned_by postgres-exporter 972
# The account of Grafana's image.
owned_by grafana 472
owned_by setup 0
echo "The secrets of the site are in place"
