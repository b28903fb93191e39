//! Draws the reversal dialog.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::{Extent, ReverseDialog, State, goods};
use crate::domain::LedgerRow;
use crate::tui::text::common::CommonText;
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::view::{Canvas, Hit};
use crate::tui::widgets::panel::dialog;

/// The size of the dialog, borders included.
const WIDTH: u16 = 76;
const HEIGHT: u16 = 15;
/// The most lines of the posting that are described.
const WORDS_LINES: usize = 5;
/// The width of the labels.
const LABEL_WIDTH: u16 = 10;
/// The fields, as identified by a click.
pub(super) const EXTENT: usize = 0;
const REASON: usize = 1;

impl ReverseDialog {
    pub(super) fn draw_dialog(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, WIDTH, HEIGHT, canvas.words.say(LedgerText::ReverseTitle));
        let above = self.in_words(canvas);
        let used = u16::try_from(WORDS_LINES + 2).unwrap_or(u16::MAX).min(inside.height);
        canvas.frame.render_widget(Paragraph::new(above), Rect { height: used, ..inside });
        let row = |offset: u16| Rect {
            y: inside.y + (used + offset).min(inside.height),
            height: u16::from(used + offset < inside.height),
            ..inside
        };
        self.draw_extent(row(0), canvas);
        self.draw_reason(row(1), canvas);
        let below = Rect { height: inside.height.saturating_sub(used + 2), ..row(2) };
        let (text, style) = match (self.state, &self.fault) {
            (State::Posting, _) if self.submission.is_unknown() => {
                (format!("! {}", canvas.words.say(LedgerText::OutcomeUnknown)), canvas.theme.warning)
            }
            (State::Posting, _) => (canvas.words.say(LedgerText::Posting).to_owned(), canvas.theme.title),
            (State::Done, _) => {
                (format!("✓ {}", canvas.words.say(LedgerText::ReversedNowBare)), canvas.theme.good)
            }
            (State::Editing, Some(fault)) => (format!("✗ {fault}"), canvas.theme.bad),
            (State::Editing, None) => (self.note(canvas).unwrap_or_default(), canvas.theme.dim),
        };
        let text = Paragraph::new(Line::from(Span::styled(text, style))).wrap(Wrap { trim: true });
        canvas.frame.render_widget(text, below);
    }

    /// Describes what is reversed: who posted it, and what the reversal moves.
    fn in_words(&self, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let Some(first) = self.rows.first() else {
            let text = if self.asked.is_some() { words.say(CommonText::Loading) } else { "" };
            return vec![Line::from(Span::styled(text, theme.dim))];
        };
        let when = words.language.moment_short(first.occurred_at, canvas.now, canvas.zone);
        let kind = words.say(ledger::kind(first.kind));
        let places = [("kind", kind), ("when", &*when), ("person", canvas.people.shown(&first.posted_by))];
        let mut whose = words.fill(LedgerText::Whose, &places);
        if let Some(reference) = &first.reference {
            whose = format!("{whose} · {reference}");
        }
        let mut lines = vec![Line::from(Span::styled(whose, theme.dim))];
        let undone: Vec<String> = self.chosen().map(|row| undo(row, canvas)).collect();
        let room = if undone.len() > WORDS_LINES { WORDS_LINES - 1 } else { WORDS_LINES };
        lines.extend(undone.iter().take(room).map(|text| Line::from(format!("↩ {text}"))));
        if undone.len() > room {
            let more = u64::try_from(undone.len() - room).unwrap_or(u64::MAX);
            let text = words.count(more, LedgerText::ReversesMoreOne, LedgerText::ReversesMore);
            lines.push(Line::from(Span::styled(format!("  {text}"), theme.dim)));
        }
        lines
    }

    /// A note that some lines are reversed already, so that nobody expects the whole posting.
    fn note(&self, canvas: &Canvas<'_, '_>) -> Option<String> {
        let undone = self.rows.iter().filter(|row| row.reversed_by.is_some()).count();
        let undone = u64::try_from(undone).ok().filter(|undone| *undone > 0)?;
        Some(canvas.words.count(undone, LedgerText::SomeReversedOne, LedgerText::SomeReversed))
    }

    fn draw_extent(&self, row: Rect, canvas: &mut Canvas<'_, '_>) {
        if self.rows.len() < 2 {
            return;
        }
        let words = canvas.words;
        canvas.frame.render_widget(Line::from(words.say(LedgerText::Scope)), row);
        let spot = Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
        let text = match self.extent {
            Extent::Whole => words.fill(LedgerText::ScopeWhole, &[("n", &self.rows.len().to_string())]),
            Extent::One(id) => {
                let row = self.rows.iter().find(|row| row.id == id);
                let item = row.map(|row| goods(&row.sku, row.lot.as_deref(), words)).unwrap_or_default();
                words.fill(LedgerText::ScopeOne, &[("item", &item)])
            }
        };
        let focus = canvas.focus && self.choosing;
        let style = if focus { canvas.theme.field_focus } else { canvas.theme.field };
        canvas.frame.buffer_mut().set_style(spot, style);
        canvas.frame.render_widget(Line::from(Span::styled(format!("◂ {text} ▸"), style)), spot);
        canvas.hit(spot, Hit::Field(EXTENT));
    }

    fn draw_reason(&self, row: Rect, canvas: &mut Canvas<'_, '_>) {
        canvas.frame.render_widget(Line::from(canvas.words.say(LedgerText::Reason)), row);
        let spot = Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
        let focus = canvas.focus && !self.choosing && self.state == State::Editing;
        let hint = canvas.words.say(LedgerText::ReasonHint);
        self.reason.show(spot, canvas, focus, hint);
        canvas.hit(spot, Hit::Field(REASON));
    }
}

/// Describes the effect of reversing a line.
fn undo(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> String {
    let words = canvas.words;
    let phrase = match (&row.from, &row.to) {
        (Some(_), Some(_)) => LedgerText::ReversesTransfer,
        (Some(_), None) => LedgerText::ReversesIssue,
        (None, _) => LedgerText::ReversesReceipt,
    };
    let quantity = format!("{} {}", words.language.number(row.quantity.value()), row.unit);
    let item = goods(&row.sku, row.lot.as_deref(), words);
    let (from, to) = (row.from.as_deref().unwrap_or_default(), row.to.as_deref().unwrap_or_default());
    words.fill(phrase, &[("quantity", &*quantity), ("item", &*item), ("from", from), ("to", to)])
}
