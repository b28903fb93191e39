//! What the commands do in each phase of the form.

use super::FormScreen;
use super::post::Phase;
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::form::FormText;
use crate::tui::view::{Binding, Bindings, Bound, Context, Severity};
use crate::tui::widgets::steps;

impl FormScreen {
    const EDITING: Bindings<Self> = &[
        Binding::One(Command::Accept, |form, context| form.accept(context)),
        Binding::One(Command::NextField, |form, context| form.next_field(context)),
        Binding::One(Command::PreviousField, |form, context| form.previous_field(context)),
        Binding::One(Command::EditQuantity, |form, context| form.edit_quantity(context)),
        Binding::One(Command::RemoveLine, |form, context| form.remove_line(context)),
        Binding::One(Command::UndoScan, |form, context| form.undo_scan(context)),
        Binding::One(Command::Post, |form, context| form.review(context)),
        Binding::One(Command::Discard, |form, context| form.ask_to_discard(context)),
        Binding::One(Command::Close, |form, context| form.back(context)),
        Binding::Several(Command::LIST, |form, command, context| {
            form.step(steps(command, form.rows).unwrap_or_default(), context);
        }),
    ];

    const REVIEW: Bindings<Self> = &[
        Binding::Several(&[Command::Accept, Command::Post], |form, _, context| form.post(context)),
        Binding::Several(
            &[
                Command::Close,
                Command::UndoScan,
                Command::RemoveLine,
                Command::NextField,
                Command::PreviousField,
            ],
            |form, _, _| form.phase = Phase::Editing,
        ),
        Binding::One(Command::Discard, |form, _| form.phase = Phase::Discarding),
        Binding::One(Command::EditQuantity, |form, context| {
            form.phase = Phase::Editing;
            form.edit_quantity(context);
        }),
        Binding::Several(Command::LIST, |form, command, _| {
            form.review.command(command);
        }),
    ];

    /// Every other command continues editing.
    const REFUSED: Bindings<Self> = &[
        Binding::One(Command::Post, |form, context| form.post(context)),
        Binding::One(Command::Discard, |form, _| form.phase = Phase::Discarding),
        Binding::One(Command::Close, |form, _| form.phase = Phase::Editing),
    ];

    /// Every other command continues editing.
    const DISCARDING: Bindings<Self> = &[
        Binding::Several(&[Command::Discard, Command::Accept], |form, _, context| {
            form.phase = Phase::Editing;
            form.discard(context);
        }),
        Binding::One(Command::Close, |form, _| form.phase = Phase::Editing),
    ];

    /// Whether the effect of a command depends on scans that are not answered yet.
    fn depends_on_answers(&self, command: Command) -> bool {
        match command {
            Command::Post | Command::EditQuantity | Command::RemoveLine => true,
            Command::Accept | Command::NextField | Command::PreviousField => self.awaits_scan(),
            _ => Command::LIST.contains(&command) && self.awaits_scan(),
        }
    }

    /// Defers what a scanner can send after a refusal; any other key shows that the person has seen it.
    fn waits_after_refusal(&mut self, command: Command, key: Option<Key>, context: &mut Context<'_>) -> bool {
        let from_scanner = matches!(command, Command::Accept | Command::NextField | Command::UndoScan);
        let Some(key) = key.filter(|_| from_scanner) else { return false };
        // A single Enter is not a scan; it only shows that nobody has looked up yet.
        if self.typing_ahead() == Some(Typing::Text) {
            self.defer_key(key, context);
        } else {
            context.ring();
        }
        true
    }
}

impl Bound for FormScreen {
    const TABLES: &'static [Bindings<Self>] = &[Self::EDITING, Self::REVIEW, Self::REFUSED, Self::DISCARDING];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        match self.phase {
            Phase::Editing => &[Self::EDITING],
            Phase::Review => &[Self::REVIEW],
            Phase::Refused => &[Self::REFUSED, Self::EDITING],
            Phase::Discarding => &[Self::DISCARDING, Self::EDITING],
            Phase::Posting => &[],
        }
    }

    fn prepare(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        let mut key = self.waiting.take_key();
        let own = |bindings: Bindings<Self>| bindings.iter().any(|binding| binding.is_for(command));
        match self.phase {
            Phase::Refused => {
                if self.waits_after_refusal(command, key, context) {
                    return false;
                }
                if own(Self::REFUSED) {
                    return true;
                }
                (self.phase, key) = (Phase::Editing, None);
            }
            Phase::Discarding => {
                if own(Self::DISCARDING) {
                    return true;
                }
                (self.phase, key) = (Phase::Editing, None);
            }
            Phase::Review | Phase::Posting => return true,
            Phase::Editing => {}
        }
        if self.queue.is_empty() || !self.depends_on_answers(command) {
            return true;
        }
        match key {
            Some(key) => self.waiting.put_back(key),
            None => context.say(Severity::Note, FormText::StillLooking),
        }
        false
    }
}
