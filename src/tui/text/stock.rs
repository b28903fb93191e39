//! The text of the stock screen and of one product.

super::phrases! {
    /// The text of the stock screen and of one product.
    StockText {
        Title: "Stock", "Stock";
        SearchHint: "type or scan: SKU, barcode, name, lot, location",
            "saisir ou scanner : SKU, code-barres, nom, lot, emplacement";
        Sku: "SKU", "SKU";
        Name: "Name", "Nom";
        OnHand: "On hand", "En stock";
        Available: "Available", "Disponible";
        AvailableOf: "{n} available", "{n} disponibles";
        Quarantine: "in quarantine", "en quarantaine";
        Unit: "Unit", "Unité";
        Places: "Loc.", "Empl.";
        Expires: "Expires", "Péremption";
        Reorder: "Reorder at", "Seuil";
        Low: "LOW", "BAS";
        Empty: "none", "aucun";
        About: "about {n} products", "environ {n} articles";
        ProductOne: "{n} product", "{n} article";
        ProductMany: "{n} products", "{n} articles";
        FoundOne: "{n} match", "{n} résultat";
        FoundMany: "{n} matches", "{n} résultats";
        FoundFirst: "the best {n} matches; type more to narrow the search",
            "les {n} meilleurs résultats ; précisez la recherche pour la restreindre";
        NoMatch: "Nothing matches \"{text}\".", "Aucun résultat pour « {text} ».";
        NoProducts: "There are no products yet. Add them with `stockroom product add` or `stockroom import products`.",
            "Aucun article. Ajoutez-en avec `stockroom product add` ou `stockroom import products`.";
        NothingLow: "No product is at or below its reorder point.", "Aucun article n'a atteint son seuil.";
        NothingExpiring: "No stock on hand has expired or expires within 30 days.",
            "Aucun stock n'est périmé ni n'expire sous 30 jours.";
        NothingZero: "Every product has stock on hand.", "Tous les articles sont en stock.";
        ByBarcode: "barcode {code}", "code-barres {code}";
        PartOf: "{part} of {total}", "{part} sur {total}";
        ByLot: "lot {code}, total {n}", "lot {code}, total {n}";
        ByLocation: "at {code}, total {n}", "à {code}, total {n}";
        FilterTitle: "Show", "Afficher";
        FilterAll: "All products", "Tous les articles";
        FilterLow: "Low: at or below the reorder point", "Stock bas : au seuil ou en dessous";
        FilterExpiring: "Expired or expiring within 30 days", "Périmés ou expirant sous 30 jours";
        FilterZero: "Nothing on hand", "Rien en stock";
        ChipLow: "low only", "stock bas seulement";
        ChipExpiring: "expiring within 30 days", "expirent sous 30 jours";
        ChipAsOf: "as of {moment}, not now", "au {moment}, pas maintenant";
        PastFirst: "the first {n} products; type part of a code or name", "les {n} premiers articles ; saisissez une partie du code ou du nom";
        NothingThen: "Nothing was on hand at that time.", "Rien n'était en stock à ce moment.";
        AsOfTitle: "Stock as of", "Stock à la date";
        AsOfHint: "18/11, 7d, 2026-11-18 14:00", "18/11, 7j, 2026-11-18 14:00";
        AsOfMeans: "A date without a time means the end of that day. Names and reorder points are those of today.",
            "Une date sans heure signifie la fin de ce jour. Les noms et les seuils sont ceux d'aujourd'hui.";
        ChipZero: "nothing on hand", "rien en stock";
        FilterPlace: "For one location, search for its code", "Pour un emplacement, rechercher son code";
        SortTitle: "Sort", "Trier";
        SortSku: "By SKU", "Par SKU";
        SortName: "By name", "Par nom";
        SortLeast: "Lowest quantity first", "Quantités croissantes";
        SortMost: "Highest quantity first", "Quantités décroissantes";
        SortExpiry: "Earliest expiry first", "Péremption la plus proche d'abord";
        DetailTitle: "Product", "Article";
        Where: "Stock by location", "Stock par emplacement";
        Nowhere: "nothing on hand", "rien en stock";
        Lot: "Lot", "Lot";
        Place: "Location", "Emplacement";
        History: "Latest movements", "Derniers mouvements";
        NoHistory: "no movements yet", "aucun mouvement";
        Level: "On hand, last 60 days", "En stock, 60 derniers jours";
        Category: "Category", "Catégorie";
        Tracking: "Tracked by", "Suivi par";
        TrackingNone: "quantity", "quantité";
        TrackingLot: "lot", "lot";
        TrackingSerial: "serial number", "numéro de série";
        Barcodes: "Barcodes", "Codes-barres";
        PackOf: "{code} (pack of {n})", "{code} (colis de {n})";
        Cost: "Cost", "Coût";
        Price: "Price", "Prix";
        LowState: "LOW: {have} on hand, reorder at {point}", "BAS : {have} en stock, seuil {point}";
        FineState: "OK: {have} on hand, reorder at {point}", "suffisant : {have} en stock, seuil {point}";
        NoPoint: "{have} on hand, no reorder point", "{have} en stock, pas de seuil";
        Expired: "expired {day}", "périmé le {day}";
        Archived: "archived", "archivé";
    }
}
