//! The text of the count sheet.

super::phrases! {
    /// The text of the count sheet.
    SheetText {
        PlaceTitle: "Count a location", "Compter un emplacement";
        PlaceHint: "scan or type the location to count", "scanner ou saisir l'emplacement à compter";
        PlaceHelp: "Down and Enter to choose, Tab to complete, Enter to accept.",
            "Bas et Entrée pour choisir, Tab pour compléter, Entrée pour accepter.";
        NoPlaceCode: "{text} is not a location code.", "{text} n'est pas un code d'emplacement.";
        LoadingSheet: "loading the sheet of {place} …", "chargement de la feuille {place} …";
        KeysDropped: "{n} keys typed ahead were discarded.", "{n} touches tapées d'avance ont été abandonnées.";
        Progress: "{counted} of {total} counted", "{counted} sur {total} comptées";
        Differing: "differences: {n}", "écarts : {n}";
        Blind: "blind count: expected quantities are hidden", "comptage à l'aveugle : quantités attendues masquées";
        AtPlace: "at {place}", "à {place}";
        FigureLabel: "Count", "Comptage";
        CodeLabel: "Scan", "Scan";
        LotLabel: "Lot of {sku}", "Lot de {sku}";
        SerialLabel: "Serial number of {sku}", "Numéro de série de {sku}";
        FigureHint: "quantity, = agrees", "quantité, = conforme";
        CodeHint: "code", "code";
        LotHint: "scan or type it", "scanner ou saisir";
        Place: "Loc.", "Empl.";
        Sku: "SKU", "SKU";
        Name: "Name", "Nom";
        Lot: "Lot", "Lot";
        Expected: "Expected", "Attendu";
        Counted: "Counted", "Compté";
        Difference: "Diff.", "Écart";
        State: "Result", "Résultat";
        LastCounted: "Last count", "Dern. compt.";
        Agrees: "agrees", "conforme";
        More: "{n} more", "{n} de plus";
        Less: "{n} less", "{n} de moins";
        Moved: "moved since counted: {seen} → {now}, count again",
            "mouvementé depuis le comptage : {seen} → {now}, recompter";
        MovedBlind: "moved since counted, count again", "mouvementé depuis le comptage, recompter";
        MovedCell: "was {seen}, count again", "était {seen}, recompter";
        MovedShort: "moved!", "bougé !";
        Hidden: "·", "·";
        EmptyPlace: "No stock is expected here. Scan what you find, or discard the sheet.",
            "Aucun stock n'est attendu ici. Scannez ce que vous trouvez, ou abandonnez la feuille.";
        LookingUp: "looking up {code} …", "recherche de {code} …";
        LookupStopped: "The lookup of {code} was interrupted; it was not counted.",
            "La recherche de {code} a été interrompue ; il n'est pas compté.";
        ScanCounted: "{item}: {counted} counted ({more})", "{item} : {counted} comptés ({more})";
        FigureCounted: "{item}: {counted} counted", "{item} : {counted} comptés";
        ScanUndone: "{item}: scan undone, {counted}", "{item} : scan annulé, {counted}";
        NotCounted: "not counted", "non compté";
        NothingToUndo: "There is no scan to undo.", "Aucun scan à annuler.";
        AddedAt: "{item} is not expected at {place}; added with {counted} counted",
            "{item} n'est pas attendu à {place} ; ajouté avec {counted} comptés";
        WhichLot: "Which lot of {item}? Scan or type it.", "Quel lot de {item} ? Scannez-le ou saisissez-le.";
        BadLot: "This is not a lot code.", "Ce n'est pas un code de lot.";
        Unknown: "unknown codes: {codes} (Esc to remove them)", "codes inconnus : {codes} (Échap pour les retirer)";
        UnknownCode: "No product or location has the code {code}; nothing was counted.",
            "Aucun article ni emplacement n'a le code {code} ; rien n'est compté.";
        LineFound: "{n} line has this in its name.", "{n} ligne contient ce texte dans son nom.";
        LinesFound: "{n} lines have this in their names; press Enter on the same text for the next one.",
            "{n} lignes contiennent ce texte dans leur nom ; Entrée sur le même texte pour la suivante.";
        NowAt: "Now counting at {place}.", "Comptage à {place} maintenant.";
        OtherPlace: "{place} is not part of {sheet}. Post or discard this sheet first.",
            "{place} ne fait pas partie de {sheet}. Validez ou abandonnez d'abord cette feuille.";
        NoLine: "There are no lines to count; scan what you find.", "Aucune ligne à compter ; scannez ce que vous trouvez.";
        NotANumber: "\"{what}\" is not a quantity; write 12, 2.5 or 3*12.",
            "« {what} » n'est pas une quantité ; écrivez 12, 2,5 ou 3*12.";
        LotNotProduct: "{code} is a product code; a lot of {item} is needed. Press Esc to leave {item} uncounted.",
            "{code} est un code d'article ; il faut un lot de {item}. Échap pour ne pas compter {item}.";
        Negative: "A count cannot be negative.", "Un comptage ne peut pas être négatif.";
        TooLarge: "This is more than can be posted.", "Cette quantité est trop grande pour être validée.";
        TooPrecise: "{item} is counted with at most {n} decimal places.",
            "{item} se compte avec {n} décimales au plus.";
        TooPreciseWhole: "{item} is counted in whole units.", "{item} se compte en unités entières.";
        NotASerial: "{item} is a serial number: enter 1 if it is present, 0 if not.",
            "{item} est un numéro de série : saisissez 1 s'il est présent, 0 sinon.";
        BlindAgrees: "In a blind count, enter the quantity.", "Dans un comptage à l'aveugle, saisissez la quantité.";
        NothingCounted: "Nothing has been counted yet.", "Rien n'a encore été compté.";
        TakeFirst: "First press Enter to accept what you have typed.", "Appuyez d'abord sur Entrée pour accepter la saisie.";
        DiscardTitle: "Discard the sheet?", "Abandonner la feuille ?";
        DiscardAsk: "{n} counted lines of {place} are not posted. Press Enter to discard them, Esc to go back.",
            "{n} lignes comptées de {place} ne sont pas validées. Entrée pour les abandonner, Échap pour revenir.";
        DiscardKeys: "{n} keys typed ahead are discarded too.", "{n} touches tapées d'avance sont aussi abandonnées.";
        Discarded: "The sheet of {place} was discarded; nothing was posted.",
            "La feuille de {place} a été abandonnée ; rien n'a été validé.";
        ReviewTitle: "Count of {place}", "Comptage de {place}";
        ReviewAgree: "{n} lines agree with the expected quantity.", "{n} lignes conformes à l'attendu.";
        ReviewAgreeOne: "{n} line agrees with the expected quantity.", "{n} ligne conforme à l'attendu.";
        ReviewDiffer: "{n} lines differ and are adjusted to the count:",
            "{n} lignes en écart, ajustées au comptage :";
        ReviewDifferOne: "{n} line differs and is adjusted to the count:",
            "{n} ligne en écart, ajustée au comptage :";
        ReviewNoneDiffer: "There are no differences. The count is still recorded.",
            "Aucun écart. Le comptage est enregistré quand même.";
        ReviewLeft: "{n} lines were not counted and stay unchanged.",
            "{n} lignes non comptées restent inchangées.";
        ReviewLeftOne: "{n} line was not counted and stays unchanged.", "{n} ligne non comptée reste inchangée.";
        ReviewMoved: "{n} lines have moved since they were counted. Press Enter to go there and count them again.",
            "{n} lignes ont été mouvementées depuis leur comptage. Entrée pour y aller et les recompter.";
        ReviewMovedOne: "{n} line has moved since it was counted. Press Enter to go there and count it again.",
            "{n} ligne a été mouvementée depuis son comptage. Entrée pour y aller et la recompter.";
        ReviewUnknown: "Unknown and not counted: {codes}", "Inconnus et non comptés : {codes}";
        ReviewLine: "{item} at {place}: {seen} → {counted}", "{item} à {place} : {seen} → {counted}";
        ReviewValue: "Value of the differences: {value}", "Valeur des écarts : {value}";
        ReviewValuePart: "Value of the differences: {value}, and {n} without a cost",
            "Valeur des écarts : {value}, et {n} sans coût";
        ReviewPost: "Press Enter to post or Esc to go back, or keep typing to continue counting.",
            "Entrée pour valider, Échap pour revenir ; saisissez pour continuer le comptage.";
        Posting: "posting …", "validation …";
        Waiting: "({n} keys queued)", "({n} touches en attente)";
        WaitingOne: "({n} key queued)", "({n} touche en attente)";
        OutcomeUnknown: "The connection was lost while posting. The outcome is being checked; until then the sheet stays as it is.",
            "Connexion perdue pendant la validation. L'issue est en cours de vérification ; d'ici là, la feuille reste telle quelle.";
        WasNotPosted: "The count was not posted. Nothing you entered is lost; post it again.",
            "Le comptage n'a pas été validé. Rien de saisi n'est perdu ; validez à nouveau.";
        KeysWait: "{n} keys typed since are queued until this is posted; {key} to discard both.",
            "{n} touches tapées depuis sont en attente de la validation ; {key} pour tout abandonner.";
        Posted: "Count of {place} posted: {counted} lines, {differing} differences",
            "Comptage de {place} validé : {counted} lignes, {differing} écarts";
        OnHandNow: "{item} at {place}: {seen} → {counted}, {on_hand} on hand now",
            "{item} à {place} : {seen} → {counted}, {on_hand} en stock maintenant";
        AndMore: "… and {n} more", "… et {n} autres";
    }
}
