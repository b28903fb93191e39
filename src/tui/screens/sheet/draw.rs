//! Draws the count sheet.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::draft::{CountLine, Draft};
use super::review::{difference_words, outcome_lines};
use super::{Focus, Phase, SheetScreen};
use crate::domain::Tracking;
use crate::tui::command::Command;
use crate::tui::text::Words;
use crate::tui::text::sheet::SheetText;
use crate::tui::typed_ahead::WaitingFor;
use crate::tui::view::{Canvas, Hit, Severity, sign};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::table::{Cell, Column, lines_in, table};

/// The fields, as identified by a click.
pub(super) const FIGURE: usize = 0;
pub(super) const CODE: usize = 1;
/// Wider than any screen, yet two such widths can be added.
const NEVER_FITS: u16 = 10_000;
/// The width from which on names and codes have more room.
const WIDE_MIN: u16 = 110;

impl SheetScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        match self.phase {
            Phase::Place | Phase::Loading(_) => self.draw_place(area, canvas),
            Phase::Counting => self.draw_counting(area, canvas),
            Phase::Discarding => {
                self.draw_counting(area, canvas);
                self.draw_discarding(area, canvas);
            }
            Phase::Review | Phase::Posting => self.draw_review(area, canvas),
        }
    }

    fn draw_place(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let offered = u16::try_from(self.place.picker.completion.offered().len()).unwrap_or(u16::MAX);
        let [head, field, offers, state, _, result] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(offered),
            Constraint::Length(2),
            Constraint::Length(1),
            Constraint::Min(0),
        ])
        .areas(area);
        let title = format!("   {}", canvas.words.say(SheetText::PlaceTitle));
        canvas.frame.render_widget(Line::from(Span::styled(title, canvas.theme.title)), head);
        let hint = canvas.words.say(SheetText::PlaceHint);
        let focus = canvas.focus && self.phase == Phase::Place;
        self.place.picker.field.show_as_search(field, canvas, focus, hint);
        for (position, (row, place)) in offers.rows().zip(self.place.picker.completion.offered()).enumerate()
        {
            let chosen = self.place.picker.completion.cursor() == Some(position);
            let (mark, style) =
                if chosen { ("▸", canvas.theme.selection) } else { (" ", canvas.theme.text) };
            let text = format!(" {mark} {:<12} {}", place.code, place.note);
            canvas.frame.buffer_mut().set_style(row, style);
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), row);
            canvas.hit(row, Hit::Row(position));
        }
        let inner = |area: Rect| Rect { x: area.x + 3, width: area.width.saturating_sub(4), ..area };
        let text = match (&self.phase, &self.place.fault) {
            (Phase::Loading(place), _) => {
                let text = canvas.words.fill(SheetText::LoadingSheet, &[("place", place.as_str())]);
                let waiting = waiting(self.keys.count(WaitingFor::Answer), canvas.words);
                Span::styled(format!("{text}{waiting}"), canvas.theme.title)
            }
            (_, Some(fault)) => Span::styled(format!("✗ {fault}"), canvas.theme.bad),
            (_, None) => Span::styled(canvas.words.say(SheetText::PlaceHelp), canvas.theme.dim),
        };
        canvas.frame.render_widget(Paragraph::new(Line::from(text)).wrap(Wrap { trim: true }), inner(state));
        if let Some(outcome) = &self.outcome {
            let result = inner(result);
            let lines = outcome_lines(outcome, usize::from(result.height), canvas);
            canvas.frame.render_widget(Paragraph::new(lines), result);
        }
    }

    fn draw_counting(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let said = self.state(canvas);
        // Text that does not fit into one line may have a second one.
        let said_lines = if said.width() > usize::from(area.width) { 2 } else { 1 };
        let [head, fields, state, body] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(said_lines),
            Constraint::Min(1),
        ])
        .areas(area);
        canvas.frame.render_widget(self.progress(canvas), head);
        self.draw_fields(fields, canvas);
        canvas.frame.render_widget(Paragraph::new(said).wrap(Wrap { trim: false }), state);
        self.draw_lines(body, canvas);
    }

    fn progress(&self, canvas: &Canvas<'_, '_>) -> Line<'static> {
        let Some(draft) = &self.draft else { return Line::default() };
        let (words, theme) = (canvas.words, canvas.theme);
        let number = |count: usize| words.language.number(Decimal::from(count));
        let places =
            [("counted", &*number(draft.counted().count())), ("total", &*number(draft.lines.rows().len()))];
        let mut parts = vec![words.fill(SheetText::Progress, &places)];
        let differing = draft.differing().count();
        if differing > 0 && !self.blind {
            parts.push(words.fill(SheetText::Differing, &[("n", &number(differing))]));
        }
        let moved = draft.counted().filter(|row| row.moved().is_some()).count();
        if moved > 0 {
            parts.push(format!("{} {}", number(moved), words.say(SheetText::MovedShort)));
        }
        if let Some(here) = &self.here {
            parts.push(words.fill(SheetText::AtPlace, &[("place", here.as_str())]));
        }
        if self.blind {
            parts.push(words.say(SheetText::Blind).to_owned());
        }
        Line::from(vec![
            Span::styled(format!("   {}", draft.location), theme.title),
            Span::styled(format!("  {}", parts.join(" · ")), theme.dim),
        ])
    }

    /// Draws the fields for quantities and for codes, or the one for a required lot.
    fn draw_fields(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        if let Some(question) = &self.lot_question {
            let serial = question.product.tracking == Tracking::Serial;
            let phrase = if serial { SheetText::SerialLabel } else { SheetText::LotLabel };
            let label = words.fill(phrase, &[("sku", &question.product.sku)]);
            draw_field(&self.lot, area, &label, true, words.say(SheetText::LotHint), canvas);
            return;
        }
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
        let active = self.looking_up().is_none() && self.phase == Phase::Counting;
        for (field, spot, label, hint, focus, hit) in [
            (&self.figure, left, SheetText::FigureLabel, SheetText::FigureHint, Focus::Figure, FIGURE),
            (&self.code, right, SheetText::CodeLabel, SheetText::CodeHint, Focus::Code, CODE),
        ] {
            let has_focus = active && self.focus == focus;
            draw_field(field, spot, words.say(label), has_focus, words.say(hint), canvas);
            canvas.hit(spot, Hit::Field(hit));
        }
    }

    /// The line about what just happened, or about the selected line.
    fn state(&self, canvas: &Canvas<'_, '_>) -> Line<'static> {
        let (words, theme) = (canvas.words, canvas.theme);
        if let Some(code) = self.looking_up() {
            let text = words.fill(SheetText::LookingUp, &[("code", code)]);
            let waiting = waiting(self.keys.count(WaitingFor::Answer), words);
            return Line::from(Span::styled(format!("   {text}{waiting}"), theme.title));
        }
        if let Some((severity, text)) = &self.note {
            let style = match severity {
                Severity::Good => theme.good,
                Severity::Note => theme.text,
                Severity::Warning => theme.warning,
                Severity::Bad => theme.bad,
            };
            return Line::from(Span::styled(format!(" {} {text}", sign(*severity)), style));
        }
        if !self.unknown.is_empty() {
            let text = words.fill(SheetText::Unknown, &[("codes", &self.unknown.join(", "))]);
            return Line::from(Span::styled(format!(" ✗ {text}"), theme.bad));
        }
        let waiting = self.keys.count(WaitingFor::Posting);
        if waiting > 0 {
            let key = canvas.key(Command::Discard).unwrap_or_default();
            let places = [("n", &*waiting.to_string()), ("key", &*key)];
            let text = words.fill(SheetText::KeysWait, &places);
            return Line::from(Span::styled(format!(" ! {text}"), theme.warning));
        }
        let selected = self.draft.as_ref().and_then(|draft| draft.lines.selected());
        let text = selected.map(|row| self.result(row, words)).unwrap_or_default();
        Line::from(Span::styled(format!("   {text}"), theme.dim))
    }

    fn draw_lines(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.room = lines_in(area);
        let room = self.room;
        let Some(draft) = &mut self.draft else { return };
        let view = draft.lines.view(room, canvas.focus);
        let Some(draft) = &self.draft else { return };
        let columns = columns(draft, area.width, canvas.words);
        let rows = draft.lines.rows();
        let (first, cursor) = (view.first, view.cursor);
        let cells: Vec<Vec<Cell>> = (first..rows.len().min(first + room))
            .map(|position| {
                let above = position.checked_sub(1).filter(|above| *above >= first);
                let same = above.is_some_and(|above| {
                    rows[above].line.location == rows[position].line.location && cursor != Some(position)
                });
                self.cells(&rows[position], !same, canvas)
            })
            .collect();
        table(canvas, area, &columns, view, |position| cells.get(position.checked_sub(first)?).cloned());
        if rows.is_empty() {
            let spot = Rect {
                x: area.x + 2,
                y: area.y + 2.min(area.height),
                width: area.width.saturating_sub(4),
                height: area.height.saturating_sub(2),
            };
            let text = Paragraph::new(canvas.words.say(SheetText::EmptyPlace)).wrap(Wrap { trim: true });
            canvas.frame.render_widget(text, spot);
        }
    }

    /// The cells of a line; the location is shown once for all its lines.
    fn cells(&self, row: &CountLine, place: bool, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
        let (words, theme, line) = (canvas.words, canvas.theme, &row.line);
        let number = |value: Decimal| words.language.number(value);
        let hidden = || Cell::styled(words.say(SheetText::Hidden), theme.dim);
        let counted = row.tally.map_or_else(Cell::default, |tally| Cell::new(number(tally.counted)));
        let difference = match row.difference() {
            None => Cell::default(),
            Some(_) if row.moved().is_some() => Cell::styled(words.say(SheetText::MovedShort), theme.bad),
            Some(_) if self.blind => hidden(),
            Some(difference) if difference.is_zero() => Cell::styled("=", theme.good),
            Some(difference) => {
                let sign = if difference > Decimal::ZERO { "+" } else { "−" };
                Cell::styled(format!("{sign}{}", number(difference.abs())), theme.warning)
            }
        };
        let result = match row.moved() {
            Some(seen) if !self.blind => words.fill(SheetText::MovedCell, &[("seen", &number(seen))]),
            _ => self.result(row, words),
        };
        let last = line
            .last_counted_at
            .map_or_else(String::new, |at| words.language.moment_short(at, canvas.now, canvas.zone));
        vec![
            Cell::styled(if place { line.location.as_str() } else { "" }, theme.dim),
            Cell::new(line.sku.clone()),
            Cell::new(line.name.clone()),
            Cell::styled(line.lot.as_deref().unwrap_or_default(), theme.dim),
            if self.blind { hidden() } else { Cell::styled(number(line.on_hand), theme.dim) },
            counted,
            Cell::styled(line.unit.clone(), theme.dim),
            difference,
            Cell::styled(result, theme.dim),
            Cell::styled(last, theme.dim),
        ]
    }

    /// The result for a line, as text.
    fn result(&self, row: &CountLine, words: Words) -> String {
        let Some(difference) = row.difference() else {
            return words.say(SheetText::NotCounted).to_owned();
        };
        match row.moved() {
            Some(_) if self.blind => words.say(SheetText::MovedBlind).to_owned(),
            Some(seen) => {
                let number = |value: Decimal| words.language.number(value);
                let places = [("seen", &*number(seen)), ("now", &*number(row.line.on_hand))];
                words.fill(SheetText::Moved, &places)
            }
            None if self.blind => String::new(),
            None => difference_words(difference, words),
        }
    }

    fn draw_discarding(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let Some(draft) = &self.draft else { return };
        let inside = dialog(canvas, area, 62, 6, canvas.words.say(SheetText::DiscardTitle));
        let n = draft.counted().count().to_string();
        let places = [("n", &*n), ("place", draft.location.as_str())];
        let mut text = canvas.words.fill(SheetText::DiscardAsk, &places);
        let waiting = self.keys.count(WaitingFor::Posting);
        if waiting > 0 {
            let keys = canvas.words.fill(SheetText::DiscardKeys, &[("n", &waiting.to_string())]);
            text = format!("{text} {keys}");
        }
        canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
    }
}

/// The columns: the location only if there is more than one, the lot only if there are lots.
fn columns(draft: &Draft, width: u16, words: Words) -> [Column; 10] {
    let say = |phrase: SheetText| words.say(phrase);
    let more = if width >= WIDE_MIN { 2 } else { 0 };
    let rows = draft.lines.rows();
    let places = rows.iter().any(|row| row.line.location != draft.location.as_str());
    let lots = rows.iter().any(|row| row.line.lot.is_some());
    // A column that is not needed is wider than any screen and is dropped first.
    let unless = |needed: bool, column: Column| {
        if needed { column } else { Column { width: NEVER_FITS, gives_way: u8::MAX, ..column } }
    };
    [
        unless(places, Column::text(say(SheetText::Place), 8 + more, 0)),
        Column::text(say(SheetText::Sku), 10 + more, 0),
        Column::fill(say(SheetText::Name), 8),
        unless(lots, Column::text(say(SheetText::Lot), 8 + more, 1)),
        Column::figure(say(SheetText::Expected), 8 + more, 0),
        Column::figure(say(SheetText::Counted), 7 + more, 0),
        Column::text("", 5, 2),
        Column::figure(say(SheetText::Difference), 7, 0),
        Column::text(say(SheetText::State), 22, 4),
        Column::text(say(SheetText::LastCounted), 12, 3),
    ]
}

/// A text with the number of waiting keys, empty if there are none.
pub(super) fn waiting(keys: usize, words: Words) -> String {
    let keys = u64::try_from(keys).unwrap_or(u64::MAX);
    if keys == 0 {
        return String::new();
    }
    format!(" {}", words.count(keys, SheetText::WaitingOne, SheetText::Waiting))
}

/// A field with its label; an arrow marks the one that has the focus.
fn draw_field(
    field: &crate::tui::widgets::Field,
    area: Rect,
    label: &str,
    focus: bool,
    hint: &str,
    canvas: &mut Canvas<'_, '_>,
) {
    let mark = if focus { "▸" } else { " " };
    let label = format!(" {mark} {label} ");
    let width = u16::try_from(label.width()).unwrap_or(u16::MAX).min(area.width);
    let style = if focus { canvas.theme.title } else { canvas.theme.dim };
    canvas.frame.render_widget(Line::from(Span::styled(label, style)), area);
    let spot = Rect { x: area.x + width, width: area.width.saturating_sub(width + 1), ..area };
    field.show(spot, canvas, focus && canvas.focus, hint);
}
