#!/bin/sh
# Installs what is missing to build and run Stockroom on Debian and Ubuntu: a C compiler, make, and a
# PostgreSQL server, version 15 or newer, with pgaudit. What is already installed is left unchanged, and
# sudo is used only if something is missing. On other systems it says what to install.
#
# The distribution's server is neither started nor changed: see install_packages.
#
# Exit codes: 0 everything is installed; 2 something is missing that this script cannot install.
set -eu

oldest_major=15

say() { printf '%s\n' "$*" >&2; }

# --- what is installed --------------------------------------------------------------------------------------

# Compiles and links a program, because a compiler without the C library's headers is not enough.
have_compiler() {
    command -v cc >/dev/null 2>&1 || return 1
    scratch=$(mktemp -d)
    printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$scratch/test.c"
    if cc "$scratch/test.c" -o "$scratch/test" >/dev/null 2>&1; then found=0; else found=1; fi
    rm -rf "$scratch"
    return "$found"
}

# Major version of the server programs in directory $1, if any.
major_of() {
    "$1/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p'
}

# Whether the programs in directory $1 are new enough; with "pgaudit" as $2, also whether pgaudit is installed.
is_usable() {
    major=$(major_of "$1")
    [ -n "$major" ] && [ "$major" -ge "$oldest_major" ] || return 1
    [ "${2:-}" = pgaudit ] || return 0
    for library_dir in "$("$1/pg_config" --pkglibdir 2>/dev/null)" "$1/../lib"; do
        for ending in so dylib; do
            [ -e "$library_dir/pgaudit.$ending" ] && return 0
        done
    done
    return 1
}

# Directories of server programs, one per line; the same as the program itself searches.
server_dirs() {
    if [ -n "${STOCKROOM_PG_BIN_DIR:-}" ]; then
        printf '%s\n' "$STOCKROOM_PG_BIN_DIR"
        return
    fi
    pg_config --bindir 2>/dev/null || true
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ -x "$dir/postgres" ] && printf '%s\n' "$dir"
    done
    return 0
}

have_server() {
    server_dirs | {
        while IFS= read -r dir; do
            if is_usable "$dir" pgaudit; then exit 0; fi
        done
        exit 1
    }
}

# --- what to install on Debian and Ubuntu -------------------------------------------------------------------

# Major versions for which the distribution offers pgaudit, best first: one whose server is already installed,
# then the distribution's preferred version, then the newest.
offered_majors() {
    offered=$(apt-cache search --names-only '^postgresql-[0-9]+-pgaudit$' |
        sed -n 's/^postgresql-\([0-9]*\)-pgaudit .*/\1/p' | sort -rn)
    preferred=$(apt-cache depends postgresql 2>/dev/null |
        sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p')
    installed=$(server_dirs | while IFS= read -r dir; do major_of "$dir"; done)
    for major in $installed $preferred $offered; do
        [ "$major" -ge "$oldest_major" ] || continue
        if printf '%s\n' "$offered" | grep -qx "$major"; then printf '%s\n' "$major"; fi
    done
}

# Installs the given packages; must be run as root.
#
# Debian creates and starts a cluster "main" when the first server of a version is installed. Stockroom does not
# need it, so a drop-in file prevents this during the installation, and is removed afterwards: existing
# clusters and later installations are not affected.
install_packages() {
    drop_in_dir=/etc/postgresql-common/createcluster.d
    drop_in=$drop_in_dir/zz-stockroom-no-main-cluster.conf
    made_dir=
    if [ ! -d "$drop_in_dir" ]; then
        mkdir -p "$drop_in_dir"
        made_dir=$drop_in_dir
    fi
    trap 'rm -f "$drop_in"; [ -z "$made_dir" ] || rmdir "$made_dir" 2>/dev/null || :' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    echo 'create_main_cluster = false' >"$drop_in"
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --no-upgrade "$@"
}

# Runs this script as root for the step that needs it.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        sh "$0" "$@"
    elif command -v sudo >/dev/null 2>&1; then
        say "Installing packages requires root; sudo may ask for your password."
        sudo sh "$0" "$@"
    else
        say "Installing packages requires root, and sudo is not available. As root, run:  sh $0"
        exit 2
    fi
}

debian() {
    packages=
    command -v make >/dev/null 2>&1 || packages="$packages make"
    have_compiler || packages="$packages gcc libc6-dev"
    if ! have_server; then
        as_root --update
        major=$(offered_majors | head -n 1)
        if [ -z "$major" ]; then
            say "This release of the distribution has no PostgreSQL $oldest_major or newer with pgaudit."
            say "Add the PostgreSQL project's repository (https://wiki.postgresql.org/wiki/Apt):"
            say "  sudo apt-get install postgresql-common"
            say "  sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"
            say "and run this script again."
            exit 2
        fi
        packages="$packages postgresql-$major postgresql-$major-pgaudit"
    elif [ -n "$packages" ]; then
        as_root --update
    fi
    [ -n "$packages" ] || return 0
    say "Installing:$packages"
    # shellcheck disable=SC2086 # a list of package names
    as_root --install $packages
}

# --- other systems ------------------------------------------------------------------------------------------

elsewhere() {
    missing=
    command -v make >/dev/null 2>&1 || missing="$missing make;"
    have_compiler || missing="$missing a C compiler with the C library's headers;"
    have_server || missing="$missing a PostgreSQL server, version $oldest_major or newer, with pgaudit;"
    [ -n "$missing" ] || return 0
    say "This script can install packages on Debian and Ubuntu only. Missing:${missing%;}."
    say "  Fedora:  sudo dnf install gcc make postgresql-server pgaudit"
    say "  macOS:   xcode-select --install && brew install postgresql@17"
    say "           git clone --branch REL_17_STABLE https://github.com/pgaudit/pgaudit"
    say "           make -C pgaudit install USE_PGXS=1 PG_CONFIG=\$(brew --prefix postgresql@17)/bin/pg_config"
    say "If a server is installed elsewhere, set STOCKROOM_PG_BIN_DIR to the directory of its programs."
    exit 2
}

case "${1:-}" in
    --update)
        apt-get update
        exit
        ;;
    --install)
        shift
        install_packages "$@"
        exit
        ;;
esac

if [ -n "${STOCKROOM_PG_BIN_DIR:-}" ] && ! is_usable "$STOCKROOM_PG_BIN_DIR" pgaudit; then
    say "STOCKROOM_PG_BIN_DIR ($STOCKROOM_PG_BIN_DIR) has no PostgreSQL $oldest_major or newer with pgaudit."
    exit 2
fi
if ! command -v cargo >/dev/null 2>&1; then
    say "Rust is required to build Stockroom. Install it from https://rustup.rs and run this again."
    exit 2
fi
if command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1; then
    debian
else
    elsewhere
fi
