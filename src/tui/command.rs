//! The one table of commands: name, where it applies, who may use it, keys, and what it does in both
//! languages. The keymap, the hints in the last line, the help, the palette and the page in `docs/` are
//! all made from it.

use super::text::Phrase;

/// Where a command applies. A screen or dialog names its scopes, the innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// In every state, dialogs that ask something included.
    Always,
    /// On every screen, unless a dialog asks something.
    Anywhere,
    /// In every list with a cursor.
    List,
    /// In every dialog and full view that lies over a screen.
    Dialog,
    /// The stock.
    Stock,
    /// One product in full.
    Item,
    /// The forms that receive, issue and transfer.
    Form,
    /// The count sheet.
    Sheet,
    /// The ledger.
    Ledger,
    /// One posting in full.
    Posting,
    /// The dashboard.
    Dashboard,
    /// The audit.
    Audit,
    /// One line of the log, or one finding, in full.
    Evidence,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 13] = [
        Self::Stock,
        Self::Item,
        Self::Form,
        Self::Sheet,
        Self::Ledger,
        Self::Posting,
        Self::Dashboard,
        Self::Audit,
        Self::Evidence,
        Self::List,
        Self::Dialog,
        Self::Anywhere,
        Self::Always,
    ];
}

impl Phrase for Scope {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Always => ("In every state", "En toute circonstance"),
            Self::Anywhere => ("On every screen", "Sur chaque écran"),
            Self::List => ("In lists", "Dans les listes"),
            Self::Dialog => ("In dialogs", "Dans les dialogues"),
            Self::Stock => ("Stock", "Stock"),
            Self::Item => ("One product", "Un produit"),
            Self::Form => ("Receive, issue, transfer", "Réception, sortie, transfert"),
            Self::Sheet => ("Count sheet", "Feuille de comptage"),
            Self::Ledger => ("Ledger", "Grand livre"),
            Self::Posting => ("One posting", "Une écriture"),
            Self::Dashboard => ("Dashboard", "Tableau de bord"),
            Self::Audit => ("Audit", "Audit"),
            Self::Evidence => ("One record or finding", "Une trace ou un constat"),
        }
    }
}

/// Who may use a command. The database decides in the end; the screens do not show what it would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who can log in.
    Everyone,
    /// Those who move stock: clerks and admins.
    Posters,
    /// Those who oversee it: admins and auditors.
    Overseers,
}

/// What stands in the table about one command.
#[derive(Debug)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// The name that the configuration and the palette use.
    pub name: &'static str,
    /// Where it applies.
    pub scopes: &'static [Scope],
    /// Who may use it.
    pub audience: Audience,
    /// The keys that it has unless the configuration says otherwise.
    pub keys: &'static [&'static str],
    label: (&'static str, &'static str),
    description: (&'static str, &'static str),
}

/// The short name of a command, for hints.
#[derive(Debug, Clone, Copy)]
pub struct Label(pub Command);

/// What a command does, in a line.
#[derive(Debug, Clone, Copy)]
pub struct Description(pub Command);

impl Phrase for Label {
    fn pair(self) -> (&'static str, &'static str) {
        self.0.entry().label
    }
}

impl Phrase for Description {
    fn pair(self) -> (&'static str, &'static str) {
        self.0.entry().description
    }
}

macro_rules! commands {
    ($($command:ident $name:literal [$($scope:ident)*] $audience:ident [$($key:literal)*]
        $label_en:literal $label_fr:literal
        $english:literal $french:literal;)*) => {
        /// Everything that a key can do, apart from typing.
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
            label: ($label_en, $label_fr),
            description: ($english, $french),
        },)*];
    };
}

commands! {
    ShowStock "show-stock" [Anywhere] Everyone ["f2" "alt-2"]
        "Stock" "Stock"
        "Show the stock" "Afficher le stock";
    Receive "receive" [Anywhere] Posters ["f3" "alt-3"]
        "Receive" "Réception"
        "Receive goods from outside" "Recevoir des marchandises";
    Issue "issue" [Anywhere] Posters ["f4" "alt-4"]
        "Issue" "Sortie"
        "Issue goods to the outside" "Sortir des marchandises";
    Transfer "transfer" [Anywhere] Posters ["f5" "alt-5"]
        "Transfer" "Transfert"
        "Move goods from one place to another" "Déplacer des marchandises d'un emplacement à un autre";
    Count "count" [Anywhere] Posters ["f6" "alt-6"]
        "Count" "Comptage"
        "Count a place with a sheet" "Compter un emplacement avec une feuille";
    ShowLedger "show-ledger" [Anywhere] Everyone ["f7" "alt-7"]
        "Ledger" "Livre"
        "Show every movement, newest first" "Afficher chaque mouvement, le plus récent d'abord";
    ShowDashboard "show-dashboard" [Anywhere] Overseers ["f8" "alt-8"]
        "Dashboard" "Tableau"
        "Show the figures of the warehouse" "Afficher les chiffres de l'entrepôt";
    ShowAudit "show-audit" [Anywhere] Overseers ["f9" "alt-9"]
        "Audit" "Audit"
        "Show what the audit records, and how it stands" "Afficher ce que l'audit enregistre, et son état";
    UndoLast "undo-last" [Anywhere] Posters ["alt-u"]
        "Undo last" "Annuler"
        "Reverse the last posting made at this terminal" "Annuler la dernière écriture de ce terminal";
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
        "Leave Stockroom" "Quitter Stockroom";
    Suspend "suspend" [Always] Everyone ["ctrl-z"]
        "Suspend" "Suspendre"
        "Go back to the shell for a while" "Revenir au shell pour un moment";
    Redraw "redraw" [Always] Everyone ["ctrl-l"]
        "Redraw" "Redessiner"
        "Draw the whole screen again" "Redessiner tout l'écran";
    Mouse "mouse" [Anywhere] Everyone ["ctrl-g"]
        "Mouse" "Souris"
        "Switch the mouse on or off" "Activer ou désactiver la souris";
    Up "up" [List] Everyone ["up"]
        "Up" "Haut"
        "One line up" "Une ligne plus haut";
    Down "down" [List] Everyone ["down"]
        "Down" "Bas"
        "One line down" "Une ligne plus bas";
    PageUp "page-up" [List] Everyone ["pageup"]
        "Page up" "Page préc."
        "One page up" "Une page plus haut";
    PageDown "page-down" [List] Everyone ["pagedown"]
        "Page down" "Page suiv."
        "One page down" "Une page plus bas";
    First "first" [List] Everyone ["home"]
        "First" "Début"
        "To the first line" "À la première ligne";
    Last "last" [List] Everyone ["end"]
        "Last" "Fin"
        "To the last line" "À la dernière ligne";
    Open "open" [Stock Ledger Item Posting Dashboard Audit Evidence] Everyone ["enter"]
        "Open" "Ouvrir"
        "Show the selected line in full" "Afficher la ligne choisie en entier";
    Filter "filter" [Stock Ledger Audit] Everyone ["ctrl-f"]
        "Filter" "Filtrer"
        "Choose what is listed" "Choisir ce qui est affiché";
    Sort "sort" [Stock] Everyone ["ctrl-o"]
        "Sort" "Trier"
        "Choose the order" "Choisir l'ordre";
    ReceiveThis "receive-this" [Stock Item] Posters ["alt-r"]
        "Receive this" "Recevoir"
        "Receive the selected product" "Recevoir le produit choisi";
    IssueThis "issue-this" [Stock Item] Posters ["alt-i"]
        "Issue this" "Sortir"
        "Issue the selected product" "Sortir le produit choisi";
    TransferThis "transfer-this" [Stock Item] Posters ["alt-t"]
        "Transfer this" "Transférer"
        "Transfer the selected product" "Transférer le produit choisi";
    LedgerOfThis "ledger-of-this" [Stock Item Ledger Posting Evidence] Everyone ["alt-l"]
        "Movements" "Mouvements"
        "Show the movements of the selected product" "Afficher les mouvements du produit choisi";
    Accept "accept" [Form Sheet] Posters ["enter"]
        "Add" "Ajouter"
        "Take what is typed or scanned; in an empty field, review the posting"
        "Prendre ce qui est saisi ou scanné ; dans un champ vide, relire l'écriture";
    NextField "next-field" [Form Sheet Dialog] Everyone ["tab"]
        "Next field" "Champ suivant"
        "To the next field" "Au champ suivant";
    PreviousField "previous-field" [Form Sheet Dialog] Everyone ["shift-tab"]
        "Previous field" "Champ précédent"
        "To the field before" "Au champ précédent";
    EditQuantity "edit-quantity" [Form] Posters ["*" "alt-q"]
        "Quantity" "Quantité"
        "Change the quantity of the selected line" "Changer la quantité de la ligne choisie";
    RemoveLine "remove-line" [Form] Posters ["del"]
        "Remove" "Retirer"
        "Remove the selected line" "Retirer la ligne choisie";
    UndoScan "undo-scan" [Form Sheet] Posters ["backspace"]
        "Undo scan" "Défaire"
        "Take back the latest scan" "Reprendre le dernier scan";
    Post "post" [Form Sheet] Posters ["f12" "ctrl-s"]
        "Post" "Valider"
        "Review the posting and post it" "Relire l'écriture et la valider";
    Discard "discard" [Form Sheet] Posters ["ctrl-x"]
        "Discard" "Abandonner"
        "Empty the form" "Vider le formulaire";
    ClearCount "clear-count" [Sheet] Posters ["del"]
        "Not counted" "Non compté"
        "Take back the count of the selected line" "Reprendre le comptage de la ligne choisie";
    CountMatches "count-matches" [Sheet] Posters ["="]
        "Agrees" "Conforme"
        "The selected line agrees with the books" "La ligne choisie est conforme aux livres";
    BlindCount "blind-count" [Sheet] Posters ["ctrl-b"]
        "Blind" "À l'aveugle"
        "Hide or show what the books expect" "Masquer ou montrer ce que les livres attendent";
    Reverse "reverse" [Ledger Posting] Posters ["ctrl-r"]
        "Reverse" "Contrepasser"
        "Undo the selected posting with a counter-entry" "Annuler l'écriture choisie par une contre-écriture";
    NextPanel "next-panel" [Dashboard Audit] Overseers ["tab"]
        "Next panel" "Panneau suivant"
        "To the next panel" "Au panneau suivant";
    PreviousPanel "previous-panel" [Dashboard Audit] Overseers ["shift-tab"]
        "Previous panel" "Panneau précédent"
        "To the panel before" "Au panneau précédent";
    PanelLeft "panel-left" [Dashboard Audit] Overseers ["left"]
        "Left" "À gauche"
        "To the panel on the left" "Au panneau de gauche";
    PanelRight "panel-right" [Dashboard Audit] Overseers ["right"]
        "Right" "À droite"
        "To the panel on the right" "Au panneau de droite";
    Verify "verify" [Audit] Overseers ["alt-v"]
        "Verify" "Vérifier"
        "Verify ledger, records and checkpoints against each other"
        "Vérifier livre, traces et points de contrôle les uns par les autres";
    Decide "decide" [Audit Evidence] Overseers ["alt-d"]
        "Accept" "Accepter"
        "Accept the selected finding with a reason, or take that back"
        "Accepter le constat choisi avec un motif, ou revenir dessus";
    PersonOfThis "person-of-this" [Audit Evidence] Overseers ["alt-p"]
        "This person" "Cette personne"
        "Show only what the person of the selected line did"
        "N'afficher que ce qu'a fait la personne de la ligne choisie";
    SessionOfThis "session-of-this" [Audit Evidence] Overseers ["alt-s"]
        "This session" "Cette session"
        "Show only the session of the selected line" "N'afficher que la session de la ligne choisie";
    AuditOfThis "audit-of-this" [Ledger Posting] Overseers ["alt-a"]
        "Audit" "Audit"
        "Show the audit records of the selected movement" "Afficher les traces d'audit du mouvement choisi";
    Refresh "refresh" [Dashboard Ledger Posting Stock Sheet Audit Evidence] Everyone ["ctrl-t"]
        "Refresh" "Actualiser"
        "Ask the database again" "Interroger à nouveau la base";
    Close "close" [Dialog Stock Ledger Form Sheet Dashboard Audit] Everyone ["esc"]
        "Back" "Retour"
        "Close, go back, or clear the search" "Fermer, revenir, ou effacer la recherche";
    Confirm "confirm" [Dialog] Everyone ["enter"]
        "Confirm" "Confirmer"
        "Go on with what the dialog says" "Poursuivre ce que dit le dialogue";
}

impl Command {
    /// What the table says about it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        // The macro makes the enum and the table from the same lines, in the same order.
        &TABLE[self as usize]
    }

    /// The command of this name.
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
            for text in [entry.label, entry.description] {
                assert!(!text.0.is_empty() && !text.1.is_empty(), "{}", entry.name);
            }
        }
    }
}
