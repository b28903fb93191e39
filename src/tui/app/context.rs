//! What a view is given when something happens, and what it can ask for in return.
//!
//! Boundary: a view changes only itself. Everything beyond it (a question to the database, another
//! screen, a message) is asked for here and carried out after the view has returned.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::ScreenId;
use super::notices::{Notices, Weight};
use crate::domain::{MovementKind, PostingId, Sku};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::{Keymap, Rights, Typing};
use crate::tui::screens::choice::Picked;
use crate::tui::text::failure;
use crate::tui::text::{Phrase, Words};
use crate::tui::theme::Theme;
use crate::worker::message::{
    Answer, Decide, Failure, Login, Order, Question, StockRow, Strand, Ticket, Write, Written,
};

/// What the terminal does after an update.
#[derive(Debug)]
pub enum Effect {
    /// Gives the worker an order.
    Send(Order),
    /// Leaves the program.
    Quit,
    /// Goes back to the shell until it is brought back.
    Suspend,
    /// Draws everything again, whatever the terminal shows.
    Redraw,
    /// Listens to the mouse, or leaves it to the terminal.
    Mouse(bool),
    /// Rings, because something typed or scanned was not taken.
    Bell,
}

/// What a view asks of the program around it.
#[derive(Debug)]
pub enum Wish {
    /// Another screen.
    Show(ScreenId),
    /// Something over the screen.
    Open(Box<dyn View>),
    /// The uppermost layer is done with.
    Close,
    /// A form with a product in it already.
    Handle(MovementKind, Box<StockRow>),
    /// The ledger of one product.
    LedgerOf(Sku),
    /// The lines of the collected log that hold a text.
    EventsOf(String),
    /// What was chosen in a list, for the view that opened it.
    Picked(Picked),
    /// A command, as if its key had been pressed where the layer was opened.
    Run(Command),
    /// Log in.
    LogIn(Login),
    /// Leave, whatever is still unfinished in the forms.
    Leave,
}

/// What happens around a view while it deals with something.
#[derive(Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: Timestamp,
    /// Where the person is.
    pub zone: &'a TimeZone,
    /// The language.
    pub words: Words,
    /// What the person may do.
    pub rights: Rights,
    /// Which key is which command.
    pub keymap: &'a Keymap,
    pub(super) effects: &'a mut Vec<Effect>,
    pub(super) wishes: &'a mut Vec<Wish>,
    pub(super) notices: &'a mut Notices,
    pub(super) questions: &'a mut u64,
    pub(super) random: &'a mut SmallRng,
}

impl Context<'_> {
    /// Today, where the person is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// Asks the database. The answer comes with the same ticket.
    pub fn ask(&mut self, strand: Strand, question: Question) -> Ticket {
        *self.questions += 1;
        let ticket = Ticket { strand, number: *self.questions };
        self.effects.push(Effect::Send(Order::Ask(ticket, question)));
        ticket
    }

    /// An id for what the person does now.
    pub fn new_id(&mut self) -> PostingId {
        PostingId::at(self.now, self.random.random())
    }

    /// Changes the stock.
    pub fn write(&mut self, id: PostingId, write: Write) {
        self.effects.push(Effect::Send(Order::Write(id, Box::new(write))));
    }

    /// Verifies everything, or what is new.
    pub fn verify(&mut self, full: bool) {
        self.effects.push(Effect::Send(Order::Verify { full }));
    }

    /// Stops the verification that is under way.
    pub fn stop_verifying(&mut self) {
        self.effects.push(Effect::Send(Order::StopVerifying));
    }

    /// Writes down what was decided about a finding.
    pub fn decide(&mut self, decide: Decide) {
        self.effects.push(Effect::Send(Order::Decide(decide)));
    }

    /// Asks something of the program around the view.
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// Says something to the person.
    pub fn tell(&mut self, weight: Weight, text: String) {
        self.notices.add(self.now, weight, text);
    }

    /// Says a phrase to the person.
    pub fn say(&mut self, weight: Weight, phrase: impl Phrase) {
        self.tell(weight, self.words.say(phrase).to_owned());
    }

    /// Says why something did not succeed.
    pub fn fail(&mut self, error: &Failure) {
        let text = failure::words(self.words, error);
        self.tell(Weight::Bad, text);
    }

    /// Takes the messages at the foot of the screen away; they stay in the list.
    pub fn dismiss_messages(&mut self) {
        self.notices.dismiss(self.now);
    }

    /// Rings.
    pub fn ring(&mut self) {
        self.effects.push(Effect::Bell);
    }
}

/// Something on the screen that can be clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A command.
    Command(Command),
    /// A row of the view's list, counted from the first fetched one.
    Row(usize),
    /// A field of the view.
    Field(usize),
}

/// Where and how a view draws.
pub struct Canvas<'a, 'b> {
    /// The frame.
    pub frame: &'a mut Frame<'b>,
    /// The styles.
    pub theme: &'a Theme,
    /// The language.
    pub words: Words,
    /// Which key is which command, for hints.
    pub keymap: &'a Keymap,
    /// What the person may do.
    pub rights: Rights,
    /// Now.
    pub now: Timestamp,
    /// Where the person is.
    pub zone: &'a TimeZone,
    /// The messages that are kept.
    pub notices: &'a Notices,
    /// The view draws for the person who types, not in the background.
    pub focus: bool,
    pub(super) hits: &'a mut Vec<(Rect, Hit)>,
}

impl std::fmt::Debug for Canvas<'_, '_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Canvas").finish_non_exhaustive()
    }
}

impl Canvas<'_, '_> {
    /// Remembers what a click there means.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        self.hits.push((area, hit));
    }

    /// The preferred key of a command, as people read it, if it has one.
    #[must_use]
    pub fn key(&self, command: Command) -> Option<String> {
        self.keymap.keys(command).first().map(ToString::to_string)
    }

    /// Today, where the person is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }
}

/// A screen, or something that lies over one. All parts have sensible defaults except drawing.
pub trait View: std::fmt::Debug {
    /// Where commands come from, the innermost first.
    fn scopes(&self) -> &'static [Scope];

    /// Whether this must be dealt with before anything else: a question, not a view.
    fn asks(&self) -> bool {
        false
    }

    /// What the person is typing into.
    fn typing(&self) -> Typing {
        Typing::Nothing
    }

    /// The commands that the last line names, the most useful first.
    fn hints(&self) -> &'static [Command];

    /// Takes a key that is no command.
    fn key(&mut self, _key: Key, _context: &mut Context<'_>) {}

    /// Carries out a command. Returns whether it had a use for it.
    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool;

    /// Takes what was chosen in a list that it opened.
    fn picked(&mut self, _picked: Picked, _context: &mut Context<'_>) {}

    /// Deals with a click on something it has drawn.
    fn clicked(&mut self, _hit: Hit, _context: &mut Context<'_>) {}

    /// The view comes to the front.
    fn shown(&mut self, _context: &mut Context<'_>) {}

    /// Takes the answer to a question of its own. Returns whether it was one.
    fn answered(
        &mut self,
        _ticket: Ticket,
        _answer: &Result<Answer, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Takes the end of a write of its own. Returns whether it was one.
    fn written(
        &mut self,
        _id: PostingId,
        _outcome: &Result<Written, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Learns what became of a write of its own whose outcome was not known. Returns whether it was one.
    fn resolved(&mut self, _id: PostingId, _posted: bool, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Somebody may have changed what is shown; only the view in front is told.
    fn changed(&mut self, _context: &mut Context<'_>) {}

    /// Keeps a key that comes while a posting of this view is under way. Returns whether it did.
    fn hold(&mut self, _key: Key) -> bool {
        false
    }

    /// Gives back the next kept key once the posting is done.
    fn release(&mut self) -> Option<Key> {
        None
    }

    /// How many lines there are that would be lost if the program ended.
    fn unfinished(&self) -> usize {
        0
    }

    /// When the view wants to be drawn again, or told that the time has come, though nothing happens.
    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// The time has come that [`View::next_change`] named, or some other; only the view in front is told.
    fn ticked(&mut self, _context: &mut Context<'_>) {}

    /// Draws. Changes nothing but the memory of the layout.
    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>);
}
