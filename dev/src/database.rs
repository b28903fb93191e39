//! Connections of the tools, for SQL that is not part of the product.

use stockroom::store::SESSION_OPTIONS;
use tokio_postgres::{Client, Config, NoTls};

use crate::Error;

/// Connects to a server, without TLS: the tools work with servers on this machine.
///
/// # Errors
/// [`Error::Database`] if the server cannot be reached or refuses the login.
pub async fn connect(url: &str) -> Result<Client, Error> {
    connect_with(&session_config(url)?).await
}

pub(crate) async fn connect_with(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // Ends when the client is dropped; errors are returned to whoever waits for an answer.
    tokio::spawn(connection);
    Ok(client)
}

/// The settings of Stockroom's own sessions, so that a baseline differs only in its SQL.
pub(crate) fn session_config(url: &str) -> Result<Config, Error> {
    let mut config: Config = url.parse()?;
    config.options(SESSION_OPTIONS);
    Ok(config)
}
