//! Words of the dashboard.

super::phrases! {
    /// Words of the dashboard.
    DashboardText {
        Hours: "Movements per hour, last {n} h", "Mouvements par heure, {n} dernières h";
        Value: "Stock value", "Valeur du stock";
        Low: "Low stock", "Stock bas";
        LowMany: "Low stock: {n}", "Stock bas : {n}";
        Expiring: "Expired or within {n} days", "Périmés ou sous {n} jours";
        NothingExpires: "Nothing on hand has expired or will within {n} days.", "Rien en stock n'est périmé ni ne périme sous {n} jours.";
        Slow: "Slowest movers", "Stock dormant";
        Top: "Most issued, last {n} days", "Plus sortis, {n} derniers jours";
        People: "Postings by person, {n} days", "Écritures par personne, {n} j";
        Activity: "Commits and conflicts", "Validations et conflits";
        Position: "{position} of {n}", "{position} sur {n}";
        AsOf: "as of {time}", "état à {time}";
        FirstRows: "the first {shown} of {n}", "les {shown} premiers sur {n}";

        All: "all", "total";
        Peak: "peak {n}", "pic {n}";
        PeakAt: "at {time}", "à {time}";
        Hour: "Hour", "Heure";
        NoMovement: "No movement in the last {n} hours.", "Aucun mouvement ces {n} dernières heures.";

        AtCost: "At cost", "Au coût";
        AtPrice: "At price", "Au prix";
        OnHand: "Products on hand", "Produits en stock";
        WithoutCost: "without a cost", "sans coût";
        CostKnown: "of them have a cost", "ont un coût";
        ValueMeans: "What all that is on hand is worth. A product without a cost or a price counts as nothing there, so the more of them there are, the less the sum says.",
            "Ce que vaut tout ce qui est en stock. Un produit sans coût ou sans prix y compte pour rien : plus ils sont nombreux, moins la somme en dit.";

        Share: "Share", "Part";
        Left: "Left", "Reste";
        HowSoon: "How soon", "Échéance";
        StockWorth: "Value", "Valeur";
        NotMoved: "Unmoved for", "Immobile";
        Never: "always", "toujours";
        Issues: "Issues", "Sorties";
        Quantity: "Quantity", "Quantité";
        Person: "Login", "Compte";
        Postings: "Postings", "Écritures";
        Movements: "Movements", "Mouvements";
        Latest: "Latest", "Dernière";
        NothingOnHand: "Nothing is on hand.", "Rien n'est en stock.";
        NothingIssued: "Nothing was issued in the last {n} days.", "Rien n'est sorti ces {n} derniers jours.";
        NothingPosted: "Nobody posted in the last {n} days.", "Personne n'a rien validé ces {n} derniers jours.";

        Commits: "Commits", "Validations";
        Rollbacks: "Rollbacks", "Annulations";
        Deadlocks: "Deadlocks", "Interblocages";
        RetriedHere: "Conflicts retried here", "Conflits rejoués ici";
        AttemptsHere: "Transactions sent here", "Transactions d'ici";
        LockedHere: "Queued here", "Mises en file ici";
        LostHere: "Lines broken here", "Lignes rompues ici";
        Since: "Counted since", "Compté depuis";
        ActivityMeans: "Commits, rollbacks and deadlocks are those of all programs together. A refusal ends in a rollback, and so does each collision of two postings before it is sent again. What says \"here\" counts what this terminal posted since it was started.",
            "Validations, annulations et interblocages sont ceux de tous les programmes ensemble. Un refus finit en annulation, et de même chaque collision de deux écritures avant qu'elle soit rejouée. Ce qui dit « ici » compte ce que ce terminal a validé depuis son démarrage.";
    }
}
