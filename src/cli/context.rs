//! What every command needs: the settings, the output, and the connection to the database.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use secrecy::SecretString;

use super::exit::CliError;
use super::output::Output;
use crate::config::pgpass::Target;
use crate::config::{Settings, kept, libpq};
use crate::domain::{Change, FieldChanges, PeopleNames, PostingOutcome};
use crate::privacy::{Keyring, KeyringSource, Loaded};
use crate::service::{Error, Journal, Service};
use crate::store::{CONNECTIONS_DEFAULT, ConnectionSettings, Store};

/// Asks for something under the target of a connection.
pub(super) fn at<T>(settings: &ConnectionSettings, ask: impl FnOnce(Target<'_>) -> T) -> T {
    let (host, port) = settings.address();
    ask(Target { host: &host, port, database: settings.database(), user: settings.user() })
}

/// What every command needs: the settings, and where to print.
pub(crate) struct Context {
    pub(super) settings: Settings,
    pub(super) database_url: Option<String>,
    /// The log file, if one is written.
    pub(super) log: Option<PathBuf>,
    pub(super) output: Output,
}

impl Context {
    /// A copy with another state directory.
    pub(super) fn with_state_dir(&self, state_dir: PathBuf) -> Self {
        Self {
            settings: Settings { state_dir: Some(state_dir), ..self.settings.clone() },
            database_url: self.database_url.clone(),
            log: self.log.clone(),
            output: self.output,
        }
    }

    /// The database of this run, with the password of its login.
    pub(super) fn connection_settings(&self) -> Result<ConnectionSettings, CliError> {
        let settings = self.database()?;
        if settings.has_password() {
            return Ok(settings);
        }
        match at(&settings, kept::find) {
            Some(password) => Ok(settings.with_password(&password)),
            None if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => {
                let password = rpassword::prompt_password(format!("Password for {}: ", settings.identity()))?;
                Ok(settings.with_password(&SecretString::from(password)))
            }
            // The server may let this login in without a password.
            None => Ok(settings),
        }
    }

    /// The database of this run, for logins whose passwords come from elsewhere.
    pub(super) fn database(&self) -> Result<ConnectionSettings, CliError> {
        let settings: ConnectionSettings =
            libpq::completed(self.url()?, |name| std::env::var(name).ok()).parse()?;
        if let Some(advice) = settings.advice() {
            self.output.notice(&advice);
        }
        Ok(settings)
    }

    /// The URL from the command line, else from the environment or the file.
    fn url(&self) -> Result<&str, CliError> {
        self.database_url.as_deref().or(self.settings.database_url.as_deref()).ok_or_else(|| {
            CliError::Usage(
                "no database given; use --database-url, set STOCKROOM_DATABASE_URL, or set database_url in the configuration file (to try Stockroom: stockroom demo)"
                    .to_owned(),
            )
        })
    }

    /// The source of the keyring that the environment names.
    pub(super) fn keyring_source(&self) -> Option<KeyringSource> {
        KeyringSource::find(|name| std::env::var_os(name))
    }

    /// The keyring with its source, if the environment names one.
    pub(super) fn loaded_keyring(&self) -> Result<Option<Loaded>, CliError> {
        let loaded = self.keyring_source().map(KeyringSource::load).transpose();
        Ok(loaded.map_err(Error::from)?)
    }

    /// The keyring, if the environment names one.
    pub(super) fn keyring(&self) -> Result<Option<Keyring>, CliError> {
        let loaded = self.loaded_keyring()?;
        if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.open_to_others) {
            let place = loaded.source.place();
            self.output.notice(&format!("other accounts on this machine can read the keyring {place}"));
        }
        Ok(loaded.map(|loaded| loaded.keyring))
    }

    /// The names of people that the login and the keyring may see, for text output. Other output has only the logins.
    pub(super) async fn people(&self) -> Result<PeopleNames, CliError> {
        if self.output.is_json() {
            return Ok(PeopleNames::default());
        }
        let Some(keyring) = self.keyring()? else { return Ok(PeopleNames::default()) };
        Ok(PeopleNames::new(self.service().await?.person_names(Some(&keyring)).await?))
    }

    /// The names that free text is compared with. If they cannot be read, posting continues.
    pub(super) async fn known_names(&self, service: &Service) -> PeopleNames {
        let names = async {
            let Some(keyring) = self.keyring()? else { return Ok(PeopleNames::default()) };
            let people = service.person_names(Some(&keyring)).await?;
            let contacts = service.contact_names(&keyring).await?;
            Ok::<_, CliError>(PeopleNames::new(people).with_contacts(contacts))
        };
        names.await.unwrap_or_else(|error| {
            self.output.notice(&format!("the text was not checked for names of people: {error}"));
            PeopleNames::default()
        })
    }

    /// The keyring, if these changes may need it: a command that sets no personal field works without one.
    pub(super) fn keyring_for(&self, changes: &FieldChanges) -> Result<Option<Keyring>, CliError> {
        if changes.values().any(|change| matches!(change, Change::To(_))) { self.keyring() } else { Ok(None) }
    }

    /// A store without the service layer, for queries.
    pub(super) fn store(&self) -> Result<Store, CliError> {
        Ok(Store::new(self.connection_settings()?, CONNECTIONS_DEFAULT)?)
    }

    /// The service layer, after looking up the commands left in the journal. Whoever posts with it calls
    /// [`Service::told`] once the result has been printed.
    pub(super) async fn service(&self) -> Result<Service, CliError> {
        let journal =
            Journal::open(&self.settings.state_dir().join("journal")).map_err(crate::service::Error::from)?;
        let service = Service::new(self.store()?, Some(journal.until_told()));
        for found in service.recover().await? {
            let when = found
                .written_at
                .to_zoned(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string();
            let became = match found.outcome {
                PostingOutcome::Posted => "it was posted",
                PostingOutcome::NotPosted => "it was not posted; enter it again if it is still needed",
                PostingOutcome::Unknown => "the outcome is not known yet and will be checked again",
            };
            let (words, id) = (found.words, found.id);
            let article = if words.starts_with(['a', 'i']) { "an" } else { "a" };
            self.output
                .notice(&format!("{article} {words}, sent at {when}, was interrupted: {became} (id {id})"));
        }
        Ok(service)
    }
}
