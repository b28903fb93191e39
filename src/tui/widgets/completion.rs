//! Completion in a field for a place: which places fit what is typed, and which of them is chosen.
//!
//! Boundary: asks for places and offers them; the field itself, and what becomes of a place that was
//! chosen, belong to the screen.

use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Paragraph};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::app::{Canvas, Context};
use crate::worker::message::{Answer, Failure, LocationRow, Question, Strand, Ticket};

/// How many places are offered at a time; who needs more types one more letter.
pub const OFFERED_MAX: u16 = 8;

/// Places that fit what is typed.
#[derive(Debug, Default)]
pub struct Completion {
    asked: Option<Ticket>,
    offered: Vec<LocationRow>,
    cursor: Option<usize>,
}

impl Completion {
    /// Asks for the places that fit a text. Those that fitted the text before stay until the answer.
    pub fn ask(&mut self, text: &str, context: &mut Context<'_>) {
        let text = text.trim().to_owned();
        if text.is_empty() {
            self.close();
            return;
        }
        self.cursor = None;
        let question = Question::Places { text, limit: OFFERED_MAX };
        self.asked = Some(context.ask(Strand::Completion, question));
    }

    /// Takes the answer to its latest question. Returns whether it was that.
    pub fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.cursor = None;
        match answer {
            Ok(Answer::Places(places)) => self.offered.clone_from(places),
            // A field does without; what is typed counts.
            _ => self.offered.clear(),
        }
        true
    }

    /// Offers nothing more, whatever is still being asked.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// What is offered.
    #[must_use]
    pub fn offered(&self) -> &[LocationRow] {
        &self.offered
    }

    /// The position of the place that is chosen; none while what is typed counts.
    #[must_use]
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// The place that is chosen.
    #[must_use]
    pub fn picked(&self) -> Option<&LocationRow> {
        self.offered.get(self.cursor?)
    }

    /// Chooses a place that is offered.
    pub fn pick(&mut self, position: usize) {
        self.cursor = (position < self.offered.len()).then_some(position);
    }

    /// Chooses the first place, unless one is chosen already.
    pub fn pick_any(&mut self) {
        if self.cursor.is_none() {
            self.pick(0);
        }
    }

    /// Moves the cursor; above the first place it goes back to what is typed.
    pub fn step(&mut self, down: bool) {
        let last = self.offered.len().saturating_sub(1);
        self.cursor = match (self.cursor, down) {
            _ if self.offered.is_empty() => None,
            (None, true) => Some(0),
            (None, false) | (Some(0), false) => None,
            (Some(at), true) => Some((at + 1).min(last)),
            (Some(at), false) => Some(at - 1),
        };
    }

    /// Draws what is offered as a list below the field, over whatever is there, as far as the area goes.
    pub fn draw_below(&self, field: Rect, area: Rect, canvas: &mut Canvas<'_, '_>) {
        if self.offered.is_empty() {
            return;
        }
        let texts: Vec<String> = self
            .offered
            .iter()
            .map(|row| format!("{}  {}", row.code, row.name.as_deref().unwrap_or_default()))
            .collect();
        let columns = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        let width = texts.iter().map(|text| text.width()).max().unwrap_or(0);
        let below = field.y.saturating_add(1);
        let spot = Rect {
            x: field.x,
            y: below,
            width: columns(width).saturating_add(4).min(area.right().saturating_sub(field.x)),
            height: columns(texts.len()).min(area.bottom().saturating_sub(below)),
        };
        canvas.frame.render_widget(Clear, spot);
        canvas.frame.render_widget(Block::new().style(canvas.theme.field), spot);
        for (position, (text, row)) in texts.iter().zip(spot.rows()).enumerate() {
            let picked = self.cursor == Some(position);
            let (mark, style) =
                if picked { ("▸", canvas.theme.selection) } else { (" ", canvas.theme.field) };
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(Paragraph::new(format!("{mark} {text}")), row);
        }
    }
}
