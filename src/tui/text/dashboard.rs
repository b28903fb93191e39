//! The text of the dashboard.

super::phrases! {
    /// The text of the dashboard.
    DashboardText {
        Hours: "Movements per hour, last {n} h", "Mouvements par heure, {n} dernières h";
        Value: "Stock value", "Valeur du stock";
        Low: "Low stock", "Stock bas";
        LowMany: "Low stock: {n}", "Stock bas : {n}";
        Expiring: "Expired or within {n} days", "Périmés ou sous {n} jours";
        NothingExpires: "No stock on hand has expired or expires within {n} days.",
            "Aucun stock n'est périmé ni n'expire sous {n} jours.";
        Slow: "Slowest movers", "Stock dormant";
        Top: "Most issued, last {n} days", "Plus sortis, {n} derniers jours";
        Turnover: "Turnover, last {n} days", "Rotation, {n} derniers jours";
        TurnoverOf: "Turnover, last {n} days: {turnover}", "Rotation, {n} derniers jours : {turnover}";
        TurnoverOfBriefly: "Turnover, {n} days: {turnover}", "Rotation, {n} jours : {turnover}";
        Rate: "Turnover", "Rotation";
        Cover: "Days left", "Jours";
        Late: "Late orders", "Commandes en retard";
        LateMany: "Late orders: {n}", "Commandes en retard : {n}";
        LateAndOnTimeBriefly: "Late: {n} · on time {share}", "Retards : {n} · à temps {share}";
        LateAndOnTime: "Late: {n} · on time {share} ({days} days)", "Retards : {n} · à temps {share} ({days} j)";
        NothingLate: "No open order is late.", "Aucune commande en cours n'est en retard.";
        Waiting: "Waiting for stock", "En attente de stock";
        WaitingMany: "Waiting for stock: {n}", "En attente de stock : {n}";
        NothingWaits: "All open orders can be filled from stock.", "Le stock suffit à toutes les commandes en cours.";
        Overdue: "Overdue", "Retard";
        Missing: "Missing", "Manque";
        Expected: "Expected", "Attendu";
        Picks: "Picked today", "Prélevé aujourd'hui";
        NothingPicked: "Nothing has been picked today.", "Rien n'a été prélevé aujourd'hui.";
        PickCount: "Picks", "Prélèv.";
        PickOrders: "Orders", "Commandes";
        People: "Postings by person, {n} days", "Écritures par personne, {n} j";
        Activity: "Commits and conflicts", "Commits et conflits";
        Position: "{position} of {n}", "{position} sur {n}";
        AsOf: "as of {time}", "état à {time}";
        FirstRows: "the first {shown} of {n}", "les {shown} premiers sur {n}";

        All: "all", "total";
        Peak: "peak {n}", "pic {n}";
        PeakAt: "at {time}", "à {time}";
        Hour: "Hour", "Heure";
        NoMovement: "No movements in the last {n} hours.", "Aucun mouvement ces {n} dernières heures.";

        AtCost: "At cost", "Au coût";
        AtPrice: "At price", "Au prix";
        OnHand: "Products on hand", "Articles en stock";
        WithoutCost: "without a cost", "sans coût";
        CostKnown: "have a cost", "ont un coût";
        ValueMeans: "The value of all stock on hand. Products without a cost or price count as zero, so the total is too low by their value.",
            "La valeur de tout le stock. Les articles sans coût ou sans prix comptent pour zéro : le total est trop bas de leur valeur.";

        Share: "Share", "Part";
        Left: "Left", "Reste";
        HowSoon: "Due", "Échéance";
        StockWorth: "Value", "Valeur";
        NotMoved: "Unmoved for", "Immobile";
        Never: "never moved", "jamais mouvementé";
        NeverShort: "never moved", "aucun mvt";
        Issues: "Issues", "Sorties";
        Quantity: "Quantity", "Quantité";
        Person: "Login", "Compte";
        Postings: "Postings", "Écritures";
        Movements: "Movements", "Mouvements";
        Latest: "Latest", "Dernière";
        NothingOnHand: "There is no stock on hand.", "Aucun stock.";
        NothingIssued: "Nothing was issued in the last {n} days.", "Aucune sortie ces {n} derniers jours.";
        NothingPosted: "Nothing was posted in the last {n} days.", "Aucune écriture ces {n} derniers jours.";

        Commits: "Commits", "Commits";
        Rollbacks: "Rollbacks", "Rollbacks";
        Deadlocks: "Deadlocks", "Interblocages";
        RetriedHere: "Conflicts retried here", "Conflits rejoués ici";
        AttemptsHere: "Transactions sent here", "Transactions d'ici";
        LockedHere: "Queued here", "Mises en file ici";
        LostHere: "Connections lost here", "Connexions perdues ici";
        Since: "Counted since", "Compté depuis";
        ActivityMeans: "Commits, rollbacks and deadlocks are counted for all programs together. A refused posting ends in a rollback, and so does every conflict before it is retried. Figures marked \"here\" count what this terminal has posted since it was started.",
            "Commits, rollbacks et interblocages sont comptés pour tous les programmes. Une écriture refusée se termine par un rollback, tout comme chaque conflit avant d'être rejoué. Les chiffres marqués « ici » comptent ce que ce terminal a validé depuis son démarrage.";
    }
}
