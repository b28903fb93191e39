//! Logins of people. A password is turned into a SCRAM verifier here, so that it never reaches the
//! server or its log (PostgreSQL manual, 53.3; RFC 5802).

use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Error, Store};

/// The shortest password that is taken. NIST SP 800-63B asks for 8 and more.
pub const PASSWORD_LENGTH_MIN: usize = 8;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Moves and counts stock.
    Clerk,
    /// Also keeps the master data and the people.
    Admin,
    /// Reads everything, the audit included.
    Auditor,
    /// Reads the views without personal data.
    Analyst,
}

impl Group {
    /// The role that people of the group are members of.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::Clerk => "stock_clerk",
            Self::Admin => "stock_admin",
            Self::Auditor => "stock_auditor",
            Self::Analyst => "stock_analyst",
        }
    }
}

/// A text that names no group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no group; there are clerk, admin, auditor and analyst")]
pub struct UnknownGroup(String);

impl FromStr for Group {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<Self, UnknownGroup> {
        [Self::Clerk, Self::Admin, Self::Auditor, Self::Analyst]
            .into_iter()
            .find(|group| group.role().strip_prefix("stock_") == Some(text))
            .ok_or_else(|| UnknownGroup(text.to_owned()))
    }
}

/// A person who can, or could, log in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Person {
    /// The login.
    pub login: String,
    /// What the person may do: `clerk`, `admin`, `auditor` or `analyst`.
    pub group: String,
    /// Whether the login is allowed now.
    pub can_login: bool,
}

impl Store {
    /// Makes the login of a person.
    ///
    /// # Errors
    /// A refusal when the login exists, is malformed, or the caller is no admin.
    pub async fn add_person(&self, login: &str, group: Group, password: &SecretString) -> Result<(), Error> {
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        let connection = self.connection().await?;
        connection
            .query_one("SELECT stock.add_person($1, $2, $3)", &[&login, &group.role(), &verifier])
            .await?;
        Ok(())
    }

    /// Lists the people by login.
    ///
    /// # Errors
    /// A refusal when the caller is neither admin nor auditor.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query("SELECT login::text, substr(group_name, 7)::text, can_login FROM stock.people() ORDER BY login", &[])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Person { login: row.try_get(0)?, group: row.try_get(1)?, can_login: row.try_get(2)? })
            })
            .collect()
    }

    /// Stops a person from logging in and ends their sessions, or lets them in again.
    ///
    /// # Errors
    /// A refusal when there is no such person, it is oneself, or the caller is no admin.
    pub async fn allow_login(&self, login: &str, allowed: bool) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection.query_one("SELECT stock.set_person_login($1, $2)", &[&login, &allowed]).await?;
        Ok(())
    }

    /// Gives the person who is logged in another password.
    ///
    /// # Errors
    /// A refusal when the login is not that of a person, such as a superuser's.
    pub async fn change_own_password(&self, password: &SecretString) -> Result<(), Error> {
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        let connection = self.connection().await?;
        connection.query_one("SELECT stock.change_own_password($1)", &[&verifier]).await?;
        Ok(())
    }
}
