//! The table of commands: name, scope, audience, keys, and a description in both languages. The keymap, the hints in
//! the last line, the help, the palette and the page in `docs/` are generated from it.

use super::text::{Phrase, Texts};

/// Where a command applies. A screen or dialog lists its scopes, the innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// In every state, including dialogs that ask a question.
    Always,
    /// On every screen, unless a dialog asks a question.
    Anywhere,
    /// In every list with a cursor.
    List,
    /// In every dialog and full view that covers a screen.
    Dialog,
    Stock,
    Item,
    /// The forms that receive, issue and transfer.
    Form,
    Sheet,
    Ledger,
    Posting,
    Dashboard,
    Audit,
    /// One line of the collected log in full.
    Record,
    /// One finding of a verification in full.
    Finding,
    /// The list of master data.
    Records,
    Imports,
    /// One import run in full.
    ImportRun,
    /// The list of orders, with its filter.
    Orders,
    /// One order in full, with its lines.
    Order,
    /// One supplier or customer, with its open orders.
    Partner,
    /// The form of an order.
    OrderForm,
    /// What should be ordered.
    Reorder,
    /// Picking for orders.
    Pick,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 23] = [
        Self::Stock,
        Self::Item,
        Self::Form,
        Self::Sheet,
        Self::Ledger,
        Self::Posting,
        Self::Dashboard,
        Self::Audit,
        Self::Record,
        Self::Finding,
        Self::Records,
        Self::Imports,
        Self::ImportRun,
        Self::Orders,
        Self::Order,
        Self::Partner,
        Self::OrderForm,
        Self::Reorder,
        Self::Pick,
        Self::List,
        Self::Dialog,
        Self::Anywhere,
        Self::Always,
    ];
}

impl Phrase for Scope {
    fn texts(self) -> Texts {
        match self {
            Self::Always => ["Always", "Toujours"],
            Self::Anywhere => ["On every screen", "Sur tous les écrans"],
            Self::List => ["In lists", "Dans les listes"],
            Self::Dialog => ["In dialogs", "Dans les boîtes de dialogue"],
            Self::Stock => ["Stock", "Stock"],
            Self::Item => ["One product", "Un article"],
            Self::Form => ["Receive, issue, transfer", "Réception, sortie, transfert"],
            Self::Sheet => ["Count sheet", "Feuille de comptage"],
            Self::Ledger => ["Ledger", "Grand livre"],
            Self::Posting => ["One posting", "Une écriture"],
            Self::Dashboard => ["Dashboard", "Tableau de bord"],
            Self::Audit => ["Audit", "Audit"],
            Self::Record => ["One record", "Une trace"],
            Self::Finding => ["One finding", "Un constat"],
            Self::Records => ["Master data", "Données de base"],
            Self::Orders => ["Orders", "Commandes"],
            Self::Order => ["One order", "Une commande"],
            Self::Partner => ["One partner", "Un tiers"],
            Self::OrderForm => ["New order", "Nouvelle commande"],
            Self::Reorder => ["Reorder", "Réapprovisionnement"],
            Self::Pick => ["Picking", "Préparation"],
            Self::Imports => ["Imports", "Imports"],
            Self::ImportRun => ["One import", "Un import"],
        }
    }
}

/// Who may use a command. The database has the final decision; the screens do not offer what it would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who can log in.
    Everyone,
    /// Those who move stock: clerks and admins.
    Posters,
    /// Those who oversee it: admins and auditors.
    Overseers,
    /// Those who maintain the master data: admins.
    Admins,
}

/// An entry of the table.
#[derive(Debug)]
pub struct Entry {
    pub command: Command,
    /// The name in the configuration and in the palette.
    pub name: &'static str,
    pub scopes: &'static [Scope],
    pub audience: Audience,
    /// The default keys.
    pub keys: &'static [&'static str],
    label: Texts,
    description: Texts,
    /// The scopes in which it does something else than the description says, and what.
    differs: &'static [(Scope, Texts)],
}

/// The short name of a command, for hints.
#[derive(Debug, Clone, Copy)]
pub struct Label(pub Command);

/// The description of a command in a scope, in one line.
#[derive(Debug, Clone, Copy)]
pub struct Description(pub Command, pub Scope);

impl Phrase for Label {
    fn texts(self) -> Texts {
        self.0.entry().label
    }
}

impl Phrase for Description {
    fn texts(self) -> Texts {
        let entry = self.0.entry();
        let own = entry.differs.iter().find(|(scope, _)| *scope == self.1);
        own.map_or(entry.description, |(_, description)| *description)
    }
}

macro_rules! commands {
    ($($command:ident $name:literal [$($scope:ident)*] $audience:ident [$($key:literal)*]
        $label_en:literal $label_fr:literal
        $english:literal $french:literal $(, $in:ident $in_english:literal $in_french:literal)*;)*) => {
        /// Everything that a key can do, apart from entering text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command {
            $(#[doc = $english] $command,)*
        }

        /// The table, in the order of the help.
        pub const TABLE: &[Entry] = &[$(Entry {
            command: Command::$command,
            name: $name,
            scopes: &[$(Scope::$scope,)*],
            audience: Audience::$audience,
            keys: &[$($key,)*],
            label: [$label_en, $label_fr],
            description: [$english, $french],
            differs: &[$((Scope::$in, [$in_english, $in_french]),)*],
        },)*];
    };
}

commands! {
    ShowStock "show-stock" [Anywhere] Everyone ["f2" "alt-2"]
        "Stock" "Stock"
        "Show the stock" "Afficher le stock";
    Receive "receive" [Anywhere] Posters ["f3" "alt-3"]
        "Receive" "Réception"
        "Receive goods" "Recevoir des marchandises";
    Issue "issue" [Anywhere] Posters ["f4" "alt-4"]
        "Issue" "Sortie"
        "Issue goods" "Sortir des marchandises";
    Transfer "transfer" [Anywhere] Posters ["f5" "alt-5"]
        "Transfer" "Transfert"
        "Move goods from one location to another" "Transférer d'un emplacement à un autre";
    Count "count" [Anywhere] Posters ["f6" "alt-6"]
        "Count" "Comptage"
        "Count a location with a count sheet" "Compter un emplacement avec une feuille";
    ShowLedger "show-ledger" [Anywhere] Everyone ["f7" "alt-7"]
        "Ledger" "Livre"
        "Show all movements, newest first" "Afficher les mouvements, le plus récent d'abord";
    ShowDashboard "show-dashboard" [Anywhere] Overseers ["f8" "alt-8"]
        "Dashboard" "Tableau"
        "Show the key figures of the warehouse" "Afficher les chiffres clés de l'entrepôt";
    ShowAudit "show-audit" [Anywhere] Overseers ["f9" "alt-9"]
        "Audit" "Audit"
        "Show audit records, findings and status" "Afficher traces d'audit, constats et état";
    ShowRecords "show-master-data" [Anywhere] Admins ["alt-0" "alt-m"]
        "Master data" "Données"
        "Show and change products, locations, lots, partners and people"
        "Afficher et modifier articles, emplacements, lots, tiers et personnes";
    ReverseLast "reverse-last" [Anywhere] Posters ["alt-u"]
        "Reverse last" "Annuler dern."
        "Reverse the last posting made at this terminal" "Annuler la dernière écriture de ce terminal";
    Drafts "drafts" [Anywhere] Posters ["alt-o"]
        "Drafts" "Brouillons"
        "Show unfinished work" "Afficher le travail inachevé";
    Orders "orders" [Anywhere] Everyone ["alt-c"]
        "Orders" "Commandes"
        "Show the orders and their progress" "Afficher les commandes et leur avancement";
    ReceiveOrder "receive-order" [Anywhere] Posters ["alt-e"]
        "Receive order" "Réception cde"
        "Receive goods ordered from a supplier" "Réceptionner une commande d'achat";
    Pick "pick" [Anywhere] Posters ["alt-k"]
        "Pick" "Préparer"
        "Pick reserved goods for orders, and ship them" "Préparer les commandes réservées et les expédier";
    NewOrder "new-order" [Anywhere] Posters ["alt-b"]
        "New order" "Nouv. commande"
        "Enter a purchase, sales or transfer order" "Saisir une commande d'achat, de vente ou de transfert";
    Reorder "reorder" [Anywhere] Admins ["alt-g"]
        "Reorder" "Réappro."
        "Show the products to order, and create purchase orders"
        "Afficher les articles à commander, et créer les commandes d'achat";
    Imports "imports" [Anywhere] Overseers ["alt-f"]
        "Imports" "Imports"
        "Show the imported files and their rejects" "Afficher les fichiers importés et leurs rejets";
    Help "help" [Always] Everyone ["f1" "?"]
        "Help" "Aide"
        "Show the keys that work here" "Afficher les touches utiles ici";
    Palette "palette" [Anywhere] Everyone ["ctrl-p" ":"]
        "Commands" "Commandes"
        "Find a command by its name" "Trouver une commande par son nom";
    Messages "messages" [Anywhere] Everyone ["ctrl-n"]
        "Messages" "Messages"
        "Show the latest messages in full" "Afficher les derniers messages en entier";
    Quit "quit" [Always] Everyone ["ctrl-q" "f10"]
        "Quit" "Quitter"
        "Quit Stockroom" "Quitter Stockroom";
    Suspend "suspend" [Always] Everyone ["ctrl-z"]
        "Suspend" "Suspendre"
        "Suspend Stockroom and return to the shell" "Suspendre Stockroom et revenir au shell";
    Redraw "redraw" [Always] Everyone ["ctrl-l"]
        "Redraw" "Redessiner"
        "Redraw the screen" "Redessiner l'écran";
    Mouse "mouse" [Anywhere] Everyone ["ctrl-g"]
        "Mouse" "Souris"
        "Turn the mouse on or off" "Activer ou désactiver la souris";
    Up "up" [List] Everyone ["up"]
        "Up" "Haut"
        "Move up one line" "Monter d'une ligne";
    Down "down" [List] Everyone ["down"]
        "Down" "Bas"
        "Move down one line" "Descendre d'une ligne";
    PageUp "page-up" [List] Everyone ["pageup"]
        "Page up" "Page préc."
        "Move up one page" "Monter d'une page";
    PageDown "page-down" [List] Everyone ["pagedown"]
        "Page down" "Page suiv."
        "Move down one page" "Descendre d'une page";
    First "first" [List] Everyone ["home"]
        "First" "Début"
        "Go to the first line" "Aller à la première ligne";
    Last "last" [List] Everyone ["end"]
        "Last" "Fin"
        "Go to the last line" "Aller à la dernière ligne";
    Open "open" [Stock Ledger Item Posting Dashboard Audit Record Finding Imports Records Orders Order Partner Reorder] Everyone ["enter"]
        "Open" "Ouvrir"
        "Open the selected line" "Ouvrir la ligne sélectionnée",
        Item "Show the movements of the product" "Afficher les mouvements de l'article",
        Posting "Show the related reversal or original posting"
            "Afficher l'annulation ou l'écriture d'origine",
        Dashboard "Show the panel in full, or the product or order selected in it"
            "Afficher le panneau en entier, ou l'article ou la commande sélectionnés",
        Order "Act on the selected line, or show the posting of the selected movement"
            "Agir sur la ligne sélectionnée, ou afficher l'écriture du mouvement",
        Records "Change the selected record" "Modifier la fiche sélectionnée",
        Record "Show the posting of the selected row" "Afficher l'écriture de la ligne sélectionnée",
        Finding "Show the log entry of the finding, or all entries about its movement"
            "Afficher l'entrée du journal du constat, ou toutes celles de son mouvement",
        Reorder "Change the order quantity of the selected product"
            "Modifier la quantité à commander de l'article";
    Filter "filter" [Stock Ledger Audit Orders] Everyone ["ctrl-f"]
        "Filter" "Filtrer"
        "Choose what is listed" "Choisir ce qui est affiché";
    AsOf "as-of" [Stock] Everyone ["ctrl-d"]
        "As of" "À la date"
        "Show the stock as it was at a date and time" "Afficher le stock à une date et une heure passées";
    Sort "sort" [Stock] Everyone ["ctrl-o"]
        "Sort" "Trier"
        "Choose the sort order" "Choisir l'ordre de tri";
    ReceiveThis "receive-this" [Stock Item] Posters ["alt-r"]
        "Receive this" "Recevoir"
        "Receive the selected product" "Recevoir l'article sélectionné";
    IssueThis "issue-this" [Stock Item] Posters ["alt-i"]
        "Issue this" "Sortir"
        "Issue the selected product" "Sortir l'article sélectionné";
    TransferThis "transfer-this" [Stock Item] Posters ["alt-t"]
        "Transfer this" "Transférer"
        "Transfer the selected product" "Transférer l'article sélectionné";
    LedgerOfThis "ledger-of-this" [Stock Item Ledger Posting Record Order Partner Reorder] Everyone ["alt-l"]
        "Movements" "Mouvements"
        "Show the movements of the selected product" "Afficher les mouvements de l'article sélectionné",
        Partner "Show the movements from and to the partner" "Afficher les mouvements du tiers",
        Reorder "Show the selected product" "Afficher l'article sélectionné";
    PartnerOfThis "partner-of-this" [Orders Order] Everyone ["alt-p"]
        "Partner" "Tiers"
        "Show the supplier or customer of the order" "Afficher le fournisseur ou le client de la commande";
    OrderStep "order-step" [Order] Posters ["f12" "ctrl-s"]
        "Next step" "Étape suiv."
        "Confirm, reserve, pick, ship, close or cancel the order"
        "Confirmer, réserver, préparer, expédier, clôturer ou annuler la commande";
    NewRecord "new-record" [Records] Admins ["alt-n" "ins"]
        "New" "Nouveau"
        "Add a record of this kind" "Ajouter une fiche de ce type";
    ArchiveRecord "archive-record" [Records] Admins ["alt-x"]
        "Archive" "Archiver"
        "Archive or disable the selected record, or restore it"
        "Archiver ou désactiver la fiche sélectionnée, ou la rétablir";
    RecordHistory "record-history" [Records] Admins ["alt-h"]
        "History" "Historique"
        "Show who changed the selected record, and how" "Afficher qui a modifié la fiche, et comment";
    Export "export" [Stock Item Ledger Posting Dashboard Audit Imports Records Sheet Orders Order Partner Reorder Pick] Everyone ["alt-w"]
        "Export" "Exporter"
        "Write the list on the screen to a CSV file" "Écrire la liste affichée dans un fichier CSV";
    Copy "copy" [Stock Item Ledger Posting Dashboard Audit Record Finding ImportRun Records Orders Order Partner Reorder] Everyone ["ctrl-y"]
        "Copy" "Copier"
        "Copy the SKU, id or text under the cursor" "Copier le SKU, l'id ou le texte sous le curseur",
        ImportRun "Copy the path of the rejects file or report" "Copier le chemin des rejets ou du rapport";
    Accept "accept" [Form Sheet Pick OrderForm] Posters ["enter"]
        "Add" "Ajouter"
        "Add what was typed or scanned; if empty, review"
        "Ajouter la saisie ou le scan ; si vide, relire",
        Sheet "Accept the count or scan; if empty, next line or review"
            "Accepter le comptage ou le scan ; si vide, ligne suivante ou relecture",
        Pick "Accept the scan, start with the chosen orders, or review"
            "Accepter le scan, commencer avec les commandes choisies, ou relire",
        OrderForm "Add what was typed or scanned; if empty, review; in the review, save as a draft"
            "Ajouter la saisie ou le scan ; si vide, relire ; puis enregistrer en brouillon";
    NextField "next-field" [Form Sheet Dialog OrderForm] Everyone ["tab"]
        "Next field" "Champ suivant"
        "Go to the next field" "Aller au champ suivant";
    PreviousField "previous-field" [Form Sheet Dialog OrderForm] Everyone ["shift-tab"]
        "Previous field" "Champ précédent"
        "Go to the previous field" "Aller au champ précédent";
    EditQuantity "edit-quantity" [Form Pick OrderForm Reorder] Posters ["*" "alt-q"]
        "Quantity" "Quantité"
        "Change the quantity of the selected line" "Changer la quantité de la ligne sélectionnée",
        OrderForm "Change quantity, price and over-delivery of the line"
            "Modifier quantité, prix et surlivraison de la ligne",
        Reorder "Change the order quantity of the selected product"
            "Modifier la quantité à commander de l'article";
    RemoveLine "remove-line" [Form OrderForm Reorder] Posters ["del"]
        "Remove" "Retirer"
        "Remove the selected line" "Retirer la ligne sélectionnée",
        Reorder "Leave the selected product out, or include it again"
            "Laisser l'article de côté, ou le reprendre";
    UndoScan "undo-scan" [Form Sheet Pick] Posters ["backspace"]
        "Undo scan" "Annuler scan"
        "Undo the last scan" "Annuler le dernier scan",
        Sheet "Undo the last count" "Annuler le dernier comptage";
    Post "post" [Form Sheet Pick OrderForm Reorder] Posters ["f12" "ctrl-s"]
        "Post" "Valider"
        "Review the posting and post it" "Relire l'écriture et la valider",
        Sheet "Review the count and post it" "Relire le comptage et le valider",
        Pick "Review what was picked and post it; then ship" "Relire ce qui est prélevé et le valider ; puis expédier",
        OrderForm "Review the order; in the review, save and confirm it (admins)"
            "Relire la commande ; puis l'enregistrer et la confirmer (administrateurs)",
        Reorder "Review the purchase orders, and save them as drafts"
            "Relire les commandes d'achat, et les enregistrer en brouillons";
    Discard "discard" [Form Sheet Pick OrderForm] Posters ["ctrl-x"]
        "Discard" "Abandonner"
        "Discard the form" "Abandonner le formulaire",
        Sheet "Discard the count sheet" "Abandonner la feuille de comptage",
        Pick "Discard what was picked but not posted" "Abandonner ce qui est prélevé mais pas validé";
    ShortPick "short-pick" [Pick] Posters ["minus"]
        "Missing" "Manquant"
        "Report missing goods: release the rest with a reason, and reserve it elsewhere"
        "Signaler un manquant : libérer le reste avec un motif, et le réserver ailleurs";
    MarkOrder "mark-order" [Pick] Posters ["space"]
        "Choose" "Choisir"
        "Choose the selected order, to pick several together" "Choisir la commande, pour en préparer plusieurs ensemble";
    ClearCount "clear-count" [Sheet] Posters ["del"]
        "Not counted" "Non compté"
        "Clear the count of the selected line" "Effacer le comptage de la ligne sélectionnée";
    CountMatches "count-matches" [Sheet] Posters ["="]
        "Agrees" "Conforme"
        "Count the selected line as expected" "Compter la ligne comme conforme à l'attendu";
    BlindCount "blind-count" [Sheet] Posters ["ctrl-b"]
        "Blind" "À l'aveugle"
        "Hide or show the expected quantities" "Masquer ou afficher les quantités attendues";
    Reverse "reverse" [Ledger Posting] Posters ["ctrl-r"]
        "Reverse" "Annuler"
        "Reverse the selected posting" "Annuler l'écriture sélectionnée";
    NextPanel "next-panel" [Dashboard Audit Records] Overseers ["tab"]
        "Next panel" "Panneau suivant"
        "Go to the next panel or page" "Aller au panneau suivant";
    PreviousPanel "previous-panel" [Dashboard Audit Records] Overseers ["shift-tab"]
        "Previous panel" "Panneau précédent"
        "Go to the previous panel or page" "Aller au panneau précédent";
    PanelLeft "panel-left" [Dashboard Audit] Overseers ["left"]
        "Left" "À gauche"
        "Go to the panel on the left" "Aller au panneau de gauche";
    PanelRight "panel-right" [Dashboard Audit] Overseers ["right"]
        "Right" "À droite"
        "Go to the panel on the right" "Aller au panneau de droite";
    Verify "verify" [Audit] Overseers ["alt-v"]
        "Verify" "Vérifier"
        "Verify ledger, audit records and checkpoints"
        "Vérifier livre, traces et points de contrôle";
    Decide "decide" [Audit Finding] Overseers ["alt-d"]
        "Accept" "Accepter"
        "Accept a finding with a reason, or revoke it"
        "Accepter un constat avec un motif, ou révoquer";
    PersonOfThis "person-of-this" [Audit Record Finding] Overseers ["alt-p"]
        "This person" "Cette personne"
        "Show only entries of the selected person"
        "N'afficher que les entrées de cette personne";
    SessionOfThis "session-of-this" [Audit Record Finding] Overseers ["alt-s"]
        "This session" "Cette session"
        "Show only entries of the selected session" "N'afficher que les entrées de cette session";
    AuditOfThis "audit-of-this" [Ledger Posting] Overseers ["alt-a"]
        "Audit" "Audit"
        "Show the audit records of the selected movement" "Afficher les traces d'audit du mouvement";
    Refresh "refresh" [Dashboard Ledger Posting Stock Sheet Audit Record Imports Records Orders Order Partner Pick Reorder] Everyone ["ctrl-t"]
        "Refresh" "Actualiser"
        "Reload from the database" "Recharger depuis la base";
    Close "close" [Dialog Stock Ledger Form Sheet Dashboard Audit Records Pick OrderForm] Everyone ["esc"]
        "Back" "Retour"
        "Close, go back, or clear the search" "Fermer, revenir ou effacer la recherche";
    Confirm "confirm" [Dialog] Everyone ["enter"]
        "Confirm" "Confirmer"
        "Confirm the dialog" "Confirmer la boîte de dialogue";
}

/// Words by which people search for a command, in addition to its name and description, in both languages.
const SYNONYMS: &[(Command, &str)] = &[
    (Command::Receive, "new in delivery nouveau entrée livraison"),
    (Command::Issue, "new out ship sell nouveau expédier vendre"),
    (Command::Transfer, "new move nouveau déplacer"),
    (Command::Count, "new inventory stocktake nouveau inventaire"),
    (Command::ShowDashboard, "report statistics rapport statistiques"),
    (Command::ShowLedger, "history journal historique"),
    (Command::ReverseLast, "undo défaire"),
    (Command::Orders, "purchase sales customer supplier late pick achat vente client fournisseur"),
    (Command::ReceiveOrder, "delivery goods supplier livraison fournisseur entrée achat purchase"),
    (Command::Pick, "wave walk shipment reserved vague tournée quai expédier réservé prélever"),
    (Command::ShortPick, "short missing damaged manque abîmé"),
    (Command::NewOrder, "order purchase sales sell buy enter nouvelle commande achat vente saisir"),
    (Command::Reorder, "buy purchase supplier low replenish proposal acheter fournisseur réapprovisionner"),
    (Command::Imports, "files feeds runs fichiers flux"),
    (Command::Filter, "low expiring search bas périmé chercher"),
    (Command::Sort, "order ordre"),
    (Command::AsOf, "history past date historique passé"),
    (Command::LedgerOfThis, "history historique"),
    (Command::Reverse, "undo cancel défaire"),
    (Command::Copy, "clipboard yank presse-papiers"),
    (Command::Export, "csv save print spreadsheet enregistrer imprimer tableur"),
    (Command::Decide, "accept acknowledge"),
    (Command::Quit, "exit log out sortir déconnexion"),
];

impl Command {
    /// Additional words by which people search for it.
    #[must_use]
    pub fn synonyms(self) -> &'static str {
        SYNONYMS.iter().find(|(command, _)| *command == self).map_or("", |(_, words)| words)
    }

    /// The commands that move the cursor of a list.
    pub const LIST: &'static [Self] =
        &[Self::Up, Self::Down, Self::PageUp, Self::PageDown, Self::First, Self::Last];

    /// The entry of the command in the table.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        // The macro generates the enum and the table from the same lines, in the same order.
        &TABLE[self as usize]
    }

    /// The command with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.name == name).map(|entry| entry.command)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_whole() {
        let mut names = BTreeSet::new();
        for entry in TABLE {
            assert_eq!(entry.command.entry().name, entry.name);
            assert!(names.insert(entry.name), "{} stands twice", entry.name);
            assert!(!entry.scopes.is_empty());
            assert!(entry.differs.iter().all(|(scope, _)| entry.scopes.contains(scope)), "{}", entry.name);
            let own = entry.differs.iter().map(|(_, text)| *text);
            for text in own.chain([entry.label, entry.description]) {
                assert!(text.iter().all(|text| !text.is_empty()), "{}", entry.name);
            }
        }
    }
}
