//! People, their groups, and the login of a session.

use std::str::FromStr;

/// The shortest password that is accepted, in characters. NIST SP 800-63B requires at least 8.
pub const PASSWORD_LENGTH_MIN: usize = 8;

/// The group of a person, which decides what their login may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Clerk,
    /// What a clerk may, and maintains master data and people.
    Admin,
    /// Reads everything, the audit included.
    Auditor,
    /// Reads the views that contain no personal data.
    Analyst,
}

impl Group {
    /// Every group, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Admin, Self::Auditor, Self::Analyst];

    /// The group as the command line and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }

    /// The database role that people of the group are members of.
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

/// The error for a text that names no group.
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

/// A login of a person, enabled or not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Person {
    pub login: String,
    pub group: Group,
    /// Whether the login is enabled.
    pub can_login: bool,
}

/// Who is logged in, and to which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    pub login: String,
    /// The groups that the login is a member of; none for a superuser or the owner of the schema.
    pub groups: Vec<Group>,
    pub server_version: String,
    pub database: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
}
