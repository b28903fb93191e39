//! The text of the forms that receive, issue and transfer.

use crate::domain::MovementKind;

super::phrases! {
    /// The text of the forms that receive, issue and transfer.
    FormText {
        From: "From", "De";
        To: "To", "Vers";
        Partner: "Partner", "Tiers";
        Reference: "Reference", "Référence";
        Reason: "Reason", "Motif";
        PlaceHint: "scan the location", "scanner l'emplacement";
        Scan: "Item", "Article";
        ScanHint: "scan or type a code; 12*code for twelve", "scanner ou saisir un code ; 12*code pour douze";
        LotOf: "Lot of {sku}", "Lot de {sku}";
        LotHint: "scan or type the lot", "scanner ou saisir le lot";
        ExpiryOf: "{sku} expires", "Péremption de {sku}";
        ExpiryHint: "31/12, 2027-01 or +30d; Enter for none", "31/12, 2027-01 ou +30j ; Entrée si aucune";
        SerialsOf: "Serial numbers of {sku}", "Numéros de série de {sku}";
        SerialsHint: "scan each, or a range such as SN10-SN25", "scanner chacun, ou une plage comme SN10-SN25";
        QuantityOf: "Quantity of {sku}", "Quantité de {sku}";
        PriceOf: "Unit price of {sku}", "Prix unitaire de {sku}";
        CodeOf: "Correct the code", "Corriger le code";
        Sku: "SKU", "SKU";
        Name: "Name", "Nom";
        Quantity: "Quantity", "Quantité";
        Unit: "Unit", "Unité";
        Lot: "Lot", "Lot";
        Serials: "Serial numbers", "Numéros de série";
        Expiry: "Expires", "Péremption";
        Price: "Unit price", "Prix unitaire";
        OnHand: "On hand there", "Stock sur place";
        Looking: "looking up …", "recherche …";
        NotLookedUp: "not looked up yet; trying again", "pas encore trouvé ; nouvelle tentative";
        Short: "have {have}, need {need}", "disponible {have}, demandé {need}";
        MoreExpired: "; {n} more have expired", " ; {n} de plus, mais périmés";
        Takes: "; takes {lots}", " ; prend {lots}";
        FromQuarantine: "{place} is a quarantine location: goods there are blocked. Issue them only if you are authorised to.",
            "{place} est un emplacement de quarantaine : la marchandise y est bloquée. Ne la sortez que si vous y êtes autorisé.";
        LotAsked: "which lot?", "quel lot ?";
        SerialsAsked: "which serial numbers?", "quels numéros de série ?";
        FirstToExpire: "First expired, first out", "Premier périmé, premier sorti";
        LotsThere: "; lots there: {lots}", " ; lots sur place : {lots}";
        Effect: "{line}: {changes}", "{line} : {changes}";
        StartPlace: "Scan a location, then any number of items. A review shows the effect before anything is posted.",
            "Scannez un emplacement, puis les articles. Un récapitulatif s'affiche avant toute validation.";
        StartItems: "Scan items. Scanning an item again adds one.",
            "Scannez les articles. Un nouveau scan du même article en ajoute un.";
        SerialOne: "{n} serial number", "{n} numéro de série";
        SerialMany: "{n} serial numbers", "{n} numéros de série";
        LineOne: "{n} line", "{n} ligne";
        LineMany: "{n} lines", "{n} lignes";
        UnitOne: "{n} unit", "{n} unité";
        UnitMany: "{n} units", "{n} unités";
        ReceiveLine: "Receive {quantity} {unit} of {sku} {name} into {to}", "Recevoir {quantity} {unit} de {sku} {name} dans {to}";
        IssueLine: "Issue {quantity} {unit} of {sku} {name} from {from}", "Sortir {quantity} {unit} de {sku} {name} de {from}";
        TransferLine: "Move {quantity} {unit} of {sku} {name} from {from} to {to}",
            "Transférer {quantity} {unit} de {sku} {name} de {from} vers {to}";
        OfLot: ", lot {lot}", ", lot {lot}";
        UntilDay: ", expires {day}", ", péremption {day}";
        OnHandThere: "on hand there {before}\u{a0}→\u{a0}{after}", "stock sur place {before}\u{a0}→\u{a0}{after}";
        OnHandAt: "at {place} {before}\u{a0}→\u{a0}{after}", "à {place} {before}\u{a0}→\u{a0}{after}";
        ReviewReceive: "Receive {total} into {to}?", "Recevoir {total} dans {to} ?";
        ReviewIssue: "Issue {total} from {from}?", "Sortir {total} de {from} ?";
        ReviewTransfer: "Move {total} from {from} to {to}?", "Transférer {total} de {from} vers {to} ?";
        ReviewKeys: "{accept} or {post} to post · {close} to go back", "{accept} ou {post} pour valider · {close} pour revenir";
        ReceiveDone: "Received {total} into {to}", "Reçu {total} dans {to}";
        IssueDone: "Issued {total} from {from}", "Sorti {total} de {from}";
        TransferDone: "Moved {total} from {from} to {to}", "Transféré {total} de {from} vers {to}";
        PlacesStay: "The locations are kept for the next posting.", "Les emplacements sont conservés pour l'écriture suivante.";
        Now: "{sku} {name}: {place} now has {n} {unit}", "{sku} {name} : {place} contient maintenant {n} {unit}";
        NowOfLot: "{sku} {name}: {place} now has {n} {unit} of lot {lot}", "{sku} {name} : {place} contient maintenant {n} {unit} du lot {lot}";
        AttentionOne: "{n} line needs attention", "{n} ligne à vérifier";
        AttentionMany: "{n} lines need attention", "{n} lignes à vérifier";
        Posting: "Posting …", "Validation …";
        KeyWaits: "{n} key queued", "{n} touche en attente";
        KeysWait: "{n} keys queued", "{n} touches en attente";
        KeyDeferred: "{n} key typed since is queued until this is posted; {discard} to discard both",
            "{n} touche saisie depuis est en attente de la validation ; {discard} pour tout abandonner";
        KeysDeferred: "{n} keys typed since are queued until this is posted; {discard} to discard both",
            "{n} touches saisies depuis sont en attente de la validation ; {discard} pour tout abandonner";
        OutcomeUnknown: "It is not known whether this was posted. The outcome is being checked; the form waits for the answer.",
            "On ne sait pas si l'écriture a été validée. Vérification en cours ; le formulaire attend la réponse.";
        WasNotPosted: "It was not posted and nothing was changed. Post it again if it is still needed.",
            "L'écriture n'a pas été validée et rien n'a changé. Validez-la à nouveau si nécessaire.";
        RefusedKeys: "Not posted. {close} to correct · {post} to post again", "Non validé. {close} pour corriger · {post} pour valider à nouveau";
        TooLittle: "{sku} at {place}: have {have}, need {need}", "{sku} à {place} : disponible {have}, demandé {need}";
        DiscardAsk: "Discard the form ({lines})? {discard} or {accept} to discard · {close} to keep it",
            "Abandonner le formulaire ({lines}) ? {discard} ou {accept} pour abandonner · {close} pour garder";
        DiscardKeys: "The {n} queued keys would be lost too.", "Les {n} touches en attente seraient perdues aussi.";
        DiscardedOne: "Form discarded; {n} line was not posted", "Formulaire abandonné ; {n} ligne n'a pas été validée";
        DiscardedMany: "Form discarded; {n} lines were not posted", "Formulaire abandonné ; {n} lignes n'ont pas été validées";
        KeysForgotten: "The queued keys were discarded", "Les touches en attente ont été abandonnées";
        Busy: "This form is being posted; try again when it is done", "Validation de ce formulaire en cours ; réessayez ensuite";
        StillLooking: "codes are still being looked up", "recherche des codes encore en cours";
        AskedAgain: "some codes could not be looked up; trying again", "certains codes n'ont pas pu être recherchés ; nouvelle tentative";
        NothingToPost: "There is nothing to post yet", "Rien à valider pour l'instant";
        NoFrom: "Which location do the goods leave?", "De quel emplacement partent les articles ?";
        NoTo: "Which location do the goods go to?", "Vers quel emplacement vont les articles ?";
        LotMissing: "Which lot of {sku}?", "Quel lot de {sku} ?";
        SerialsMissing: "Which serial numbers of {sku}?", "Quels numéros de série de {sku} ?";
        TooManyLines: "{n} lines are too many for one posting; the limit is {most}", "{n} lignes, c'est trop pour une écriture ; la limite est de {most}";
        Full: "The form is full ({n} lines); {text} was not added. Post the form first.",
            "Le formulaire est plein ({n} lignes) ; {text} n'a pas été ajouté. Validez d'abord.";
        UnknownCode: "unknown code {text}", "code inconnu {text}";
        UnknownPlace: "there is no location {text}", "l'emplacement {text} n'existe pas";
        PlaceArchived: "{code} is archived", "{code} est archivé";
        SamePlace: "{code} is already the other location", "{code} est déjà l'autre emplacement";
        IsAPlace: "{code} is a location, not an item", "{code} est un emplacement, pas un article";
        PlaceFirst: "{text} is an item and was added; the location is still missing",
            "{text} est un article et a été ajouté ; l'emplacement manque encore";
        PlaceAlready: "{what} is already the location of this form",
            "{what} est déjà l'emplacement de ce formulaire";
        PlaceOffered: "{what} is a location; this form uses {here}. Scan it again to change the location",
            "{what} est un emplacement ; ce formulaire utilise {here}. Scannez-le à nouveau pour changer d'emplacement";
        PlaceInUse: "{what} is a location, but the lines here ({n}) are for {here}. Post them first, or change the location in its field",
            "{what} est un emplacement, mais les lignes ({n}) concernent {here}. Validez-les d'abord, ou changez l'emplacement dans son champ";
        NotAboveZero: "the quantity must be greater than zero; press Del to remove the line",
            "la quantité doit être supérieure à zéro ; Suppr pour retirer la ligne";
        WholeOnly: "{sku} is counted in whole {unit}; {n} is not a whole number", "{sku} se compte en {unit} entiers ; {n} n'est pas entier";
        TooPrecise: "{sku} takes at most {most} decimal places; {n} has more", "{sku} admet au plus {most} décimales ; {n} en a plus";
        TooMuch: "this is more than can be posted", "cette quantité est trop grande pour être validée";
        ScannedInQuantity: "That was a barcode, not a quantity; it was added as a scan",
            "C'était un code-barres, pas une quantité ; il a été ajouté comme un scan";
        NoPrice: "\"{text}\" is not a price; write digits with at most four decimal places",
            "« {text} » n'est pas un prix ; écrivez des chiffres avec au plus quatre décimales";
        NoLot: "\"{text}\" is not a lot; lots have at most 60 characters", "« {text} » n'est pas un lot ; 60 caractères au plus";
        NoPartnerCode: "\"{text}\" is not a partner code; use letters, digits and . _ / -",
            "« {text} » n'est pas un code de tiers ; lettres, chiffres et . _ / -";
        DetailTooLong: "\"{text}\" is too long for this field", "« {text} » est trop long pour ce champ";
        SerialTwice: "{serial} is already listed", "{serial} figure déjà dans la liste";
        LotElsewhere: "{lot} of {sku} is at {places}, not at {from}", "{lot} de {sku} se trouve à {places}, pas à {from}";
        LotNowhere: "{lot} of {sku} is not on hand anywhere", "{lot} de {sku} n'est en stock nulle part";
        LotOfSeveral: "{lot} is a lot of {skus}; scan the product first", "{lot} est un lot de {skus} ; scannez d'abord l'article";
        SerialsNotThere: "{serials} is not on hand at {place}", "{serials} n'est pas en stock à {place}";
        OfSerials: ", serial numbers {serials}", ", numéros de série {serials}";
        LineGone: "the line no longer exists", "la ligne n'existe plus";
    }
}

/// The texts of the form for a kind of movement.
#[derive(Debug, Clone, Copy)]
pub struct KindText {
    /// The sentence for the effect of one line of goods.
    pub line: FormText,
    /// The question under the review, before posting.
    pub review: FormText,
    /// The title of the result after posting.
    pub done: FormText,
}

/// The texts of the form for a kind. Adjustments and reversals have no form of their own.
#[must_use]
pub fn of_kind(kind: MovementKind) -> KindText {
    match kind {
        MovementKind::Receipt | MovementKind::Adjustment | MovementKind::Reversal => KindText {
            line: FormText::ReceiveLine,
            review: FormText::ReviewReceive,
            done: FormText::ReceiveDone,
        },
        MovementKind::Issue => {
            KindText { line: FormText::IssueLine, review: FormText::ReviewIssue, done: FormText::IssueDone }
        }
        MovementKind::Transfer => KindText {
            line: FormText::TransferLine,
            review: FormText::ReviewTransfer,
            done: FormText::TransferDone,
        },
    }
}
