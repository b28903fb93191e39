//! Which PostgreSQL Stockroom needs, and how to install it on common systems.

/// The first version with jsonlog and UNIQUE NULLS NOT DISTINCT.
pub const OLDEST_MAJOR: u32 = 15;

/// The environment variable with a directory of PostgreSQL programs, which replaces the search for them.
pub const BIN_DIR_VARIABLE: &str = "STOCKROOM_PG_BIN_DIR";

/// The version suggested on macOS if none is installed.
const SUGGESTED_MAJOR: u32 = 17;

/// How to install what is missing: version `major`, or the one that the system offers.
pub(super) fn install_hint(major: Option<u32>) -> String {
    let debian = match major {
        Some(major) => format!("postgresql-{major} postgresql-{major}-pgaudit"),
        None => "postgresql, then postgresql-NN-pgaudit, where NN is its version".to_owned(),
    };
    let brew = major.unwrap_or(SUGGESTED_MAJOR);
    format!(
        "Install it with:\n\
         \x20 Debian, Ubuntu:  sudo apt-get install {debian}\n\
         \x20 Fedora:          sudo dnf install postgresql-server pgaudit\n\
         \x20 macOS:           brew install postgresql@{brew}, then build pgaudit, which Homebrew does not have:\n\
         \x20                  git clone --branch REL_{brew}_STABLE https://github.com/pgaudit/pgaudit\n\
         \x20                  make -C pgaudit install USE_PGXS=1 \
         PG_CONFIG=$(brew --prefix postgresql@{brew})/bin/pg_config\n\
         If PostgreSQL is installed elsewhere, set {BIN_DIR_VARIABLE} to the directory of its programs.",
    )
}
