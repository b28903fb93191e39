//! The text of the page of orders.

use crate::domain::{OrderEventKind, OrderKind, OrderState};
use crate::worker::message::OrderStep;

super::phrases! {
    /// The text of the page of orders.
    OrdersText {
        TitleOpen: "Open orders, the most urgent first", "Commandes en cours, les plus urgentes d'abord";
        TitleAll: "All orders, the most urgent first", "Toutes les commandes, les plus urgentes d'abord";
        Nothing: "No open orders.", "Aucune commande en cours.";
        NothingAtAll: "No orders.", "Aucune commande.";
        Number: "Number", "Numéro";
        Kind: "Kind", "Type";
        State: "State", "État";
        Partner: "Partner", "Partenaire";
        Due: "Due", "Échéance";
        Done: "Done", "Fait";
        Lines: "Lines", "Lignes";
        Late: "late", "en retard";
        Purchase: "purchase", "achat";
        Sales: "sales", "vente";
        Transfer: "transfer", "transfert";
        Draft: "draft", "brouillon";
        Confirmed: "confirmed", "confirmée";
        PartlyReserved: "partly reserved", "réservée en partie";
        Reserved: "reserved", "réservée";
        Picking: "picking", "en préparation";
        PartlyDone: "partly done", "faite en partie";
        StateDone: "done", "terminée";
        Cancelled: "cancelled", "annulée";
        Line: "Line", "Ligne";
        Item: "Item", "Article";
        Name: "Name", "Nom";
        Ordered: "Ordered", "Commandé";
        ReservedUnits: "Reserved", "Réservé";
        Picked: "Picked", "Prélevé";
        Moved: "Moved", "Livré";
        Open: "Open", "Reste";
        Reference: "their reference {reference}", "leur référence {reference}";
        ShipTo: "ship to {partner}", "livrer à {partner}";
        To: "to {location}", "vers {location}";
        DueOn: "due {day}", "échéance {day}";
        CreatedBy: "entered by {login}, {when}", "saisie par {login}, {when}";
        EventConfirmed: "confirmed", "confirmée";
        EventLineAdded: "line {line} added: {change}", "ligne {line} ajoutée : {change}";
        EventLineChanged: "line {line} changed by {change}", "ligne {line} modifiée de {change}";
        EventLineClosed: "line {line} closed short", "ligne {line} soldée";
        EventClosed: "closed", "clôturée";
        EventCancelled: "cancelled", "annulée";
        EventReopened: "reopened", "rouverte";
        Receive: "Goods are received against an order with \"stockroom order receive\".",
            "La réception d'une commande se fait avec « stockroom order receive ».";
        StepTitle: "{number}: next step", "{number} : étape suivante";
        StepConfirm: "Confirm the order", "Confirmer la commande";
        StepReserve: "Reserve what is available", "Réserver ce qui est disponible";
        StepPick: "Pick what is reserved: move it to the dock", "Préparer ce qui est réservé : l'amener au quai";
        StepShip: "Ship what has been picked or reserved", "Expédier ce qui est préparé ou réservé";
        StepAsk: "{step}? Enter does it, Esc does not.", "{step} ? Entrée pour valider, Échap pour revenir.";
        NoStep: "Nothing more can be done with this order here.", "Il n'y a plus rien à faire ici pour cette commande.";
        Posting: "posting …", "validation …";
        Unknown: "The connection was lost while posting; the outcome is being looked up.",
            "Connexion perdue pendant la validation ; le résultat est recherché.";
        WasNotPosted: "Nothing was posted. Try again.", "Rien n'a été validé. Réessayez.";
        DoneConfirm: "{number} confirmed", "{number} confirmée";
        DoneReserve: "{number}: reserved", "{number} : réservée";
        DoneReserveShortOne: "{number}: reserved; for 1 line there was not enough available",
            "{number} : réservée ; pour 1 ligne, le disponible ne suffisait pas";
        DoneReserveShort: "{number}: reserved; for {n} lines there was not enough available",
            "{number} : réservée ; pour {n} lignes, le disponible ne suffisait pas";
        DonePick: "{number} picked", "{number} préparée";
        DoneShip: "{number} shipped", "{number} expédiée";
    }
}

/// The word for a kind.
#[must_use]
pub fn kind(kind: OrderKind) -> OrdersText {
    match kind {
        OrderKind::Purchase => OrdersText::Purchase,
        OrderKind::Sales => OrdersText::Sales,
        OrderKind::Transfer => OrdersText::Transfer,
    }
}

/// The words for a state.
#[must_use]
pub fn state(state: OrderState) -> OrdersText {
    match state {
        OrderState::Draft => OrdersText::Draft,
        OrderState::Confirmed => OrdersText::Confirmed,
        OrderState::PartlyReserved => OrdersText::PartlyReserved,
        OrderState::Reserved => OrdersText::Reserved,
        OrderState::Picking => OrdersText::Picking,
        OrderState::PartlyDone => OrdersText::PartlyDone,
        OrderState::Done => OrdersText::StateDone,
        OrderState::Cancelled => OrdersText::Cancelled,
    }
}

/// What a step does, and what is said when it is done.
#[must_use]
pub fn step(step: OrderStep) -> (OrdersText, OrdersText) {
    match step {
        OrderStep::Confirm => (OrdersText::StepConfirm, OrdersText::DoneConfirm),
        OrderStep::Reserve => (OrdersText::StepReserve, OrdersText::DoneReserve),
        OrderStep::Pick => (OrdersText::StepPick, OrdersText::DonePick),
        OrderStep::Ship => (OrdersText::StepShip, OrdersText::DoneShip),
    }
}

/// What was decided, with the places of the line and the change.
#[must_use]
pub fn event(kind: OrderEventKind) -> OrdersText {
    match kind {
        OrderEventKind::Confirmed => OrdersText::EventConfirmed,
        OrderEventKind::LineAdded => OrdersText::EventLineAdded,
        OrderEventKind::LineChanged => OrdersText::EventLineChanged,
        OrderEventKind::LineClosed => OrdersText::EventLineClosed,
        OrderEventKind::Closed => OrdersText::EventClosed,
        OrderEventKind::Cancelled => OrdersText::EventCancelled,
        OrderEventKind::Reopened => OrdersText::EventReopened,
    }
}
