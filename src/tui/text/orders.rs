//! The text of the page of orders.

use crate::domain::{OrderEventKind, OrderKind, OrderState};
use crate::worker::message::OrderStep;

super::phrases! {
    /// The text of the page of orders.
    OrdersText {
        Title: "Orders", "Commandes";
        OpenOnes: "open orders, the most urgent first", "commandes en cours, les plus urgentes d'abord";
        QuickHint: "order number, or text to search for", "numéro de commande ou texte à chercher";
        More: "Only the first {n} are listed; narrow the filter to see the others.",
            "Seules les {n} premières sont affichées ; précisez le filtre pour voir les autres.";
        FilterTitle: "Filter orders", "Filtrer les commandes";
        TextField: "Text or SKU", "Texte ou SKU";
        Which: "Orders", "Commandes";
        WhichOpen: "open", "en cours";
        WhichLate: "late", "en retard";
        WhichAll: "all, including done ones", "toutes, terminées comprises";
        AllKinds: "all kinds", "tous les types";
        AllStates: "all states", "tous les états";
        DueUntil: "Due until", "Échéance avant";
        ChipAll: "all orders", "toutes";
        ChipLate: "late", "en retard";
        ChipKind: "kind: {value}", "type : {value}";
        ChipState: "state: {value}", "état : {value}";
        ChipPartner: "partner: {value}", "tiers : {value}";
        ChipDue: "due until {value}", "échéance jusqu'au {value}";
        ChipText: "with {value}", "avec {value}";
        Nothing: "No open orders.", "Aucune commande en cours.";
        NothingAtAll: "No matching orders.", "Aucune commande ne correspond.";
        Number: "Number", "Numéro";
        Kind: "Kind", "Type";
        State: "State", "État";
        Partner: "Partner", "Tiers";
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
        NoEvents: "No decisions have been recorded for this order.", "Aucune décision enregistrée pour cette commande.";
        NoMovements: "No goods have been moved for this order.", "Aucun mouvement pour cette commande.";
        Receive: "Press {key} to receive goods against this order.", "Appuyez sur {key} pour réceptionner cette commande.";
        StepTitle: "{number}: next step", "{number} : étape suivante";
        LineTitle: "{number}, line {line}: {item}", "{number}, ligne {line} : {item}";
        LineFigures: "Line {line}, {item}: ordered {ordered}, reserved {reserved}, moved {moved}, open {open}",
            "Ligne {line}, {item} : commandé {ordered}, réservé {reserved}, livré {moved}, reste {open}";
        ActReserveLine: "Reserve for the line", "Réserver pour la ligne";
        ActReleaseLine: "Release the reservation of the line", "Libérer la réservation de la ligne";
        ActChangeLine: "Change the quantity of the line", "Modifier la quantité de la ligne";
        ActCloseLine: "Close the line; the rest will not be delivered", "Solder la ligne ; le reste ne sera pas livré";
        ActRelease: "Release all reservations", "Libérer toutes les réservations";
        ActAddLine: "Add a line", "Ajouter une ligne";
        ActClose: "Close the order; the rest will not be delivered", "Clôturer la commande ; le reste ne sera pas livré";
        ActCancel: "Cancel the order", "Annuler la commande";
        ActReopen: "Reopen the order", "Rouvrir la commande";
        ShowPartner: "Show the partner", "Afficher le tiers";
        OpenOrdersOf: "Open orders of {partner}, the most urgent first",
            "{partner} : commandes en cours, les plus urgentes d'abord";
        NoSuchPartner: "There is no such partner any more.", "Ce tiers n'existe plus.";
        MinLife: "goods last at least {n} days", "marchandise valable au moins {n} jours";
        ShowProduct: "Show the product", "Afficher l'article";
        NewTitle: "New order", "Nouvelle commande";
        EditTitle: "Draft {number}", "Brouillon {number}";
        TheirReference: "Their reference", "Leur référence";
        ShipToField: "Ship to", "Livrer à";
        ToField: "Destination", "Destination";
        NoteField: "Note", "Note";
        Labelled: "{label}:", "{label} :";
        Amount: "Amount", "Montant";
        Supplier: "Supplier", "Fournisseur";
        NotOfKind: "– (not for this kind)", "– (pas pour ce type)";
        ScanHint: "item, or 12*item; leave empty to review", "article ou 12*article ; laisser vide pour relire";
        EntryHelp: "No lines yet. Scan or type items, or paste rows of code, tab and quantity. Press * to change the quantity or price of a line.",
            "Aucune ligne. Scannez ou saisissez des articles, ou collez des lignes code, tabulation, quantité. Appuyez sur * pour modifier la quantité ou le prix d'une ligne.";
        NoLinesYet: "The order has no lines yet.", "La commande n'a pas encore de ligne.";
        StillLooking: "A code is still being looked up.", "Une recherche est encore en cours.";
        NoProduct: "{code} is not a product.", "{code} n'est pas un article.";
        TooManyDecimals: "{code}: the quantity has too many decimal places.", "{code} : la quantité a trop de décimales.";
        TooMuch: "{code}: the quantity is too large to be ordered.", "{code} : la quantité est trop grande pour être commandée.";
        FormFull: "{code} was not added: the order is full.", "{code} n'a pas été ajouté : la commande est pleine.";
        Removed: "Removed", "Retirées";
        RemovedLine: "{item} ({n})", "{item} ({n})";
        AndMore: "{n} more", "{n} autres";
        FormBegun: "Another order is being entered; save or discard it first.", "Une autre commande est en cours de saisie ; enregistrez-la ou abandonnez-la.";
        FormDiscarded: "The form has been emptied.", "Le formulaire a été vidé.";
        DiscardAgain: "Press the same key again to discard the order.", "Appuyez encore sur la même touche pour abandonner la commande.";
        ReviewClerk: "Enter to save the order as a draft · Esc to go back", "Entrée pour enregistrer le brouillon · Échap pour revenir";
        ReviewAdmin: "Enter to save as a draft · F12 to save and confirm · Esc to go back",
            "Entrée pour enregistrer le brouillon · F12 pour confirmer aussi · Échap pour revenir";
        ReviewEdit: "Enter to save the changes · Esc to go back", "Entrée pour enregistrer · Échap pour revenir";
        Saved: "{number} saved as a draft", "{number} enregistrée en brouillon";
        SavedAndConfirmed: "{number} saved and confirmed", "{number} enregistrée et confirmée";
        SavedSomehow: "The order was saved; see the list of orders.", "La commande est enregistrée ; voyez la liste des commandes.";
        DraftChanged: "{number}: draft changed", "{number} : brouillon modifié";
        EditDraft: "Change the draft", "Modifier le brouillon";
        ReorderTitle: "Products to order", "Articles à commander";
        OnOrder: "On order", "En cde";
        Demand: "4 weeks", "4 sem.";
        Pack: "Pack", "Colis";
        ToOrder: "To order", "À commander";
        NoSupplier: "none", "aucun";
        NothingLow: "No product is at or below its reorder point.", "Aucun article n'a atteint son seuil.";
        NothingToOrder: "There is nothing to order from a supplier.", "Il n'y a rien à commander à un fournisseur.";
        ProposedInPacks: "in packs of {pack}; proposed {proposed}; 0 to leave it out", "par colis de {pack} ; proposé {proposed} ; 0 pour le laisser de côté";
        LinesOne: "{n} line", "{n} ligne";
        LinesMany: "{n} lines", "{n} lignes";
        NoSupplierOne: "{n} product has no supplier and is left out.", "{n} article est sans fournisseur et laissé de côté.";
        NoSupplierMany: "{n} products have no supplier and are left out.", "{n} articles sont sans fournisseur et laissés de côté.";
        ReviewReorder: "Enter to save these purchase orders as drafts · Esc to go back",
            "Entrée pour enregistrer ces commandes d'achat en brouillons · Échap pour revenir";
        DraftsMade: "Saved as drafts: {numbers}", "Enregistrées en brouillons : {numbers}";
        DraftRefused: "No order for {supplier}: {why}", "Pas de commande pour {supplier} : {why}";
        QuantityField: "Quantity", "Quantité";
        PriceField: "Unit price", "Prix unitaire";
        OverField: "Over-delivery %", "Surlivraison %";
        ReasonField: "Reason", "Motif";
        QuantityWrong: "The quantity must be more than 0.", "La quantité doit être supérieure à 0.";
        ItemWrong: "Enter the SKU of the product, or choose one from the list.",
            "Saisissez le SKU de l'article, ou choisissez-en un dans la liste.";
        PriceWrong: "This is not a price; write it like 2.50.", "Ce n'est pas un prix ; écrivez par exemple 2,50.";
        OverWrong: "Over-delivery must be between 0 and 100 percent.", "La surlivraison doit être entre 0 et 100 pour cent.";
        DoneRelease: "{number}: reservation released", "{number} : réservation libérée";
        DoneChangeLine: "{number}: line changed", "{number} : ligne modifiée";
        DoneCloseLine: "{number}: line closed", "{number} : ligne soldée";
        DoneAddLine: "{number}: line added", "{number} : ligne ajoutée";
        DoneClose: "{number} closed", "{number} clôturée";
        DoneCancel: "{number} cancelled", "{number} annulée";
        DoneReopen: "{number} reopened", "{number} rouverte";
        StepConfirm: "Confirm the order", "Confirmer la commande";
        StepReserve: "Reserve available stock", "Réserver le stock disponible";
        StepPick: "Pick the reserved goods and move them to the dock", "Prélever la marchandise réservée et l'amener au quai";
        StepShip: "Ship the picked or reserved goods", "Expédier la marchandise prélevée ou réservée";
        StepAsk: "{step}? Enter to go ahead · Esc to go back", "{step} ? Entrée pour valider · Échap pour revenir";
        ShipAsk: "Ship {goods}? Enter to go ahead · Esc to go back", "Expédier {goods} ? Entrée pour valider · Échap pour revenir";
        GoodsAt: "{n} {item} at {place}", "{n} {item} à {place}";
        GoodsOfLotAt: "{n} {item} lot {lot} at {place}", "{n} {item} lot {lot} à {place}";
        LookingUp: "Looking up the goods to ship …", "Recherche de la marchandise à expédier …";
        NoStep: "There is nothing left to do for this order here.", "Il n'y a plus rien à faire ici pour cette commande.";
        Posting: "posting …", "validation …";
        Unknown: "The connection was lost while posting; the outcome is being checked.",
            "Connexion perdue pendant la validation ; l'issue est en cours de vérification.";
        WasNotPosted: "Nothing was posted. Try again.", "Rien n'a été validé. Réessayez.";
        DoneConfirm: "{number} confirmed", "{number} confirmée";
        DoneReserve: "{number}: reserved", "{number} : réservée";
        DoneReserveShortOne: "{number}: reserved, except 1 line for which not enough was available",
            "{number} : réservée, sauf 1 ligne faute de stock disponible";
        DoneReserveShort: "{number}: reserved, except {n} lines for which not enough was available",
            "{number} : réservée, sauf {n} lignes faute de stock disponible";
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
