//! The text of the dialogs that set a filter, as far as all of them share it.

super::phrases! {
    /// The text that every filter dialog shares.
    FilterText {
        ItemHint: "SKU, barcode or name", "SKU, code-barres ou nom";
        DayHint: "today, 7d, 3112, 2026-11-20", "aujourd'hui, 7j, 3112, 20/11/2026";
        LookingUpItem: "looking up the item …", "recherche de l'article …";
        NoItem: "There is no product {code}.", "L'article {code} n'existe pas.";
        ItemIsLocation: "{code} is a location; enter it in the Location field.",
            "{code} est un emplacement ; saisissez-le dans le champ Emplacement.";
        NoLocationCode: "This is not a location code.", "Ce n'est pas un code d'emplacement.";
        NoDay: "This is not a date. Write today, 7d, 3112, 31/12/2026 or 2026-12.",
            "Ce n'est pas une date. Écrivez aujourd'hui, 7j, 3112, 31/12/2026 ou 2026-12.";
        DayUnclear: "Is this {day} or {other}? Write one of them in full.",
            "Est-ce {day} ou {other} ? Écrivez la date en entier.";
        YearFirst: "Six digits are read as day, month, year. If you mean {day}, write it that way.",
            "Six chiffres se lisent jour, mois, année. Pour {day}, écrivez la date ainsi.";
        DaysBackwards: "The end date is before the start date.", "La date de fin précède la date de début.";
    }
}
