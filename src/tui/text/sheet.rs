//! Words of the count sheet.

super::phrases! {
    /// Words of the count sheet.
    SheetText {
        PlaceTitle: "Count a place", "Compter un emplacement";
        PlaceHint: "scan or type the place to count", "scanner ou saisir l'emplacement à compter";
        PlaceHelp: "Down and Enter choose, Tab completes, Enter takes what is typed.",
            "Bas et Entrée choisissent, Tab complète, Entrée prend ce qui est saisi.";
        NoPlaceCode: "{text} is no code of a place.", "{text} n'est pas un code d'emplacement.";
        LoadingSheet: "fetching the sheet of {place} …", "lecture de la feuille {place} …";
        KeysDropped: "{n} keys typed ahead were dropped.", "{n} touches tapées d'avance sont abandonnées.";
        Progress: "{counted} of {total} counted", "{counted} sur {total} comptées";
        Differing: "differing: {n}", "en écart : {n}";
        Blind: "blind: what the books expect is hidden", "à l'aveugle : l'attendu est masqué";
        AtPlace: "at {place}", "à {place}";
        FigureLabel: "Count", "Compte";
        CodeLabel: "Scan", "Scan";
        LotLabel: "Lot of {sku}", "Lot de {sku}";
        SerialLabel: "Serial number of {sku}", "Numéro de série de {sku}";
        FigureHint: "figure, = agrees", "chiffre, = conforme";
        CodeHint: "code", "code";
        LotHint: "scan or type it", "scanner ou saisir";
        Place: "Place", "Empl.";
        Sku: "SKU", "SKU";
        Name: "Name", "Nom";
        Lot: "Lot", "Lot";
        Expected: "Books", "Livres";
        Counted: "Counted", "Compté";
        Difference: "Diff.", "Écart";
        State: "Result", "Résultat";
        LastCounted: "Last count", "Dern. compt.";
        Agrees: "agrees", "conforme";
        More: "{n} more", "{n} de plus";
        Less: "{n} less", "{n} de moins";
        Moved: "moved since counted: {seen} → {now}, count again",
            "mouvementé depuis le comptage : {seen} → {now}, recompter";
        MovedBlind: "moved since counted, count again", "mouvementé depuis le comptage, recompter";
        MovedCell: "was {seen}, count again", "était {seen}, recompter";
        MovedShort: "moved!", "bougé !";
        Hidden: "·", "·";
        EmptyPlace: "The books hold nothing here. Scan what you find, or discard the sheet.",
            "Les livres n'ont rien ici. Scannez ce que vous trouvez, ou abandonnez la feuille.";
        LookingUp: "looking up {code} …", "recherche de {code} …";
        LookupStopped: "{code} was not looked up to the end and is not counted.",
            "La recherche de {code} est interrompue : non compté.";
        ScanCounted: "{item}: {counted} counted ({more})", "{item} : {counted} comptés ({more})";
        FigureCounted: "{item}: {counted} counted", "{item} : {counted} comptés";
        TakenBack: "{item}: taken back, {counted}", "{item} : repris, {counted}";
        NotCounted: "not counted", "non compté";
        NothingToTakeBack: "There is nothing to take back.", "Il n'y a rien à reprendre.";
        AddedAt: "{item} is not in the books of {place}; added: {counted} counted",
            "{item} n'est pas dans les livres de {place} ; ajouté : {counted} comptés";
        WhichLot: "Which lot of {item}? Scan or type it.", "Quel lot de {item} ? Scannez ou saisissez.";
        BadLot: "That is no lot code.", "Ce n'est pas un code de lot.";
        Unknown: "not known: {codes} (Esc takes them away)", "inconnus : {codes} (Échap les retire)";
        UnknownCode: "No product or place has the code {code}; nothing was counted.",
            "Aucun produit ni emplacement n'a le code {code} ; rien n'est compté.";
        NowAt: "Now at {place}: what is scanned counts there.", "Maintenant à {place} : ce qui est scanné y compte.";
        OtherPlace: "{place} is not within {sheet}. Post or discard this sheet first.",
            "{place} n'est pas dans {sheet}. Validez ou abandonnez d'abord cette feuille.";
        NoLine: "There is no line to count; scan what you find.", "Aucune ligne à compter ; scannez ce que vous trouvez.";
        NotANumber: "\"{what}\" makes no figure; write 12, 2.5 or 3*12.",
            "« {what} » ne fait pas un chiffre ; écrire 12, 2,5 ou 3*12.";
        LotNotProduct: "{code} is the code of a product; the lot of {item} is asked for. Esc leaves {item} uncounted.",
            "{code} est un code de produit ; on demande le lot de {item}. Échap laisse {item} non compté.";
        Negative: "A count cannot be below zero.", "Un comptage ne peut être négatif.";
        TooLarge: "That is more than can be posted.", "C'est plus que ce qui peut être validé.";
        TooPrecise: "{item} is counted with {n} decimal places at most.",
            "{item} se compte avec {n} décimales au plus.";
        TooPreciseWhole: "{item} is counted in whole units.", "{item} se compte en unités entières.";
        NotASerial: "{item} is a serial number: it is there (1) or not (0).",
            "{item} est un numéro de série : présent (1) ou non (0).";
        BlindAgrees: "A blind count needs the figure.", "Un comptage à l'aveugle demande le chiffre.";
        NothingCounted: "Nothing is counted yet.", "Rien n'est encore compté.";
        TakeFirst: "Enter takes what is typed first.", "Entrée prend d'abord ce qui est saisi.";
        DiscardTitle: "Discard the sheet?", "Abandonner la feuille ?";
        DiscardAsk: "{n} counted lines of {place} are not posted. Enter discards them, Esc goes back.",
            "{n} lignes comptées de {place} ne sont pas validées. Entrée les abandonne, Échap revient.";
        DiscardKeys: "{n} keys typed ahead go too.", "{n} touches tapées d'avance sont aussi abandonnées.";
        Discarded: "The sheet of {place} was discarded; nothing was posted.",
            "La feuille de {place} est abandonnée ; rien n'est validé.";
        ReviewTitle: "Count of {place}", "Comptage de {place}";
        ReviewAgree: "{n} lines agree with the books.", "{n} lignes conformes aux livres.";
        ReviewAgreeOne: "{n} line agrees with the books.", "{n} ligne conforme aux livres.";
        ReviewDiffer: "{n} lines differ; the books are set to what was counted:",
            "{n} lignes en écart ; les livres prennent ce qui a été compté :";
        ReviewDifferOne: "{n} line differs; the books are set to what was counted:",
            "{n} ligne en écart ; les livres prennent ce qui a été compté :";
        ReviewNoneDiffer: "Nothing differs. The count is recorded all the same.",
            "Aucun écart. Le comptage est enregistré quand même.";
        ReviewLeft: "{n} lines were not counted and stay as they are.",
            "{n} lignes non comptées restent telles quelles.";
        ReviewLeftOne: "{n} line was not counted and stays as it is.", "{n} ligne non comptée reste telle quelle.";
        ReviewMoved: "Goods of {n} lines have moved since they were counted. Enter goes there; count them again.",
            "Des marchandises de {n} lignes ont bougé depuis leur comptage. Entrée y va ; recomptez-les.";
        ReviewMovedOne: "Goods of {n} line have moved since it was counted. Enter goes there; count it again.",
            "Des marchandises de {n} ligne ont bougé depuis son comptage. Entrée y va ; recomptez-la.";
        ReviewUnknown: "Not known and not counted: {codes}", "Inconnus et non comptés : {codes}";
        ReviewLine: "{item} at {place}: {seen} → {counted}", "{item} à {place} : {seen} → {counted}";
        ReviewValue: "Value of the differences: {value}", "Valeur des écarts : {value}";
        ReviewValuePart: "Value of the differences: {value}, and {n} without a cost",
            "Valeur des écarts : {value}, et {n} sans coût";
        ReviewPost: "Enter posts it. Esc goes back; typing goes on counting.",
            "Entrée valide. Échap revient ; saisir continue le comptage.";
        Posting: "posting …", "validation …";
        Waiting: "({n} keys wait)", "({n} touches attendent)";
        WaitingOne: "({n} key waits)", "({n} touche attend)";
        OutcomeUnknown: "The line broke while posting. Whether the count stands is being looked up; the sheet stays as it is until then.",
            "La ligne a été coupée pendant la validation. Vérification en cours ; la feuille reste telle quelle d'ici là.";
        WasNotPosted: "The count was not posted. It is all here; post it again.",
            "Le comptage n'a pas été validé. Tout est ici ; validez à nouveau.";
        KeysWait: "{n} keys typed since wait until this is posted; {key} discards both.",
            "{n} touches tapées depuis attendent la validation ; {key} abandonne le tout.";
        Posted: "Count of {place} posted: {counted} lines, {differing} differences",
            "Comptage de {place} validé : {counted} lignes, {differing} écarts";
        OnHandNow: "{item} at {place}: {seen} → {counted}, {on_hand} on hand now",
            "{item} à {place} : {seen} → {counted}, {on_hand} en stock maintenant";
        AndMore: "… and {n} more", "… et {n} de plus";
    }
}
