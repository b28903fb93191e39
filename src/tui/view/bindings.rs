//! The commands of a view: tables of bindings, each a command with its handler.
//!
//! Help, palette, hints and dispatch all use the same tables, so a command that a view does not handle cannot be
//! offered in it.

use super::Context;
use crate::tui::command::Command;

/// The handler of one command, or of several that one function distinguishes.
#[derive(Debug)]
pub enum Binding<V> {
    One(Command, fn(&mut V, &mut Context<'_>)),
    Several(&'static [Command], fn(&mut V, Command, &mut Context<'_>)),
}

impl<V> Binding<V> {
    /// The commands that it binds.
    pub fn commands(&self) -> &[Command] {
        match self {
            Self::One(command, _) => std::slice::from_ref(command),
            Self::Several(commands, _) => commands,
        }
    }

    /// Whether it binds a command.
    pub fn is_for(&self, command: Command) -> bool {
        self.commands().contains(&command)
    }
}

/// Commands with their handlers, as constants of the view.
pub type Bindings<V> = &'static [Binding<V>];

/// A view with tables of bindings.
pub trait Bound: Sized + 'static {
    /// All tables of the view.
    const TABLES: &'static [Bindings<Self>];

    /// The tables that apply in the present state of the view. The first binding of a command takes precedence.
    fn bindings(&self) -> &'static [Bindings<Self>] {
        Self::TABLES
    }

    /// Whether a command would have an effect at present. If not, it is neither offered nor carried out.
    fn can(&self, _command: Command) -> bool {
        true
    }

    /// Called before the handler of a command, and may change the state for it. Returns whether the command continues
    /// to its handler.
    fn prepare(&mut self, _command: Command, _context: &mut Context<'_>) -> bool {
        true
    }
}

/// Carries out commands by the tables of a view; implemented for every [`Bound`] view and nothing else.
pub trait Dispatch {
    /// Whether the view has a handler for a command in its present state.
    fn binds(&self, command: Command) -> bool;

    /// Whether it has one, and the command would have an effect.
    fn handles(&self, command: Command) -> bool;

    /// Carries out a command. Returns whether the view handled it.
    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool;

    /// The commands that the view handles in any of its states.
    #[cfg(test)]
    fn all_commands(&self) -> std::collections::BTreeSet<Command>;
}

impl<V: Bound> Dispatch for V {
    fn binds(&self, command: Command) -> bool {
        self.bindings().iter().copied().flatten().any(|binding| binding.is_for(command))
    }

    fn handles(&self, command: Command) -> bool {
        self.binds(command) && self.can(command)
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        if !self.handles(command) {
            return false;
        }
        if !self.prepare(command, context) {
            return true;
        }
        let binding = self.bindings().iter().copied().flatten().find(|binding| binding.is_for(command));
        match binding {
            Some(Binding::One(_, run)) => run(self, context),
            Some(Binding::Several(_, run)) => run(self, command, context),
            // Preparing has led to a state in which nothing remains to be done.
            None => {}
        }
        true
    }
    #[cfg(test)]
    fn all_commands(&self) -> std::collections::BTreeSet<Command> {
        V::TABLES.iter().copied().flatten().flat_map(Binding::commands).copied().collect()
    }
}
