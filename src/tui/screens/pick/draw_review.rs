//! Drawing of the review before posting.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::PickScreen;
use super::post::{Act, instead_words, lines};
use super::short::Shortage;
use super::walk::Stop;
use super::words::goods_words;
use crate::domain::display::safe_line;
use crate::domain::{Allocation, OrderNumber};
use crate::tui::command::Command;
use crate::tui::text::Words;
use crate::tui::text::pick::PickText;
use crate::tui::theme::Theme;
use crate::tui::view::Canvas;
use crate::tui::widgets::panel::{padded, panel};

impl PickScreen {
    pub(super) fn draw_review(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let Some(act) = &self.act else { return };
        let (title, text) = match act {
            Act::Pick { goods, to } => {
                let places = [("lines", &*lines(goods.len(), words)), ("dock", to.as_str())];
                (words.fill(PickText::ReviewPick, &places), self.picked_lines(words, canvas.theme))
            }
            Act::Short(short) => {
                let at = &short.allocation;
                let n = words.language.number(short.missing);
                let places = [
                    ("n", &*n),
                    ("unit", &*safe_line(&at.unit)),
                    ("sku", at.sku.as_str()),
                    ("place", at.location.as_str()),
                ];
                (words.fill(PickText::ReviewShort, &places), short_lines(short, words, canvas.theme))
            }
            Act::Ship { number, goods } => {
                let title = words.fill(PickText::ReviewShip, &[("order", number.as_str())]);
                (title, self.shipped_lines(number, goods, words, canvas.theme))
            }
        };
        let inside = padded(panel(canvas, area, &title, canvas.focus));
        let [list, keys] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(inside);
        self.review.draw(text, list, canvas);
        let key = |command: Command| canvas.key(command).unwrap_or_default();
        let (accept, post, close) = (key(Command::Accept), key(Command::Post), key(Command::Close));
        let places = [("accept", &*accept), ("post", &*post), ("close", &*close)];
        let mut text = words.fill(PickText::ReviewKeys, &places);
        if self.review.below() > 0 {
            text = format!("{text} · ↓ +{}", self.review.below());
        }
        canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.key)), keys);
    }

    /// Lines that say what is moved to the dock, and what remains to be picked.
    fn picked_lines(&self, words: Words, theme: &Theme) -> Vec<Line<'static>> {
        let phrases = (PickText::ReviewLine, PickText::ReviewLineLot);
        let of = |stop: &Stop| goods_words(&stop.allocation, stop.picked, phrases, words);
        let mut text: Vec<Line<'static>> =
            self.walk.picked().map(|stop| item(&of(stop), theme.text)).collect();
        let open = u64::try_from(self.walk.open().count()).unwrap_or(u64::MAX);
        if open > 0 {
            text.push(note(words.count(open, PickText::RestOne, PickText::RestMany), theme.dim));
        }
        text
    }

    /// Lines that say what is shipped of an order, and what has not been picked yet.
    fn shipped_lines(
        &self,
        number: &OrderNumber,
        goods: &[Allocation],
        words: Words,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let phrases = (PickText::ShipLine, PickText::ShipLineLot);
        let mut text: Vec<Line<'static>> =
            goods.iter().map(|at| item(&goods_words(at, at.open, phrases, words), theme.text)).collect();
        let open = self.walk.open().filter(|stop| stop.allocation.number == *number).count();
        let open = u64::try_from(open).unwrap_or(u64::MAX);
        if open > 0 {
            text.push(note(words.count(open, PickText::ShipRestOne, PickText::ShipRestMany), theme.warning));
        }
        text
    }
}

/// Lines that say what is released, why, and where it is reserved instead.
fn short_lines(short: &Shortage, words: Words, theme: &Theme) -> Vec<Line<'static>> {
    let order = ("order", short.allocation.number.as_str());
    let reason = safe_line(short.reason.as_str());
    let mut text = vec![note(words.fill(PickText::ShortReason, &[("reason", &reason)]), theme.text)];
    let nowhere = words.language.number(short.nowhere());
    if short.instead.is_empty() {
        text.push(note(words.fill(PickText::ShortNowhere, &[("n", &nowhere), order]), theme.warning));
    } else {
        text.push(note(words.fill(PickText::ShortReleased, &[order]), theme.text));
        for change in &short.instead {
            let lot = change.lot.as_ref().map(|lot| lot.as_str());
            let place = instead_words(std::iter::once((&change.location, lot, change.change)), words);
            text.push(item(&place, theme.text));
        }
        if !short.nowhere().is_zero() {
            text.push(note(words.fill(PickText::ShortOpen, &[("n", &nowhere), order]), theme.warning));
        }
    }
    let place = short.allocation.location.as_str();
    text.push(note(words.fill(PickText::ShortCount, &[("place", place)]), theme.dim));
    text
}

fn item(text: &str, style: Style) -> Line<'static> {
    Line::from(Span::styled(format!("· {text}"), style))
}

fn note(text: String, style: Style) -> Line<'static> {
    Line::from(Span::styled(text, style))
}
