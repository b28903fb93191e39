//! Passwords from the places where libpq looks for them: `PGPASSWORD`, then the password file (PostgreSQL manual,
//! 34.15 and 34.16).

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use directories::BaseDirs;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

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

/// Why the password file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("there is no home directory for a password file; set PGPASSFILE")]
    NoPath,
    #[error("cannot change the password file {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("a password with a line break or another control character cannot be kept in {path}")]
    Unwritable { path: PathBuf },
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

/// Puts the password of a connection into the password file, before all other lines, because the first one that matches
/// is used. Other lines stay as they are.
pub(super) fn keep(target: Target<'_>, password: &SecretString) -> Result<PathBuf, FileError> {
    let path = path().ok_or(FileError::NoPath)?;
    if password.expose_secret().chars().any(char::is_control) {
        return Err(FileError::Unwritable { path });
    }
    let line = format!("{}:{}\n", key(target), escaped(password.expose_secret()));
    change(&path, target, line.as_bytes())
        .map_err(|source| FileError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// Removes the line of exactly this connection from the password file. Returns the file if it had one.
pub(super) fn forget(target: Target<'_>) -> Result<Option<PathBuf>, FileError> {
    let Some(path) = path() else { return Ok(None) };
    let begin = format!("{}:", key(target));
    let has_line =
        |text: Vec<u8>| text.split(|byte| *byte == b'\n').any(|line| line.starts_with(begin.as_bytes()));
    if !fs::read(&path).is_ok_and(has_line) {
        return Ok(None);
    }
    change(&path, target, b"").map_err(|source| FileError::Write { path: path.clone(), source })?;
    Ok(Some(path))
}

/// The first four fields of the line of a connection.
fn key(target: Target<'_>) -> String {
    let port = target.port.to_string();
    [target.host, &port, target.database, target.user].map(escaped).join(":")
}

fn escaped(field: &str) -> String {
    field.replace('\\', "\\\\").replace(':', "\\:")
}

/// Replaces the line of a connection, in a new file that takes the place of the old one.
fn change(path: &Path, target: Target<'_>, first: &[u8]) -> io::Result<()> {
    // A link to a file elsewhere stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = match fs::read(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        read => read.unwrap_or_default(),
    };
    let begin = format!("{}:", key(target));
    let others =
        before.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.starts_with(begin.as_bytes()));
    let draft = path.with_file_name(format!(".pgpass-{}", Uuid::now_v7()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(first)?;
        others.clone().try_for_each(|line| file.write_all(line))?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

fn in_file(path: &Path, target: Target<'_>) -> Option<SecretString> {
    let data = fs::metadata(path).ok().filter(|data| data.is_file() && data.len() <= FILE_BYTES_MAX)?;
    if data.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "Password file ignored because others can read it; its mode should be 0600");
        return None;
    }
    let text = String::from_utf8_lossy(&fs::read(path).ok()?).into_owned();
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
    fn a_line_is_replaced_and_the_others_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pass");
        let others = b"# mine \xFF\n*:*:*:bob:x\ndb.example:5432:stock_management:ann:old\n*:*:*:ann:general";
        fs::write(&path, others).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let line = format!("{}:{}\n", key(TARGET), escaped("ne:w\\"));
        change(&link, TARGET, line.as_bytes()).unwrap();
        let known: &[u8] =
            b"db.example:5432:stock_management:ann:ne\\:w\\\\\n# mine \xFF\n*:*:*:bob:x\n*:*:*:ann:general";
        assert_eq!(fs::read(&path).unwrap(), known);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(link.is_symlink());
        assert_eq!(in_line(line.trim_end(), TARGET).unwrap(), "ne:w\\");
        change(&link, TARGET, b"").unwrap();
        let rest: &[u8] = b"# mine \xFF\n*:*:*:bob:x\n*:*:*:ann:general";
        assert_eq!(fs::read(&path).unwrap(), rest);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "no draft is left");
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
