//! One panel's figures, and when to ask for them again.
//!
//! What others change is heard of once a second, which is too often to add up the ledger. So each panel
//! rests for a while after an answer, and is asked again when it has rested and something has changed;
//! and, as its window moves with the clock, at the latest after a longer while. A question that takes
//! long holds up nothing but its own panel, and rests as long after its answer as any.

use jiff::{SignedDuration, Timestamp};

use crate::tui::app::Context;
use crate::worker::message::{Answer, Failure, Panel, Question, Strand, Ticket};

/// How long a panel rests after an answer.
#[derive(Debug, Clone, Copy)]
struct Rest {
    /// When something has changed.
    least: SignedDuration,
    /// When nothing has.
    most: SignedDuration,
}

/// What reads the latest hours of the ledger, or a counter.
const CHEAP: Rest = Rest { least: SignedDuration::from_secs(5), most: SignedDuration::from_secs(60) };
/// What reads every level or the whole ledger. Without a change only the day of expiry moves.
const COSTLY: Rest = Rest { least: SignedDuration::from_secs(60), most: SignedDuration::from_secs(3_600) };

fn rest(panel: Panel) -> Rest {
    match panel {
        Panel::Hours | Panel::People | Panel::Activity => CHEAP,
        Panel::Value | Panel::Low | Panel::Expiring | Panel::Slow | Panel::Top => COSTLY,
    }
}

/// One panel's figures.
#[derive(Debug)]
pub(super) struct Feed {
    pub panel: Panel,
    /// The latest figures, and when they came.
    pub shown: Option<(Answer, Timestamp)>,
    /// Why the latest question was not answered, if it was not.
    pub failure: Option<Failure>,
    asked: Option<Ticket>,
    answered_at: Option<Timestamp>,
    /// Something may have changed since it was asked.
    stale: bool,
}

impl Feed {
    pub fn new(panel: Panel) -> Self {
        Self { panel, shown: None, failure: None, asked: None, answered_at: None, stale: true }
    }

    /// Whether an answer is on its way.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// What is shown may no longer hold.
    pub fn doubt(&mut self) {
        self.stale = true;
    }

    /// When the panel is to be asked; none while it is being asked.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.is_asked() {
            return None;
        }
        let Some(answered_at) = self.answered_at else { return Some(Timestamp::MIN) };
        let rest = rest(self.panel);
        let pause = if self.stale { rest.least } else { rest.most };
        Some(answered_at.saturating_add(pause).unwrap_or(Timestamp::MAX))
    }

    pub fn ask(&mut self, context: &mut Context<'_>) {
        self.stale = false;
        self.asked = Some(context.ask(Strand::Panel(self.panel), Question::Panel(self.panel)));
    }

    pub fn ask_if_due(&mut self, context: &mut Context<'_>) {
        if self.due_at().is_some_and(|due| due <= context.now) {
            self.ask(context);
        }
    }

    /// Takes the answer to its latest question. Returns whether it was that.
    pub fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>, now: Timestamp) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.answered_at = Some(now);
        match answer {
            Ok(answer) => {
                self.shown = Some((answer.clone(), now));
                self.failure = None;
            }
            Err(failure) => {
                self.failure = Some(failure.clone());
                self.stale = true;
            }
        }
        true
    }
}
