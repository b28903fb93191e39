//! The configuration files of a private server: those of `pgaudit/`, unchanged, and its own.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::account::Account;
use super::error::ServerError;
use super::files::write_private;

/// Audit settings, embedded so that the program works without its source tree.
pub const AUDIT_CONF: &str = include_str!("../../pgaudit/audit.conf");

/// Settings for posting under SERIALIZABLE.
pub const LEDGER_CONF: &str = include_str!("../../pgaudit/ledger.conf");

/// The client authentication of the server: who may connect, and how they authenticate.
pub const HBA_CONF: &str = include_str!("../../pgaudit/pg_hba.conf");

/// Appended to the file written by initdb; later files take precedence.
const INCLUDES: &str = "\n# Stockroom: the files below are written anew at each start.\n\
    include 'audit.conf'\n\
    include 'ledger.conf'\n\
    include 'private.conf'\n\
    include 'extra.conf'\n";

/// Adds the includes to a data directory that initdb has just made.
pub(super) fn add_includes(data: &Path) -> Result<(), ServerError> {
    let path = data.join("postgresql.conf");
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(INCLUDES.as_bytes()))
        .map_err(ServerError::file("extend", path))
}

/// Writes the files that are the same for every instance.
pub(super) fn write_shared(data: &Path, account: &Account) -> Result<(), ServerError> {
    for (name, text) in [("audit.conf", AUDIT_CONF), ("ledger.conf", LEDGER_CONF), ("pg_hba.conf", HBA_CONF)]
    {
        write(data, name, text, account)?;
    }
    Ok(())
}

/// Writes where the server listens.
pub(super) fn write_private_endpoint(
    data: &Path,
    port: u16,
    socket_dir: &Path,
    account: &Account,
) -> Result<(), ServerError> {
    let socket_dir = quote(&socket_dir.to_string_lossy());
    let text =
        format!("listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = {socket_dir}\n");
    write(data, "private.conf", &text, account)
}

/// Writes the settings of the caller, which override all others.
pub(super) fn write_extra(
    data: &Path,
    settings: &[(String, String)],
    account: &Account,
) -> Result<(), ServerError> {
    let mut text = String::new();
    for (name, value) in settings {
        let name_ok = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        if !name_ok || value.chars().any(char::is_control) {
            return Err(ServerError::BadSetting { name: name.clone() });
        }
        text.push_str(&format!("{name} = {}\n", quote(value)));
    }
    write(data, "extra.conf", &text, account)
}

fn write(data: &Path, name: &str, text: &str, account: &Account) -> Result<(), ServerError> {
    let path = data.join(name);
    write_private(&path, text)?;
    account.make_owner_of(&path)
}

/// Quotes a value for the configuration file.
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_the_configuration_file() {
        assert_eq!(quote(r"it's a \ path"), r"'it''s a \\ path'");
    }

    #[test]
    fn a_setting_that_would_start_another_line_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let account = Account::detect().unwrap();
        for (name, value) in [("a b", "1"), ("", "1"), ("work_mem", "1\nfsync=off")] {
            let settings = [(name.to_owned(), value.to_owned())];
            assert!(write_extra(dir.path(), &settings, &account).is_err());
        }
    }
}
