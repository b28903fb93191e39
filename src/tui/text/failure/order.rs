//! Refusals about orders and reserved stock.

use rust_decimal::Decimal;

use crate::domain::{LINES_MAX, LotCode, OrderError, OrderKind, OrderNumber, Refusal, ReservedFigures, Sku};
use crate::tui::text::Words;

super::super::phrases! {
    /// Why an act on an order was refused.
    OrderText {
        Goods: "{sku}", "{sku}";
        GoodsOfLot: "{sku} lot {lot}", "{sku} lot {lot}";
        Reserved: "{goods} at {location}: have {have}, {reserved} reserved, available {available}, need {need}",
            "{goods} à {location} : en stock {have}, réservé {reserved}, disponible {available}, demandé {need}";
        ReservedFor: "{goods} at {location}: have {have}, {reserved} reserved for {holders}, available {available}, need {need}",
            "{goods} à {location} : en stock {have}, réservé {reserved} pour {holders}, disponible {available}, demandé {need}";
        AndLast: "{most} and {last}", "{most} et {last}";
        SomeLine: "the order line", "la ligne de commande";
        OneLine: "line {line} of {order}", "ligne {line} de {order}";
        NotReserved: "{goods} at {location}: {reserved} reserved for {line}, need {need}",
            "{goods} à {location} : {reserved} réservé pour {line}, demandé {need}";
        Beyond: "{line}: ordered {ordered}; {moved} moved and {reserved} reserved would be too many",
            "{line} : commandé {ordered} ; {moved} livré et {reserved} réservé feraient trop";
        BeyondOver: "{line}: ordered {ordered} and {over} % more allowed; {moved} moved and {reserved} reserved would be too many",
            "{line} : commandé {ordered}, {over} % de plus admis ; {moved} livré et {reserved} réservé feraient trop";
        UnknownOrder: "there is no order {order}", "la commande {order} n'existe pas";
        UnknownLine: "{order} has no line {line}", "{order} n'a pas de ligne {line}";
        DraftChanged: "{order} has been changed by another session; open it again and repeat the change",
            "{order} a été modifiée par une autre session ; rouvrez-la et refaites la modification";
        NothingReserved: "nothing is reserved for {order}; reserve stock for it first",
            "rien n'est réservé pour {order} ; réservez d'abord du stock";
        NothingOpen: "nothing is left to do for {order}: all of it has been delivered or reserved",
            "il ne reste rien à faire pour {order} : tout est livré ou réservé";
        NotAvailable: "line {line} of {order}: {available} of {sku} available, need {need}",
            "ligne {line} de {order} : {sku} disponible {available}, demandé {need}";
        ShortLived: "line {line} of {order}: {available} of {sku} available, need {need}; {more} more expire before {day}, too early for {partner}",
            "ligne {line} de {order} : {sku} disponible {available}, demandé {need} ; {more} de plus expirent avant le {day}, trop tôt pour {partner}";
        NoQuarantine: "there is no quarantine location; name the location to put the goods into",
            "il n'y a pas d'emplacement de quarantaine ; indiquez où mettre la marchandise";
        NotADock: "{location} is not a dock; picked goods go to a location of kind dock",
            "{location} n'est pas un quai ; la marchandise prélevée se dépose à un emplacement de type quai";
        NoDock: "there is no dock to pick to; an admin can add a location of kind dock",
            "il n'y a pas de quai où déposer ; un administrateur peut ajouter un emplacement de type quai";
        ManyDocks: "there is more than one dock; name the one to pick to",
            "il y a plusieurs quais ; indiquez celui où déposer";
        Number: "\"{text}\" is not the number of an order, such as PO-000123, SO-000123 or TO-000123",
            "« {text} » n'est pas un numéro de commande, comme PO-000123, SO-000123 ou TO-000123";
        NoLines: "an order needs at least one line", "une commande doit avoir au moins une ligne";
        TooManyLines: "the order has {lines} lines; at most {lines_max} are allowed",
            "la commande a {lines} lignes ; {lines_max} au plus sont admises";
        NeedsSupplier: "a purchase order needs a supplier, and no destination",
            "une commande d'achat exige un fournisseur, sans destination";
        NeedsCustomer: "a sales order needs a customer, and no destination",
            "une commande de vente exige un client, sans destination";
        NeedsDestination: "a transfer order needs the location that the goods go to, and no partner",
            "un ordre de transfert exige l'emplacement de destination, sans tiers";
        NoShipTo: "a {kind} order needs no partner to ship to; only a sales order has one",
            "seule une commande de vente a un destinataire, pas une commande de type {kind}";
        OverPercent: "line {line}: over_percent must be between 0 and 100 with at most 2 decimal places, not {value}",
            "ligne {line} : over_percent doit être entre 0 et 100 avec 2 décimales au plus, pas {value}";
        NoRoomForLines: "the id {id} leaves no room for the ids of the lines; use another one",
            "l'identifiant {id} ne laisse pas assez de place à ceux des lignes ; prenez-en un autre";
    }
}

fn goods(words: Words, sku: &Sku, lot: Option<&LotCode>) -> String {
    match lot {
        Some(lot) => words.fill(OrderText::GoodsOfLot, &[("sku", sku.as_str()), ("lot", lot.as_str())]),
        None => words.fill(OrderText::Goods, &[("sku", sku.as_str())]),
    }
}

fn line(words: Words, order: Option<&(OrderNumber, i32)>) -> String {
    match order {
        Some((number, line_no)) => {
            words.fill(OrderText::OneLine, &[("line", &line_no.to_string()), ("order", number.as_str())])
        }
        None => words.say(OrderText::SomeLine).to_owned(),
    }
}

fn holders(words: Words, holders: &[OrderNumber]) -> String {
    match holders {
        [] => String::new(),
        [one] => one.to_string(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(OrderNumber::as_str).collect();
            words.fill(OrderText::AndLast, &[("most", &most.join(", ")), ("last", last.as_str())])
        }
    }
}

/// Text that says that less is available than a line needs.
fn not_available(words: Words, refusal: &Refusal) -> String {
    let (Refusal::NotAvailable { number, line_no, sku, available, need }
    | Refusal::ShortLived { number, line_no, sku, available, need, .. }) = refusal
    else {
        return refusal.to_string();
    };
    let figure = |value: &Decimal| words.language.number(*value);
    let (line, available, need) = (line_no.to_string(), figure(available), figure(need));
    let mut places = vec![("line", line.as_str()), ("order", number.as_str()), ("available", &available)];
    places.extend([("sku", sku.as_str()), ("need", &need)]);
    let Refusal::ShortLived { short_lived, .. } = refusal else {
        return words.fill(OrderText::NotAvailable, &places);
    };
    let (more, day) = (figure(&short_lived.quantity), words.language.day(short_lived.first_expiry));
    places.extend([("more", more.as_str()), ("day", &day), ("partner", short_lived.partner.as_str())]);
    words.fill(OrderText::ShortLived, &places)
}

/// The refusal in words, with its figures.
pub(super) fn refusal(words: Words, refusal: &Refusal) -> String {
    let number = |value: &Decimal| words.language.number(*value);
    let of_order = |phrase: OrderText, order: &OrderNumber| words.fill(phrase, &[("order", order.as_str())]);
    match refusal {
        Refusal::ReservedStock { sku, location, lot, figures, holders: named } => {
            let ReservedFigures { have, reserved, need } = figures.as_ref();
            let phrase = if named.is_empty() { OrderText::Reserved } else { OrderText::ReservedFor };
            words.fill(
                phrase,
                &[
                    ("goods", &goods(words, sku, lot.as_ref())),
                    ("location", location.as_str()),
                    ("have", &number(have)),
                    ("reserved", &number(reserved)),
                    ("holders", &holders(words, named)),
                    ("available", &number(&(have - reserved))),
                    ("need", &number(need)),
                ],
            )
        }
        Refusal::NotReserved { sku, location, lot, line: of, reserved, need } => words.fill(
            OrderText::NotReserved,
            &[
                ("goods", &goods(words, sku, lot.as_ref())),
                ("location", location.as_str()),
                ("reserved", &number(reserved)),
                ("line", &line(words, of.order.as_ref())),
                ("need", &number(need)),
            ],
        ),
        Refusal::BeyondOrder { line: of, ordered, over_percent, moved, reserved } => {
            let phrase = if over_percent.is_zero() { OrderText::Beyond } else { OrderText::BeyondOver };
            words.fill(
                phrase,
                &[
                    ("line", &line(words, of.order.as_ref())),
                    ("ordered", &number(ordered)),
                    ("over", &number(over_percent)),
                    ("moved", &number(moved)),
                    ("reserved", &number(reserved)),
                ],
            )
        }
        Refusal::UnknownOrder(order) => of_order(OrderText::UnknownOrder, order),
        Refusal::UnknownOrderLine { number: order, line_no } => {
            words.fill(OrderText::UnknownLine, &[("order", order.as_str()), ("line", &line_no.to_string())])
        }
        Refusal::DraftChanged(order) => of_order(OrderText::DraftChanged, order),
        Refusal::NothingReserved(order) => of_order(OrderText::NothingReserved, order),
        Refusal::NothingOpen(order) => of_order(OrderText::NothingOpen, order),
        Refusal::NotAvailable { .. } | Refusal::ShortLived { .. } => not_available(words, refusal),
        Refusal::NoQuarantine => words.say(OrderText::NoQuarantine).to_owned(),
        Refusal::NotADock(code) => words.fill(OrderText::NotADock, &[("location", code.as_str())]),
        Refusal::DockNotNamed { docks: 0 } => words.say(OrderText::NoDock).to_owned(),
        Refusal::DockNotNamed { .. } => words.say(OrderText::ManyDocks).to_owned(),
        other => other.to_string(),
    }
}

/// Why an order is malformed.
#[must_use]
pub fn order(words: Words, error: &OrderError) -> String {
    match error {
        OrderError::Number(text) => words.fill(OrderText::Number, &[("text", text)]),
        OrderError::NoLines => words.say(OrderText::NoLines).to_owned(),
        OrderError::TooManyLines { lines } => words.fill(
            OrderText::TooManyLines,
            &[("lines", &lines.to_string()), ("lines_max", &LINES_MAX.to_string())],
        ),
        OrderError::Needs { kind, needed } if needed.starts_with("no partner to ship to") => {
            words.fill(OrderText::NoShipTo, &[("kind", kind.as_str())])
        }
        OrderError::Needs { kind: OrderKind::Purchase, .. } => words.say(OrderText::NeedsSupplier).to_owned(),
        OrderError::Needs { kind: OrderKind::Sales, .. } => words.say(OrderText::NeedsCustomer).to_owned(),
        OrderError::Needs { kind: OrderKind::Transfer, .. } => {
            words.say(OrderText::NeedsDestination).to_owned()
        }
        OrderError::OverPercent { line, value } => words.fill(
            OrderText::OverPercent,
            &[("line", &line.to_string()), ("value", &words.language.number(*value))],
        ),
        OrderError::NoRoomForLines(id) => words.fill(OrderText::NoRoomForLines, &[("id", &id.to_string())]),
    }
}
