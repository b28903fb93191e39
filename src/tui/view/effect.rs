//! What comes of an update: effects for the terminal to carry out, and what views ask of the program.

use std::any::Any;
use std::path::PathBuf;

use super::{Draft, FoundDraft, View};
use crate::tui::command::Command;
use crate::worker::message::{Login, Order};

/// What the terminal does after an update.
#[derive(Debug)]
pub enum Effect {
    /// Gives the worker an order.
    Send(Order),
    Quit,
    /// Goes back to the shell until it is brought back.
    Suspend,
    /// Draws everything again, whatever the terminal shows.
    Redraw,
    /// Listens to the mouse, or leaves it to the terminal.
    Mouse(bool),
    /// Rings, because something typed or scanned was not taken.
    Bell,
    /// Puts a text on the clipboard of the terminal.
    Copy(String),
    /// Keeps the draft of a screen for whom it belongs to, or removes it.
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

/// What a view asks of the program around it.
#[derive(Debug)]
pub enum Action {
    /// Shows the screen of a command, if the person may use it, and gives it what was picked for it.
    Show(Command, Picked),
    /// Goes back to the screen from which [`Action::Show`] led here, if one did.
    Back,
    Open(Box<dyn View>),
    /// The uppermost layer is done with.
    Close,
    /// What was chosen in a list or dialog, for the view beneath it.
    Picked(Picked),
    /// A command, as if its key had been pressed where the layer was opened.
    Run(Command),
    LogIn(Login),
    /// Takes a draft up again that was left behind.
    Resume(Box<FoundDraft>),
    DropDraft(PathBuf),
    /// Leave, whatever is still unfinished in the forms.
    Leave,
}

/// What was chosen in a list or dialog, or is to be shown by a screen: a value of a type that the view which
/// takes it knows.
#[derive(Debug)]
pub struct Picked(Box<dyn Any>);

impl Picked {
    /// A choice of any type.
    #[must_use]
    pub fn new<T: Any>(choice: T) -> Self {
        Self(Box::new(choice))
    }

    /// The choice, if it is of this type.
    ///
    /// # Errors
    /// The choice as it was when it is of another type.
    pub fn downcast<T: Any>(self) -> Result<T, Self> {
        self.0.downcast().map(|choice| *choice).map_err(Self)
    }
}
