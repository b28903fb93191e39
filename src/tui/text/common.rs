//! Words of the frame around the screens, and of the dialogs that every screen has.

super::phrases! {
    /// Words of the frame around the screens.
    CommonText {
        TooSmall: "This window is too small: {width} × {height}. Stockroom needs 60 × 20.",
            "Fenêtre trop petite : {width} × {height}. Il faut 60 × 20.";
        Connecting: "Connecting to {database} …", "Connexion à {database} …";
        Connected: "Connected as {login}", "Connecté en tant que {login}";
        Lost: "Connection lost: {message}. Try {attempts} failed; trying again in {seconds} s. Nothing you typed is lost.",
            "Connexion perdue : {message}. Essai {attempts} échoué ; nouvel essai dans {seconds} s. Rien de saisi n'est perdu.";
        LostShort: "offline", "hors ligne";
        Online: "connected", "connecté";
        Restored: "The connection is back", "La connexion est rétablie";
        Loading: "loading …", "chargement …";
        Nothing: "Nothing to show", "Rien à afficher";
        Yes: "yes", "oui";
        No: "no", "non";
        HelpTitle: "Help", "Aide";
        HelpLog: "Log file: {path}", "Journal technique : {path}";
        HelpNoLog: "No log file is written; standard error says why.",
            "Aucun journal technique n'est écrit ; l'erreur standard dit pourquoi.";
        HelpTyping: "Characters and Backspace are commands only while the field is empty. A scan works wherever a code is expected.",
            "Les caractères et Retour arrière ne sont des commandes que si le champ est vide. Un scan marche partout où un code est attendu.";
        PaletteTitle: "Commands", "Commandes";
        PaletteHint: "type part of a name", "saisir une partie du nom";
        MessagesTitle: "Messages, newest first", "Messages, le plus récent d'abord";
        NoMessages: "There are no messages yet.", "Aucun message pour l'instant.";
        QuitTitle: "Leave Stockroom?", "Quitter Stockroom ?";
        QuitUnfinished: "{n} lines in the forms are not posted and will be lost.",
            "{n} lignes des formulaires ne sont pas validées et seront perdues.";
        QuitUnfinishedOne: "{n} line in the forms is not posted and will be lost.",
            "{n} ligne des formulaires n'est pas validée et sera perdue.";
        QuitWaiting: "A posting is under way. Leaving when it is done, at the latest in {seconds} s.",
            "Une écriture est en cours. Sortie dès qu'elle est terminée, au plus tard dans {seconds} s.";
        QuitJournal: "What is not finished by then is in the journal and is looked up at the next start.",
            "Ce qui n'est pas terminé d'ici là est dans le journal et sera vérifié au prochain démarrage.";
        RecoveredPosted: "Interrupted earlier: {words}. It was posted.", "Interrompu plus tôt : {words}. C'était validé.";
        RecoveredNotPosted: "Interrupted earlier: {words}. It was not posted; enter it again if it is still wanted.",
            "Interrompu plus tôt : {words}. Ce n'était pas validé ; à ressaisir si c'est toujours voulu.";
        RecoveredUnknown: "Interrupted earlier: {words}. What became of it is not known yet.",
            "Interrompu plus tôt : {words}. Son sort n'est pas encore connu.";
        UnattendedPosted: "What was under way is posted.", "Ce qui était en cours est validé.";
        UnattendedNotPosted: "What was under way was not posted; enter it again if it is still wanted.",
            "Ce qui était en cours n'a pas été validé ; à ressaisir si c'est toujours voulu.";
        NothingToUndo: "Nothing was posted at this terminal yet.", "Rien n'a encore été validé à ce terminal.";
        MouseOn: "The mouse is on. Hold Shift to select text.", "La souris est active. Maj pour sélectionner du texte.";
        MouseOff: "The mouse is off.", "La souris est désactivée.";
        NotForYou: "Your login may not do that.", "Votre compte n'y est pas autorisé.";
        Offline: "Not connected; try again when the connection is back.",
            "Non connecté ; réessayer quand la connexion est rétablie.";
    }
}
