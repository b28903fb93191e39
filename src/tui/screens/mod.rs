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
pub mod pick;
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
    /// The command that shows and identifies it; its label is the tab.
    pub show: Command,
    /// Whether the screen always has a tab; if not, it has one only while it is shown.
    pub tab: bool,
    /// Creates it in its initial state.
    pub make: fn() -> Box<dyn View>,
}

/// The screens, in the order of the tabs. The first is shown after the login.
pub const SCREENS: &[Screen] = &[
    tab(Command::ShowStock, || Box::new(stock::StockScreen::default())),
    tab(Command::Receive, || Box::new(form::FormScreen::new(MovementKind::Receipt))),
    tab(Command::Issue, || Box::new(form::FormScreen::new(MovementKind::Issue))),
    tab(Command::Transfer, || Box::new(form::FormScreen::new(MovementKind::Transfer))),
    tab(Command::Count, || Box::new(sheet::SheetScreen::default())),
    tab(Command::ShowLedger, || Box::new(ledger::LedgerScreen::default())),
    tab(Command::ShowDashboard, || Box::new(dashboard::DashboardScreen::default())),
    tab(Command::ShowAudit, || Box::new(audit::AuditScreen::default())),
    tab(Command::ShowRecords, || Box::new(records::RecordsScreen::default())),
    // They are reached from the orders, and the line of tabs has no room for them on a handheld terminal.
    Screen { show: Command::ReceiveOrder, tab: false, make: || Box::new(form::FormScreen::against_order()) },
    Screen { show: Command::NewOrder, tab: false, make: || Box::new(orders::entry::OrderForm::default()) },
    Screen { show: Command::Pick, tab: false, make: || Box::new(pick::PickScreen::default()) },
];

const fn tab(show: Command, make: fn() -> Box<dyn View>) -> Screen {
    Screen { show, tab: true, make }
}

/// What the screens offer to a person, according to the groups of the login. The database has the final decision.
#[must_use]
pub fn rights(facts: &SessionFacts) -> Rights {
    let is = |group: Group| facts.groups.contains(&group);
    Rights {
        posts: is(Group::Clerk) || is(Group::Admin),
        oversees: is(Group::Admin) || is(Group::Auditor),
        administers: is(Group::Admin),
    }
}
