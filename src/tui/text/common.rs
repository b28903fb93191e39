//! The text of the frame around the screens, and of the dialogs that every screen has.

super::phrases! {
    /// The text of the frame around the screens.
    CommonText {
        TooSmall: "This window is too small: {width} × {height}. Stockroom needs 60 × 20.",
            "Fenêtre trop petite : {width} × {height}. Il faut au moins 60 × 20.";
        Connecting: "Connecting to {database} …", "Connexion à {database} …";
        Connected: "Connected as {login}", "Connecté en tant que {login}";
        Lost: "Connection lost: {message}. Attempt {attempts} failed; next attempt in {seconds} s. Nothing you typed is lost.",
            "Connexion perdue : {message}. Tentative {attempts} échouée, nouvelle tentative dans {seconds} s. Votre saisie est conservée.";
        LostShort: "offline", "hors ligne";
        Online: "connected", "connecté";
        Restored: "Reconnected", "Connexion rétablie";
        Loading: "loading …", "chargement …";
        LooksLikeEmail: "This looks like an e-mail address. References and reasons are kept for ever; they should not name anybody.",
            "Ceci ressemble à une adresse e-mail. Références et motifs sont conservés pour toujours ; n'y nommez personne.";
        LooksLikeTelephone: "This looks like a telephone number. References and reasons are kept for ever; they should not name anybody.",
            "Ceci ressemble à un numéro de téléphone. Références et motifs sont conservés pour toujours ; n'y nommez personne.";
        LooksLikeName: "This looks like the name of a person. References and reasons are kept for ever; they should not name anybody.",
            "Ceci ressemble au nom d'une personne. Références et motifs sont conservés pour toujours ; n'y nommez personne.";
        NamesMissing: "The names of people cannot be shown, only their logins: {message}",
            "Les noms des personnes ne peuvent pas être affichés, seulement leurs comptes : {message}";
        Nothing: "Nothing to show", "Rien à afficher";
        Yes: "yes", "oui";
        No: "no", "non";
        HelpTitle: "Help", "Aide";
        HelpLog: "Log file: {path}", "Journal technique : {path}";
        HelpNoLog: "No log file is written; the reason is on standard error.",
            "Aucun journal technique n'est écrit ; la raison figure sur l'erreur standard.";
        HelpTyping: "Characters and Backspace are commands only while the field is empty. A code can be scanned wherever one is expected.",
            "Les caractères et Retour arrière ne sont des commandes que si le champ est vide. On peut scanner partout où un code est attendu.";
        ExportTitle: "Export this list", "Exporter cette liste";
        ExportHint: "file name", "nom du fichier";
        ExportMeans: "All rows that match the filters are written as CSV. Only you can read the file; an existing file is not replaced.",
            "Toutes les lignes qui correspondent aux filtres sont écrites en CSV. Vous seul pouvez lire le fichier ; un fichier existant n'est pas remplacé.";
        ExportNoFile: "Enter a file name.", "Saisissez un nom de fichier.";
        ExportDone: "{rows} written to {path}", "{rows} dans {path}";
        ExportFailed: "The list was not exported: {why}", "La liste n'a pas été exportée : {why}";
        Rows: "{n} rows", "{n} lignes";
        RowOne: "{n} row", "{n} ligne";
        PaletteTitle: "Commands", "Commandes";
        Copied: "Copied: {text}", "Copié : {text}";
        PaletteNothing: "No command that works here matches \"{text}\".",
            "Aucune commande utilisable ici ne correspond à « {text} ».";
        PaletteElsewhere: "{command}: works in {scope}", "{command} : possible dans {scope}";
        PaletteHint: "type part of a name", "saisir une partie du nom";
        MessagesTitle: "Messages, newest first", "Messages, du plus récent au plus ancien";
        NoMessages: "No messages yet.", "Aucun message pour l'instant.";
        QuitTitle: "Quit Stockroom?", "Quitter Stockroom ?";
        QuitUnfinished: "{n} lines in the forms are not posted. They are kept on this machine and offered at your next login.",
            "{n} lignes des formulaires ne sont pas validées. Elles sont conservées sur ce poste et proposées à votre prochaine connexion.";
        QuitUnfinishedOne: "{n} line in the forms is not posted. It is kept on this machine and offered at your next login.",
            "{n} ligne des formulaires n'est pas validée. Elle est conservée sur ce poste et proposée à votre prochaine connexion.";
        DraftsTitle: "Unfinished work", "Travail inachevé";
        DraftRow: "{screen}: {lines}, saved {when}", "{screen} : {lines}, enregistré {when}";
        DraftLine: "{n} line", "{n} ligne";
        DraftLines: "{n} lines", "{n} lignes";
        DraftKeys: "Press Enter to continue it, Del to discard it, or Esc to keep it for later. Nothing is posted without your review.",
            "Entrée pour reprendre, Suppr pour abandonner, Échap pour garder pour plus tard. Rien n'est validé sans votre relecture.";
        DraftDiscardAsk: "Press Del again to discard it for good.", "Appuyez encore sur Suppr pour l'abandonner définitivement.";
        DraftNotResumed: "This screen contains other work; post or discard it first. The draft is still kept.",
            "Cet écran contient un autre travail ; validez-le ou abandonnez-le d'abord. Le brouillon est conservé.";
        DraftNotKept: "Unfinished work cannot be kept on this machine: {why}", "Le travail inachevé ne peut pas être conservé sur ce poste : {why}";
        NoDrafts: "There is no unfinished work.", "Aucun travail inachevé.";
        QuitWaiting: "A posting is in progress. Stockroom quits when it is done, or after {seconds} s.",
            "Une validation est en cours. Stockroom se ferme dès qu'elle est terminée, au plus tard dans {seconds} s.";
        QuitJournal: "A posting that has not finished by then stays in the journal; the next start checks its outcome.",
            "Une validation inachevée d'ici là reste dans le journal ; le prochain démarrage en vérifie l'issue.";
        RecoveredPosted: "Interrupted earlier: {words}. It was posted.", "Interruption précédente : {words}. L'écriture a été validée.";
        RecoveredNotPosted: "Interrupted earlier: {words}. It was not posted; enter it again if it is still needed.",
            "Interruption précédente : {words}. L'écriture n'a pas été validée ; ressaisissez-la si nécessaire.";
        RecoveredUnknown: "Interrupted earlier: {words}. The outcome is not known yet.",
            "Interruption précédente : {words}. L'issue n'est pas encore connue.";
        UnattendedSaved: "The change is saved.", "La modification est enregistrée.";
        UnattendedPosted: "The posting that was in progress has been posted.", "L'écriture en cours a été validée.";
        UnattendedNotPosted: "The posting that was in progress was not posted; enter it again if it is still needed.",
            "L'écriture en cours n'a pas été validée ; ressaisissez-la si nécessaire.";
        NothingToReverse: "Nothing has been posted from this terminal yet.", "Rien n'a encore été validé depuis ce terminal.";
        LotExpires: "expires {day}", "péremption {day}";
        LotOnHand: "{n} on hand", "{n} en stock";
        LotAvailable: "{n} available", "{n} disponibles";
        LotExpired: "expired", "périmé";
        LotQuarantined: "in quarantine", "en quarantaine";
        MouseOn: "The mouse is on. Hold Shift to select text.", "Souris activée. Maintenez Maj pour sélectionner du texte.";
        MouseOff: "The mouse is off.", "Souris désactivée.";
        NotForYou: "Your login does not have permission for that.", "Votre compte n'y est pas autorisé.";
        Offline: "Not connected; try again once the connection is back.",
            "Non connecté ; réessayez quand la connexion est rétablie.";
    }
}
