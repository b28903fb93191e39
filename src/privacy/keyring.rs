//! The keyring: the versioned keys that wrap the data keys, in a file outside the database. An entry is `VERSION:KEY`,
//! where the key is 64 bytes in base64; entries are separated by blanks or line breaks, and `#` begins a comment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};
use secrecy::zeroize::Zeroizing;

use super::Error;
use super::cipher::{self, Key};

/// The environment variable with the path of the keyring file.
const FILE_VARIABLE: &str = "STOCKROOM_ENCRYPTION_KEY_FILE";
/// The environment variable with the keyring itself.
const TEXT_VARIABLE: &str = "STOCKROOM_ENCRYPTION_KEY";
/// The environment variable with the directory of a service's credentials, set by systemd.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// The name of the credential.
pub const CREDENTIAL: &str = "stockroom-encryption-key";
/// The largest keyring in bytes: room for hundreds of versions, of which two are needed.
const BYTES_MAX: u64 = 64 * 1024;
/// The highest version that the database allows.
const VERSION_MAX: u32 = 1_000_000;
/// The comment at the beginning of a file.
const HEADER: &str = "# Keyring of Stockroom. Whoever has it and the database reads all personal data; without it nobody does.\n\
# Keep a copy apart from the backups of the database. One entry per line: VERSION:KEY\n";

/// Where the keyring is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringSource {
    File(PathBuf),
    /// The environment variable with the keyring itself, which can be read but not written.
    Environment,
}

impl KeyringSource {
    /// The source given by the environment: a file, a credential of systemd, or the keyring itself.
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(path) = variable(FILE_VARIABLE) {
            return Some(Self::File(path.into()));
        }
        let credential =
            variable(CREDENTIALS_VARIABLE).map(|directory| Path::new(&directory).join(CREDENTIAL));
        if let Some(path) = credential.filter(|path| path.exists()) {
            return Some(Self::File(path));
        }
        variable(TEXT_VARIABLE).map(|_| Self::Environment)
    }

    /// Reads the keyring.
    ///
    /// # Errors
    /// [`Error`] if it cannot be read or is malformed.
    pub fn load(self) -> Result<Loaded, Error> {
        let (text, open_to_others) = match &self {
            Self::File(path) => {
                let failed = |source| Error::File { path: path.clone(), source };
                let file = fs::File::open(path).map_err(failed)?;
                let mode = file.metadata().map_err(failed)?.permissions().mode();
                let mut text = Zeroizing::new(String::new());
                file.take(BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
                (text, mode & 0o077 != 0)
            }
            Self::Environment => (Zeroizing::new(std::env::var(TEXT_VARIABLE).unwrap_or_default()), false),
        };
        let keyring = Keyring::parse(&text, &self.place())?;
        Ok(Loaded { keyring, source: self, open_to_others })
    }

    /// The path or the variable, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Environment => TEXT_VARIABLE.to_owned(),
        }
    }

    /// The path of the file, which can be written.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] if the keyring comes from the environment.
    pub fn file(&self) -> Result<&Path, Error> {
        match self {
            Self::File(path) => Ok(path),
            Self::Environment => Err(Error::ReadOnly(TEXT_VARIABLE.to_owned())),
        }
    }
}

/// A keyring with its source.
#[derive(Debug)]
pub struct Loaded {
    pub keyring: Keyring,
    pub source: KeyringSource,
    /// Whether other accounts of the machine can read the file.
    pub open_to_others: bool,
}

/// The keys by version; their memory is overwritten when they are dropped.
pub struct Keyring {
    keys: BTreeMap<u32, Key>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Keyring").field(&self.versions()).finish()
    }
}

impl Keyring {
    /// Generates a keyring with one key.
    #[must_use]
    pub fn generate() -> Self {
        Self { keys: [(1, cipher::new_key())].into() }
    }

    /// Parses the entries of a text.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Twice`] or [`Error::Empty`].
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let mut keys = BTreeMap::new();
        let entries =
            text.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
        for (number, entry) in entries.enumerate() {
            let malformed = || Error::Malformed { place: place.to_owned(), entry: number + 1 };
            let (version, text) = entry.split_once(':').ok_or_else(malformed)?;
            let version: u32 = version.parse().map_err(|_| malformed())?;
            let mut key = Key::new([0; cipher::KEY_BYTES]);
            let length = Base64::decode(text, &mut key[..]).map_err(|_| malformed())?.len();
            if length != key.len() || !(1..=VERSION_MAX).contains(&version) {
                return Err(malformed());
            }
            if keys.insert(version, key).is_some() {
                return Err(Error::Twice { place: place.to_owned(), version });
            }
        }
        if keys.is_empty() {
            return Err(Error::Empty { place: place.to_owned() });
        }
        Ok(Self { keys })
    }

    /// The contents of the file.
    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(HEADER.to_owned());
        for (version, key) in &self.keys {
            let key = Zeroizing::new(Base64::encode_string(&key[..]));
            text.push_str(&format!("{version}:{}\n", *key));
        }
        text
    }

    /// Writes the keyring to a new file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is such a file; [`Error::File`].
    pub fn create(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Error::Exists(path.to_owned()));
            }
            other => other.map_err(failed)?,
        };
        file.write_all(self.text().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// Replaces the file: a new one is written beside it and renamed, so that a crash leaves either of the two.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn replace(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        // Left by an interrupted run.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        self.create(&beside)?;
        fs::rename(&beside, path).map_err(failed)?;
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }

    /// Its versions, in ascending order.
    #[must_use]
    pub fn versions(&self) -> Vec<u32> {
        self.keys.keys().copied().collect()
    }

    /// The highest version, with which a rotation wraps all data keys.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.keys.keys().next_back().copied().unwrap_or_default()
    }

    /// Adds a new key as the next version, and returns the version.
    pub fn add(&mut self) -> u32 {
        let version = self.newest() + 1;
        self.keys.insert(version, cipher::new_key());
        version
    }

    /// Removes every version but one, and returns those that it removed.
    pub fn keep_only(&mut self, version: u32) -> Vec<u32> {
        let removed = self.keys.keys().copied().filter(|held| *held != version).collect();
        self.keys.retain(|held, _| *held == version);
        removed
    }

    /// A text that distinguishes this version of the key from others without revealing anything about it.
    ///
    /// # Errors
    /// [`Error::VersionMissing`].
    pub fn fingerprint(&self, version: u32) -> Result<String, Error> {
        Ok(cipher::fingerprint(self.key(version)?))
    }

    pub(super) fn key(&self, version: u32) -> Result<&Key, Error> {
        self.keys.get(&version).ok_or_else(|| Error::VersionMissing { version, held: self.versions() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_they_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keyring");
        let mut keyring = Keyring::generate();
        keyring.create(&path).unwrap();
        assert!(matches!(keyring.create(&path), Err(Error::Exists(_))));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let first = keyring.fingerprint(1).unwrap();
        assert_eq!(keyring.add(), 2);
        keyring.replace(&path).unwrap();
        let loaded = KeyringSource::File(path.clone()).load().unwrap();
        assert_eq!((loaded.keyring.versions(), loaded.open_to_others), (vec![1, 2], false));
        assert_eq!(loaded.keyring.fingerprint(1).unwrap(), first);
        assert_ne!(loaded.keyring.fingerprint(2).unwrap(), first);
        assert_eq!(keyring.keep_only(2), [1]);
        assert!(matches!(keyring.key(1), Err(Error::VersionMissing { version: 1, .. })));
        assert!(!format!("{keyring:?}").contains(&Base64::encode_string(&keyring.key(2).unwrap()[..])));
    }

    #[test]
    fn malformed_keyrings_are_refused_without_being_shown() {
        let key = Base64::encode_string(&[7; 64]);
        let both = format!("1:{key} # first\n 2:{key}");
        assert_eq!(Keyring::parse(&both, "x").unwrap().versions(), [1, 2]);
        for text in [
            "canary".to_owned(),
            "1:canary".to_owned(),
            format!("0:{key}"),
            format!("1:{key} 1:{key}"),
            format!("1:{}", Base64::encode_string(&[7; 63])),
            "# canary".to_owned(),
        ] {
            let error = Keyring::parse(&text, "x").unwrap_err().to_string();
            assert!(!error.contains("canary") && !error.contains(&key[..20]), "{error}");
        }
    }

    #[test]
    fn a_file_comes_before_a_credential_and_a_text() {
        let directory = tempfile::tempdir().unwrap();
        let credentials = directory.path().to_owned();
        let find = |set: &[(&str, &Path)]| {
            let set: Vec<(String, PathBuf)> =
                set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            KeyringSource::find(move |name| {
                set.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone().into_os_string())
            })
        };
        let (text, file) = ((TEXT_VARIABLE, Path::new("1:x")), (FILE_VARIABLE, Path::new("/k")));
        let credential = (CREDENTIALS_VARIABLE, credentials.as_path());
        assert_eq!(find(&[]), None);
        assert_eq!(find(&[text, credential]), Some(KeyringSource::Environment));
        fs::write(credentials.join(CREDENTIAL), "").unwrap();
        assert_eq!(find(&[text, credential]), Some(KeyringSource::File(credentials.join(CREDENTIAL))));
        assert_eq!(find(&[text, credential, file]), Some(KeyringSource::File("/k".into())));
    }
}
