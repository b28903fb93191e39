//! Counting: a typed or scanned text becomes the count of a line.

use rust_decimal::Decimal;

use super::draft::{CountLine, Draft, Spot, Unfit};
use super::entry::{self, Typed};
use super::lots::LotQuestion;
use super::{Focus, Phase, SheetScreen};
use crate::domain::{Barcode, LocationCode, LocationRow, LotCode, Scanned, SheetLine, StockRow, Tracking};
use crate::tui::text::failure;
use crate::tui::text::sheet::SheetText;
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::LookedUp;
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer};

/// How many unknown codes are kept in view.
const UNKNOWN_MAX: usize = 20;
/// The fewest characters for which names are searched.
const SEARCHED_MIN: usize = 3;
/// How many locations are fetched to determine whether one belongs to the sheet.
const PLACES_MAX: u16 = 20;

/// What a looked-up text is for.
#[derive(Debug)]
pub(super) enum Aim {
    Code,
    /// A code, or else this quantity for that line.
    CodeOrFigure(Decimal, Spot),
}

/// Which line scanned goods are counted on.
enum Target {
    Line(usize),
    Lot,
    New,
}

/// The product of a line of the sheet.
fn product_of(line: &SheetLine) -> StockRow {
    StockRow {
        sku: line.sku.clone(),
        name: line.name.clone(),
        unit: line.unit.clone(),
        decimals: line.decimals,
        category: None,
        tracking: line.tracking,
        reorder_point: None,
        on_hand: line.on_hand,
        available: line.on_hand,
        places: 0,
        expires_on: line.expires_on,
    }
}

impl SheetScreen {
    pub(super) fn say(&mut self, severity: Severity, text: String, context: &mut Context<'_>) {
        if matches!(severity, Severity::Bad | Severity::Warning) {
            context.ring();
        }
        self.note = Some((severity, text));
    }

    pub(super) fn say_phrase(&mut self, severity: Severity, phrase: SheetText, context: &mut Context<'_>) {
        let text = context.words.say(phrase).to_owned();
        self.say(severity, text, context);
    }

    /// Handles Enter in the field with the focus.
    pub(super) fn accept(&mut self, context: &mut Context<'_>) {
        let text = self.typed().text().trim().to_owned();
        if self.lot_question.is_some() {
            self.accept_lot(&text, context);
        } else if self.focus == Focus::Code {
            if text.is_empty() {
                self.review(context);
            } else {
                self.code.take();
                self.scan(&text, context);
            }
        } else if text.is_empty() {
            self.next_line(true, context);
        } else {
            self.accept_figure(&text, context);
        }
    }

    fn accept_figure(&mut self, text: &str, context: &mut Context<'_>) {
        let known = |code: &str| self.knows(code);
        let selected = self.draft.as_ref().and_then(|draft| draft.lines.selected());
        let unit = selected.map(|row| row.line.unit.to_string()).unwrap_or_default();
        match entry::typed(text, &unit, context.words.mark, known) {
            Typed::Code => {
                self.figure.take();
                self.scan(text, context);
            }
            Typed::Figure(figure) => {
                let selected = self.draft.as_ref().map(|draft| draft.lines.cursor());
                self.take_figure(selected, figure, context);
            }
            Typed::Either(figure) => {
                let spot = self.draft.as_ref().and_then(|draft| draft.lines.selected()).map(CountLine::spot);
                self.figure.take();
                match spot {
                    // The whole text is a quantity unless it is a code; no part of it is.
                    Some(spot) => self.scans.ask_code(Aim::CodeOrFigure(figure, spot), text, context),
                    None => self.scans.ask(Aim::Code, text, context),
                }
            }
            Typed::Fault(error) => {
                let part = text.get(error.place).filter(|part| !part.is_empty()).unwrap_or(text);
                let text = context.words.fill(SheetText::NotANumber, &[("what", part)]);
                self.figure.preselect();
                self.say(Severity::Bad, text, context);
            }
        }
    }

    /// Whether the sheet recognises a code without a query.
    fn knows(&self, code: &str) -> bool {
        let on_sheet =
            |draft: &Draft| {
                draft.lines.rows().iter().any(|row| {
                    row.line.sku.eq_ignore_ascii_case(code) || row.line.lot.as_deref() == Some(code)
                })
            };
        self.known.contains_key(code) || self.draft.as_ref().is_some_and(on_sheet)
    }

    /// Whether a text can only be the code of a product.
    pub(super) fn is_product_code(&self, text: &str) -> bool {
        let on_sheet =
            |draft: &Draft| draft.lines.rows().iter().any(|row| row.line.sku.eq_ignore_ascii_case(text));
        self.known.contains_key(text)
            || self.draft.as_ref().is_some_and(on_sheet)
            || text.parse::<Barcode>().is_ok_and(|code| code.has_gtin_check_digit())
    }

    /// Sets the count of a line and moves to the next one.
    fn take_figure(&mut self, position: Option<usize>, figure: Decimal, context: &mut Context<'_>) {
        let Some((draft, position)) = self.draft.as_mut().zip(position) else { return };
        let Some(row) = draft.lines.rows().get(position).cloned() else {
            self.say_phrase(Severity::Bad, SheetText::NoLine, context);
            return;
        };
        match draft.count(position, figure) {
            Ok(()) => {
                draft.lines.select(position);
                self.figure.take();
                let counted = context.words.language.number(figure);
                let places = [("item", &*item(&row, context)), ("counted", &*counted)];
                let text = context.words.fill(SheetText::FigureCounted, &places);
                self.say(Severity::Good, text, context);
                self.next_line(false, context);
            }
            Err(unfit) => {
                self.figure.preselect();
                self.unfit(unfit, &row, context);
            }
        }
    }

    fn unfit(&mut self, unfit: Unfit, row: &CountLine, context: &mut Context<'_>) {
        let item = item(row, context);
        let text = match unfit {
            Unfit::Negative => context.words.say(SheetText::Negative).to_owned(),
            Unfit::TooLarge => context.words.say(SheetText::TooLarge).to_owned(),
            Unfit::TooPrecise { decimals: 0 } => {
                context.words.fill(SheetText::TooPreciseWhole, &[("item", &item)])
            }
            Unfit::TooPrecise { decimals } => {
                let places = [("item", &*item), ("n", &*decimals.to_string())];
                context.words.fill(SheetText::TooPrecise, &places)
            }
            Unfit::NotASerial => context.words.fill(SheetText::NotASerial, &[("item", &item)]),
        };
        self.say(Severity::Bad, text, context);
    }

    /// Goes to the next line. From the last one an empty Enter opens the review.
    fn next_line(&mut self, review: bool, context: &mut Context<'_>) {
        let Some(draft) = &mut self.draft else { return };
        if draft.lines.cursor() + 1 < draft.lines.rows().len() {
            draft.lines.step(1);
        } else if review {
            self.review(context);
        }
    }

    /// Sets the count of the selected line to its recorded quantity.
    pub(super) fn agree(&mut self, context: &mut Context<'_>) {
        if self.blind {
            self.say_phrase(Severity::Bad, SheetText::BlindAgrees, context);
            return;
        }
        let Some(draft) = &self.draft else { return };
        match draft.lines.selected().map(|row| row.line.on_hand) {
            Some(on_hand) => self.take_figure(Some(draft.lines.cursor()), on_hand, context),
            None => self.say_phrase(Severity::Bad, SheetText::NoLine, context),
        }
    }

    pub(super) fn clear(&mut self, context: &mut Context<'_>) {
        let Some(draft) = &mut self.draft else { return };
        let cursor = draft.lines.cursor();
        if draft.lines.selected().is_some_and(|row| row.tally.is_some() || row.added) {
            draft.clear(cursor);
            self.note = None;
        } else {
            context.ring();
        }
    }

    pub(super) fn take_back(&mut self, context: &mut Context<'_>) {
        let Some(line) = self.draft.as_mut().and_then(Draft::undo) else {
            self.say_phrase(Severity::Note, SheetText::NothingToUndo, context);
            context.ring();
            return;
        };
        let counted = match line.tally {
            Some(tally) => context.words.language.number(tally.counted),
            None => context.words.say(SheetText::NotCounted).to_owned(),
        };
        let places = [("item", &*item(&line, context)), ("counted", &*counted)];
        let text = context.words.fill(SheetText::ScanUndone, &places);
        self.say(Severity::Note, text, context);
    }

    /// Counts what a code refers to, at once if the sheet recognises it.
    fn scan(&mut self, text: &str, context: &mut Context<'_>) {
        let Some(draft) = &self.draft else { return };
        let of_lot = |row: &CountLine| row.line.lot.as_deref() == Some(text);
        let mut lots = draft.lines.rows().iter().enumerate().filter(|(_, row)| of_lot(row));
        if let (Some((position, _)), None) = (lots.next(), lots.next()) {
            self.count_more(position, Decimal::ONE, false, context);
            return;
        }
        let sku = draft.lines.rows().iter().find(|row| row.line.sku.eq_ignore_ascii_case(text));
        if let Some(row) = sku {
            let product = product_of(&row.line);
            self.count_product(&product, Decimal::ONE, context);
        } else if let Some((product, pack)) = self.known.get(text).cloned() {
            self.count_product(&product, pack, context);
        } else {
            self.scans.ask(Aim::Code, text, context);
        }
    }

    /// Counts what has been looked up.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        while let Some(looked_up) = self.scans.next(|_| true) {
            if self.phase == Phase::Counting {
                self.looked_up(looked_up, context);
            }
        }
    }

    fn looked_up(&mut self, looked_up: LookedUp<Aim>, context: &mut Context<'_>) {
        let LookedUp { aim, text, found, times } = looked_up;
        match found {
            Ok(Scanned::Product { row, pack_quantity }) => {
                let quantity = pack_quantity.saturating_mul(times).normalize();
                self.count_product(&row, quantity, context);
                if times == Decimal::ONE {
                    self.known.insert(text, (row, pack_quantity));
                }
            }
            Ok(Scanned::Location { code, .. }) => self.took_place(&code, context),
            Ok(found @ (Scanned::Lots(_) | Scanned::Nothing)) => match (aim, found) {
                // Digits alone are rather a quantity than a lot.
                (Aim::CodeOrFigure(figure, spot), _) => {
                    let position = self.draft.as_ref().and_then(|draft| draft.position(&spot));
                    self.take_figure(position, figure, context);
                }
                (Aim::Code, Scanned::Lots(lots)) => self.lots_found(&text, &lots, times, context),
                (Aim::Code, _) => self.not_known(&text, context),
            },
            Err(failure) => self.not_looked_up(&text, &failure, context),
        }
    }

    /// Puts the text back where it came from, so that it can be entered again.
    fn not_looked_up(&mut self, text: &str, failure: &Failure, context: &mut Context<'_>) {
        if self.typed().is_empty() {
            self.typed_mut().set(text);
            self.typed_mut().preselect();
        }
        self.say(Severity::Bad, failure::words(context.words, failure), context);
    }

    pub(super) fn within_answered(
        &mut self,
        code: &LocationCode,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) {
        match answer {
            _ if self.phase != Phase::Counting => {}
            Ok(Answer::PlacesWithin(places)) => self.took_places(code, places, context),
            Ok(_) => {}
            Err(failure) => self.not_looked_up(code, failure, context),
        }
    }

    fn not_known(&mut self, code: &str, context: &mut Context<'_>) {
        if self.find_name(code, context) {
            return;
        }
        if !self.unknown.iter().any(|known| known == code) && self.unknown.len() < UNKNOWN_MAX {
            self.unknown.push(code.to_owned());
        }
        let text = context.words.fill(SheetText::UnknownCode, &[("code", code)]);
        self.say(Severity::Bad, text, context);
    }

    /// Goes to the next line whose name contains a text that is not a code. Returns whether there is one.
    fn find_name(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        let Some(draft) = &mut self.draft else { return false };
        let wanted = text.to_lowercase();
        let rows = draft.lines.rows();
        let holds = |at: &usize| rows[*at].line.name.to_lowercase().contains(&wanted);
        let found: Vec<usize> = (0..rows.len()).filter(holds).collect();
        let cursor = draft.lines.cursor();
        let next = found.iter().find(|at| **at > cursor).or(found.first()).copied();
        let Some(next) = next.filter(|_| wanted.chars().count() >= SEARCHED_MIN) else { return false };
        draft.lines.select(next);
        let number = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let text = context.words.count(number, SheetText::LineFound, SheetText::LinesFound);
        self.say(Severity::Note, text, context);
        true
    }

    /// Handles a scanned location: what follows is counted there, if it belongs to the sheet.
    fn took_place(&mut self, code: &LocationCode, context: &mut Context<'_>) {
        let Some(draft) = &mut self.draft else { return };
        let first = draft.lines.rows().iter().position(|row| row.line.location == code.as_str());
        if *code == draft.location || first.is_some() || self.within.contains(code) {
            let rows = draft.lines.rows();
            let open = |row: &CountLine| row.line.location == *code && row.tally.is_none();
            if let Some(position) = rows.iter().position(open).or(first) {
                draft.lines.select(position);
            }
            self.here = Some(code.clone());
            let text = context.words.fill(SheetText::NowAt, &[("place", code.as_str())]);
            self.say(Severity::Note, text, context);
        } else {
            let question = query::PlacesWithin { text: code.to_string(), limit: PLACES_MAX };
            self.asked_within = Some((context.ask(question), code.clone()));
        }
    }

    /// Handles a location without lines: it belongs to the sheet if the location that contains it does.
    fn took_places(&mut self, place: &LocationCode, places: &[LocationRow], context: &mut Context<'_>) {
        let Some(draft) = &self.draft else { return };
        let parent = places.iter().find(|row| row.code == *place).and_then(|row| row.parent.as_ref());
        let belongs = parent.is_some_and(|parent| {
            *parent == draft.location
                || self.within.contains(parent)
                || draft.lines.rows().iter().any(|row| row.line.location == *parent)
        });
        if belongs {
            self.within.insert(place.clone());
            self.took_place(place, context);
        } else if draft.counted().next().is_none() {
            self.reset();
            self.open(place.clone(), context);
        } else {
            let fields = [("place", place.as_str()), ("sheet", draft.location.as_str())];
            let text = context.words.fill(SheetText::OtherPlace, &fields);
            self.say(Severity::Bad, text, context);
        }
    }

    /// The location at which goods without a line are counted.
    pub(super) fn place_now(&self) -> Option<LocationCode> {
        let draft = self.draft.as_ref()?;
        let of_line = || draft.lines.selected().map(|row| row.line.location.clone());
        Some(self.here.clone().or_else(of_line).unwrap_or_else(|| draft.location.clone()))
    }

    fn target(&self, draft: &Draft, product: &StockRow) -> Target {
        let found = draft.of_product(&product.sku, self.here.as_ref());
        let cursor = draft.lines.cursor();
        let rows = draft.lines.rows();
        match found.as_slice() {
            [] if product.tracking == Tracking::None => Target::New,
            [] => Target::Lot,
            [only] => Target::Line(*only),
            several if several.contains(&cursor) && product.tracking != Tracking::Serial => {
                Target::Line(cursor)
            }
            _ if product.tracking != Tracking::None => Target::Lot,
            several => {
                // With several locations: the present one, else one where nobody has counted it yet.
                let near = rows.get(cursor).map(|row| &row.line.location);
                let is_near = |at: &&usize| rows.get(**at).map(|row| &row.line.location) == near;
                let is_open = |at: &&usize| rows.get(**at).is_some_and(|row| row.tally.is_none());
                let best = several.iter().find(is_near).or_else(|| several.iter().find(is_open));
                best.or(several.first()).map_or(Target::New, |at| Target::Line(*at))
            }
        }
    }

    fn count_product(&mut self, product: &StockRow, quantity: Decimal, context: &mut Context<'_>) {
        let (Some(draft), Some(place)) = (&self.draft, self.place_now()) else { return };
        match self.target(draft, product) {
            Target::Line(position) => self.count_more(position, quantity, false, context),
            Target::New => self.add(product, quantity, &place, None, context),
            Target::Lot => {
                let text = context.words.fill(SheetText::WhichLot, &[("item", &product.sku)]);
                self.lot_question = Some(LotQuestion { product: product.clone(), quantity, place });
                self.say(Severity::Note, text, context);
            }
        }
    }

    /// Adds goods that were found where none are recorded.
    pub(super) fn add(
        &mut self,
        product: &StockRow,
        quantity: Decimal,
        place: &LocationCode,
        lot: Option<&LotCode>,
        context: &mut Context<'_>,
    ) {
        let Some(draft) = &mut self.draft else { return };
        let position = draft.add(product, place, lot);
        self.count_more(position, quantity, true, context);
    }

    pub(super) fn count_more(
        &mut self,
        position: usize,
        more: Decimal,
        added: bool,
        context: &mut Context<'_>,
    ) {
        let Some(draft) = &mut self.draft else { return };
        let outcome = draft.count_more(position, more, added);
        let Some(row) = draft.lines.rows().get(position).cloned() else { return };
        if let Err(unfit) = outcome {
            if added {
                draft.clear(position);
            } else {
                draft.lines.select(position);
            }
            self.unfit(unfit, &row, context);
            return;
        }
        draft.lines.select(position);
        let counted = row.tally.map_or(Decimal::ZERO, |tally| tally.counted);
        let counted = context.words.language.number(counted);
        let more = format!("+{}", context.words.language.number(more));
        let name = item(&row, context);
        let places =
            [("item", &*name), ("counted", &*counted), ("more", &*more), ("place", &*row.line.location)];
        let phrase = if added { SheetText::AddedAt } else { SheetText::ScanCounted };
        let text = context.words.fill(phrase, &places);
        self.say(Severity::Good, text, context);
    }
}

/// The name of a line's goods in a message.
pub(super) fn item(row: &CountLine, context: &Context<'_>) -> String {
    match &row.line.lot {
        Some(lot) => format!("{} {} {lot}", row.line.sku, context.words.say(SheetText::Lot)),
        None => row.line.sku.to_string(),
    }
}
