//! The screens of the running program, and which of them is shown.

use crate::tui::command::Command;
use crate::tui::screens::SCREENS;
use crate::tui::view::View;

/// The screens with their states: one that is not shown keeps its state.
#[derive(Debug)]
pub(super) struct Screens {
    /// In the order of [`SCREENS`].
    views: Vec<Box<dyn View>>,
    /// The position of the shown one.
    shown: usize,
}

impl Screens {
    /// All screens in their initial state, with the first one shown.
    pub(super) fn new() -> Self {
        Self { views: SCREENS.iter().map(|screen| (screen.make)()).collect(), shown: 0 }
    }

    /// Shows the first screen, as after the login.
    pub(super) fn show_first(&mut self) {
        self.shown = 0;
    }

    /// Shows the screen of a command. Returns whether the command shows a screen.
    pub(super) fn show(&mut self, command: Command) -> bool {
        let position = position(command);
        self.shown = position.unwrap_or(self.shown);
        position.is_some()
    }

    /// The command of the shown screen.
    pub(super) fn shown(&self) -> Command {
        SCREENS[self.shown].show
    }

    /// The screen that is shown.
    pub(super) fn front(&mut self) -> &mut dyn View {
        self.views[self.shown].as_mut()
    }

    /// All screens, the shown one included, in the order of [`SCREENS`].
    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut dyn View> {
        self.views.iter_mut().map(|view| view.as_mut() as &mut dyn View)
    }
}

/// Whether a command shows a screen.
pub(super) fn is_screen(command: Command) -> bool {
    position(command).is_some()
}

fn position(command: Command) -> Option<usize> {
    SCREENS.iter().position(|screen| screen.show == command)
}
