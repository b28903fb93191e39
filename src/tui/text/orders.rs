//! The text of the page of orders.

use crate::domain::{OrderEventKind, OrderKind, OrderState};
use crate::worker::message::OrderStep;

super::phrases! {
    /// The text of the page of orders.
    OrdersText {
        Title: "Orders", "Commandes";
        OpenOnes: "open orders, the most urgent first", "commandes en cours, les plus urgentes d'abord";
        QuickHint: "number of an order, or what to look for", "numéro d'une commande, ou texte à chercher";
        More: "Only the first {n} are listed; choose fewer with the filter.",
            "Seules les {n} premières sont affichées ; précisez le filtre.";
        FilterTitle: "Which orders", "Quelles commandes";
        TextField: "Text or SKU", "Texte ou SKU";
        Which: "Orders", "Commandes";
        WhichOpen: "open", "en cours";
        WhichLate: "late", "en retard";
        WhichAll: "all, with those that are done", "toutes, terminées comprises";
        AllKinds: "all kinds", "tous les types";
        AllStates: "all states", "tous les états";
        DueUntil: "Due until", "Échéance avant";
        ChipAll: "all orders", "toutes";
        ChipLate: "late", "en retard";
        ChipKind: "kind: {value}", "type : {value}";
        ChipState: "state: {value}", "état : {value}";
        ChipPartner: "partner: {value}", "partenaire : {value}";
        ChipDue: "due until {value}", "échéance jusqu'au {value}";
        ChipText: "with {value}", "avec {value}";
        Nothing: "No open orders.", "Aucune commande en cours.";
        NothingAtAll: "No such orders.", "Aucune commande de ce genre.";
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
        WithReason: "{what}: {reason}", "{what} : {reason}";
        EventReopened: "reopened", "rouverte";
        PageLines: "Lines", "Lignes";
        PageMovements: "Movements", "Mouvements";
        PageEvents: "Decisions", "Décisions";
        Decided: "Decided", "Décision";
        NoEvents: "Nothing has been decided about this order.", "Aucune décision sur cette commande.";
        NoMovements: "Nothing has moved for this order.", "Aucun mouvement pour cette commande.";
        Receive: "{key} receives goods against this order.", "{key} reçoit la marchandise de cette commande.";
        StepTitle: "{number}: next step", "{number} : étape suivante";
        LineTitle: "{number}, line {line}: {item}", "{number}, ligne {line} : {item}";
        LineFigures: "Line {line}, {item}: ordered {ordered}, reserved {reserved}, moved {moved}, open {open}",
            "Ligne {line}, {item} : commandé {ordered}, réservé {reserved}, livré {moved}, reste {open}";
        ActReserveLine: "Reserve for the line", "Réserver pour la ligne";
        ActReleaseLine: "Release what is reserved for the line", "Libérer la réservation de la ligne";
        ActChangeLine: "Change the quantity of the line", "Modifier la quantité de la ligne";
        ActCloseLine: "Close the line: its rest will not be delivered", "Solder la ligne : le reste ne sera pas livré";
        ActRelease: "Release everything that is reserved", "Libérer tout ce qui est réservé";
        ActAddLine: "Add a line", "Ajouter une ligne";
        ActClose: "Close the order: its rest will not be delivered", "Clôturer la commande : le reste ne sera pas livré";
        ActCancel: "Cancel the order", "Annuler la commande";
        ActReopen: "Reopen the order", "Rouvrir la commande";
        ShowProduct: "Show the product", "Afficher l'article";
        NewTitle: "New order", "Nouvelle commande";
        EditTitle: "Draft {number}", "Brouillon {number}";
        TheirReference: "Their reference", "Leur référence";
        ShipToField: "Ship to", "Livrer à";
        ToField: "Destination", "Destination";
        NoteField: "Note", "Note";
        Amount: "Amount", "Montant";
        Supplier: "Supplier", "Fournisseur";
        NotOfKind: "– (not for this kind)", "– (pas pour ce type)";
        ScanHint: "item, or 12*item; empty: review", "article, ou 12*article ; vide : relire";
        EntryHelp: "No lines yet. Scan or type items, or paste rows of code, tab and quantity. * changes quantity and price of a line.",
            "Aucune ligne. Scannez ou saisissez des articles, ou collez des lignes code, tabulation, quantité. * modifie quantité et prix d'une ligne.";
        NoLinesYet: "The order has no lines yet.", "La commande n'a pas encore de ligne.";
        StillLooking: "Something is still being looked up.", "Une recherche est encore en cours.";
        NoProduct: "{code} is no product.", "{code} n'est pas un article.";
        TooManyDecimals: "{code} is not counted with that many decimal places.", "{code} ne se compte pas avec autant de décimales.";
        TooMuch: "{code}: that is more than can be ordered.", "{code} : c'est plus qu'on ne peut commander.";
        FormFull: "{code} was not added: the order has as many lines as it can.", "{code} n'a pas été ajouté : la commande est pleine.";
        LineStays: "A line that the draft has stays; its quantity can be changed.", "Une ligne du brouillon reste ; sa quantité se modifie.";
        FormBegun: "Another order is being entered; save or discard it first.", "Une autre commande est en cours de saisie ; enregistrez-la ou abandonnez-la.";
        FormDiscarded: "The form has been emptied.", "Le formulaire a été vidé.";
        DiscardAgain: "Press the key again to discard the order.", "Appuyez encore pour abandonner la commande.";
        ReviewClerk: "Enter saves the order as a draft, Esc goes back.", "Entrée enregistre le brouillon, Échap revient.";
        ReviewAdmin: "Enter saves the order as a draft, F12 saves and confirms it, Esc goes back.",
            "Entrée enregistre le brouillon, F12 l'enregistre et confirme, Échap revient.";
        ReviewEdit: "Enter changes the draft, Esc goes back.", "Entrée modifie le brouillon, Échap revient.";
        Saved: "{number} saved as a draft", "{number} enregistrée en brouillon";
        SavedAndConfirmed: "{number} saved and confirmed", "{number} enregistrée et confirmée";
        SavedSomehow: "It was saved; the list of orders shows it.", "C'est enregistré ; la liste des commandes le montre.";
        DraftChanged: "{number}: draft changed", "{number} : brouillon modifié";
        EditDraft: "Change the draft", "Modifier le brouillon";
        ReorderTitle: "What should be ordered", "Ce qu'il faut commander";
        OnOrder: "On order", "Commandé";
        Demand: "4 weeks", "4 sem.";
        Pack: "Pack", "Lot de";
        ToOrder: "To order", "À cmder";
        NoSupplier: "none", "aucun";
        NothingLow: "Nothing is at or below its reorder point.", "Rien n'est au seuil de réapprovisionnement.";
        NothingToOrder: "Nothing is to be ordered from a supplier.", "Il n'y a rien à commander à un fournisseur.";
        ProposedInPacks: "in packs of {pack}; proposed {proposed}; 0 leaves it out", "par {pack} ; proposé {proposed} ; 0 le laisse de côté";
        LinesOne: "{n} line", "{n} ligne";
        LinesMany: "{n} lines", "{n} lignes";
        NoSupplierOne: "{n} product has no supplier and is left out.", "{n} article est sans fournisseur et laissé de côté.";
        NoSupplierMany: "{n} products have no supplier and are left out.", "{n} articles sont sans fournisseur et laissés de côté.";
        ReviewReorder: "Enter saves these purchase orders as drafts, Esc goes back.", "Entrée enregistre ces commandes d'achat en brouillons, Échap revient.";
        DraftsMade: "Saved as drafts: {numbers}", "Enregistrées en brouillons : {numbers}";
        DraftRefused: "No order for {supplier}: {why}", "Pas de commande pour {supplier} : {why}";
        QuantityField: "Quantity", "Quantité";
        PriceField: "Price of one", "Prix unitaire";
        OverField: "Over-delivery %", "Surlivraison %";
        ReasonField: "Reason", "Motif";
        QuantityWrong: "The quantity must be more than 0.", "La quantité doit être supérieure à 0.";
        ItemWrong: "Type the SKU of the product, or choose one that is offered.",
            "Saisissez le SKU de l'article, ou choisissez-en un dans la liste.";
        PriceWrong: "This is not a price, such as 2.50.", "Ce n'est pas un prix, tel que 2,50.";
        OverWrong: "Over-delivery is between 0 and 100 percent.", "La surlivraison va de 0 à 100 pour cent.";
        DoneRelease: "{number}: released", "{number} : réservation libérée";
        DoneChangeLine: "{number}: line changed", "{number} : ligne modifiée";
        DoneCloseLine: "{number}: line closed", "{number} : ligne soldée";
        DoneAddLine: "{number}: line added", "{number} : ligne ajoutée";
        DoneClose: "{number} closed", "{number} clôturée";
        DoneCancel: "{number} cancelled", "{number} annulée";
        DoneReopen: "{number} reopened", "{number} rouverte";
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
