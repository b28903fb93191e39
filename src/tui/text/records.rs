//! The text of the master data: its list, form and history.

use crate::domain::{FieldFault, PartnerField, ProductField, RecordField, RecordKind};

super::phrases! {
    /// The text of the master data.
    RecordText {
        Products: "Products", "Articles";
        Locations: "Locations", "Emplacements";
        Lots: "Lots", "Lots";
        Partners: "Partners", "Tiers";
        People: "People", "Personnes";
        SearchHint: "Code or name", "Code ou nom";
        First: "first {n} shown; type to narrow down", "{n} premiers affichés ; tapez pour affiner";
        Nothing: "No matching records.", "Aucune fiche correspondante.";
        OutOfUse: "archived", "archivé";
        Disabled: "disabled", "désactivé";
        OnHand: "On hand", "En stock";
        NewProduct: "New product", "Nouvel article";
        NewLocation: "New location", "Nouvel emplacement";
        NewLot: "New lot", "Nouveau lot";
        NewPartner: "New partner", "Nouveau tiers";
        NewPerson: "New login", "Nouveau compte";
        ChangeTitle: "Change {key}", "Modifier {key}";
        HistoryTitle: "History of {key}", "Historique de {key}";
        Saving: "saving …", "enregistrement …";
        Saved: "{key} saved", "{key} enregistré";
        Unchanged: "Nothing was changed.", "Rien n'a été modifié.";
        NotKnown: "The connection was lost while saving: {message}. Check whether the change was made, or save again.",
            "Connexion perdue pendant l'enregistrement : {message}. Vérifiez si la modification est faite, ou enregistrez de nouveau.";
        LotsComeWithGoods: "A lot is created when its goods are received.",
            "Un lot est créé à la réception de ses marchandises.";
        StaysInUse: "Lots and partners are not archived.", "Les lots et les tiers ne s'archivent pas.";
        NoHistory: "See the audit for changes to logins.",
            "Les modifications des comptes figurent dans l'audit.";
        ArchiveAsk: "Archive {key}?", "Archiver {key} ?";
        RestoreAsk: "Restore {key}?", "Rétablir {key} ?";
        DisableAsk: "Disable {key} and end its sessions?", "Désactiver {key} et fermer ses sessions ?";
        EnableAsk: "Enable {key}?", "Activer {key} ?";
        Yes: "Yes", "Oui";
        No: "No", "Non";
        Archived: "{key} archived", "{key} archivé";
        Restored: "{key} restored", "{key} rétabli";
        LoginDisabled: "{key} disabled", "{key} désactivé";
        LoginEnabled: "{key} enabled", "{key} activé";
        Missing: "{field} is required.", "{field} : champ obligatoire.";
        When: "When", "Quand";
        By: "By", "Par";
        Change: "Change", "Modification";
        Was: "Before", "Avant";
        Is: "After", "Après";
        Added: "added", "ajouté";
        Deleted: "deleted", "supprimé";
        Existing: "as first recorded", "premier enregistrement";

        FieldSku: "SKU", "SKU";
        FieldCode: "Code", "Code";
        FieldLot: "Lot", "Lot";
        FieldLogin: "Login", "Compte";
        FieldName: "Name", "Nom";
        FieldUnit: "Unit", "Unité";
        FieldDecimals: "Decimals", "Décimales";
        FieldTracking: "Tracking", "Suivi";
        FieldCategory: "Category", "Catégorie";
        FieldReorderPoint: "Reorder point", "Seuil de réappro.";
        FieldUnitCost: "Unit cost", "Coût unitaire";
        FieldUnitPrice: "Unit price", "Prix unitaire";
        FieldBarcodes: "Barcodes", "Codes-barres";
        FieldBarcode: "Barcode", "Code-barres";
        FieldPack: "Pack quantity", "Unités par colis";
        FieldParent: "Part of", "Fait partie de";
        FieldKind: "Kind", "Type";
        FieldExpires: "Expires on", "Péremption";
        FieldMinLife: "Minimum life", "Durée restante (j)";
        FieldContact: "Contact", "Contact";
        FieldEmail: "E-mail", "E-mail";
        FieldTelephone: "Telephone", "Téléphone";
        FieldAddress: "Address", "Adresse";
        FieldTaxNumber: "Tax number", "N° fiscal";
        FieldNote: "Note", "Note";
        FieldGroup: "Role", "Rôle";
        FieldPassword: "Password", "Mot de passe";
        FieldArchivedAt: "Archived", "Archivé";

        HintCode: "Letters, digits and . _ - /, without spaces.",
            "Lettres, chiffres et . _ - /, sans espaces.";
        HintLot: "The code on the goods.", "Le code porté par la marchandise.";
        HintLogin: "Lower-case letters, digits and _, beginning with a letter. A pseudonym such as u17 keeps names out of the ledger.",
            "Minuscules, chiffres et _, en commençant par une lettre. Un pseudonyme comme u17 évite les noms dans le livre.";
        HintName: "A text of one line.", "Un texte d'une ligne.";
        HintUnit: "What quantities are counted in, such as each, kg or m.",
            "L'unité des quantités, par exemple pièce, kg ou m.";
        HintDecimals: "Decimal places of quantities. It cannot be changed later.",
            "Décimales des quantités. Ne se modifie plus ensuite.";
        HintTracking: "Whether stock is tracked by lot or by serial number. It cannot be changed later.",
            "Suivi par lot ou par numéro de série. Ne se modifie plus ensuite.";
        HintCategory: "A category for lists and reports.", "Une catégorie pour les listes et les rapports.";
        HintReorderPoint: "The available quantity at or below which stock is low; empty for none.",
            "La quantité disponible à laquelle le stock est bas ; vide pour aucune.";
        HintPrice: "An amount with at most four decimal places, such as 12.50; empty for none.",
            "Un montant avec quatre décimales au plus, par exemple 12,50 ; vide pour aucun.";
        HintBarcodes: "Codes separated by spaces; add *12 to a code whose scan counts twelve units.",
            "Codes séparés par des espaces ; ajoutez *12 à un code dont le scan compte douze unités.";
        HintParent: "The code of the location that contains it; empty at the top level.",
            "Le code de l'emplacement qui le contient ; vide au niveau le plus haut.";
        HintKind: "Goods in a quarantine location are on hand, but not available.",
            "En quarantaine, la marchandise est en stock mais pas disponible.";
        HintPartnerKind: "Supplier or customer. It cannot be changed later.",
            "Fournisseur ou client. Ne se modifie plus ensuite.";
        HintExpires: "The last day of use: 31/12, 2027-01, +30d; empty for none.",
            "Le dernier jour d'utilisation : 31/12, 2027-01, +30j ; vide pour aucun.";
        HintMinLife: "Days that goods must still last when the customer receives them, 1 to 3,650; leave it empty for no minimum.",
            "Nombre de jours, de 1 à 3\u{202f}650, que la marchandise doit encore tenir le jour où le client la reçoit ; vide si c'est indifférent.";
        HintContact: "Encrypted before it is sent. At most {n} characters.",
            "Chiffré avant l'envoi. {n} caractères au plus.";
        HintEmail: "Encrypted before it is sent. One address, at most {n} characters.",
            "Chiffré avant l'envoi. Une adresse, {n} caractères au plus.";
        HintLines: "Encrypted before it is sent. At most {n} characters; | separates lines.",
            "Chiffré avant l'envoi. {n} caractères au plus ; | sépare les lignes.";
        NoKeyring: "Contact, e-mail, telephone, address, tax number and note are entered where the keyring is: set STOCKROOM_ENCRYPTION_KEY_FILE.",
            "Contact, e-mail, téléphone, adresse, numéro fiscal et note se saisissent là où se trouve le trousseau : définir STOCKROOM_ENCRYPTION_KEY_FILE.";
        NotInitialised: "Personal fields cannot be entered yet: an admin runs `stockroom privacy init` first.",
            "Les champs personnels ne peuvent pas encore être saisis : un administrateur exécute d'abord `stockroom privacy init`.";
        KeyringUnusable: "Personal fields cannot be entered: {why}",
            "Les champs personnels ne peuvent pas être saisis : {why}";
        HintGroup: "What the login may do.", "Ce que le compte peut faire.";
        HintKeepPassword: "Leave it empty to keep the password. A new one, or another role, ends the sessions of the login.",
            "Laisser vide pour garder le mot de passe. Un nouveau, ou un autre rôle, ferme les sessions du compte.";
        HintPassword: "At least {n} characters. Only a verifier is sent to the server.",
            "Au moins {n} caractères. Seul un vérificateur est envoyé au serveur.";

        Zero: "0", "0";
        One: "1", "1";
        Two: "2", "2";
        Three: "3", "3";
        TrackingNone: "none", "aucun";
        TrackingLot: "lot", "lot";
        TrackingSerial: "serial number", "numéro de série";
        KindSite: "site", "site";
        KindZone: "zone", "zone";
        KindAisle: "aisle", "allée";
        KindShelf: "shelf", "étagère";
        KindBin: "bin", "casier";
        KindDock: "dock", "quai";
        KindQuarantine: "quarantine", "quarantaine";
        Supplier: "supplier", "fournisseur";
        Customer: "customer", "client";
        Clerk: "clerk", "magasinier";
        Admin: "admin", "administrateur";
        Auditor: "auditor", "auditeur";
        Analyst: "analyst", "analyste";
    }
}

/// The heading of a kind.
#[must_use]
pub fn kind(kind: RecordKind) -> RecordText {
    match kind {
        RecordKind::Product => RecordText::Products,
        RecordKind::Location => RecordText::Locations,
        RecordKind::Lot => RecordText::Lots,
        RecordKind::Partner => RecordText::Partners,
        RecordKind::Person => RecordText::People,
    }
}

/// The title of the form for a new record.
#[must_use]
pub fn new_title(kind: RecordKind) -> RecordText {
    match kind {
        RecordKind::Product => RecordText::NewProduct,
        RecordKind::Location => RecordText::NewLocation,
        RecordKind::Lot => RecordText::NewLot,
        RecordKind::Partner => RecordText::NewPartner,
        RecordKind::Person => RecordText::NewPerson,
    }
}

/// The label of a field and what it takes.
#[must_use]
pub fn field(field: RecordField) -> (RecordText, RecordText) {
    use RecordText as Text;
    match field {
        RecordField::Sku => (Text::FieldSku, Text::HintCode),
        RecordField::LocationCode | RecordField::PartnerCode => (Text::FieldCode, Text::HintCode),
        RecordField::Lot => (Text::FieldLot, Text::HintLot),
        RecordField::Login => (Text::FieldLogin, Text::HintLogin),
        RecordField::Name => (Text::FieldName, Text::HintName),
        RecordField::Product(ProductField::Unit) => (Text::FieldUnit, Text::HintUnit),
        RecordField::Product(ProductField::Decimals) => (Text::FieldDecimals, Text::HintDecimals),
        RecordField::Product(ProductField::Tracking) => (Text::FieldTracking, Text::HintTracking),
        RecordField::Product(ProductField::Category) => (Text::FieldCategory, Text::HintCategory),
        RecordField::Product(ProductField::ReorderPoint) => (Text::FieldReorderPoint, Text::HintReorderPoint),
        RecordField::Product(ProductField::UnitCost) => (Text::FieldUnitCost, Text::HintPrice),
        RecordField::Product(ProductField::UnitPrice) => (Text::FieldUnitPrice, Text::HintPrice),
        RecordField::Product(ProductField::Barcodes) => (Text::FieldBarcodes, Text::HintBarcodes),
        RecordField::Parent => (Text::FieldParent, Text::HintParent),
        RecordField::LocationKind => (Text::FieldKind, Text::HintKind),
        RecordField::ExpiresOn => (Text::FieldExpires, Text::HintExpires),
        RecordField::PartnerKind => (Text::FieldKind, Text::HintPartnerKind),
        RecordField::MinLifeDays => (Text::FieldMinLife, Text::HintMinLife),
        RecordField::Contact(field) => match field {
            PartnerField::ContactName => (Text::FieldContact, Text::HintContact),
            PartnerField::Email => (Text::FieldEmail, Text::HintEmail),
            PartnerField::Telephone => (Text::FieldTelephone, Text::HintContact),
            PartnerField::Address => (Text::FieldAddress, Text::HintLines),
            PartnerField::TaxNumber => (Text::FieldTaxNumber, Text::HintContact),
            PartnerField::Note => (Text::FieldNote, Text::HintLines),
        },
        RecordField::Group => (Text::FieldGroup, Text::HintGroup),
        RecordField::Password => (Text::FieldPassword, Text::HintPassword),
    }
}

/// The text for a word of the database.
#[must_use]
pub fn word(word: &str) -> Option<RecordText> {
    use RecordText as Text;
    Some(match word {
        "0" => Text::Zero,
        "1" => Text::One,
        "2" => Text::Two,
        "3" => Text::Three,
        "none" => Text::TrackingNone,
        "lot" => Text::TrackingLot,
        "serial" => Text::TrackingSerial,
        "site" => Text::KindSite,
        "zone" => Text::KindZone,
        "aisle" => Text::KindAisle,
        "shelf" => Text::KindShelf,
        "bin" => Text::KindBin,
        "dock" => Text::KindDock,
        "quarantine" => Text::KindQuarantine,
        "supplier" => Text::Supplier,
        "customer" => Text::Customer,
        "clerk" => Text::Clerk,
        "admin" => Text::Admin,
        "auditor" => Text::Auditor,
        "analyst" => Text::Analyst,
        _ => return None,
    })
}

/// The label of a column in a history, if it is one of those that people enter.
#[must_use]
pub fn column(name: &str) -> Option<RecordText> {
    use RecordText as Text;
    Some(match name {
        "sku" => Text::FieldSku,
        "code" => Text::FieldCode,
        "name" => Text::FieldName,
        "unit" => Text::FieldUnit,
        "decimals" => Text::FieldDecimals,
        "tracking" => Text::FieldTracking,
        "category" => Text::FieldCategory,
        "reorder_point" => Text::FieldReorderPoint,
        "unit_cost" => Text::FieldUnitCost,
        "unit_price" => Text::FieldUnitPrice,
        "barcode" => Text::FieldBarcode,
        "pack_quantity" => Text::FieldPack,
        "kind" => Text::FieldKind,
        "expires_on" => Text::FieldExpires,
        "archived_at" => Text::FieldArchivedAt,
        "min_life_days" => Text::FieldMinLife,
        "contact_name" => Text::FieldContact,
        "email" => Text::FieldEmail,
        "telephone" => Text::FieldTelephone,
        "address" => Text::FieldAddress,
        "tax_number" => Text::FieldTaxNumber,
        "note" => Text::FieldNote,
        _ => return None,
    })
}

/// The message about a field; for a malformed one it says what the field accepts, `limit` being its number of characters.
#[must_use]
pub fn fault(words: super::Words, at: RecordField, fault: FieldFault, limit: &str) -> String {
    let (label, hint) = field(at);
    match fault {
        FieldFault::Missing => words.fill(RecordText::Missing, &[("field", words.say(label))]),
        FieldFault::Malformed => words.fill(hint, &[("n", limit)]),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{FieldEntry, RecordKind};

    #[test]
    fn every_choice_has_a_word_in_every_language() {
        let rules = RecordKind::ALL.into_iter().flat_map(RecordKind::fields);
        let words = rules.flat_map(|rule| match rule.entry {
            FieldEntry::Choice(words) => words,
            _ => &[],
        });
        for word in words {
            assert!(super::word(word).is_some(), "{word}");
        }
    }
}
