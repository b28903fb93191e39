//! The environment variables of libpq that name the database (PostgreSQL manual, 34.15), for those who have them set
//! for psql.
//!
//! Boundary: adds to a URL what it leaves out. What the URL contains takes precedence, as with libpq. `PGPASSWORD` and
//! the password file are read in [`super::pgpass`].

use url::Url;

/// A variable of libpq, and the part of a URL that it replaces.
const PARAMETERS: [(&str, &str); 4] = [
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
];

/// The URL, completed from the environment. Text that is not a URL is returned unchanged; whoever parses it reports
/// what is wrong.
#[must_use]
pub fn completed(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let Ok(mut url) = Url::parse(text) else { return text.to_owned() };
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    // Setters refuse what cannot be part of a URL; then the URL remains without it.
    if url.host_str().is_none_or(str::is_empty)
        && !has("host")
        && let Some(host) = set("PGHOST")
    {
        let _ = url.set_host(Some(&host));
    }
    if url.host_str().is_some_and(|host| !host.is_empty()) {
        if url.port().is_none()
            && !has("port")
            && let Some(port) = set("PGPORT").and_then(|port| port.parse().ok())
        {
            let _ = url.set_port(Some(port));
        }
        if url.username().is_empty()
            && !has("user")
            && let Some(user) = set("PGUSER")
        {
            let _ = url.set_username(&user);
        }
    }
    if url.path().trim_matches('/').is_empty()
        && !has("dbname")
        && let Some(database) = set("PGDATABASE")
    {
        url.set_path(&database);
    }
    for (name, parameter) in PARAMETERS {
        if !has(parameter)
            && let Some(value) = set(name)
        {
            url.query_pairs_mut().append_pair(parameter, &value);
        }
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_adds_what_the_url_leaves_out() {
        let variable = |name: &str| {
            let value = match name {
                "PGHOST" => "db.example",
                "PGPORT" => "5433",
                "PGUSER" => "ann",
                "PGDATABASE" => "stock_management",
                "PGSSLMODE" => "verify-full",
                "PGSSLROOTCERT" => "/etc/ca.pem",
                _ => "",
            };
            Some(value.to_owned())
        };
        assert_eq!(
            completed("postgres:///", variable),
            "postgres://ann@db.example:5433/stock_management?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
        );
        assert_eq!(
            completed("postgres://bob@other:1/x?sslmode=disable", variable),
            "postgres://bob@other:1/x?sslmode=disable&sslrootcert=%2Fetc%2Fca.pem"
        );
        assert_eq!(completed("postgres://bob@other/x", |_| None), "postgres://bob@other/x");
        assert_eq!(completed("nonsense", variable), "nonsense");
    }
}
