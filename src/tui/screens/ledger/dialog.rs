//! The dialog that sets the filter of the ledger.

use jiff::civil::Date;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::filter::{Filter, Part, past_day};
use crate::domain::entry::{EntryError, EntryFault};
use crate::domain::{MovementKind, Sku};
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::Picked;
use crate::tui::text::ledger::{LedgerText, kind_words};
use crate::tui::text::{Words, failure};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Completion, Field};
use crate::worker::message::{Answer, Failure, Question, Scanned, Strand, Ticket};

/// The kinds in the order of the filter; the first choice is all of them.
const KINDS: [MovementKind; 5] = [
    MovementKind::Receipt,
    MovementKind::Issue,
    MovementKind::Transfer,
    MovementKind::Adjustment,
    MovementKind::Reversal,
];

/// The fields of the dialog, in their order.
const LABELS: [LedgerText; 7] = [
    LedgerText::Item,
    LedgerText::Person,
    LedgerText::Kind,
    LedgerText::Reference,
    LedgerText::From,
    LedgerText::To,
    LedgerText::Place,
];
const ITEM: usize = 0;
const PERSON: usize = 1;
const KIND: usize = 2;
const REFERENCE: usize = 3;
const SINCE: usize = 4;
const UNTIL: usize = 5;
const PLACE: usize = 6;
/// The width of the names of the fields.
const LABEL_WIDTH: u16 = 14;

/// The dialog that sets the filter.
#[derive(Debug)]
pub struct FilterDialog {
    before: Filter,
    fields: [Field; LABELS.len()],
    /// The position in [`KINDS`], from one on; zero is all kinds.
    kind: usize,
    focus: usize,
    /// The places that fit what is typed into the field for one.
    completion: Completion,
    /// The item is being looked up, because it may be a barcode.
    looking_up: Option<Ticket>,
    fault: Option<String>,
}

impl FilterDialog {
    /// The dialog with what is set now.
    #[must_use]
    pub fn new(filter: &Filter) -> Self {
        let mut dialog = Self {
            before: filter.clone(),
            fields: Default::default(),
            kind: 0,
            focus: ITEM,
            completion: Completion::default(),
            looking_up: None,
            fault: None,
        };
        for part in filter.all() {
            let (field, text) = match part {
                Part::Item(sku) => (ITEM, sku.to_string()),
                Part::Person(login) => (PERSON, login.clone()),
                Part::Reference(reference) => (REFERENCE, reference.clone()),
                Part::Since(day) => (SINCE, day.to_string()),
                Part::Until(day) => (UNTIL, day.to_string()),
                Part::Place(code) => (PLACE, code.to_string()),
                Part::Kind(kind) => {
                    dialog.kind = KINDS.iter().position(|known| known == kind).map_or(0, |at| at + 1);
                    continue;
                }
            };
            dialog.fields[field].set(&text);
        }
        dialog.go_to(ITEM);
        dialog
    }

    fn go_to(&mut self, field: usize) {
        self.completion.close();
        self.focus = field;
        self.fields[field].preselect();
    }

    /// To the field so many places further on; after the last one comes the first.
    fn step(&mut self, fields: usize) {
        self.go_to((self.focus + fields) % LABELS.len());
    }

    /// Puts the place that was chosen from the offered ones into its field. Returns whether one was.
    fn take_place(&mut self) -> bool {
        let Some(row) = self.completion.picked() else { return false };
        self.fields[PLACE].set(&row.code);
        self.completion.close();
        true
    }

    fn type_key(&mut self, key: Key, context: &mut Context<'_>) {
        let field = &mut self.fields[self.focus];
        let before = field.text().to_owned();
        field.key(key);
        if self.focus == PLACE && field.text() != before {
            self.completion.ask(field.text(), context);
        }
    }

    fn kind_label(&self, words: Words) -> &'static str {
        match self.kind.checked_sub(1).and_then(|at| KINDS.get(at)) {
            Some(kind) => words.say(kind_words(*kind)),
            None => words.say(LedgerText::AllKinds),
        }
    }

    /// The next kind that begins with a letter.
    fn kind_by_letter(&mut self, letter: char, words: Words) {
        let letter = letter.to_lowercase().next();
        let count = KINDS.len() + 1;
        for step in 1..=count {
            self.kind = (self.kind + 1) % count;
            if step == count || self.kind_label(words).chars().next() == letter {
                return;
            }
        }
    }

    fn text(&self, field: usize) -> Option<&str> {
        Some(self.fields[field].text().trim()).filter(|text| !text.is_empty())
    }

    /// Everything but the item as parts of the filter, or the field at fault and why.
    fn read(&self, today: Date, words: Words) -> Result<Vec<Part>, (usize, String)> {
        let mut parts = Vec::new();
        if let Some(login) = self.text(PERSON) {
            parts.push(Part::Person(login.to_owned()));
        }
        if let Some(kind) = self.kind.checked_sub(1).and_then(|at| KINDS.get(at)) {
            parts.push(Part::Kind(*kind));
        }
        if let Some(reference) = self.text(REFERENCE) {
            parts.push(Part::Reference(reference.to_owned()));
        }
        let day = |field: usize| match self.text(field) {
            Some(text) => past_day(text, today).map(Some).map_err(|error| (field, day_fault(&error, words))),
            None => Ok(None),
        };
        let (since, until) = (day(SINCE)?, day(UNTIL)?);
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            return Err((UNTIL, words.say(LedgerText::DaysBackwards).to_owned()));
        }
        parts.extend(since.map(Part::Since));
        parts.extend(until.map(Part::Until));
        if let Some(text) = self.text(PLACE) {
            let place = text.parse().map_err(|_| (PLACE, words.say(LedgerText::NoPlaceCode).to_owned()))?;
            parts.push(Part::Place(place));
        }
        Ok(parts)
    }

    /// Takes the dialog over, once the item is known.
    fn confirm(&mut self, context: &mut Context<'_>) {
        self.fault = None;
        if let Err((field, fault)) = self.read(context.today(), context.words) {
            self.fault_at(field, fault, context);
            return;
        }
        let known = self.before.all().iter().find_map(|part| match part {
            Part::Item(sku) => Some(sku.clone()),
            _ => None,
        });
        match self.text(ITEM) {
            None => self.finish(None, context),
            Some(text) if known.as_ref().is_some_and(|sku| sku.as_str() == text) => {
                self.finish(known, context);
            }
            Some(text) => {
                let question = Question::Scan(text.to_owned());
                self.looking_up = Some(context.ask(Strand::Scan, question));
            }
        }
    }

    fn fault_at(&mut self, field: usize, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        self.go_to(field);
        context.ring();
    }

    fn finish(&mut self, item: Option<Sku>, context: &mut Context<'_>) {
        let Ok(mut parts) = self.read(context.today(), context.words) else { return };
        if let Some(sku) = item {
            parts.insert(0, Part::Item(sku));
        }
        context.wish(Wish::Close);
        context.wish(Wish::Picked(Picked::Movements(Box::new(self.before.replaced(parts)))));
    }

    fn looked_up(&mut self, scanned: &Scanned, context: &mut Context<'_>) {
        match scanned {
            Scanned::Product { row, .. } => match row.sku.parse() {
                Ok(sku) => self.finish(Some(sku), context),
                Err(_) => self.unknown_item(context),
            },
            Scanned::Location { code, .. } => {
                let places = [("code", code.as_str())];
                let fault = context.words.fill(LedgerText::ItemIsPlace, &places);
                self.fault_at(ITEM, fault, context);
            }
            Scanned::Nothing => self.unknown_item(context),
        }
    }

    fn unknown_item(&mut self, context: &mut Context<'_>) {
        let code = self.text(ITEM).unwrap_or_default().to_owned();
        let fault = context.words.fill(LedgerText::NoItem, &[("code", &code)]);
        self.fault_at(ITEM, fault, context);
    }
}

/// Why a text is no day of the ledger.
fn day_fault(error: &EntryError, words: Words) -> String {
    match &error.fault {
        EntryFault::DayUnclear { day, month_end } => {
            let (day, month_end) = (words.language.day(*day), words.language.day(*month_end));
            words.fill(LedgerText::DayUnclear, &[("day", &day), ("other", &month_end)])
        }
        EntryFault::YearFirst { day } => {
            words.fill(LedgerText::YearFirst, &[("day", &words.language.day(*day))])
        }
        _ => words.say(LedgerText::NoDay).to_owned(),
    }
}

impl View for FilterDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        match self.focus {
            KIND => Typing::Nothing,
            focus if self.fields[focus].is_empty() => Typing::Empty,
            _ => Typing::Text,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        match key.code {
            Code::Down if !self.completion.offered().is_empty() => self.completion.step(true),
            Code::Up if self.completion.cursor().is_some() => self.completion.step(false),
            Code::Down => self.step(1),
            Code::Up => self.step(LABELS.len() - 1),
            Code::Left if self.focus == KIND => self.kind = (self.kind + KINDS.len()) % (KINDS.len() + 1),
            Code::Right | Code::Char(' ') if self.focus == KIND => {
                self.kind = (self.kind + 1) % (KINDS.len() + 1);
            }
            Code::Char(letter) if self.focus == KIND && key.typed().is_some() => {
                self.kind_by_letter(letter, context.words);
            }
            _ if self.focus == KIND => {}
            _ => {
                // What is typed now is not what is being looked up.
                self.looking_up = None;
                self.type_key(key, context);
            }
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::NextField => {
                self.completion.pick_any();
                self.take_place();
                self.step(1);
            }
            Command::PreviousField => self.step(LABELS.len() - 1),
            Command::Confirm if self.take_place() => {}
            Command::Confirm => self.confirm(context),
            Command::Close if !self.completion.offered().is_empty() => self.completion.close(),
            Command::Close => context.wish(Wish::Close),
            _ => return false,
        }
        true
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(field) = hit
            && field < LABELS.len()
        {
            if field == KIND && self.focus == KIND {
                self.kind = (self.kind + 1) % (KINDS.len() + 1);
            }
            self.go_to(field);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.looking_up.take_if(|asked| *asked == ticket).is_none() {
            return self.completion.answered(ticket, answer);
        }
        match answer {
            Ok(Answer::Scan(scanned)) => self.looked_up(scanned, context),
            Ok(_) => {}
            Err(error) => {
                let fault = failure::words(context.words, error);
                self.fault_at(ITEM, fault, context);
            }
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, 60, 14, canvas.words.say(LedgerText::FilterTitle));
        let value =
            |row: Rect| Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
        for (field, (label, row)) in LABELS.iter().zip(inside.rows()).enumerate() {
            canvas.frame.render_widget(Line::from(canvas.words.say(*label)), row);
            let spot = value(row);
            let focus = canvas.focus && field == self.focus;
            if field == KIND {
                let style = if focus { canvas.theme.field_focus } else { canvas.theme.field };
                canvas.frame.buffer_mut().set_style(spot, style);
                let shown = format!("◂ {} ▸", self.kind_label(canvas.words));
                canvas.frame.render_widget(Line::from(Span::styled(shown, style)), spot);
            } else {
                let hint = match field {
                    ITEM => canvas.words.say(LedgerText::ItemHint),
                    SINCE | UNTIL => canvas.words.say(LedgerText::DayHint),
                    _ => "",
                };
                self.fields[field].show(spot, canvas, focus, hint);
            }
            canvas.hit(spot, Hit::Field(field));
        }
        let used = u16::try_from(LABELS.len()).unwrap_or(u16::MAX) + 1;
        let below = Rect {
            y: inside.y + used.min(inside.height),
            height: inside.height.saturating_sub(used),
            ..inside
        };
        let text = if self.looking_up.is_some() {
            Span::styled(canvas.words.say(LedgerText::LookingUpItem), canvas.theme.dim)
        } else if let Some(fault) = &self.fault {
            Span::styled(format!("✗ {fault}"), canvas.theme.bad)
        } else {
            match self.shown_day(canvas) {
                Some(day) => Span::styled(day, canvas.theme.dim),
                None => Span::raw(""),
            }
        };
        canvas.frame.render_widget(Paragraph::new(Line::from(text)).wrap(Wrap { trim: true }), below);
        if let Some(row) = inside.rows().nth(PLACE)
            && canvas.focus
        {
            self.completion.draw_below(value(row), area, canvas);
        }
    }
}

impl FilterDialog {
    /// Which day the field with the focus means.
    fn shown_day(&self, canvas: &Canvas<'_, '_>) -> Option<String> {
        if !matches!(self.focus, SINCE | UNTIL) {
            return None;
        }
        let day = past_day(self.text(self.focus)?, canvas.today()).ok()?;
        Some(format!("= {}", canvas.words.language.day(day)))
    }
}
