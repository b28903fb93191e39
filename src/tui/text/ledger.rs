//! Words of the ledger, of one posting and of undoing it.

use crate::domain::MovementKind;

super::phrases! {
    /// Words of the ledger, of one posting and of undoing it.
    LedgerText {
        Receipt: "receipt", "réception";
        Issue: "issue", "sortie";
        Transfer: "transfer", "transfert";
        Adjustment: "adjustment", "ajustement";
        Reversal: "reversal", "contrepassation";
        QuickHint: "type or scan: SKU, barcode, place, reference, id",
            "saisir ou scanner : SKU, code-barres, emplacement, référence, id";
        Everything: "every movement, newest first", "chaque mouvement, le plus récent d'abord";
        LookingUp: "looking up {code} …", "recherche de {code} …";
        Newer: "newer ones above", "de plus récents au-dessus";
        When: "When", "Quand";
        Kind: "Kind", "Genre";
        Sku: "SKU", "SKU";
        Quantity: "Quantity", "Quantité";
        Ends: "From → to", "De → vers";
        Lot: "Lot", "Lot";
        Person: "Person", "Personne";
        Reference: "Reference", "Référence";
        State: "State", "État";
        Reversed: "reversed", "contrepassé";
        Reverses: "undoes {when}", "annule {when}";
        ReversedOn: "reversed {when}", "contrepassé {when}";
        Nothing: "No movement yet. Receive goods and they appear here.",
            "Aucun mouvement. Recevez des marchandises et elles apparaîtront ici.";
        NothingFiltered: "No movement fits what is asked for. Esc takes the filter away step by step.",
            "Aucun mouvement ne correspond. Échap retire le filtre pas à pas.";
        ChipItem: "item {value}", "article {value}";
        ChipPerson: "by {value}", "par {value}";
        ChipKind: "{value} only", "{value} seulement";
        ChipReference: "reference {value}", "référence {value}";
        ChipSince: "from {value}", "du {value}";
        ChipUntil: "to {value}", "au {value}";
        ChipPlace: "place {value}", "emplacement {value}";
        FilterTitle: "Which movements", "Quels mouvements";
        Item: "Item", "Article";
        From: "From", "Du";
        To: "To", "Au";
        Place: "Place", "Emplacement";
        AllKinds: "all kinds", "tous les genres";
        ItemHint: "SKU or barcode", "SKU ou code-barres";
        DayHint: "today, 7d, 3112, 2026-11-20", "aujourd'hui, 7j, 3112, 20/11/2026";
        LookingUpItem: "looking up the item …", "recherche de l'article …";
        NoItem: "There is no product {code}.", "Il n'y a pas de produit {code}.";
        ItemIsPlace: "{code} is a place; it belongs into the field Place.",
            "{code} est un emplacement ; il va dans le champ Emplacement.";
        NoPlaceCode: "That is no code of a place.", "Ce n'est pas un code d'emplacement.";
        NoDay: "That is no day. Write today, 7d, 3112, 31/12/2026 or 2026-12.",
            "Ce n'est pas un jour. Écrire aujourd'hui, 7j, 3112, 31/12/2026 ou 2026-12.";
        DayUnclear: "Is that {day} or {other}? Write one of them in full.",
            "Est-ce {day} ou {other} ? Écrire l'un des deux en entier.";
        YearFirst: "Six digits are day, month, year. If {day} is meant, write it so.",
            "Six chiffres sont jour, mois, année. Si c'est {day}, l'écrire ainsi.";
        DaysBackwards: "The last day lies before the first.", "Le dernier jour précède le premier.";
        PostingTitle: "Posting {id}", "Écriture {id}";
        Happened: "happened", "fait le  ";
        PostedAt: "posted  ", "validé le";
        By: "by", "par";
        Partner: "partner", "tiers";
        Reason: "Reason", "Motif";
        Price: "Price", "Prix";
        Value: "Value", "Valeur";
        Total: "{lines} lines, value {value}", "{lines} lignes, valeur {value}";
        Expires: "expires {day}", "périme le {day}";
        MovementId: "movement {id}", "mouvement {id}";
        ReversedBy: "Reversed {when} by movement {id}", "Contrepassé {when} par le mouvement {id}";
        ReversesThat: "Undoes the movement of {when}, {id}", "Annule le mouvement du {when}, {id}";
        NotReversed: "Stands: not reversed", "En vigueur : non contrepassé";
        OpenOther: "{key} shows it", "{key} l'affiche";
        ReverseTitle: "Undo with a counter-entry", "Annuler par une contre-écriture";
        UndoReceipt: "Take {quantity} of {item} back out of {to}", "Retirer {quantity} de {item} de {to}";
        UndoIssue: "Put {quantity} of {item} back into {from}", "Remettre {quantity} de {item} dans {from}";
        UndoTransfer: "Move {quantity} of {item} back from {to} to {from}",
            "Ramener {quantity} de {item} de {to} vers {from}";
        UndoMore: "… and {n} more", "… et {n} de plus";
        UndoMoreOne: "… and {n} more", "… et {n} de plus";
        UndoneAlready: "already reversed", "déjà contrepassé";
        Whose: "{kind} of {when} by {person}", "{kind} du {when} par {person}";
        ScopeWhole: "the whole posting: {n} lines", "l'écriture entière : {n} lignes";
        ScopeOne: "only {item}", "seulement {item}";
        Scope: "Undo", "Annuler";
        ReasonHint: "why it is undone", "pourquoi c'est annulé";
        ReasonMissing: "Say why, in words; it stays in the ledger.",
            "Dire pourquoi, en mots ; cela reste dans le grand livre.";
        ReasonTooLong: "At most {max} characters; these are {n}.", "Au plus {max} caractères ; il y en a {n}.";
        Posting: "posting …", "validation …";
        OutcomeUnknown: "The line broke while posting. Whether it stands is being looked up; nothing is posted twice. Esc closes; you will be told.",
            "La ligne a été coupée pendant la validation. Vérification en cours ; rien n'est validé deux fois. Échap ferme ; vous serez prévenu.";
        WasNotPosted: "It was not posted. Enter posts it now.", "Ce n'était pas validé. Entrée valide maintenant.";
        GoesOn: "The reversal goes on; you will be told how it ended.",
            "La contrepassation continue ; vous serez prévenu de sa fin.";
        ReversedNow: "Reversed. {levels}", "Contrepassé. {levels}";
        ReversedNowBare: "Reversed.", "Contrepassé.";
        LevelNow: "{item} at {place}: {on_hand} on hand", "{item} à {place} : {on_hand} en stock";
        IsReversal: "This is itself a reversal; to undo it, post the movement again.",
            "C'est déjà une contrepassation ; pour l'annuler, refaire le mouvement.";
        IsReversed: "This was reversed already, {when}.", "C'est déjà contrepassé, {when}.";
        AllReversed: "Every line of it is reversed already.", "Toutes ses lignes sont déjà contrepassées.";
        SomeReversed: "{n} of its lines are reversed already; the others are undone one by one.",
            "{n} de ses lignes sont déjà contrepassées ; les autres s'annulent une par une.";
        SomeReversedOne: "{n} of its lines is reversed already; the others are undone one by one.",
            "{n} de ses lignes est déjà contrepassée ; les autres s'annulent une par une.";
        StillLoading: "Wait until you see what is undone.", "Attendez de voir ce qui est annulé.";
    }
}

/// The word for a kind of movement, by the database's name of it.
#[must_use]
pub fn kind(name: &str) -> LedgerText {
    name.parse().map_or(LedgerText::Receipt, kind_words)
}

/// The word for a kind of movement.
#[must_use]
pub fn kind_words(kind: MovementKind) -> LedgerText {
    match kind {
        MovementKind::Receipt => LedgerText::Receipt,
        MovementKind::Issue => LedgerText::Issue,
        MovementKind::Transfer => LedgerText::Transfer,
        MovementKind::Adjustment => LedgerText::Adjustment,
        MovementKind::Reversal => LedgerText::Reversal,
    }
}
