//! The locations of a form: what is typed, what is known about it, and what a scanned location means.

use rust_decimal::Decimal;

use super::line::{Entry, Step};
use super::{Focus, FormScreen};
use crate::domain::{Ends, LocationCode, MovementKind, Name, Scanned};
use crate::tui::text::form::FormText;
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::LocationPicker;
use crate::worker::message::Failure;

/// One end of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    From,
    To,
}

impl End {
    /// The ends that the form of a kind requires, in their order.
    pub(super) fn of(kind: MovementKind) -> &'static [Self] {
        match kind.rules().ends {
            Ends::From => &[Self::From],
            Ends::Both => &[Self::From, Self::To],
            // Kinds with either location, or those of another movement, have no form of their own.
            Ends::To | Ends::Either | Ends::Reversed => &[Self::To],
        }
    }
}

/// What is known about a location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing yet, or text is being typed.
    #[default]
    Open,
    Asked,
    Known(LocationCode, Option<Name>),
    /// Not a usable location, with the reason.
    Wrong(String),
    /// The query failed; it is repeated.
    Failed,
}

/// A location of the form.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) picker: LocationPicker,
    pub(super) state: State,
}

impl Place {
    pub(super) fn code(&self) -> Option<&LocationCode> {
        match &self.state {
            State::Known(code, _) => Some(code),
            _ => None,
        }
    }

    /// Whether it still has to be named.
    pub(super) fn is_missing(&self) -> bool {
        !matches!(self.state, State::Known(..) | State::Asked)
    }

    pub(super) fn know(&mut self, code: LocationCode, name: Option<Name>) {
        self.picker.set(code.as_str());
        self.state = State::Known(code, name);
    }
}

/// The location as it was before a scan filled it.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) end: End,
    pub(super) before: Place,
    /// Whether it was scanned into its own field, not among the items.
    pub(super) in_its_field: bool,
}

/// The location of a scanned lot, if there is only one such lot at only one location.
fn only_place(item: &Scanned) -> Option<LocationCode> {
    match item {
        Scanned::Lots(lots) => match lots.as_slice() {
            [lot] => lot.held_at.first().filter(|_| lot.held_at.len() == 1).cloned(),
            _ => None,
        },
        _ => None,
    }
}

impl FormScreen {
    pub(super) fn place(&self, end: End) -> &Place {
        match end {
            End::From => &self.from,
            End::To => &self.to,
        }
    }

    pub(super) fn place_mut(&mut self, end: End) -> &mut Place {
        match end {
            End::From => &mut self.from,
            End::To => &mut self.to,
        }
    }

    /// The first location that is still to be named.
    pub(super) fn missing_end(&self) -> Option<End> {
        End::of(self.kind).iter().copied().find(|end| self.place(*end).is_missing())
    }

    /// The known locations, in their order.
    pub(super) fn known_places(&self) -> impl Iterator<Item = (End, &LocationCode)> {
        End::of(self.kind).iter().filter_map(|end| self.place(*end).code().map(|code| (*end, code)))
    }

    pub(super) fn place_found(
        &mut self,
        end: End,
        text: &str,
        found: Result<Scanned, Failure>,
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        // Whoever types into the field again does not want its previous text.
        let awaited = self.place(end).state == State::Asked;
        match found {
            Ok(Scanned::Location { code, name, archived }) if awaited => {
                match self.set_place(end, code, name, archived, context) {
                    Ok(()) => self.remember_place(end, Place::default(), true),
                    Err(why) => self.refuse_place(end, why, context),
                }
            }
            Ok(item @ (Scanned::Product { .. } | Scanned::Lots(_))) => {
                // An item was scanned before the place: it counts, and the place is still asked for, unless the item can
                // only come from one.
                let place = self.place_mut(end);
                place.picker.set("");
                place.state = State::Open;
                let only = only_place(&item).filter(|_| end == End::From);
                let key = self.lines.add(text, Entry::Looking, None);
                self.line_found(key, None, text, Ok(item), number, context);
                if let Some(only) = only.filter(|_| self.lines.goods_of(key).is_some()) {
                    return self.pick_place(end, only, None, context);
                }
                let words = context.words.fill(FormText::PlaceFirst, &[("text", text)]);
                context.tell(Severity::Warning, words);
                context.ring();
                self.back_to_place(end);
            }
            Ok(Scanned::Nothing) if awaited => {
                let why = context.words.fill(FormText::UnknownPlace, &[("text", text)]);
                self.refuse_place(end, why, context);
            }
            Err(_) if awaited => self.place_mut(end).state = State::Failed,
            Ok(_) | Err(_) => {}
        }
    }

    fn remember_place(&mut self, end: End, before: Place, in_its_field: bool) {
        let place = Some(Filled { end, before, in_its_field });
        self.lines.remember(Step { place, asked: self.asked, ..Step::default() });
    }

    fn refuse_place(&mut self, end: End, why: String, context: &mut Context<'_>) {
        self.place_mut(end).state = State::Wrong(why);
        context.ring();
        self.back_to_place(end);
    }

    /// Moves the cursor back to a required location. What was typed since is deferred, so that it is not split.
    fn back_to_place(&mut self, end: End) {
        if self.scan.is_empty() && matches!(self.focus, Focus::Scan | Focus::Place(_)) {
            self.focus_on(Focus::Place(end));
        }
    }

    /// Sets a location if it can be used; otherwise says why not.
    fn set_place(
        &mut self,
        end: End,
        code: LocationCode,
        name: Option<Name>,
        archived: bool,
        context: &mut Context<'_>,
    ) -> Result<(), String> {
        let taken = self.known_places().any(|(other, known)| other != end && *known == code);
        let refusal = match (archived, taken) {
            (true, _) => Some(FormText::PlaceArchived),
            (_, true) => Some(FormText::SamePlace),
            _ => None,
        };
        if let Some(phrase) = refusal {
            return Err(context.words.fill(phrase, &[("code", code.as_str())]));
        }
        self.place_mut(end).know(code, name);
        self.trouble = None;
        let skus: Vec<_> = self.lines.goods().map(|(_, goods)| goods.sku.clone()).collect();
        for sku in skus {
            self.ask_on_hand(&sku, context);
        }
        Ok(())
    }

    /// Sets a location that was chosen among the suggestions.
    pub(super) fn pick_place(
        &mut self,
        end: End,
        code: LocationCode,
        name: Option<Name>,
        context: &mut Context<'_>,
    ) {
        self.outcome = None;
        match self.set_place(end, code, name, false, context) {
            Ok(()) => {
                self.remember_place(end, Place::default(), true);
                self.focus_on(self.next_asked());
            }
            Err(why) => self.refuse_place(end, why, context),
        }
    }

    /// Handles a location among the items: it is the required one, or changes nothing by itself.
    pub(super) fn located(
        &mut self,
        code: LocationCode,
        name: Option<Name>,
        archived: bool,
        context: &mut Context<'_>,
    ) {
        let (words, again) = (context.words, self.offered.take());
        let last = End::of(self.kind).last().copied().unwrap_or(End::To);
        // Later scans without an answer do not count.
        let free = self.lines.all().iter().all(|line| line.entry == Entry::Looking);
        let missing = self.missing_end();
        let end = missing.or((free && again.as_ref() == Some(&code)).then_some(last));
        if let Some(end) = end {
            let before = self.place(end).clone();
            match self.set_place(end, code, name, archived, context) {
                Ok(()) => self.remember_place(end, before, false),
                Err(why) => self.of_no_use(why, context),
            }
            if self.focus == Focus::Place(end) && missing.is_some() {
                self.focus_on(self.next_asked());
            }
            return;
        }
        let here = self.place(last).picker.field.text().to_owned();
        let what = name.map_or_else(|| code.to_string(), |name| format!("{code} ({name})"));
        let n = words.language.number(Decimal::from(self.lines.all().len()));
        let places = [("what", &*what), ("here", &*here), ("n", &*n)];
        if self.known_places().any(|(_, known)| *known == code) {
            context.tell(Severity::Note, words.fill(FormText::PlaceAlready, &places));
            self.lines.remember(Step::of(Vec::new(), self.asked));
            return;
        }
        let phrase = if free { FormText::PlaceOffered } else { FormText::PlaceInUse };
        if phrase == FormText::PlaceOffered {
            self.offered = Some(code);
        }
        self.of_no_use(words.fill(phrase, &places), context);
    }

    /// Says why a location among the items changed nothing.
    fn of_no_use(&mut self, why: String, context: &mut Context<'_>) {
        context.tell(Severity::Warning, why);
        context.ring();
        // It was a scan all the same, so one key undoes it and not the one before.
        self.lines.remember(Step::of(Vec::new(), self.asked));
    }
}
