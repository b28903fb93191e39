//! The passwords of the logins that programs use.

use secrecy::{ExposeSecret as _, SecretString};

use super::super::{Error, Store};
use super::COLLECTOR_LOGIN;

impl Store {
    /// Sets the password of the collector's login, without which it cannot log in. Requires a superuser.
    ///
    /// # Errors
    /// A refusal for any other login.
    pub async fn set_collector_password(&self, password: &SecretString) -> Result<(), Error> {
        self.set_service_password(COLLECTOR_LOGIN, password).await
    }

    /// Sets the password of one of the service's logins. Requires a superuser.
    ///
    /// # Errors
    /// A refusal for any other login.
    pub async fn set_service_password(&self, login: &str, password: &SecretString) -> Result<(), Error> {
        // The SCRAM verifier is computed here, because a password in clear would reach the server. pgaudit redacts it
        // in the log.
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        let connection = self.connection().await?;
        let row = connection
            .query_one("SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", &[&login, &verifier])
            .await?;
        connection.batch_execute(&row.try_get::<_, String>(0)?).await?;
        Ok(())
    }
}
