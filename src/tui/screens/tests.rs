//! What all views have in common: the advertised keys have an effect.

use std::collections::BTreeSet;

use super::audit::decide::DecideDialog;
use super::audit::evidence::EvidenceView;
use super::audit::record::RecordView;
use super::choice::Choice;
use super::drafts::DraftsDialog;
use super::export::ExportDialog;
use super::help::Help;
use super::imports::ImportsView;
use super::imports::run::ImportRunView;
use super::item::ItemView;
use super::leave::LeaveDialog;
use super::ledger::{self, posting::PostingView};
use super::login::LoginForm;
use super::messages::Messages;
use super::orders::OrdersView;
use super::orders::order::OrderView;
use super::orders::order::partner::PartnerView;
use super::orders::reorder::ReorderView;
use super::palette::Palette;
use super::records::form::RecordForm;
use super::records::history::HistoryView;
use super::reverse::ReverseDialog;
use super::stock::past::AsOfDialog;
use super::{SCREENS, Screen};
use crate::tui::command::{Command, Scope, TABLE};
use crate::tui::text::ledger::LedgerText;
use crate::tui::view::{Binding, Bound};
use crate::tui::widgets::filter_dialog::FilterDialog;

/// The commands that a view handles in one state or another.
fn handled<V: Bound>() -> BTreeSet<Command> {
    V::TABLES.iter().copied().flatten().flat_map(Binding::commands).copied().collect()
}

/// Every screen with its scopes and what it handles.
fn screens() -> Vec<(&'static str, Vec<Scope>, BTreeSet<Command>)> {
    let screen = |screen: &Screen| {
        let view = (screen.make)();
        (screen.show.entry().name, view.scopes().to_vec(), view.all_commands())
    };
    SCREENS.iter().map(screen).collect()
}

/// Every layer with its scopes and the commands it handles.
fn layers() -> Vec<(&'static str, Vec<Scope>, BTreeSet<Command>)> {
    use Scope::{Dialog, Finding, ImportRun, Imports, Item, List, Order, Orders, Partner, Posting, Record};
    vec![
        ("product", vec![Item, Dialog], handled::<ItemView>()),
        ("posting", vec![Posting, List, Dialog], handled::<PostingView>()),
        ("reversal", vec![Dialog], handled::<ReverseDialog>()),
        ("filter", vec![Dialog], handled::<FilterDialog<ledger::filter::Part, LedgerText>>()),
        ("record", vec![Record, List, Dialog], handled::<RecordView>()),
        ("finding", vec![Finding, List, Dialog], handled::<EvidenceView>()),
        ("imports", vec![Imports, List, Dialog], handled::<ImportsView>()),
        ("import", vec![ImportRun, List, Dialog], handled::<ImportRunView>()),
        ("decision", vec![Dialog], handled::<DecideDialog>()),
        ("form of a record", vec![Dialog], handled::<RecordForm>()),
        ("history of a record", vec![Dialog, List], handled::<HistoryView>()),
        ("orders", vec![Orders, List, Dialog], handled::<OrdersView>()),
        ("order", vec![Order, List, Dialog], handled::<OrderView>()),
        ("partner", vec![Partner, List, Dialog], handled::<PartnerView>()),
        ("reorder", vec![Scope::Reorder, List, Dialog], handled::<ReorderView>()),
        ("choice", vec![Dialog, List], handled::<Choice<()>>()),
        ("help", vec![Dialog, List], handled::<Help>()),
        ("messages", vec![Dialog, List], handled::<Messages>()),
        ("palette", vec![Dialog, List], handled::<Palette>()),
        ("as of", vec![Dialog], handled::<AsOfDialog>()),
        ("export", vec![Dialog], handled::<ExportDialog>()),
        ("drafts", vec![Dialog, List], handled::<DraftsDialog>()),
        ("leaving", vec![Dialog], handled::<LeaveDialog>()),
        ("login", vec![Dialog], handled::<LoginForm>()),
    ]
}

#[test]
fn every_view_handles_the_commands_of_its_scopes() {
    for (name, scopes, handled) in screens().into_iter().chain(layers()) {
        // Not every dialog has fields or something to confirm; the page about keys says so.
        for scope in scopes.iter().filter(|scope| **scope != Scope::Dialog) {
            for entry in TABLE.iter().filter(|entry| entry.scopes.contains(scope)) {
                assert!(handled.contains(&entry.command), "{name} does not handle {}", entry.name);
            }
        }
    }
}

#[test]
fn every_command_that_a_view_handles_has_a_key_there() {
    for (name, scopes, handled) in screens().into_iter().chain(layers()) {
        for command in handled {
            let reachable = |scope: &Scope| scopes.contains(scope) || *scope == Scope::Anywhere;
            assert!(command.entry().scopes.iter().any(reachable), "{name}: no key leads to {command:?}");
        }
    }
}
