//! Connections of the tools' own, for SQL that has nothing to do with the product.

use stockroom::store::SESSION_OPTIONS;
use tokio_postgres::{Client, Config, NoTls};

use crate::Error;

/// Connects to a server, without TLS: the tools work on servers of this machine.
///
/// # Errors
/// [`Error::Database`] when the server cannot be reached or does not let the login in.
pub async fn connect(url: &str) -> Result<Client, Error> {
    connect_with(&session_config(url)?).await
}

pub(crate) async fn connect_with(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // Ends when the client is dropped; an error reaches whoever waits for an answer.
    tokio::spawn(connection);
    Ok(client)
}

/// Sessions with the settings of Stockroom's own, so that a baseline differs by its SQL alone.
pub(crate) fn session_config(url: &str) -> Result<Config, Error> {
    let mut config: Config = url.parse()?;
    config.options(SESSION_OPTIONS);
    Ok(config)
}
