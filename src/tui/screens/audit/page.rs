//! The pages of the audit.

use crate::tui::text::audit::AuditText;

/// A page of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Records,
    Logins,
    People,
    Findings,
    Configuration,
}

impl Page {
    pub const ALL: [Self; 5] =
        [Self::Records, Self::Logins, Self::People, Self::Findings, Self::Configuration];

    pub fn title(self) -> AuditText {
        match self {
            Self::Records => AuditText::Records,
            Self::Logins => AuditText::Logins,
            Self::People => AuditText::People,
            Self::Findings => AuditText::Findings,
            Self::Configuration => AuditText::Configuration,
        }
    }

    /// The page a number of positions further.
    pub fn beside(self, places: isize) -> Self {
        let count = Self::ALL.len();
        let own = Self::ALL.iter().position(|page| *page == self).unwrap_or(0);
        let step = places.rem_euclid(isize::try_from(count).unwrap_or(1)).unsigned_abs();
        Self::ALL[(own + step) % count]
    }
}
