//! Draws the ledger.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::LedgerScreen;
use crate::domain::{LedgerRow, MovementId};
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::text::stock::StockText;
use crate::tui::text::{Words, failure};
use crate::tui::view::Canvas;
use crate::tui::widgets::parts::draw_parts;
use crate::tui::widgets::table::{Cell, Column};

/// The width from which on names have more room.
const WIDE_MIN: u16 = 120;
/// The width of the column of names; if there is no room for it, the SKU identifies the product.
const NAME_WIDTH: u16 = 20;
/// The mark of a movement that was reversed.
pub(in crate::tui::screens) const MARK_REVERSED: &str = "↺";
/// The mark of a movement that reverses another one.
pub(in crate::tui::screens) const MARK_REVERSES: &str = "↩";

/// The quantity with the sign of its direction: into the stock, out of it, or within it.
pub(in crate::tui::screens) fn signed_quantity(row: &LedgerRow, words: Words) -> String {
    let sign = match (&row.from, &row.to) {
        (None, _) => "+",
        (Some(_), None) => "−",
        (Some(_), Some(_)) => "→",
    };
    format!("{sign}{}", words.language.number(row.quantity.value()))
}

/// Where the goods came from and went, blank where that is outside.
pub(in crate::tui::screens) fn ends(row: &LedgerRow) -> String {
    match (&row.from, &row.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (None, Some(to)) => format!("→ {to}"),
        (Some(from), None) => format!("{from} →"),
        (None, None) => String::new(),
    }
}

/// When a movement occurred, according to its id.
pub(in crate::tui::screens) fn moment_of(id: MovementId, canvas: &Canvas<'_, '_>) -> String {
    canvas.words.language.moment_short(id.occurred_at(), canvas.now, canvas.zone)
}

pub(in crate::tui::screens) fn mark(row: &LedgerRow) -> &'static str {
    match (row.reversed_by, row.reverses) {
        (Some(_), _) => MARK_REVERSED,
        (None, Some(_)) => MARK_REVERSES,
        (None, None) => "",
    }
}

/// Whether the movement was reversed or reverses another one, as text.
pub(in crate::tui::screens) fn state(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> String {
    let fill = |phrase: LedgerText, id| canvas.words.fill(phrase, &[("when", &moment_of(id, canvas))]);
    match (row.reversed_by, row.reverses) {
        (Some(by), _) => fill(LedgerText::ReversedOn, by),
        (None, Some(of)) => fill(LedgerText::Reverses, of),
        (None, None) => String::new(),
    }
}

impl LedgerScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let [quick, chips, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)]).areas(area);
        self.quick.show_as_search(quick, canvas, canvas.focus, canvas.words.say(LedgerText::QuickHint));
        self.draw_chips(chips, canvas);
        self.draw_list(body, canvas);
    }

    /// Draws the filter and the progress of loading. A click on a condition removes it.
    fn draw_chips(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        if let (Some(error), false) = (self.list.failure(), self.list.is_empty()) {
            let text = format!("   ✗ {}", failure::words(words, error));
            canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), area);
            return;
        }
        let mut notes = Vec::new();
        if self.filter().is_empty() {
            notes.push(words.say(LedgerText::Everything).to_owned());
        }
        if let Some((_, code)) = &self.looking_up {
            notes.push(words.fill(LedgerText::LookingUp, &[("code", code)]));
        }
        if self.list.more_before() {
            notes.push(words.say(LedgerText::Newer).to_owned());
        }
        let parts: Vec<String> = self.filter().all().iter().map(|part| part.words(words)).collect();
        draw_parts(&parts, 0, notes.join(" · "), area, canvas);
    }

    fn draw_list(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: LedgerText| canvas.words.say(phrase);
        let kinds = [LedgerText::Adjustment, LedgerText::Reversal].map(|kind| say(kind).width());
        let kind_width = kinds.into_iter().max().and_then(|width| u16::try_from(width).ok()).unwrap_or(12);
        // Text longer than its column is truncated; if there is room, the columns of names are wider.
        let more = if area.width >= WIDE_MIN { 2 } else { 0 };
        // A name is longer than a login.
        let person = if canvas.people.are_shown() && more > 0 { 18 } else { 8 + more };
        let columns = [
            Column::text(say(LedgerText::When), 12, 0),
            Column::text("", 1, 0),
            Column::text(say(LedgerText::Kind), kind_width, 1),
            Column::text(say(LedgerText::Sku), 12 + more, 0),
            Column::text(canvas.words.say(StockText::Name), NAME_WIDTH, 6),
            Column::figure(say(LedgerText::Quantity), 9 + more, 0),
            Column::fill(say(LedgerText::Ends), 13),
            Column::text(say(LedgerText::Lot), 10 + more, 5),
            Column::text(say(LedgerText::Person), person, 2),
            Column::text(say(LedgerText::Reference), 11 + more, 3),
            Column::text(say(LedgerText::State), 22, 4),
        ];
        self.list.list_mut().draw(area, &columns, canvas, |_, row, canvas| cells(row, canvas));
        let nothing =
            if self.filter().is_empty() { LedgerText::Nothing } else { LedgerText::NothingFiltered };
        self.list.draw_empty(canvas.words.say(nothing), area, canvas);
    }
}

fn cells(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let dim = |text: Option<&str>| Cell::styled(text.unwrap_or_default(), theme.dim);
    vec![
        Cell::styled(words.language.moment_short(row.occurred_at, canvas.now, canvas.zone), theme.dim),
        Cell::new(mark(row)),
        Cell::new(words.say(ledger::kind(row.kind))),
        Cell::new(row.sku.clone()),
        Cell::styled(row.name.clone(), theme.dim),
        Cell::new(signed_quantity(row, words)),
        Cell::new(ends(row)),
        dim(row.lot.as_deref()),
        Cell::styled(canvas.people.shown(&row.posted_by), theme.dim),
        dim(row.reference.as_deref()),
        Cell::styled(state(row, canvas), theme.dim),
    ]
}
