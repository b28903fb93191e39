//! The rules that stop a command.

use rust_decimal::Decimal;

use super::{form, order, posting, rule};
use crate::domain::{Refusal, month_text};
use crate::tui::text::Words;

super::super::phrases! {
    /// Why a command was refused.
    RefusalText {
        Short: "{sku} at {location}: have {have}, need {need}",
            "{sku} à {location} : disponible {have}, demandé {need}";
        MoreExpired: "{short}; {n} more have expired", "{short} ; {n} de plus, mais périmés";
        ShortOfLot: "{sku} lot {lot} at {location}: have {have}, need {need}",
            "{sku} lot {lot} à {location} : disponible {have}, demandé {need}";
        UnknownProduct: "there is no product \"{code}\"", "l'article « {code} » n'existe pas";
        UnknownLocation: "there is no location {code}", "l'emplacement {code} n'existe pas";
        UnknownLot: "{sku} has no lot {lot}", "{sku} n'a pas de lot {lot}";
        UnknownPartner: "there is no supplier or customer {code}", "aucun fournisseur ni client {code}";
        UnknownMovement: "there is no movement or posting {id}", "aucun mouvement ni écriture {id}";
        AlreadyReversed: "movement {id} has already been reversed; a movement can be reversed only once",
            "le mouvement {id} est déjà annulé ; un mouvement ne s'annule qu'une fois";
        IdUsedForAnother: "the id {id} has already been used for another posting; nothing was posted",
            "l'identifiant {id} a déjà servi à une autre écriture ; rien n'a été validé";
        ProductExists: "product {code} already exists", "l'article {code} existe déjà";
        LocationExists: "location {code} already exists", "l'emplacement {code} existe déjà";
        PartnerExists: "supplier or customer {code} already exists",
            "le fournisseur ou client {code} existe déjà";
        BarcodeExists: "barcode {code} already belongs to a product",
            "le code-barres {code} appartient déjà à un article";
        UnknownBarcode: "{sku} has no barcode {barcode}", "{sku} n'a pas de code-barres {barcode}";
        LotExpired: "lot {lot} of {sku} expired on {day}; write it off with a count of 0, or name a later lot",
            "le lot {lot} de {sku} est périmé depuis le {day} ; sortez-le par un comptage à 0, ou choisissez un lot plus récent";
        ExpiryDiffers: "the recorded expiry date of lot {lot} of {sku} is {known}, not {given}",
            "la péremption enregistrée du lot {lot} de {sku} est le {known}, pas le {given}";
        ExpiryNever: "the recorded expiry date of lot {lot} of {sku} is none, not {given}",
            "le lot {lot} de {sku} est enregistré sans péremption, pas au {given}";
        Moved: "{sku} at {location}: {seen} on hand when it was counted, {have} now; goods have moved, so count again",
            "{sku} à {location} : {seen} en stock lors du comptage, {have} maintenant ; des marchandises ont bougé, recomptez";
        MovedOfLot: "{sku} lot {lot} at {location}: {seen} on hand when it was counted, {have} now; goods have moved, so count again",
            "{sku} lot {lot} à {location} : {seen} en stock lors du comptage, {have} maintenant ; des marchandises ont bougé, recomptez";
        MonthMissing: "movements of {first} cannot be posted: the ledger has no partition for that month; an admin creates it with `stockroom db partitions {first}`",
            "les mouvements de {first} ne peuvent pas être validés : le grand livre n'a pas de partition pour ce mois ; un administrateur la crée avec `stockroom db partitions {first}`";
        MonthsMissing: "movements from {first} to {last} cannot be posted: the ledger has no partition for these months; an admin creates them with `stockroom db partitions {first} {last}`",
            "les mouvements de {first} à {last} ne peuvent pas être validés : le grand livre n'a pas de partition pour ces mois ; un administrateur les crée avec `stockroom db partitions {first} {last}`";
        NotAllowed: "your login does not have permission for this: {message}", "votre compte n'y est pas autorisé : {message}";
    }
}

/// The refusal in words, with its figures.
#[must_use]
pub fn refusal(words: Words, refusal: &Refusal) -> String {
    let number = |value: &Decimal| words.language.number(*value);
    let coded = |phrase: RefusalText, code: &str| words.fill(phrase, &[("code", code)]);
    let with_id = |phrase: RefusalText, id: String| words.fill(phrase, &[("id", &id)]);
    match refusal {
        Refusal::InsufficientStock { sku, location, lot, have, need, expired } => {
            let (have, need, more) = (number(have), number(need), number(expired));
            let mut places = vec![("sku", sku.as_str()), ("location", location.as_str())];
            places.extend([("have", have.as_str()), ("need", need.as_str())]);
            places.extend(lot.iter().map(|lot| ("lot", lot.as_str())));
            let short =
                words.fill(if lot.is_some() { RefusalText::ShortOfLot } else { RefusalText::Short }, &places);
            if expired.is_zero() {
                short
            } else {
                words.fill(RefusalText::MoreExpired, &[("short", &short), ("n", &more)])
            }
        }
        Refusal::MovedSinceCounted { sku, location, lot, seen, have } => {
            let (seen, have) = (number(seen), number(have));
            let mut places = vec![("sku", sku.as_str()), ("location", location.as_str())];
            places.extend([("seen", seen.as_str()), ("have", have.as_str())]);
            places.extend(lot.iter().map(|lot| ("lot", lot.as_str())));
            words.fill(if lot.is_some() { RefusalText::MovedOfLot } else { RefusalText::Moved }, &places)
        }
        Refusal::ReservedStock { .. }
        | Refusal::NotReserved { .. }
        | Refusal::BeyondOrder { .. }
        | Refusal::UnknownOrder(_)
        | Refusal::UnknownOrderLine { .. }
        | Refusal::DraftChanged(_)
        | Refusal::NothingReserved(_)
        | Refusal::NothingOpen(_)
        | Refusal::NotAvailable { .. }
        | Refusal::ShortLived { .. }
        | Refusal::NoQuarantine
        | Refusal::NotADock(_)
        | Refusal::DockNotNamed { .. } => order::refusal(words, refusal),
        Refusal::Order(error) => order::order(words, error),
        Refusal::UnknownProduct(code) => coded(RefusalText::UnknownProduct, code),
        Refusal::UnknownLocation(code) => coded(RefusalText::UnknownLocation, code.as_str()),
        Refusal::UnknownLot { sku, lot } => {
            words.fill(RefusalText::UnknownLot, &[("sku", sku.as_str()), ("lot", lot.as_str())])
        }
        Refusal::UnknownBarcode { sku, barcode } => {
            words.fill(RefusalText::UnknownBarcode, &[("sku", sku.as_str()), ("barcode", barcode.as_str())])
        }
        Refusal::UnknownPartner(code) => coded(RefusalText::UnknownPartner, code.as_str()),
        Refusal::UnknownMovement(id) => with_id(RefusalText::UnknownMovement, id.to_string()),
        Refusal::AlreadyReversed(id) => with_id(RefusalText::AlreadyReversed, id.to_string()),
        Refusal::IdUsedForAnother(id) => with_id(RefusalText::IdUsedForAnother, id.to_string()),
        Refusal::ProductExists(code) => coded(RefusalText::ProductExists, code.as_str()),
        Refusal::LocationExists(code) => coded(RefusalText::LocationExists, code.as_str()),
        Refusal::PartnerExists(code) => coded(RefusalText::PartnerExists, code.as_str()),
        Refusal::BarcodeExists(code) => coded(RefusalText::BarcodeExists, code.as_str()),
        Refusal::LotExpired { .. } | Refusal::LotExpiryDiffers { .. } => expiry(words, refusal),
        Refusal::MonthsMissing { first, last } => {
            let phrase = if first == last { RefusalText::MonthMissing } else { RefusalText::MonthsMissing };
            words.fill(phrase, &[("first", &month_text(*first)), ("last", &month_text(*last))])
        }
        Refusal::Code(error) => form::code(words, error),
        Refusal::Quantity(error) => form::quantity(words, error),
        Refusal::Id(error) => form::id(words, error),
        Refusal::Posting(error) => posting::posting(words, error),
        Refusal::NotAllowed { message } => words.fill(RefusalText::NotAllowed, &[("message", message)]),
        Refusal::Rule { rule: name, message } => rule::rule(words, name, message),
    }
}

/// What is wrong with the last day of use of a lot.
fn expiry(words: Words, refusal: &Refusal) -> String {
    let day = |day: &jiff::civil::Date| words.language.day(*day);
    match refusal {
        Refusal::LotExpired { sku, lot, expired_on } => words.fill(
            RefusalText::LotExpired,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("day", &day(expired_on))],
        ),
        Refusal::LotExpiryDiffers { sku, lot, known: Some(known), given } => words.fill(
            RefusalText::ExpiryDiffers,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("known", &day(known)), ("given", &day(given))],
        ),
        Refusal::LotExpiryDiffers { sku, lot, known: None, given } => words.fill(
            RefusalText::ExpiryNever,
            &[("sku", sku.as_str()), ("lot", lot.as_str()), ("given", &day(given))],
        ),
        other => other.to_string(),
    }
}
