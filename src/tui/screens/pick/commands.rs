//! The keys and commands of each phase.

use super::{Phase, PickScreen};
use crate::domain::ListedTable;
use crate::tui::command::Command;
use crate::tui::screens::export::ExportDialog;
use crate::tui::view::{Binding, Bindings, Bound, Context};
use crate::tui::widgets::steps;
use crate::worker::message::ExportWhat;

impl PickScreen {
    const CHOOSING: Bindings<Self> = &[
        Binding::One(Command::Accept, |screen, context| screen.accept_order(context)),
        Binding::One(Command::MarkOrder, |screen, _| screen.mark()),
        Binding::One(Command::Export, |screen, context| screen.export(context)),
        Binding::One(Command::Refresh, |screen, context| screen.ask(context)),
        Binding::One(Command::Close, |screen, context| screen.back(context)),
        Binding::Several(Command::LIST, |screen, command, _| {
            screen.orders.value.command(command);
        }),
    ];

    const WALKING: Bindings<Self> = &[
        Binding::One(Command::Accept, |screen, context| screen.accept_scan(context)),
        Binding::One(Command::EditQuantity, |screen, context| screen.edit_quantity(context)),
        Binding::One(Command::ShortPick, |screen, context| screen.ask_why_short(context)),
        Binding::One(Command::UndoScan, |screen, context| {
            screen.fault = None;
            if !screen.walk.undo() {
                context.ring();
            }
        }),
        Binding::One(Command::Post, |screen, context| screen.review_next(context)),
        Binding::One(Command::Discard, |screen, context| {
            if screen.walk.picked().next().is_some() {
                screen.phase = Phase::Discarding;
            } else {
                screen.discard(context);
            }
        }),
        Binding::One(Command::Export, |screen, context| screen.export(context)),
        Binding::One(Command::Refresh, |screen, context| screen.ask(context)),
        Binding::One(Command::Close, |screen, context| screen.back(context)),
        Binding::Several(Command::LIST, |screen, command, _| {
            screen.fault = None;
            screen.walk.step(steps(command, screen.rows).unwrap_or_default());
        }),
    ];

    const QUANTITY: Bindings<Self> = &[
        Binding::One(Command::Accept, |screen, context| screen.accept_quantity(context)),
        Binding::One(Command::Close, |screen, context| screen.back(context)),
    ];

    const REVIEW: Bindings<Self> = &[
        Binding::Several(&[Command::Accept, Command::Post], |screen, _, context| screen.post(context)),
        Binding::Several(&[Command::Close, Command::UndoScan], |screen, _, _| screen.leave_review()),
        Binding::Several(Command::LIST, |screen, command, _| {
            screen.review.command(command);
        }),
    ];

    const DISCARDING: Bindings<Self> = &[
        Binding::Several(&[Command::Discard, Command::Accept], |screen, _, context| screen.discard(context)),
        Binding::One(Command::Close, |screen, _| screen.phase = Phase::Walking),
    ];

    /// Exports the orders to choose from, or the pick list with what was picked of it.
    fn export(&self, context: &mut Context<'_>) {
        let (name, table) = if self.phase == Phase::Choosing {
            ("orders-to-pick", ListedTable::of(self.orders.value.rows()))
        } else {
            let stops = self.walk.stops();
            let mut table = ListedTable::of(stops.iter().map(|stop| &stop.allocation));
            table.columns.push("picked");
            for (row, stop) in table.rows.iter_mut().zip(stops) {
                row.push(stop.picked.to_string());
            }
            ("pick-list", table)
        };
        ExportDialog::open(name, ExportWhat::Table(table), context);
    }
}

impl Bound for PickScreen {
    const TABLES: &'static [Bindings<Self>] =
        &[Self::CHOOSING, Self::WALKING, Self::QUANTITY, Self::REVIEW, Self::DISCARDING];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        match self.phase {
            Phase::Choosing => &[Self::CHOOSING],
            Phase::Walking => &[Self::WALKING],
            Phase::Quantity => &[Self::QUANTITY],
            Phase::Review => &[Self::REVIEW],
            Phase::Discarding => &[Self::DISCARDING],
            Phase::Posting => &[],
        }
    }
}
