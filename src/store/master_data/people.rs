//! Logins of people. The SCRAM verifier of a password is computed here, so that the password never reaches the server
//! or its log (PostgreSQL manual, 53.3; RFC 5802).

use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::{Group, Person};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

from_row!(Person { login, group, can_login });

fn verifier(password: &SecretString) -> String {
    postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes())
}

impl Store {
    /// Creates the login of a person.
    ///
    /// # Errors
    /// A refusal if the login exists or is malformed, or the caller is not an admin.
    pub async fn add_person(&self, login: &str, group: Group, password: &SecretString) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection
            .query_one("SELECT stock.add_person($1, $2, $3)", &[&login, &group.role(), &verifier(password)])
            .await?;
        Ok(())
    }

    /// Lists the people by login.
    ///
    /// # Errors
    /// A refusal if the caller is neither admin nor auditor.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query("SELECT login::text, substr(group_name, 7)::text AS \"group\", can_login FROM stock.people() ORDER BY login", &[])
            .await?;
        row::all(&rows)
    }

    /// Disables a person's login and ends its sessions, or enables it again.
    ///
    /// # Errors
    /// A refusal if there is no such person, it is the caller, or the caller is not an admin.
    pub async fn allow_login(&self, login: &str, allowed: bool) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection.query_one("SELECT stock.set_person_login($1, $2)", &[&login, &allowed]).await?;
        Ok(())
    }

    /// Changes the password of the person who is logged in.
    ///
    /// # Errors
    /// A refusal if the login is not that of a person, such as a superuser's.
    pub async fn change_own_password(&self, password: &SecretString) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection.query_one("SELECT stock.change_own_password($1)", &[&verifier(password)]).await?;
        Ok(())
    }

    /// Sets another person's password, and ends their sessions.
    ///
    /// # Errors
    /// A refusal if there is no such person, it is the caller, or the caller is not an admin; only a superuser may do
    /// this for an auditor.
    pub async fn set_password(&self, login: &str, password: &SecretString) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection
            .query_one("SELECT stock.set_person_password($1, $2)", &[&login, &verifier(password)])
            .await?;
        Ok(())
    }

    /// Moves a person to another group, and ends their sessions.
    ///
    /// # Errors
    /// As for a password; only a superuser may make somebody an auditor, or an auditor something else.
    pub async fn set_group(&self, login: &str, group: Group) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection.query_one("SELECT stock.set_person_group($1, $2)", &[&login, &group.role()]).await?;
        Ok(())
    }
}
