//! Words of the stock and of one product.

super::phrases! {
    /// Words of the stock and of one product.
    StockText {
        Title: "Stock", "Stock";
        SearchHint: "type or scan: SKU, barcode, name, lot, place",
            "saisir ou scanner : SKU, code-barres, nom, lot, emplacement";
        Sku: "SKU", "SKU";
        Name: "Name", "Nom";
        OnHand: "On hand", "En stock";
        Unit: "Unit", "Unité";
        Places: "Places", "Empl.";
        Expires: "Expires", "Péremption";
        Reorder: "Reorder at", "Seuil";
        Low: "LOW", "BAS";
        Empty: "none", "aucun";
        About: "about {n} products", "environ {n} produits";
        FoundOne: "{n} match", "{n} résultat";
        FoundMany: "{n} matches", "{n} résultats";
        FoundFirst: "the best {n} matches; type more to narrow them down",
            "les {n} meilleurs résultats ; précisez pour en réduire le nombre";
        NoMatch: "Nothing matches \"{text}\".", "Rien ne correspond à « {text} ».";
        NoProducts: "There are no products yet. Add them with `stockroom product add` or `stockroom import products`.",
            "Aucun produit. Ajoutez-en avec `stockroom product add` ou `stockroom import products`.";
        NothingLow: "No product is at or below its reorder point.", "Aucun produit n'a atteint son seuil.";
        NothingExpiring: "Nothing on hand expires in that time.", "Rien en stock ne périme d'ici là.";
        NothingZero: "Every product has stock.", "Chaque produit a du stock.";
        ByBarcode: "barcode {code}", "code-barres {code}";
        ByLot: "lot {code}", "lot {code}";
        ByLocation: "at {code}", "à {code}";
        FilterTitle: "Show", "Afficher";
        FilterAll: "All products", "Tous les produits";
        FilterLow: "Low: at or below the reorder point", "Bas : au seuil ou en dessous";
        FilterExpiring: "Expired or expiring within 30 days", "Périmés ou périmant sous 30 jours";
        FilterZero: "Nothing on hand", "Rien en stock";
        ChipLow: "low only", "bas seulement";
        ChipExpiring: "expiring within 30 days", "périment sous 30 jours";
        ChipZero: "nothing on hand", "rien en stock";
        FilterPlace: "In one place: type its code in the search", "Dans un emplacement : saisir son code dans la recherche";
        SortTitle: "Order", "Ordre";
        SortSku: "By SKU", "Par SKU";
        SortName: "By name", "Par nom";
        SortLeast: "Least on hand first", "Le moins en stock d'abord";
        SortMost: "Most on hand first", "Le plus en stock d'abord";
        SortExpiry: "First to expire first", "Le premier à périmer d'abord";
        DetailTitle: "Product", "Produit";
        Where: "Where it stands", "Où il se trouve";
        Nowhere: "nothing on hand", "rien en stock";
        Lot: "Lot", "Lot";
        Place: "Place", "Emplacement";
        History: "Latest movements", "Derniers mouvements";
        NoHistory: "no movement yet", "aucun mouvement";
        Level: "On hand, last 60 days", "En stock, 60 derniers jours";
        Category: "Category", "Catégorie";
        Tracking: "Tracked by", "Suivi par";
        TrackingNone: "quantity", "quantité";
        TrackingLot: "lot", "lot";
        TrackingSerial: "serial number", "numéro de série";
        Barcodes: "Barcodes", "Codes-barres";
        PackOf: "{code} (pack of {n})", "{code} (lot de {n})";
        Cost: "Cost", "Coût";
        Price: "Price", "Prix";
        LowState: "LOW: {have} on hand, reorder at {point}", "BAS : {have} en stock, seuil {point}";
        FineState: "enough: {have} on hand, reorder at {point}", "suffisant : {have} en stock, seuil {point}";
        NoPoint: "{have} on hand, no reorder point", "{have} en stock, pas de seuil";
        Expired: "expired {day}", "périmé le {day}";
        Archived: "archived", "archivé";
    }
}
