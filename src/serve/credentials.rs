//! The passwords of the service's logins, which come from files and never from the command line.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::ServeError;
use crate::config::pgpass::{self, Target};
use crate::service::generate_password;
use crate::store::{ConnectionSettings, SERVICE_LOGINS, Store};

/// The largest file with a secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4_096;

/// The connection settings for a login, with its password: from the file named in the settings, then from a file with
/// the name of the login in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`), then from the password file of
/// libpq. Without a password, the server may authenticate it by other means.
///
/// # Errors
/// [`ServeError`] if the file named in the settings cannot be read.
pub fn log_in(
    database: &ConnectionSettings,
    login: &str,
    files: &BTreeMap<String, PathBuf>,
) -> Result<ConnectionSettings, ServeError> {
    let same_login = database.user() == login && database.has_password();
    let settings = database.clone().with_user(login);
    if let Some(path) = files.get(login) {
        return Ok(settings.with_password(&read_secret(path)?));
    }
    if let Some(directory) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let path = Path::new(&directory).join(login);
        if path.exists() {
            return Ok(settings.with_password(&read_secret(&path)?));
        }
    }
    if same_login {
        return Ok(settings);
    }
    let (host, port) = settings.address();
    let found = pgpass::find(Target { host: &host, port, database: settings.database(), user: login });
    Ok(match found {
        Some(password) => settings.with_password(&password),
        None => settings.without_password(),
    })
}

/// Reads a secret: the first line of a file.
///
/// # Errors
/// [`ServeError`] if it cannot be read, or is empty.
pub fn read_secret(path: &Path) -> Result<SecretString, ServeError> {
    let failed = |source| ServeError::File { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.permissions().mode() & 0o002 != 0 {
        let message = "everybody can change this file; run: chmod o-w on it".to_owned();
        return Err(ServeError::Content { path: path.to_owned(), message });
    }
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    let secret = text.lines().next().unwrap_or_default();
    if secret.is_empty() {
        return Err(ServeError::Content { path: path.to_owned(), message: "the file is empty".to_owned() });
    }
    Ok(SecretString::from(secret.to_owned()))
}

/// Sets the password of each login of the service to the one in its file in a directory; if there is no file, one is
/// created with a new password. Returns the logins, and whether their file was created.
///
/// # Errors
/// [`ServeError`] if a file cannot be read or created, or the login of `superuser` may not set passwords.
pub async fn provide(superuser: &Store, directory: &Path) -> Result<Vec<(&'static str, bool)>, ServeError> {
    let failed = |path: &Path, source: io::Error| ServeError::File { path: path.to_owned(), source };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| failed(directory, error))?;
    let mut provided = Vec::new();
    for login in SERVICE_LOGINS {
        let path = directory.join(login);
        let made = match write_new(&path, &generate_password()) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed(&path, error)),
        };
        superuser.set_service_password(login, &read_secret(&path)?).await?;
        provided.push((login, made));
    }
    Ok(provided)
}

fn write_new(path: &Path, secret: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", secret.expose_secret())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_a_file_that_not_everybody_can_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stock_service");
        fs::write(&path, "s3cret word\n").unwrap();
        assert_eq!(read_secret(&path).unwrap().expose_secret(), "s3cret word");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(read_secret(&path).unwrap_err().to_string().contains("chmod"));
        let empty = folder.path().join("empty");
        fs::write(&empty, "\n").unwrap();
        assert!(read_secret(&empty).unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn the_password_of_a_url_is_that_of_its_login_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("verifier");
        fs::write(&path, "other\n").unwrap();
        let database: ConnectionSettings = "postgres://stock_collector:pw@db:5432/x".parse().unwrap();
        let files = BTreeMap::from([("stock_verifier".to_owned(), path)]);
        let log_in = |login: &str| log_in(&database, login, &files).unwrap();
        assert!(log_in("stock_collector").has_password());
        assert!(log_in("stock_verifier").has_password());
        assert_eq!(log_in("stock_service").user(), "stock_service");
    }
}
