//! The text of the ledger, of one posting and of its reversal.

use crate::domain::MovementKind;

super::phrases! {
    /// The text of the ledger, of one posting and of its reversal.
    LedgerText {
        Receipt: "receipt", "réception";
        Issue: "issue", "sortie";
        Transfer: "transfer", "transfert";
        Adjustment: "adjustment", "ajustement";
        Reversal: "reversal", "annulation";
        QuickHint: "type or scan: SKU, barcode, location, reference, id",
            "saisir ou scanner : SKU, code-barres, emplacement, référence, id";
        Everything: "all movements, newest first", "tous les mouvements, du plus récent au plus ancien";
        LookingUp: "looking up {code} …", "recherche de {code} …";
        Newer: "newer movements above", "plus récents au-dessus";
        When: "When", "Date";
        Kind: "Kind", "Type";
        Sku: "SKU", "SKU";
        Quantity: "Quantity", "Quantité";
        Ends: "From → to", "De → vers";
        Lot: "Lot", "Lot";
        Person: "Person", "Personne";
        Reference: "Reference", "Référence";
        State: "State", "État";
        Reversed: "reversed", "annulé";
        Reverses: "reverses {when}", "annule {when}";
        ReversedOn: "reversed {when}", "annulé {when}";
        Nothing: "No movements yet. They appear here once goods are received.",
            "Aucun mouvement. Les mouvements apparaîtront ici dès la première réception.";
        NothingFiltered: "No matching movements. Press Esc to remove the filters one at a time.",
            "Aucun mouvement ne correspond. Appuyez sur Échap pour retirer les filtres un par un.";
        ChipItem: "item {value}", "article {value}";
        ChipPerson: "by {value}", "par {value}";
        ChipKind: "{value} only", "{value} seulement";
        ChipReference: "reference {value}", "référence {value}";
        ChipPartner: "partner {value}", "tiers {value}";
        ChipSince: "from {value}", "du {value}";
        ChipUntil: "to {value}", "au {value}";
        ChipPlace: "location {value}", "emplacement {value}";
        PartnerField: "Partner", "Tiers";
        FilterTitle: "Filter movements", "Filtrer les mouvements";
        Item: "Item", "Article";
        From: "From", "Du";
        To: "To", "Au";
        Place: "Location", "Emplacement";
        AllKinds: "all kinds", "tous les types";
        PostingTitle: "Posting {id}", "Écriture {id}";
        Happened: "occurred", "effectué le";
        PostedAt: "posted  ", "validé le  ";
        By: "by", "par";
        Partner: "partner", "tiers";
        Reason: "Reason", "Motif";
        Price: "Price", "Prix";
        Value: "Value", "Valeur";
        Total: "{lines} lines, value {value}", "{lines} lignes, valeur {value}";
        Expires: "expires {day}", "expire le {day}";
        MovementId: "movement {id}", "mouvement {id}";
        ReversedBy: "Reversed {when} by movement {id}", "Annulé {when} par le mouvement {id}";
        ReversesThat: "Reverses movement {id} of {when}", "Annule le mouvement {id} du {when}";
        NotReversed: "Not reversed", "Non annulé";
        OpenOther: "Press {key} to open it", "Appuyez sur {key} pour l'ouvrir";
        ReverseTitle: "Reverse a posting", "Annuler une écriture";
        ReversesReceipt: "Remove {quantity} of {item} from {to}", "Retirer {quantity} de {item} de {to}";
        ReversesIssue: "Return {quantity} of {item} to {from}", "Remettre {quantity} de {item} dans {from}";
        ReversesTransfer: "Move {quantity} of {item} back from {to} to {from}",
            "Ramener {quantity} de {item} de {to} vers {from}";
        ReversesMore: "… and {n} more", "… et {n} autres";
        ReversesMoreOne: "… and {n} more", "… et {n} autre";
        ReversedAlready: "already reversed", "déjà annulé";
        Whose: "{kind} of {when} by {person}", "{kind} du {when} par {person}";
        ScopeWhole: "the whole posting: {n} lines", "toute l'écriture : {n} lignes";
        ScopeOne: "only {item}", "{item} seulement";
        Scope: "Reverse", "Annuler";
        ReasonHint: "why it is reversed; Down for common reasons", "pourquoi annuler ; Bas pour les motifs courants";
        WrongQuantity: "wrong quantity", "quantité erronée";
        WrongProduct: "wrong product", "article erroné";
        WrongLocation: "wrong location", "emplacement erroné";
        EnteredTwice: "entered twice", "saisi deux fois";
        NotMoved: "goods were not moved", "marchandise non déplacée";
        ReasonMissing: "Enter a reason; it is kept in the ledger.",
            "Saisissez un motif ; il est conservé dans le grand livre.";
        ReasonTooLong: "The reason can have at most {max} characters; this has {n}.",
            "Le motif a {n} caractères ; {max} au plus sont permis.";
        Posting: "posting …", "validation …";
        OutcomeUnknown: "The connection was lost while posting. The outcome is being checked; nothing is posted twice. Press Esc to close; a message will report the outcome.",
            "Connexion perdue pendant la validation. L'issue est en cours de vérification ; rien n'est validé deux fois. Appuyez sur Échap pour fermer ; un message annoncera l'issue.";
        WasNotPosted: "It was not posted. Press Enter to post it now.",
            "L'annulation n'a pas été validée. Appuyez sur Entrée pour la valider.";
        GoesOn: "The reversal continues; a message will report the outcome.",
            "L'annulation se poursuit ; un message en annoncera l'issue.";
        ReversedNow: "Reversed. {levels}", "Annulé. {levels}";
        ReversedNowBare: "Reversed.", "Annulé.";
        LevelNow: "{item} at {place}: {on_hand} on hand", "{item} à {place} : {on_hand} en stock";
        IsReversal: "This is itself a reversal. To cancel its effect, post the movement again.",
            "C'est déjà une annulation. Pour revenir en arrière, validez à nouveau le mouvement.";
        IsReversed: "This was already reversed, {when}.", "Déjà annulé, {when}.";
        AllReversed: "All of its lines are already reversed.", "Toutes ses lignes sont déjà annulées.";
        SomeReversed: "{n} of its lines are already reversed; reverse the others one at a time.",
            "{n} de ses lignes sont déjà annulées ; annulez les autres une par une.";
        SomeReversedOne: "{n} of its lines is already reversed; reverse the others one at a time.",
            "{n} de ses lignes est déjà annulée ; annulez les autres une par une.";
        StillLoading: "Wait until the lines are shown.", "Attendez l'affichage des lignes.";
    }
}

/// The most common reasons for reversals.
pub const COMMON_REASONS: [LedgerText; 5] = [
    LedgerText::WrongQuantity,
    LedgerText::WrongProduct,
    LedgerText::WrongLocation,
    LedgerText::EnteredTwice,
    LedgerText::NotMoved,
];

/// The word for a kind of movement.
#[must_use]
pub fn kind(kind: MovementKind) -> LedgerText {
    match kind {
        MovementKind::Receipt => LedgerText::Receipt,
        MovementKind::Issue => LedgerText::Issue,
        MovementKind::Transfer => LedgerText::Transfer,
        MovementKind::Adjustment => LedgerText::Adjustment,
        MovementKind::Reversal => LedgerText::Reversal,
    }
}
