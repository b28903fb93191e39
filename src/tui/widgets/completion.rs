//! Completion in a field: the suggestions for the typed text, and the chosen one.
//!
//! Boundary: queries suggestions and offers them; the field itself, and what is done with the chosen one, belong to the
//! screen.

use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Paragraph};
use unicode_width::UnicodeWidthStr as _;

use crate::domain::{Suggested, Suggestion};
use crate::tui::view::{Canvas, Context};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// How many are offered at a time; typing more narrows them.
pub const OFFERED_MAX: u16 = 8;
/// The widest code that the others are aligned with; a longer one is an exception.
const CODE_WIDTH_MAX: usize = 24;

/// The suggestions for a typed text.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    asked: Option<Ticket>,
    offered: Vec<Suggestion>,
    cursor: Option<usize>,
}

impl Completion {
    /// Queries suggestions for a text. The previous ones stay until the answer.
    pub fn ask(&mut self, what: Suggested, text: &str, context: &mut Context<'_>) {
        let text = text.trim().to_owned();
        if text.is_empty() {
            self.close();
            return;
        }
        self.cursor = None;
        self.asked = Some(match what {
            Suggested::Location => context.ask(query::Places { text, limit: OFFERED_MAX }),
            _ => context.ask(query::Suggest { what, text, limit: OFFERED_MAX }),
        });
    }

    /// Takes the answer to its latest question. Returns whether it was that.
    pub fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.cursor = None;
        match answer {
            Ok(Answer::Places(places)) => self.offered = places.iter().map(Suggestion::from).collect(),
            Ok(Answer::Suggest(found)) => self.offered.clone_from(found),
            // A failed query has no consequences: the typed text counts.
            _ => self.offered.clear(),
        }
        true
    }

    /// Offers these suggestions, whatever query is running.
    pub fn offer(&mut self, suggestions: Vec<Suggestion>) {
        *self = Self { offered: suggestions, ..Self::default() };
    }

    /// Closes the list of suggestions, whatever query is running.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// Closes the list of suggestions if it is open. Returns whether it was.
    pub fn dismiss(&mut self) -> bool {
        let open = !self.offered.is_empty();
        if open {
            self.close();
        }
        open
    }

    /// The suggestions, best first; empty if there are none or the list is closed.
    #[must_use]
    pub fn offered(&self) -> &[Suggestion] {
        &self.offered
    }

    /// The position of the chosen suggestion; none if the typed text counts.
    #[must_use]
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// The suggestion that was chosen; none while the typed text counts.
    #[must_use]
    pub fn picked(&self) -> Option<&Suggestion> {
        self.offered.get(self.cursor?)
    }

    /// Chooses the suggestion at a position.
    pub fn pick(&mut self, position: usize) {
        self.cursor = (position < self.offered.len()).then_some(position);
    }

    /// Chooses the first suggestion, unless one is chosen already.
    pub fn pick_any(&mut self) {
        if self.cursor.is_none() {
            self.pick(0);
        }
    }

    /// Moves the cursor; above the first suggestion it returns to the typed text.
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

    /// Moves the cursor if there is anything to move to: down, a suggestion; up, the one above or the typed text. Returns
    /// whether there was.
    pub fn arrow(&mut self, down: bool) -> bool {
        let moves = if down { !self.offered.is_empty() } else { self.cursor.is_some() };
        if moves {
            self.step(down);
        }
        moves
    }

    /// Draws the suggestions as a list below the field, over whatever is there, within the area.
    pub fn draw_below(&self, field: Rect, area: Rect, canvas: &mut Canvas<'_, '_>) {
        if self.offered.is_empty() {
            return;
        }
        let codes = self.offered.iter().map(|row| row.code.width()).max().unwrap_or(0).min(CODE_WIDTH_MAX);
        let text = |row: &Suggestion| {
            let padding = " ".repeat(codes.saturating_sub(row.code.width()));
            format!("{}{padding}  {}", row.code, row.note)
        };
        let texts: Vec<String> = self.offered.iter().map(text).collect();
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
        // The one that is chosen is in sight.
        let room = usize::from(spot.height).max(1);
        let first = self.cursor.map_or(0, |cursor| (cursor + 1).saturating_sub(room));
        for ((position, text), row) in texts.iter().enumerate().skip(first).zip(spot.rows()) {
            let picked = self.cursor == Some(position);
            let (mark, style) =
                if picked { ("▸", canvas.theme.selection) } else { (" ", canvas.theme.field) };
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(Paragraph::new(format!("{mark} {text}")), row);
        }
    }
}
