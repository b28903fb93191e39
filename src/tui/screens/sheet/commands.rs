//! What the commands do in each phase of the sheet.

use super::{Phase, SheetScreen};
use crate::tui::app::Context;
use crate::tui::command::Command;

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
        let page = isize::try_from(self.room.max(2) - 1).unwrap_or(isize::MAX);
        match command {
            Command::Up => self.step(-1),
            Command::Down => self.step(1),
            Command::PageUp => self.step(-page),
            Command::PageDown => self.step(page),
            Command::First => self.step(isize::MIN),
            Command::Last => self.step(isize::MAX),
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
        let page = u16::try_from(self.room.max(2) - 1).unwrap_or(u16::MAX);
        let scroll = match command {
            Command::Up => self.scroll.saturating_sub(1),
            Command::Down => self.scroll.saturating_add(1),
            Command::PageUp => self.scroll.saturating_sub(page),
            Command::PageDown => self.scroll.saturating_add(page),
            Command::First => 0,
            Command::Last => self.scroll_max,
            Command::Accept | Command::Post => {
                self.post(context);
                return true;
            }
            Command::Close => {
                self.phase = Phase::Counting;
                return true;
            }
            Command::Discard => {
                self.discard(context);
                return true;
            }
            _ => return false,
        };
        self.scroll = scroll.min(self.scroll_max);
        true
    }
}
