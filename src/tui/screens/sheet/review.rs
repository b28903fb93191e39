//! Describes the count before it is posted and after.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::draft::{CountLine, Draft};
use super::draw::waiting;
use super::post::Outcome;
use super::{Phase, SheetScreen};
use crate::tui::text::Words;
use crate::tui::text::sheet::SheetText;
use crate::tui::typed_ahead::WaitingFor;
use crate::tui::view::Canvas;
use crate::tui::widgets::lines_wrapped;
use crate::tui::widgets::panel::panel;

/// The space for the progress of the posting.
const STATE_LINES: u16 = 3;

/// The name of a line's goods.
fn item(line: &CountLine, words: Words) -> String {
    let goods = format!("{} {}", line.line.sku, line.line.name);
    match &line.line.lot {
        Some(lot) => format!("{goods} {} {lot}", words.say(SheetText::Lot)),
        None => goods,
    }
}

/// How much more or less was found than recorded, as text.
pub(super) fn difference_words(difference: Decimal, words: Words) -> String {
    let number = words.language.number(difference.abs());
    if difference.is_zero() {
        words.say(SheetText::Agrees).to_owned()
    } else if difference > Decimal::ZERO {
        words.fill(SheetText::More, &[("n", &number)])
    } else {
        words.fill(SheetText::Less, &[("n", &number)])
    }
}

/// Describes a difference: the recorded and the counted quantity.
fn change(line: &CountLine, on_hand: Option<Decimal>, words: Words) -> String {
    let number = |value: Decimal| words.language.number(value);
    let Some(tally) = line.tally else { return String::new() };
    let (item, seen, counted) = (item(line, words), number(tally.seen), number(tally.counted));
    let now = on_hand.map(number);
    let mut places =
        vec![("item", &*item), ("place", &*line.line.location), ("seen", &*seen), ("counted", &*counted)];
    match &now {
        Some(now) => {
            places.push(("on_hand", now));
            words.fill(SheetText::OnHandNow, &places)
        }
        None => words.fill(SheetText::ReviewLine, &places),
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl SheetScreen {
    pub(super) fn draw_review(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let Some(draft) = &self.draft else { return };
        let title = canvas.words.fill(SheetText::ReviewTitle, &[("place", draft.location.as_str())]);
        let (state, style) = self.review_state(canvas);
        let mut lines = self.summary(draft, canvas);
        let inside = panel(canvas, area, &title, canvas.focus);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let [top, bottom] =
            Layout::vertical([Constraint::Min(1), Constraint::Length(STATE_LINES)]).areas(inside);
        lines.extend(self.differences(draft, canvas));
        self.scroll.fit(lines_wrapped(&lines, top.width), top.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false }).scroll(self.scroll.offset());
        canvas.frame.render_widget(text, top);
        let text = Paragraph::new(Line::from(Span::styled(state, style))).wrap(Wrap { trim: true });
        canvas.frame.render_widget(text, bottom);
    }

    /// The progress of the posting, or how to continue.
    fn review_state(&self, canvas: &Canvas<'_, '_>) -> (String, Style) {
        let keys = waiting(self.keys.count(WaitingFor::Posting), canvas.words);
        let say = |phrase: SheetText| canvas.words.say(phrase);
        match self.phase {
            Phase::Posting if self.submission.is_unknown() => {
                (format!("! {}{keys}", say(SheetText::OutcomeUnknown)), canvas.theme.warning)
            }
            Phase::Posting => (format!("{}{keys}", say(SheetText::Posting)), canvas.theme.title),
            _ => (say(SheetText::ReviewPost).to_owned(), canvas.theme.title),
        }
    }

    /// How many lines agree, differ, have moved or are not counted.
    fn summary(&self, draft: &Draft, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let (counted, differing) = (draft.counted().count(), draft.differing().count());
        let moved = draft.counted().filter(|line| line.moved().is_some()).count();
        let left = draft.lines.rows().len() - counted;
        let mut lines = Vec::new();
        let count = |n: usize, one, many| words.count(number(n), one, many);
        if moved > 0 {
            let text = count(moved, SheetText::ReviewMovedOne, SheetText::ReviewMoved);
            lines.push(Line::from(Span::styled(format!("! {text}"), theme.warning)));
        }
        if !self.unknown.is_empty() {
            let text = words.fill(SheetText::ReviewUnknown, &[("codes", &self.unknown.join(", "))]);
            lines.push(Line::from(Span::styled(format!("✗ {text}"), theme.bad)));
        }
        if counted > differing {
            let text = count(counted - differing, SheetText::ReviewAgreeOne, SheetText::ReviewAgree);
            lines.push(Line::from(format!("= {text}")));
        }
        if left > 0 {
            let text = count(left, SheetText::ReviewLeftOne, SheetText::ReviewLeft);
            lines.push(Line::from(Span::styled(format!("  {text}"), theme.dim)));
        }
        let text = match differing {
            0 => words.say(SheetText::ReviewNoneDiffer).to_owned(),
            n => count(n, SheetText::ReviewDifferOne, SheetText::ReviewDiffer),
        };
        lines.push(Line::from(if differing == 0 { format!("✓ {text}") } else { format!("≠ {text}") }));
        lines
    }

    fn differences(&self, draft: &Draft, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let mut lines: Vec<Line<'static>> = draft
            .differing()
            .map(|line| {
                let difference = line.difference().unwrap_or_default();
                let mut spans = vec![
                    Span::raw(format!("  {}  ", change(line, None, words))),
                    Span::styled(difference_words(difference, words), theme.warning),
                ];
                if let Some(value) = self.value_of(line) {
                    let value = words.language.money(value);
                    spans.push(Span::styled(format!("  ({value})"), theme.dim));
                }
                if line.moved().is_some() {
                    let text = words.say(SheetText::MovedShort);
                    spans.push(Span::styled(format!("  ! {text}"), theme.bad));
                }
                Line::from(spans)
            })
            .collect();
        let (value, without) = self.value();
        if !lines.is_empty() && self.costing.is_empty() && without < lines.len() {
            let value = words.language.money(value);
            let text = match without {
                0 => words.fill(SheetText::ReviewValue, &[("value", &value)]),
                n => words.fill(SheetText::ReviewValuePart, &[("value", &value), ("n", &n.to_string())]),
            };
            lines.push(Line::from(Span::styled(text, theme.title)));
        }
        lines
    }
}

/// The outcome of the sheet that was posted last, in as many lines as there is room for.
pub(super) fn outcome_lines(outcome: &Outcome, room: usize, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    let places = [
        ("place", outcome.place.as_str()),
        ("counted", &*outcome.counted.to_string()),
        ("differing", &*outcome.differences.len().to_string()),
    ];
    let first = format!("✓ {}", words.fill(SheetText::Posted, &places));
    let mut lines = vec![Line::from(Span::styled(first, theme.good))];
    let all = outcome.differences.len();
    let shown = if all + 1 > room { room.saturating_sub(2) } else { all };
    for posted in outcome.differences.iter().take(shown) {
        lines.push(Line::from(format!("  {}", change(&posted.line, posted.on_hand, words))));
    }
    if shown < all {
        let text = words.fill(SheetText::AndMore, &[("n", &(all - shown).to_string())]);
        lines.push(Line::from(Span::styled(format!("  {text}"), theme.dim)));
    }
    lines
}
