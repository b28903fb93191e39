//! Suggestions of lots and serial numbers for a field: those on hand at a location that match the typed text.
//!
//! Boundary: makes suggestions from levels that the screen has read; they are shown and chosen in
//! [`Completion`](super::Completion).

use rust_decimal::Decimal;

use crate::domain::{BlockedBy, Level, LotCode, Suggestion};
use crate::tui::text::Words;
use crate::tui::text::common::CommonText;

/// The most suggestions. Others are found by typing a part of the code.
const OFFERED_MAX: usize = 200;

/// Suggests the lots of these levels whose code contains the typed text, except those already named. Codes that begin
/// with the text come first, then the order of the levels, which is that of issuing.
#[must_use]
pub fn lots_offered(levels: &[Level], typed: &str, named: &[LotCode], words: Words) -> Vec<Suggestion> {
    let typed = typed.trim().to_uppercase();
    let fits = |level: &&Level| {
        level.on_hand > Decimal::ZERO
            && level
                .lot
                .as_ref()
                .is_some_and(|lot| !named.contains(lot) && lot.as_str().to_uppercase().contains(&typed))
    };
    let mut offered: Vec<Suggestion> =
        levels.iter().filter(fits).filter_map(|level| offer(level, words)).collect();
    offered.sort_by_key(|offer| !offer.code.to_uppercase().starts_with(&typed));
    offered.truncate(OFFERED_MAX);
    offered
}

/// The suggestion for a lot, with its expiry date and the quantity that is available.
fn offer(level: &Level, words: Words) -> Option<Suggestion> {
    let number = |value: Decimal| words.language.number(value);
    let mut notes = Vec::new();
    if let Some(day) = level.expires_on {
        notes.push(words.fill(CommonText::LotExpires, &[("day", &words.language.day(day))]));
    }
    notes.push(words.fill(CommonText::LotOnHand, &[("n", &number(level.on_hand))]));
    match level.blocked_by {
        Some(BlockedBy::Expired) => notes.push(words.say(CommonText::LotExpired).to_owned()),
        Some(BlockedBy::Quarantine) => notes.push(words.say(CommonText::LotQuarantined).to_owned()),
        None if level.available < level.on_hand => {
            notes.push(words.fill(CommonText::LotAvailable, &[("n", &number(level.available))]));
        }
        None => {}
    }
    Some(Suggestion { code: level.lot.as_ref()?.to_string(), note: notes.join(" · ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{level, parsed, some};
    use crate::tui::locale::Language;

    #[test]
    fn lots_are_offered_with_what_tells_them_apart() {
        let lot = |code: &str, on_hand: i64| Level { lot: some(code), ..level("YOG", "MAIN", on_hand) };
        let levels = [
            Level {
                expires_on: some("2026-11-01"),
                blocked_by: Some(BlockedBy::Expired),
                available: Decimal::ZERO,
                ..lot("L-6", 9)
            },
            Level { expires_on: some("2026-12-20"), available: Decimal::TWO, ..lot("L-7", 5) },
            lot("xl-8", 4),
            lot("L-9", 0),
            level("YOG", "MAIN", 3),
        ];
        let words = Words::new(Language::English);
        let told = |typed: &str, named: &[LotCode]| -> Vec<String> {
            let offered = lots_offered(&levels, typed, named, words);
            offered.iter().map(|offer| format!("{} {}", offer.code, offer.note)).collect()
        };
        let [old, new, last] = [
            "L-6 expires 01 Nov 2026 · 9 on hand · expired",
            "L-7 expires 20 Dec 2026 · 5 on hand · 2 available",
            "xl-8 4 on hand",
        ];
        assert_eq!(
            told("", &[]),
            [old, new, last],
            "in the order in which they are issued, and no empty lot"
        );
        assert_eq!(told("l-7", &[]), [new]);
        assert_eq!(told(" L", &[]), [old, new, last], "what begins with the text comes first");
        assert_eq!(told("x", &[]), [last]);
        assert_eq!(told("", &[parsed("L-7")]), [old, last], "what is named is offered no more");
    }
}
