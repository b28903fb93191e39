//! The text of receiving goods against an order, besides that of the form.

super::phrases! {
    /// The text of receiving goods against an order.
    ReceiveOrderText {
        Order: "Order", "Commande";
        OrderHint: "scan or type the number; ↓ to choose", "scanner ou saisir le numéro ; ↓ pour choisir";
        Start: "Scan the number of a purchase order, or choose one with the arrow keys. Then scan the location and what arrives.",
            "Scannez le numéro d'une commande d'achat, ou choisissez-la avec les flèches. Scannez ensuite l'emplacement et la marchandise.";
        NoNumber: "\"{text}\" is not the number of a purchase order, such as PO-000123",
            "« {text} » n'est pas le numéro d'une commande d'achat, comme PO-000123";
        NotAPurchase: "{order} is not a purchase order; goods are received for purchase orders",
            "{order} n'est pas une commande d'achat ; on ne reçoit que des commandes d'achat";
        NotOpen: "nothing can be received for {order}: it is {state}", "rien à recevoir pour {order} : elle est {state}";
        NoOrder: "Which purchase order are the goods for?", "Pour quelle commande d'achat est la marchandise ?";
        OrderFirst: "scan or choose the purchase order first", "scannez ou choisissez d'abord la commande d'achat";
        OrderInUse: "the lines here ({n}) are for {order}; post or discard them first",
            "les lignes ({n}) sont pour {order} ; validez-les ou abandonnez-les d'abord";
        NotOnOrder: "{sku} {name} is not on {order}, which expects {expected}",
            "{sku} {name} ne figure pas sur {order}, qui attend {expected}";
        NothingExpected: "nothing more", "rien de plus";
        AndMore: "{items} and {n} more", "{items} et {n} de plus";
        TooMuch: "{order} takes at most {room} more of {sku} ({ordered} ordered, {moved} received); {need} would be too many",
            "{order} n'admet que {room} {sku} de plus (commandé {ordered}, reçu {moved}) ; {need} serait trop";
        TooMuchOver: "{order} takes at most {room} more of {sku} ({ordered} ordered, {over} % more allowed, {moved} received); {need} would be too many",
            "{order} n'admet que {room} {sku} de plus (commandé {ordered}, {over} % de plus admis, reçu {moved}) ; {need} serait trop";
        Beyond: "{sku}: {n} more than {order} expects; at most {most} more are allowed",
            "{sku} : {n} de plus que prévu par {order} ; {most} de plus au maximum";
        Expected: "Expected for {order}", "Attendu pour {order}";
        Item: "Item", "Article";
        Name: "Name", "Nom";
        Ordered: "Ordered", "Commandé";
        Received: "Received", "Reçu";
        Now: "Now", "Ici";
        Open: "Open", "Reste";
        Review: "Receive {total} for {order} into {to}?", "Recevoir {total} pour {order} dans {to} ?";
        Done: "Received {total} for {order} into {to}", "Reçu {total} pour {order} dans {to}";
        StaysOpen: "Still open on {order} after this: {items}", "Reste ensuite sur {order} : {items}";
        NothingStaysOpen: "{order} will have been received in full", "{order} sera entièrement reçue";
        OfItem: "{n} {sku}", "{n} {sku}";
    }
}
