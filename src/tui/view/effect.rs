//! The results of an update: effects for the terminal to carry out, and actions that views request of the program.

use std::any::Any;
use std::path::PathBuf;

use super::{Draft, FoundDraft, View};
use crate::tui::command::Command;
use crate::worker::message::{Login, Order};

/// Something that the terminal does after an update.
#[derive(Debug)]
pub enum Effect {
    /// Gives the worker an order.
    Send(Order),
    Quit,
    /// Suspends the program until it is brought to the foreground again.
    Suspend,
    /// Draws everything again, whatever the terminal shows.
    Redraw,
    /// Handles the mouse, or leaves it to the terminal.
    Mouse(bool),
    /// Rings the bell, because something typed or scanned was not accepted.
    Bell,
    /// Puts a text on the clipboard of the terminal.
    Copy(String),
    /// Saves the draft of a screen for its owner, or removes it.
    KeepDraft {
        owner: String,
        screen: Command,
        draft: Option<Draft>,
    },
    /// Looks for drafts that were left behind.
    FindDrafts {
        owner: String,
    },
    /// Removes a draft that was left behind.
    DropDraft(PathBuf),
}

/// A request of a view to the program around it.
#[derive(Debug)]
pub enum Action {
    /// Shows the screen of a command, if the person may use it, and passes it a choice.
    Show(Command, Picked),
    /// Returns to the screen from which [`Action::Show`] led here, if one did.
    Back,
    Open(Box<dyn View>),
    /// Closes the uppermost layer.
    Close,
    /// Passes a choice made in a list or dialog to the view below.
    Picked(Picked),
    /// Runs a command, as if its key had been pressed where the layer was opened.
    Run(Command),
    LogIn(Login),
    /// Restores a draft that was left behind.
    Resume(Box<FoundDraft>),
    DropDraft(PathBuf),
    /// Ends the program, even if forms are unfinished.
    Leave,
}

/// A choice made in a list or dialog, or what a screen is to show: a value of a type that the receiving view knows.
#[derive(Debug)]
pub struct Picked(Box<dyn Any>);

impl Picked {
    /// Wraps a choice of any type.
    #[must_use]
    pub fn new<T: Any>(choice: T) -> Self {
        Self(Box::new(choice))
    }

    /// The choice, if it is of this type.
    ///
    /// # Errors
    /// The unchanged choice if it is of another type.
    pub fn downcast<T: Any>(self) -> Result<T, Self> {
        self.0.downcast().map(|choice| *choice).map_err(Self)
    }
}
