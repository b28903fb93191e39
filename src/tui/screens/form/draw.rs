//! Draws a form: its head, its messages, and the field for input.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::asked::What;
use super::edit::LineField;
use super::place::{End, State};
use super::post::Phase;
use super::{Focus, FormScreen};
use crate::tui::command::Command;
use crate::tui::text::form::FormText;
use crate::tui::view::{Canvas, Hit, fit};
use crate::tui::widgets::Field;

/// The gap between a label and its field, and between two fields.
const GAP: u16 = 1;
/// The width of the field of a location, if there is room: that of the longest code.
const PLACE_WIDTH_MAX: u16 = 30;
/// The least width of the item field beside the meaning of its text.
const INPUT_MIN: u16 = 20;
/// The most lines for the state of the form; more would push the goods out of view.
const STATE_LINES_MAX: usize = 5;

/// A field of the head of the form – an order or a location – with what is known about its content.
pub(super) struct Target<'a> {
    pub(super) label: &'static str,
    pub(super) field: &'a Field,
    /// The text shown while the field is empty.
    pub(super) hint: &'static str,
    /// The text beside the field.
    pub(super) note: String,
    pub(super) style: Style,
}

/// Wraps a text to a number of columns, at spaces if possible, and never at no-break spaces.
pub(super) fn wrapped(text: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.max(1));
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    // A word longer than the line, such as a long code, is broken at the end of the line.
    // Some terminals draw a no-break space incorrectly.
    lines.into_iter().flat_map(|line| cut(line.replace('\u{a0}', " "), columns)).collect()
}

fn cut(mut line: String, columns: usize) -> Vec<String> {
    let mut parts = Vec::new();
    while line.width() > columns {
        let part = fit(&line, columns);
        if part.is_empty() {
            break;
        }
        line = line.split_off(part.len());
        parts.push(part);
    }
    parts.push(line);
    parts
}

fn height(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

impl FormScreen {
    pub(super) fn draw_form(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let state = self.state(area.width.saturating_sub(2), canvas);
        let [places, details, state_area, input, body] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(height(state.len())),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(area);
        self.draw_places(places, canvas);
        self.draw_details(details, canvas);
        for (row, (text, style)) in state_area.rows().zip(state) {
            canvas.frame.render_widget(Line::from(Span::styled(format!(" {text}"), style)), row);
        }
        if self.phase == Phase::Review {
            let whole = Rect { y: input.y, height: input.height + body.height, ..body };
            self.draw_review(whole, canvas);
            return;
        }
        self.draw_input(input, canvas);
        self.draw_body(body, canvas);
        self.draw_offered([places, details, input], area, canvas);
    }

    fn is_here(&self, focus: Focus, canvas: &Canvas<'_, '_>) -> bool {
        canvas.focus && self.focus == focus && self.phase == Phase::Editing
    }

    /// The faults of the form as a whole.
    fn faults(&self) -> impl Iterator<Item = &str> {
        let order = self.against.as_ref().and_then(|against| against.wrong());
        let trouble = self.trouble.as_ref().map(|trouble| trouble.text.as_str());
        let places = End::of(self.kind).iter().filter_map(|end| match &self.place(*end).state {
            State::Wrong(why) => Some(why.as_str()),
            _ => None,
        });
        self.fault.as_deref().into_iter().chain(trouble).chain(order).chain(places)
    }

    /// The messages above the field: what is wrong, what is in progress, what waits.
    fn state(&self, columns: u16, canvas: &Canvas<'_, '_>) -> Vec<(String, Style)> {
        let (words, theme) = (canvas.words, canvas.theme);
        let key = |command: Command| canvas.key(command).unwrap_or_default();
        let (close, post, discard) = (key(Command::Close), key(Command::Post), key(Command::Discard));
        let accept = key(Command::Accept);
        let keys = [("close", &*close), ("post", &*post), ("discard", &*discard), ("accept", &*accept)];
        let count = |number: usize, one: FormText, many: FormText| {
            let phrase = if number == 1 { one } else { many };
            let figure = words.language.number(Decimal::from(number));
            words.fill(phrase, &[("n", &figure), ("discard", &discard)])
        };
        let mut said: Vec<(String, Style)> =
            self.faults().map(|text| (format!("✗ {text}"), theme.bad)).collect();
        let waiting = |number: usize| count(number, FormText::KeyWaits, FormText::KeysWait);
        let deferred = self.waiting.for_posting();
        let say_deferred = |said: &mut Vec<(String, Style)>| {
            if deferred > 0 {
                let text = count(deferred, FormText::KeyDeferred, FormText::KeysDeferred);
                said.push((format!("! {text}"), theme.warning));
            }
        };
        match self.phase {
            Phase::Editing | Phase::Review => say_deferred(&mut said),
            Phase::Posting if self.submission.is_unknown() => {
                let text = words.say(FormText::OutcomeUnknown);
                said.push((format!("! {text}"), theme.warning));
                if deferred > 0 {
                    said.push((waiting(deferred), theme.warning));
                }
            }
            Phase::Posting => {
                let mut text = words.say(FormText::Posting).to_owned();
                if deferred > 0 {
                    text = format!("{text} ({})", waiting(deferred));
                }
                said.push((text, theme.title));
            }
            Phase::Refused => {
                said.push((words.fill(FormText::RefusedKeys, &keys), theme.title));
                say_deferred(&mut said);
            }
            Phase::Discarding => {
                let lines = u64::try_from(self.lines.all().len()).unwrap_or(u64::MAX);
                let lines = words.count(lines, FormText::LineOne, FormText::LineMany);
                let places = [keys[0], keys[2], keys[3], ("lines", &*lines)];
                said.push((format!("! {}", words.fill(FormText::DiscardAsk, &places)), theme.warning));
                if deferred > 0 {
                    let text = count(deferred, FormText::DiscardKeys, FormText::DiscardKeys);
                    said.push((format!("! {text}"), theme.warning));
                }
            }
        }
        if self.waiting.for_answers() > 0 {
            said.push((waiting(self.waiting.for_answers()), theme.warning));
        }
        let lines = said
            .into_iter()
            .flat_map(|(text, style)| wrapped(&text, columns).into_iter().map(move |line| (line, style)));
        lines.take(STATE_LINES_MAX).collect()
    }

    /// Draws the locations, side by side.
    fn draw_places(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let order = self.against.as_ref().map(|against| (Focus::Order, against.shown(canvas)));
        let ends = End::of(self.kind).iter().map(|end| (Focus::Place(*end), self.place_shown(*end, canvas)));
        let targets: Vec<(Focus, Target<'_>)> = order.into_iter().chain(ends).collect();
        let columns =
            Layout::horizontal(targets.iter().map(|_| Constraint::Fill(1))).spacing(GAP).split(area);
        for ((focus, target), spot) in targets.into_iter().zip(columns.iter()) {
            let Target { label, field: shown, hint, note, style } = target;
            let label_width = height(label.width()) + 2;
            let room = spot.width.saturating_sub(label_width);
            let note_width = height(note.width()).min(room / 2);
            let [name, field, _, beside] = Layout::horizontal([
                Constraint::Length(label_width),
                Constraint::Length(room.saturating_sub(note_width + GAP).min(PLACE_WIDTH_MAX)),
                Constraint::Length(GAP),
                Constraint::Min(0),
            ])
            .areas(*spot);
            canvas.frame.render_widget(Line::from(format!(" {label}")), name);
            shown.show(field, canvas, self.is_here(focus, canvas), hint);
            self.hit(focus, field, canvas);
            canvas.frame.render_widget(Line::from(Span::styled(note, style)), beside);
        }
    }

    /// Makes a click in this area focus a field of the form, if the field can be focused.
    fn hit(&self, focus: Focus, spot: Rect, canvas: &mut Canvas<'_, '_>) {
        if let Some(position) = self.fields().iter().position(|field| *field == focus) {
            canvas.hit(spot, Hit::Field(position));
        }
    }

    /// The field of a location.
    fn place_shown(&self, end: End, canvas: &Canvas<'_, '_>) -> Target<'_> {
        let label = canvas.words.say(if end == End::From { FormText::From } else { FormText::To });
        let place = self.place(end);
        let (note, style) = match &place.state {
            State::Open => (String::new(), canvas.theme.dim),
            State::Asked => (canvas.words.say(FormText::Looking).to_owned(), canvas.theme.dim),
            State::Known(_, name) => {
                (format!("✓ {}", name.as_deref().unwrap_or_default()), canvas.theme.good)
            }
            State::Wrong(_) => ("✗".to_owned(), canvas.theme.bad),
            State::Failed => (format!("! {}", canvas.words.say(FormText::NotLookedUp)), canvas.theme.warning),
        };
        Target { label, field: &place.picker.field, hint: canvas.words.say(FormText::PlaceHint), note, style }
    }

    /// Draws partner, reference and reason, side by side.
    fn draw_details(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let fields = [
            (FormText::Partner, &self.partner, Focus::Partner),
            (FormText::Reference, &self.reference, Focus::Reference),
            (FormText::Reason, &self.reason, Focus::Reason),
        ];
        let columns = Layout::horizontal(fields.map(|_| Constraint::Fill(1))).spacing(GAP).split(area);
        for ((label, field, focus), spot) in fields.into_iter().zip(columns.iter()) {
            let label = canvas.words.say(label);
            let label_width = (height(label.width()) + 2).min(spot.width);
            let name = Rect { width: label_width, ..*spot };
            let place = Rect { x: spot.x + label_width, width: spot.width - label_width, ..*spot };
            canvas.frame.render_widget(Line::from(Span::styled(format!(" {label}"), canvas.theme.dim)), name);
            let here = self.is_here(focus, canvas);
            // An order goes by its number unless the delivery note has one.
            let number = self.order().filter(|_| focus == Focus::Reference).map(|order| &order.row.number);
            field.show(place, canvas, here, number.map_or("", |number| number.as_str()));
            self.hit(focus, *spot, canvas);
        }
    }

    /// The label of the input field, and its placeholder.
    fn prompt(&self, canvas: &Canvas<'_, '_>) -> (String, &'static str) {
        let words = canvas.words;
        let of = |phrase: FormText, sku: &str| words.fill(phrase, &[("sku", sku)]);
        let selected = self.lines.selected().and_then(|line| line.goods());
        let sku = selected.map(|goods| goods.sku.as_str()).unwrap_or_default();
        if let Focus::Line(field) = self.focus {
            return match field {
                LineField::Code => (words.say(FormText::CodeOf).to_owned(), ""),
                LineField::Quantity => (of(FormText::QuantityOf, sku), ""),
                LineField::Lot => (of(FormText::LotOf, sku), words.say(FormText::LotHint)),
                LineField::Expiry => (of(FormText::ExpiryOf, sku), words.say(FormText::ExpiryHint)),
                LineField::Serials => (of(FormText::SerialsOf, sku), words.say(FormText::SerialsHint)),
                LineField::Price => (of(FormText::PriceOf, sku), ""),
            };
        }
        let asked =
            self.asked.and_then(|asked| self.lines.goods_of(asked.key).map(|goods| (asked.what, goods)));
        match asked {
            Some((What::Lot, goods)) if self.takes_new_lots() && goods.lot.is_none() => {
                (of(FormText::LotOf, goods.sku.as_str()), words.say(FormText::LotHint))
            }
            Some((What::Expiry, goods)) => {
                (of(FormText::ExpiryOf, goods.sku.as_str()), words.say(FormText::ExpiryHint))
            }
            Some((What::Serials, goods)) => {
                (of(FormText::SerialsOf, goods.sku.as_str()), words.say(FormText::SerialsHint))
            }
            _ => (words.say(FormText::Scan).to_owned(), words.say(FormText::ScanHint)),
        }
    }

    fn draw_input(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let (label, hint) = self.prompt(canvas);
        let label = format!(" {label} ▸ ");
        let meaning = self.meaning(canvas.words, canvas.today());
        let (note, style) = match meaning {
            Some(Ok(text)) => (format!(" {text}"), canvas.theme.good),
            Some(Err(text)) => (format!(" {text}"), canvas.theme.dim),
            None => (String::new(), canvas.theme.dim),
        };
        let label_width = height(label.width()).min(area.width / 2);
        let left = area.width.saturating_sub(label_width);
        let note_width = height(note.width()).min(left.saturating_sub(INPUT_MIN));
        let [name, field, beside] = Layout::horizontal([
            Constraint::Length(label_width),
            Constraint::Min(1),
            Constraint::Length(note_width),
        ])
        .areas(area);
        canvas.frame.render_widget(Line::from(Span::styled(label, canvas.theme.title)), name);
        let in_line = matches!(self.focus, Focus::Line(_));
        let shown = if in_line { &self.editor } else { &self.scan };
        let focus = self.is_here(Focus::Scan, canvas) || (in_line && self.is_here(self.focus, canvas));
        shown.show(field, canvas, focus, hint);
        self.hit(Focus::Scan, field, canvas);
        canvas.frame.render_widget(Line::from(Span::styled(note, style)), beside);
    }

    /// Draws the suggestions for the typed text, below the field.
    fn draw_offered(&self, rows: [Rect; 3], area: Rect, canvas: &mut Canvas<'_, '_>) {
        if self.phase != Phase::Editing || !canvas.focus {
            return;
        }
        let [places, details, input] = rows;
        match self.focus {
            Focus::Order => {
                if let Some(against) = &self.against {
                    against.offers.draw_below(Rect { x: places.x + 1, ..places }, area, canvas);
                }
            }
            Focus::Place(end) => {
                let second = self.fields().iter().position(|field| *field == Focus::Place(end)) == Some(1);
                let x = if second { places.x + places.width / 2 } else { places.x };
                self.place(end).picker.completion.draw_below(Rect { x: x + 1, ..places }, area, canvas);
            }
            Focus::Partner => self.offers.draw_below(Rect { x: details.x + 1, ..details }, area, canvas),
            Focus::Scan | Focus::Line(_) => {
                self.offers.draw_below(Rect { x: input.x + 1, ..input }, area, canvas);
            }
            Focus::Reference | Focus::Reason => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_wrapped_between_words_and_long_words_cut() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("", 3), [""]);
        assert_eq!(wrapped("un deux\u{a0}; trois", 7), ["un", "deux ;", "trois"]);
        assert_eq!(wrapped("now 1\u{a0}→\u{a0}2", 8), ["now", "1 → 2"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("日", 1), ["日"]);
    }
}
