//! Passwords from the places where libpq looks for them: `PGPASSWORD`, then the password file (PostgreSQL manual,
//! 34.15 and 34.16).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use directories::BaseDirs;
use secrecy::SecretString;

/// The largest password file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The target of a connection, in the terms of the password file.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The host, or the directory of the socket.
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// The password for a connection, if there is one. As in libpq, a file that others can read is ignored with a warning.
#[must_use]
pub fn find(target: Target<'_>) -> Option<SecretString> {
    if let Ok(password) = std::env::var("PGPASSWORD")
        && !password.is_empty()
    {
        return Some(SecretString::from(password));
    }
    in_file(&path()?, target)
}

/// The password file of libpq, whether it exists or not.
pub(super) fn path() -> Option<PathBuf> {
    let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    named.or_else(|| BaseDirs::new().map(|dirs| dirs.home_dir().join(".pgpass")))
}

fn in_file(path: &Path, target: Target<'_>) -> Option<SecretString> {
    let data = fs::metadata(path).ok().filter(|data| data.is_file() && data.len() <= FILE_BYTES_MAX)?;
    if data.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "Password file ignored because others can read it; its mode should be 0600");
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| in_line(line, target))
        .map(SecretString::from)
}

/// Reads `host:port:database:user:password`, where `*` matches anything and a backslash escapes a colon or a
/// backslash.
fn in_line(line: &str, target: Target<'_>) -> Option<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => fields.last_mut()?.extend(characters.next()),
            ':' if fields.len() < 5 => fields.push(String::new()),
            other => fields.last_mut()?.push(other),
        }
    }
    let [host, port, database, user, password] = <[String; 5]>::try_from(fields).ok()?;
    let matches = |pattern: &str, value: &str| pattern == "*" || pattern == value;
    let host_matches = matches(&host, target.host) || (host == "localhost" && target.host.starts_with('/'));
    let all = host_matches
        && matches(&port, &target.port.to_string())
        && matches(&database, target.database)
        && matches(&user, target.user);
    all.then_some(password)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt as _;

    use secrecy::ExposeSecret as _;

    use super::*;

    const TARGET: Target<'_> =
        Target { host: "db.example", port: 5432, database: "stock_management", user: "ann" };

    #[test]
    fn lines_are_read_as_libpq_does() {
        assert_eq!(in_line("db.example:5432:stock_management:ann:se:cr\\\\et", TARGET).unwrap(), "se:cr\\et");
        assert_eq!(in_line("*:*:*:ann:x", TARGET).unwrap(), "x");
        assert_eq!(in_line("db\\.example:*:*:*:y", TARGET).unwrap(), "y");
        for other in ["elsewhere:*:*:*:x", "*:5433:*:*:x", "*:*:*:bob:x", "*:*:*", ""] {
            assert_eq!(in_line(other, TARGET), None, "{other}");
        }
        let socket = Target { host: "/run/postgresql", ..TARGET };
        assert_eq!(in_line("localhost:*:*:ann:z", socket).unwrap(), "z");
    }

    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, found) in [(0o600, true), (0o644, false)] {
            let path = directory.path().join(format!("{mode}"));
            fs::OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(&path).unwrap();
            fs::write(&path, "# mine\n*:*:*:*:hidden\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let password = in_file(&path, TARGET);
            assert_eq!(password.is_some(), found);
            assert!(password.is_none_or(|secret| secret.expose_secret() == "hidden"));
        }
    }
}
