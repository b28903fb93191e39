//! Words of the forms that receive, issue and transfer.

super::phrases! {
    /// Words of the forms that receive, issue and transfer.
    FormText {
        From: "From", "De";
        To: "To", "Vers";
        Partner: "Partner", "Tiers";
        Reference: "Reference", "Référence";
        Reason: "Reason", "Motif";
        PlaceHint: "scan the place", "scanner l'emplacement";
        Scan: "Item", "Article";
        ScanHint: "scan or type a code; 12*code counts twelve", "scanner ou saisir un code ; 12*code en compte douze";
        LotOf: "Lot of {sku}", "Lot de {sku}";
        LotHint: "scan or type the lot", "scanner ou saisir le lot";
        ExpiryOf: "{sku} expires", "Péremption de {sku}";
        ExpiryHint: "31/12, 2027-01 or +30d; Enter for none", "31/12, 2027-01 ou +30j ; Entrée si aucune";
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
        OnHand: "On hand there", "En stock là";
        Looking: "looking up …", "recherche …";
        NotLookedUp: "not looked up yet; it is asked again", "pas encore recherché ; la question sera reposée";
        Short: "have {have}, need {need}", "disponible {have}, demandé {need}";
        LotAsked: "which lot?", "quel lot ?";
        SerialsAsked: "which serial numbers?", "quels numéros de série ?";
        FirstToExpire: "The first to expire goes first", "Le premier à périmer sort d'abord";
        LotsThere: "; lots there: {lots}", " ; lots présents : {lots}";
        Effect: "{line}: {changes}", "{line} : {changes}";
        StartPlace: "Scan a place, then any number of items. Nothing is posted before you have seen it in words.",
            "Scanner un emplacement, puis les articles. Rien n'est validé avant d'avoir été relu.";
        StartItems: "Scan items. The same one again counts one more.",
            "Scanner les articles. Le même encore en compte un de plus.";
        SerialOne: "{n} serial number", "{n} numéro de série";
        SerialMany: "{n} serial numbers", "{n} numéros de série";
        LineOne: "{n} line", "{n} ligne";
        LineMany: "{n} lines", "{n} lignes";
        UnitOne: "{n} unit", "{n} unité";
        UnitMany: "{n} units", "{n} unités";
        ReceiveLine: "Receive {quantity} {unit} of {sku} {name} into {to}", "Recevoir {quantity} {unit} de {sku} {name} dans {to}";
        IssueLine: "Issue {quantity} {unit} of {sku} {name} from {from}", "Sortir {quantity} {unit} de {sku} {name} de {from}";
        TransferLine: "Move {quantity} {unit} of {sku} {name} from {from} to {to}",
            "Déplacer {quantity} {unit} de {sku} {name} de {from} vers {to}";
        OfLot: ", lot {lot}", ", lot {lot}";
        UntilDay: ", expires {day}", ", péremption {day}";
        OnHandThere: "on hand there {before}\u{a0}→\u{a0}{after}", "en stock là {before}\u{a0}→\u{a0}{after}";
        OnHandAt: "at {place} {before}\u{a0}→\u{a0}{after}", "à {place} {before}\u{a0}→\u{a0}{after}";
        ReviewReceive: "Receive {total} into {to}?", "Recevoir {total} dans {to} ?";
        ReviewIssue: "Issue {total} from {from}?", "Sortir {total} de {from} ?";
        ReviewTransfer: "Move {total} from {from} to {to}?", "Déplacer {total} de {from} vers {to} ?";
        ReviewKeys: "{accept} or {post} posts this · {close} goes back", "{accept} ou {post} valide · {close} revient";
        ReceiveDone: "Received {total} into {to}", "Reçu {total} dans {to}";
        IssueDone: "Issued {total} from {from}", "Sorti {total} de {from}";
        TransferDone: "Moved {total} from {from} to {to}", "Déplacé {total} de {from} vers {to}";
        PlacesStay: "Places stay for the next one.", "Les emplacements restent pour la suite.";
        Now: "{sku} {name}: {place} now has {n} {unit}", "{sku} {name} : {place} a maintenant {n} {unit}";
        NowOfLot: "{sku} {name}: {place} now has {n} {unit} of lot {lot}", "{sku} {name} : {place} a maintenant {n} {unit} du lot {lot}";
        AttentionOne: "{n} line needs attention", "{n} ligne à voir";
        AttentionMany: "{n} lines need attention", "{n} lignes à voir";
        Posting: "Posting …", "Validation …";
        KeyWaits: "{n} key waits", "{n} touche attend";
        KeysWait: "{n} keys wait", "{n} touches attendent";
        KeyParked: "{n} key typed since waits until this is posted; {discard} discards both",
            "{n} touche saisie depuis attend que ceci soit validé ; {discard} abandonne les deux";
        KeysParked: "{n} keys typed since wait until this is posted; {discard} discards both",
            "{n} touches saisies depuis attendent que ceci soit validé ; {discard} abandonne les deux";
        OutcomeUnknown: "It is not known whether this was posted. It is being looked up; the form waits for the answer.",
            "On ne sait pas si ceci est validé. Vérification en cours ; le formulaire attend la réponse.";
        WasNotPosted: "It was not posted. Nothing was changed; post it again if it is still wanted.",
            "Ce n'était pas validé. Rien n'a changé ; validez de nouveau si c'est toujours voulu.";
        RefusedKeys: "Not posted. {close} corrects it · {post} posts it again", "Pas validé. {close} pour corriger · {post} valide de nouveau";
        TooLittle: "{sku} at {place}: have {have}, need {need}", "{sku} à {place} : disponible {have}, demandé {need}";
        DiscardAsk: "Empty the form ({lines})? {discard} or {accept} empties it · {close} keeps it",
            "Vider le formulaire ({lines}) ? {discard} ou {accept} vide · {close} garde";
        DiscardKeys: "The {n} keys that wait would be lost too.", "Les {n} touches en attente seraient perdues aussi.";
        DiscardedOne: "The form is empty; {n} line was not posted", "Formulaire vidé ; {n} ligne n'est pas validée";
        DiscardedMany: "The form is empty; {n} lines were not posted", "Formulaire vidé ; {n} lignes ne sont pas validées";
        KeysForgotten: "The keys that waited for an answer are forgotten", "Les touches en attente d'une réponse sont oubliées";
        Busy: "This form is being posted; try again when it is done", "Ce formulaire est en cours de validation ; réessayez ensuite";
        StillLooking: "codes are still being looked up", "des codes sont encore recherchés";
        AskedAgain: "some codes could not be looked up; they are asked again", "certains codes n'ont pas pu être recherchés ; la question est reposée";
        NothingToPost: "There is nothing to post yet", "Rien à valider pour l'instant";
        NoFrom: "Which place do the goods leave?", "De quel emplacement partent les articles ?";
        NoTo: "Which place do the goods go to?", "Vers quel emplacement vont les articles ?";
        LotMissing: "Which lot of {sku}?", "Quel lot de {sku} ?";
        SerialsMissing: "Which serial numbers of {sku}?", "Quels numéros de série de {sku} ?";
        TooManyLines: "{n} lines are too many for one posting; at most {most}", "{n} lignes sont trop pour une écriture ; au plus {most}";
        Full: "The form is full with {n} lines; {text} was not taken. Post it first.",
            "Le formulaire est plein avec {n} lignes ; {text} n'est pas pris. Validez d'abord.";
        UnknownCode: "nothing has the code {text}", "rien n'a le code {text}";
        UnknownPlace: "there is no place {text}", "il n'y a pas d'emplacement {text}";
        PlaceArchived: "{code} is out of use", "{code} n'est plus utilisé";
        SamePlace: "{code} is the other place already", "{code} est déjà l'autre emplacement";
        IsAPlace: "{code} is a place, no item", "{code} est un emplacement, pas un article";
        PlaceFirst: "{text} is an item and was counted; the place is still asked for",
            "{text} est un article et a été compté ; l'emplacement est toujours demandé";
        PlaceAlready: "{what} is a place, and it is the one of this form already",
            "{what} est un emplacement, et déjà celui de ce formulaire";
        PlaceOffered: "{what} is a place; this form has {here}. Scan it once more to change that",
            "{what} est un emplacement ; ce formulaire a {here}. Scannez-le encore pour changer";
        PlaceInUse: "{what} is a place, but the lines here ({n}) are for {here}. Post them first, or change the place in its field",
            "{what} est un emplacement, mais les lignes ici ({n}) sont pour {here}. Validez-les d'abord, ou changez l'emplacement dans son champ";
        NotAboveZero: "the quantity must be above zero; Del removes the line", "la quantité doit dépasser zéro ; Suppr retire la ligne";
        WholeOnly: "{sku} is counted in whole {unit}; {n} is not", "{sku} se compte en {unit} entiers ; {n} ne l'est pas";
        TooPrecise: "{sku} has at most {most} decimals; {n} has more", "{sku} a au plus {most} décimales ; {n} en a plus";
        TooMuch: "this is more than can be posted", "c'est plus que ce qui peut être validé";
        ScannedInQuantity: "That was a barcode and no quantity; it was taken as a scan", "C'était un code-barres et pas une quantité ; il compte comme un scan";
        NoPrice: "\"{text}\" is no price; write digits with at most four decimals", "« {text} » n'est pas un prix ; chiffres avec au plus quatre décimales";
        NoLot: "\"{text}\" is no lot; at most 60 characters", "« {text} » n'est pas un lot ; au plus 60 caractères";
        NoPartnerCode: "\"{text}\" is no partner; letters, digits and . _ / -", "« {text} » n'est pas un tiers ; lettres, chiffres et . _ / -";
        DetailTooLong: "\"{text}\" is too long for this field", "« {text} » est trop long pour ce champ";
        SerialTwice: "{serial} is named already", "{serial} est déjà nommé";
        LineGone: "the line is gone", "la ligne n'existe plus";
    }
}
