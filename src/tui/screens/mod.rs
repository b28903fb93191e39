//! The screens, and the views and dialogs that lie over them; one file each, with its state, what it
//! does with keys and answers, and how it is drawn.

pub mod audit;
pub mod choice;
pub mod dashboard;
pub mod form;
pub mod help;
pub mod item;
pub mod leave;
pub mod ledger;
pub mod login;
pub mod messages;
pub mod palette;
pub mod parts;
pub mod posting;
pub mod reverse;
pub mod sheet;
pub mod stock;

use super::keymap::Rights;
use crate::worker::message::{Group, SessionFacts};

/// What the screens show to somebody, by the groups of the login. The database decides in the end.
#[must_use]
pub fn rights(facts: &SessionFacts) -> Rights {
    let is = |group: Group| facts.groups.contains(&group);
    Rights { posts: is(Group::Clerk) || is(Group::Admin), oversees: is(Group::Admin) || is(Group::Auditor) }
}
