//! The passwords of the logins that are programs.

use secrecy::{ExposeSecret as _, SecretString};

use super::super::{Error, Store};
use super::COLLECTOR_LOGIN;

impl Store {
    /// Gives the collector's login a password, without which it cannot log in. Takes a superuser.
    ///
    /// # Errors
    /// A refusal for anybody else.
    pub async fn set_collector_password(&self, password: &SecretString) -> Result<(), Error> {
        self.set_service_password(COLLECTOR_LOGIN, password).await
    }

    /// Gives one of the logins of the service a password. Takes a superuser.
    ///
    /// # Errors
    /// A refusal for anybody else.
    pub async fn set_service_password(&self, login: &str, password: &SecretString) -> Result<(), Error> {
        // A verifier made here; a password in clear would reach the server. pgaudit cuts it out of the log.
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        let connection = self.connection().await?;
        let row = connection
            .query_one("SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", &[&login, &verifier])
            .await?;
        connection.batch_execute(&row.try_get::<_, String>(0)?).await?;
        Ok(())
    }
}
