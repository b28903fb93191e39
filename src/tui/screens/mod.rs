//! The screens, and the views and dialogs that cover them; each file has the state of one, its handling of keys and
//! answers, and its drawing. [`SCREENS`] lists the screens.
//!
//! Boundary: the rest of the terminal knows a screen only by the command that shows it, and as a `View`.

pub mod audit;
pub mod choice;
pub mod dashboard;
pub mod drafts;
pub mod export;
pub mod form;
pub mod help;
pub mod imports;
pub mod item;
pub mod leave;
pub mod ledger;
pub mod login;
pub mod messages;
pub mod orders;
pub mod palette;
pub mod records;
pub mod reverse;
pub mod sheet;
pub mod stock;
#[cfg(test)]
mod tests;

use super::command::Command;
use super::keymap::Rights;
use super::view::View;
use crate::domain::{Group, MovementKind, SessionFacts};

/// A screen of the terminal.
#[derive(Debug)]
pub struct Screen {
    /// The command that shows it, by which it is known; its label is the tab.
    pub show: Command,
    /// Makes it as it is at the start.
    pub make: fn() -> Box<dyn View>,
}

/// The screens, in the order of the tabs. The first is shown after the login.
pub const SCREENS: &[Screen] = &[
    Screen { show: Command::ShowStock, make: || Box::new(stock::StockScreen::default()) },
    Screen { show: Command::Receive, make: || Box::new(form::FormScreen::new(MovementKind::Receipt)) },
    Screen { show: Command::Issue, make: || Box::new(form::FormScreen::new(MovementKind::Issue)) },
    Screen { show: Command::Transfer, make: || Box::new(form::FormScreen::new(MovementKind::Transfer)) },
    Screen { show: Command::Count, make: || Box::new(sheet::SheetScreen::default()) },
    Screen { show: Command::ShowLedger, make: || Box::new(ledger::LedgerScreen::default()) },
    Screen { show: Command::ShowDashboard, make: || Box::new(dashboard::DashboardScreen::default()) },
    Screen { show: Command::ShowAudit, make: || Box::new(audit::AuditScreen::default()) },
    Screen { show: Command::ShowRecords, make: || Box::new(records::RecordsScreen::default()) },
];

/// What the screens show to somebody, by the groups of the login. The database decides in the end.
#[must_use]
pub fn rights(facts: &SessionFacts) -> Rights {
    let is = |group: Group| facts.groups.contains(&group);
    Rights {
        posts: is(Group::Clerk) || is(Group::Admin),
        oversees: is(Group::Admin) || is(Group::Auditor),
        administers: is(Group::Admin),
    }
}
