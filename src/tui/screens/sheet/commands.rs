//! What the commands do in each phase of the sheet.

use rust_decimal::Decimal;

use super::draft::CountLine;
use super::{Phase, SheetScreen};
use crate::domain::ListedTable;
use crate::tui::command::Command;
use crate::tui::screens::export::ExportDialog;
use crate::tui::view::{Binding, Bindings, Bound, Context};
use crate::tui::widgets::steps;
use crate::worker::message::ExportWhat;

impl SheetScreen {
    const PLACE: Bindings<Self> = &[
        Binding::One(Command::Accept, |sheet, context| sheet.accept_place(context)),
        Binding::One(Command::NextField, |sheet, context| sheet.place.complete(context)),
        Binding::One(Command::Up, |sheet, _| sheet.place.picker.completion.step(false)),
        Binding::One(Command::Down, |sheet, _| sheet.place.picker.completion.step(true)),
        Binding::One(Command::Close, |sheet, context| {
            if !sheet.place.clear() && sheet.outcome.take().is_none() {
                context.dismiss_messages();
            }
        }),
        Binding::One(Command::BlindCount, |sheet, _| sheet.blind = !sheet.blind),
    ];

    /// The bindings while the lines of the location, or a code, are being looked up.
    const WAITING: Bindings<Self> =
        &[Binding::One(Command::Close, |sheet, context| sheet.stop_waiting(context))];

    const COUNTING: Bindings<Self> = &[
        Binding::One(Command::Accept, |sheet, context| sheet.accept(context)),
        Binding::Several(&[Command::NextField, Command::PreviousField], |sheet, _, _| {
            sheet.switch(sheet.other_focus());
        }),
        Binding::One(Command::CountMatches, |sheet, context| sheet.agree(context)),
        Binding::One(Command::ClearCount, |sheet, context| sheet.clear(context)),
        Binding::One(Command::UndoScan, |sheet, context| sheet.take_back(context)),
        Binding::One(Command::BlindCount, |sheet, _| sheet.blind = !sheet.blind),
        Binding::One(Command::Post, |sheet, context| sheet.review(context)),
        Binding::One(Command::Discard, |sheet, context| sheet.discard(context)),
        Binding::One(Command::Refresh, |sheet, context| {
            sheet.asked = None;
            sheet.refresh(context);
        }),
        Binding::One(Command::Export, |sheet, context| sheet.export(context)),
        Binding::One(Command::Close, |sheet, context| sheet.back(context)),
        Binding::Several(Command::LIST, |sheet, command, _| {
            sheet.step(steps(command, sheet.room).unwrap_or_default());
        }),
    ];

    const REVIEW: Bindings<Self> = &[
        Binding::Several(&[Command::Accept, Command::Post], |sheet, _, context| sheet.post(context)),
        Binding::One(Command::Close, |sheet, _| sheet.phase = Phase::Counting),
        Binding::One(Command::Discard, |sheet, context| sheet.discard(context)),
        Binding::Several(Command::LIST, |sheet, command, _| {
            sheet.scroll.command(command);
        }),
    ];

    const DISCARDING: Bindings<Self> = &[
        Binding::Several(&[Command::Accept, Command::Discard], |sheet, _, context| sheet.discard(context)),
        Binding::One(Command::Close, |sheet, _| sheet.phase = Phase::Counting),
    ];

    /// Exports the lines with the counted quantities; for a blind sheet, without the expected ones.
    fn export(&self, context: &mut Context<'_>) {
        let Some(draft) = &self.draft else { return context.ring() };
        let number =
            |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
        let row = |row: &CountLine| {
            let expected = (!self.blind).then_some(row.line.on_hand);
            let lot = row.line.lot.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![
                row.line.location.to_string(),
                row.line.sku.to_string(),
                row.line.name.to_string(),
                lot,
                row.line.unit.to_string(),
                number(expected),
                number(row.tally.map(|tally| tally.counted)),
            ]
        };
        let columns = vec!["location", "sku", "name", "lot", "unit", "expected", "counted"];
        let table = ListedTable { columns, rows: draft.lines.rows().iter().map(row).collect() };
        let name = format!("count-{}", draft.location);
        ExportDialog::open(&name, ExportWhat::Table(table), context);
    }

    pub(super) fn accept_place(&mut self, context: &mut Context<'_>) {
        if let Some(place) = self.place.take(context) {
            self.open(place, context);
        }
    }
}

impl Bound for SheetScreen {
    const TABLES: &'static [Bindings<Self>] =
        &[Self::PLACE, Self::WAITING, Self::COUNTING, Self::REVIEW, Self::DISCARDING];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        match &self.phase {
            Phase::Place => &[Self::PLACE],
            Phase::Counting if self.looking_up().is_none() => &[Self::COUNTING],
            Phase::Counting => &[Self::WAITING, Self::COUNTING],
            Phase::Loading(_) => &[Self::WAITING],
            Phase::Review => &[Self::REVIEW],
            Phase::Discarding => &[Self::DISCARDING],
            Phase::Posting => &[],
        }
    }

    fn prepare(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        // Keys wait for a code that is being looked up; clicks do not.
        let too_early = self.looking_up().is_some() && command != Command::Close;
        if too_early {
            context.ring();
        }
        !too_early
    }
}
