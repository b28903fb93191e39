//! The text of picking: choosing orders, the pick list, missing goods, and shipping.

super::phrases! {
    /// The text of picking.
    PickText {
        ChooseTitle: "Orders to pick or ship", "Commandes à préparer ou à expédier";
        ChooseNothing: "Nothing is reserved for any order. Once stock is reserved for an order, it is listed here.",
            "Rien n'est réservé. Dès que du stock est réservé pour une commande, elle apparaît ici.";
        ChooseHint: "scan or type an order; Enter to start", "scanner ou saisir une commande ; Entrée pour commencer";
        ChosenOne: "{n} order chosen", "{n} commande choisie";
        ChosenMany: "{n} orders chosen", "{n} commandes choisies";
        Order: "Order", "Commande";
        Partner: "For", "Pour";
        Due: "Due", "Échéance";
        Late: "late", "en retard";
        Reserved: "Reserved", "Réservé";
        NotListed: "nothing is reserved for {text}", "rien n'est réservé pour {text}";
        Place: "Location", "Emplacement";
        Item: "Item", "Article";
        Name: "Name", "Nom";
        Lot: "Lot", "Lot";
        Picked: "Picked", "Prélevé";
        PlaceHint: "scan the location", "scanner l'emplacement";
        ItemHint: "scan the item; 12*code for twelve", "scanner l'article ; 12*code pour douze";
        LotHint: "scan the lot or serial number", "scanner le lot ou numéro de série";
        QuantityHint: "how many in all", "combien en tout";
        DockHint: "scan the dock", "scanner le quai";
        Quantity: "Quantity of {sku}", "Quantité de {sku}";
        GoTo: "Go to {place} and scan it", "Allez à {place} et scannez-le";
        Take: "{place}: take {left} {unit} of {sku} {name} for {order}", "{place} : prendre {left} {unit} de {sku} {name} pour {order}";
        TakeLot: "{place}: take {left} {unit} of {sku} {name}, lot {lot}, for {order}",
            "{place} : prendre {left} {unit} de {sku} {name}, lot {lot}, pour {order}";
        ScanLot: "Scan the lot or serial number: {lot}", "Scannez le lot ou numéro de série : {lot}";
        LineDone: "{sku} at {place} is picked: {picked} of {open}. Press Down for another line.",
            "{sku} à {place} est prélevé : {picked} sur {open}. Bas pour une autre ligne.";
        AllPicked: "Everything is picked. Take it to the dock and scan the dock, or press {post}.",
            "Tout est prélevé. Portez-le au quai et scannez le quai, ou appuyez sur {post}.";
        ShipNext: "At the dock: {orders}. Press {post} to ship.", "Au quai : {orders}. Appuyez sur {post} pour expédier.";
        Loading: "loading the pick list …", "chargement de la liste …";
        Looking: "looking up …", "recherche …";
        Progress: "{done} of {lines} lines picked · {orders}", "{done} lignes sur {lines} prélevées · {orders}";
        ToDock: " · to {dock}", " · vers {dock}";
        WrongPlace: "{scanned} is the wrong location. Go to {right}.", "{scanned} n'est pas le bon emplacement. Allez à {right}.";
        PlaceFirst: "{scanned} was not counted: first go to {right} and scan it.",
            "{scanned} n'a pas été compté : allez d'abord à {right} et scannez-le.";
        WrongItem: "{scanned} {name} is the wrong item. Here take {right} {rightname}.",
            "{scanned} {name} n'est pas le bon article. Ici, prenez {right} {rightname}.";
        ItemPicked: "all {picked} of {sku} have been picked here", "les {picked} {sku} d'ici sont déjà prélevés";
        WrongLot: "{scanned} is the wrong lot or serial number. Take {right}.",
            "{scanned} n'est pas le bon lot ou numéro de série. Prenez {right}.";
        WrongLotDay: "{scanned} is the wrong lot or serial number. Take {right}, which expires {day}.",
            "{scanned} n'est pas le bon lot ou numéro de série. Prenez {right}, qui expire le {day}.";
        TooMany: "{units} of {sku} is too many: {left} left to pick here",
            "{units} {sku}, c'est trop : il en reste {left} à prélever ici";
        TooPrecise: "{sku} takes at most {most} decimal places", "{sku} admet au plus {most} décimales";
        NothingLeft: "nothing is left to pick", "il ne reste rien à prélever";
        ScanFirst: "scan the item once before you type its quantity", "scannez l'article une fois avant de saisir sa quantité";
        Unknown: "unknown code {text}. {next}", "code inconnu {text}. {next}";
        NotLookedUp: "{text} could not be looked up: {why}", "{text} n'a pas pu être recherché : {why}";
        GoneOne: "{n} {sku} at {place} is no longer reserved for {order}. Put it back and set the quantity with {key}.",
            "{n} {sku} à {place} n'est plus réservé pour {order}. Remettez-le en place et corrigez la quantité avec {key}.";
        Gone: "{n} {sku} at {place} are no longer reserved for {order}. Put them back and set the quantity with {key}.",
            "{n} {sku} à {place} ne sont plus réservés pour {order}. Remettez-les en place et corrigez la quantité avec {key}.";
        NothingPicked: "nothing has been picked yet, and nothing is waiting at a dock", "rien n'est encore prélevé, et rien n'attend au quai";
        NothingYet: "nothing has been picked yet", "rien n'est encore prélevé";
        NoDock: "there is no dock to take the goods to; an admin can add a location of kind dock",
            "il n'y a pas de quai où déposer la marchandise ; un administrateur peut ajouter un emplacement de type quai";
        WhichDock: "To which dock?", "Vers quel quai ?";
        ReviewPick: "Move {lines} to {dock}?", "Amener {lines} à {dock} ?";
        LineOne: "{n} line", "{n} ligne";
        LineMany: "{n} lines", "{n} lignes";
        ReviewLine: "{n} {unit} of {sku} {name} from {place} for {order}", "{n} {unit} de {sku} {name} depuis {place} pour {order}";
        ReviewLineLot: "{n} {unit} of {sku} {name}, lot {lot}, from {place} for {order}",
            "{n} {unit} de {sku} {name}, lot {lot}, depuis {place} pour {order}";
        RestOne: "{n} line is not picked in full. The rest stays reserved, and anyone can pick it later.",
            "{n} ligne n'est pas entièrement prélevée. Le reste demeure réservé ; n'importe qui pourra le prélever.";
        RestMany: "{n} lines are not picked in full. The rest stays reserved, and anyone can pick it later.",
            "{n} lignes ne sont pas entièrement prélevées. Le reste demeure réservé ; n'importe qui pourra le prélever.";
        ReviewKeys: "{accept} or {post} to post · {close} to go back", "{accept} ou {post} pour valider · {close} pour revenir";
        DonePick: "{lines} moved to {dock}", "{lines} à {dock}";
        ReviewShip: "Ship {order}?", "Expédier {order} ?";
        ShipLine: "{n} {unit} of {sku} {name} from {place}", "{n} {unit} de {sku} {name} depuis {place}";
        ShipLineLot: "{n} {unit} of {sku} {name}, lot {lot}, from {place}", "{n} {unit} de {sku} {name}, lot {lot}, depuis {place}";
        ShipRestOne: "{n} line of this order has not been picked yet and is not shipped now.",
            "{n} ligne de cette commande reste à préparer ; elle n'est pas expédiée maintenant.";
        ShipRestMany: "{n} lines of this order have not been picked yet and are not shipped now.",
            "{n} lignes de cette commande restent à préparer ; elles ne sont pas expédiées maintenant.";
        DoneShip: "{order} shipped", "{order} expédiée";
        AllDone: "Everything is picked and shipped", "Tout est préparé et expédié";
        ShortTitle: "{n} {sku} missing at {place}: why?", "{n} {sku} manquants à {place} : pourquoi ?";
        ShortLess: "less on the shelf than recorded", "moins en rayon que le stock théorique";
        ShortDamaged: "damaged", "endommagé";
        ShortBlocked: "cannot be reached", "inaccessible";
        ShortOther: "other goods are there", "autre marchandise à cet endroit";
        ShortAsking: "looking for another location …", "recherche d'un autre emplacement …";
        ReviewShort: "{n} {unit} of {sku} missing at {place}?", "{n} {unit} de {sku} manquants à {place} ?";
        ShortReason: "Reason: {reason}", "Motif : {reason}";
        ShortReleased: "Their reservation is released, and these are reserved for {order} instead:",
            "Leur réservation est libérée, et ceux-ci sont réservés à la place pour {order} :";
        ShortNowhere: "Their reservation is released. None are available elsewhere. Still open on {order}: {n}.",
            "Leur réservation est libérée. Aucun n'est disponible ailleurs. Encore à livrer sur {order} : {n}.";
        ShortInstead: "{n} from {place}", "{n} depuis {place}";
        ShortInsteadLot: "{n} from {place}, lot {lot}", "{n} depuis {place}, lot {lot}";
        ShortOpen: "Not available anywhere, and still open on {order}: {n}.",
            "Disponibles nulle part, et encore à livrer sur {order} : {n}.";
        ShortCount: "Count {place} when you can, so that the recorded stock is right again.",
            "Comptez {place} dès que possible, pour que le stock théorique redevienne juste.";
        DoneShort: "reservation released; take {instead} instead", "réservation libérée ; prendre à la place {instead}";
        DoneShortPart: "reservation released; take {instead} instead; {n} not available anywhere",
            "réservation libérée ; prendre à la place {instead} ; {n} disponibles nulle part";
        DoneShortNone: "reservation released; {n} not available anywhere", "réservation libérée ; {n} disponibles nulle part";
        DoneShortUnknown: "reservation released; the list shows what to pick instead", "réservation libérée ; la liste montre ce qu'il faut prélever à la place";
        Posting: "Posting …", "Validation …";
        OutcomeUnknown: "It is not known whether this was posted. The outcome is being checked.",
            "On ne sait pas si l'écriture a été validée. Vérification en cours.";
        WasNotPosted: "It was not posted and nothing was changed. Post it again if it is still needed.",
            "L'écriture n'a pas été validée et rien n'a changé. Validez-la à nouveau si nécessaire.";
        DiscardAsk: "Discard what was picked but not posted ({lines})? Put the goods back. {discard} or {accept} to discard · {close} to keep it",
            "Abandonner ce qui est prélevé mais pas validé ({lines}) ? Remettez la marchandise en place. {discard} ou {accept} pour abandonner · {close} pour garder";
        Kept: "What was picked is kept here. {post} to post it · {discard} to discard it",
            "Ce qui est prélevé est conservé ici. {post} pour valider · {discard} pour abandonner";
        OthersOpen: "finish or post the picking for {orders} first", "terminez ou validez d'abord la préparation de {orders}";
        WasPosted: "What you picked earlier has been posted.", "Ce que vous aviez prélevé auparavant a été validé.";
    }
}
