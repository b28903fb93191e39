//! People: their groups, and who is logged in.

use std::str::FromStr;

/// The shortest password that is taken, in characters. NIST SP 800-63B asks for 8 and more.
pub const PASSWORD_LENGTH_MIN: usize = 8;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Clerk,
    /// Also keeps the master data and the people.
    Admin,
    /// Reads everything, the audit included.
    Auditor,
    /// Reads the views without personal data.
    Analyst,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Admin, Self::Auditor, Self::Analyst];

    /// The word for it, as the command line and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }

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
#[error("\"{0}\" is not a role; use clerk, admin, auditor or analyst")]
pub struct UnknownGroup(String);

impl FromStr for Group {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<Self, UnknownGroup> {
        Self::ALL
            .into_iter()
            .find(|group| group.as_str() == text)
            .ok_or_else(|| UnknownGroup(text.to_owned()))
    }
}

/// A person who can, or could, log in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Person {
    pub login: String,
    pub group: Group,
    /// Whether the login is allowed now.
    pub can_login: bool,
}

/// Who is logged in, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    pub login: String,
    /// The groups that the login is a member of; none for a superuser or the owner of the schema, who are
    /// no people of the warehouse.
    pub groups: Vec<Group>,
    pub server_version: String,
    pub database: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
}
