//! The dialog that sets which lines of the collected log are listed.

use jiff::civil::Date;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::filter::{Filter, Part, Shown};
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::Picked;
use crate::tui::screens::ledger::filter::past_day;
use crate::tui::text::Words;
use crate::tui::text::audit::AuditText;
use crate::tui::widgets::Field;
use crate::tui::widgets::panel::dialog;

/// The fields of the dialog, in their order.
const LABELS: [AuditText; 7] = [
    AuditText::FilterShown,
    AuditText::Person,
    AuditText::Host,
    AuditText::Object,
    AuditText::FilterText,
    AuditText::FilterSince,
    AuditText::FilterUntil,
];
const SHOWN: usize = 0;
const PERSON: usize = 1;
const HOST: usize = 2;
const OBJECT: usize = 3;
const TEXT: usize = 4;
const SINCE: usize = 5;
const UNTIL: usize = 6;
/// The width of the names of the fields.
const LABEL_WIDTH: u16 = 12;
/// What can be chosen of the lines about logins, which have no classes.
const SHOWN_LOGINS: [Shown; 2] = [Shown::Everything, Shown::Errors];

/// The dialog that sets the filter.
#[derive(Debug)]
pub(super) struct FilterDialog {
    before: Filter,
    fields: [Field; LABELS.len()],
    choices: &'static [Shown],
    shown: usize,
    focus: usize,
    fault: Option<&'static str>,
}

impl FilterDialog {
    /// The dialog with what is set now.
    pub fn new(filter: &Filter, logins: bool) -> Self {
        let mut dialog = Self {
            before: filter.clone(),
            fields: Default::default(),
            choices: if logins { &SHOWN_LOGINS } else { &Shown::ALL },
            shown: 0,
            focus: PERSON,
            fault: None,
        };
        for part in filter.all() {
            let (field, text) = match part {
                Part::Shown(shown) => {
                    dialog.shown = dialog.choices.iter().position(|known| known == shown).unwrap_or(0);
                    continue;
                }
                Part::Person(login) => (PERSON, login.clone()),
                Part::Host(host) => (HOST, host.clone()),
                Part::Object(object) => (OBJECT, object.clone()),
                Part::Text(text) => (TEXT, text.clone()),
                Part::Since(day) => (SINCE, day.to_string()),
                Part::Until(day) => (UNTIL, day.to_string()),
                // Set by a key of its own, and kept.
                Part::Session(_) => continue,
            };
            dialog.fields[field].set(&text);
        }
        dialog.go_to(PERSON);
        dialog
    }

    fn go_to(&mut self, field: usize) {
        self.focus = field;
        self.fields[field].preselect();
    }

    fn turn(&mut self, places: usize) {
        self.shown = (self.shown + places) % self.choices.len();
    }

    fn text(&self, field: usize) -> Option<String> {
        Some(self.fields[field].text().trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The parts of the filter, or the field at fault and why.
    fn read(&self, today: Date, words: Words) -> Result<Vec<Part>, (usize, &'static str)> {
        let mut parts = Vec::new();
        if let Some(shown) = self.choices.get(self.shown).filter(|_| self.shown > 0) {
            parts.push(Part::Shown(*shown));
        }
        parts.extend(self.text(PERSON).map(Part::Person));
        parts.extend(self.text(HOST).map(Part::Host));
        parts.extend(self.text(OBJECT).map(Part::Object));
        parts.extend(self.text(TEXT).map(Part::Text));
        let day = |field: usize| match self.text(field) {
            Some(text) => past_day(&text, today).map(Some).map_err(|_| (field, words.say(AuditText::NoDay))),
            None => Ok(None),
        };
        let (since, until) = (day(SINCE)?, day(UNTIL)?);
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            return Err((UNTIL, words.say(AuditText::DaysBackwards)));
        }
        parts.extend(since.map(Part::Since));
        parts.extend(until.map(Part::Until));
        let session = self.before.all().iter().find(|part| matches!(part, Part::Session(_)));
        parts.extend(session.cloned());
        Ok(parts)
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        match self.read(context.today(), context.words) {
            Ok(parts) => {
                context.wish(Wish::Close);
                context.wish(Wish::Picked(Picked::Events(Box::new(self.before.replaced(parts)))));
            }
            Err((field, fault)) => {
                self.fault = Some(fault);
                self.go_to(field);
                context.ring();
            }
        }
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
            SHOWN => Typing::Nothing,
            focus if self.fields[focus].is_empty() => Typing::Empty,
            _ => Typing::Text,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        let count = LABELS.len();
        match key.code {
            Code::Down => self.go_to((self.focus + 1) % count),
            Code::Up => self.go_to((self.focus + count - 1) % count),
            Code::Left if self.focus == SHOWN => self.turn(self.choices.len() - 1),
            Code::Right | Code::Char(' ') if self.focus == SHOWN => self.turn(1),
            _ if self.focus == SHOWN => {}
            _ => {
                self.fault = None;
                self.fields[self.focus].key(key);
            }
        }
    }

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        let count = LABELS.len();
        match command {
            Command::NextField => self.go_to((self.focus + 1) % count),
            Command::PreviousField => self.go_to((self.focus + count - 1) % count),
            Command::Confirm => self.confirm(context),
            Command::Close => context.wish(Wish::Close),
            _ => return false,
        }
        true
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(field) = hit
            && field < LABELS.len()
        {
            if field == SHOWN && self.focus == SHOWN {
                self.turn(1);
            }
            self.go_to(field);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, 60, 12, canvas.words.say(AuditText::FilterTitle));
        for (field, (label, row)) in LABELS.iter().zip(inside.rows()).enumerate() {
            canvas.frame.render_widget(Line::from(canvas.words.say(*label)), row);
            let spot = Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
            let focus = canvas.focus && field == self.focus;
            if field == SHOWN {
                let style = if focus { canvas.theme.field_focus } else { canvas.theme.field };
                canvas.frame.buffer_mut().set_style(spot, style);
                let chosen = self.choices.get(self.shown).copied().unwrap_or_default();
                let text = format!("◂ {} ▸", canvas.words.say(chosen.phrase()));
                canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
            } else {
                let hint = match field {
                    SINCE | UNTIL => canvas.words.say(AuditText::DayHint),
                    _ => "",
                };
                self.fields[field].show(spot, canvas, focus, hint);
            }
            canvas.hit(spot, Hit::Field(field));
        }
        let below =
            Rect { y: inside.y + 8.min(inside.height), height: inside.height.saturating_sub(8), ..inside };
        let text = match (self.fault, self.shown_day(canvas)) {
            (Some(fault), _) => Span::styled(format!("✗ {fault}"), canvas.theme.bad),
            (None, Some(day)) => Span::styled(day, canvas.theme.dim),
            (None, None) => Span::raw(""),
        };
        canvas.frame.render_widget(Paragraph::new(Line::from(text)).wrap(Wrap { trim: true }), below);
    }
}

impl FilterDialog {
    /// Which day the field with the focus means.
    fn shown_day(&self, canvas: &Canvas<'_, '_>) -> Option<String> {
        if !matches!(self.focus, SINCE | UNTIL) {
            return None;
        }
        let day = past_day(&self.text(self.focus)?, canvas.today()).ok()?;
        Some(format!("= {}", canvas.words.language.day(day)))
    }
}
