//! What the commands do in each phase of the sheet.

use super::{Phase, SheetScreen};
use crate::tui::app::Context;
use crate::tui::command::Command;
use crate::tui::widgets::steps;

impl SheetScreen {
    pub(super) fn command_in_place(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Accept => {
                if let Some(place) = self.place.take(context) {
                    self.open(place, context);
                }
            }
            Command::NextField => self.place.complete(context),
            Command::Up => self.place.completion.step(false),
            Command::Down => self.place.completion.step(true),
            Command::Close => {
                if !self.place.clear() && self.outcome.take().is_none() {
                    context.dismiss_messages();
                }
            }
            Command::BlindCount => self.blind = !self.blind,
            _ => return false,
        }
        true
    }

    pub(super) fn command_in_counting(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        if let Some(rows) = steps(command, self.room) {
            self.step(rows);
            return true;
        }
        match command {
            Command::Accept => self.accept(context),
            Command::NextField | Command::PreviousField => self.switch(self.other_focus()),
            Command::CountMatches => self.agree(context),
            Command::ClearCount => self.clear(context),
            Command::UndoScan => self.take_back(context),
            Command::BlindCount => self.blind = !self.blind,
            Command::Post => self.review(context),
            Command::Discard => self.discard(context),
            Command::Refresh => {
                self.asked = None;
                self.refresh(context);
            }
            Command::Close => self.back(context),
            _ => return false,
        }
        true
    }

    pub(super) fn command_in_review(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Accept | Command::Post => self.post(context),
            Command::Close => self.phase = Phase::Counting,
            Command::Discard => self.discard(context),
            _ => return self.scroll.command(command),
        }
        true
    }
}
