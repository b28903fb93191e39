//! The text of the page of imports.

use crate::domain::ImportOutcome;

super::phrases! {
    /// The text of the page of imports.
    ImportText {
        Title: "Imports, newest first", "Imports, du plus récent au plus ancien";
        Latest: "Imports: the latest {n}, newest first", "Imports : les {n} derniers, du plus récent au plus ancien";
        Nothing: "No file has been imported yet.", "Aucun fichier importé pour l'instant.";
        Began: "Began", "Début";
        Outcome: "Outcome", "Résultat";
        File: "File", "Fichier";
        Feed: "Feed", "Flux";
        Person: "Person", "Personne";
        Posted: "Posted", "Validées";
        Rejected: "Rejected", "Rejetées";
        Duration: "Duration", "Durée";
        OutcomePosted: "posted", "importé";
        OutcomeRejects: "rejects", "rejets";
        OutcomeDuplicate: "duplicate", "doublon";
        OutcomeFailed: "failed", "échec";
        Unfinished: "unfinished", "inachevé";
        ByCommand: "by command", "par commande";
        Movements: "movements", "mouvements";
        Products: "products", "articles";
        Content: "Content", "Contenu";
        Profile: "Profile", "Profil";
        Size: "Size", "Taille";
        Bytes: "{n} bytes", "{n} octets";
        Hash: "SHA-256", "SHA-256";
        Run: "Run", "Import";
        SameAs: "Same file as", "Même fichier que";
        Ended: "Ended", "Fin";
        RowsRead: "Rows read", "Lignes lues";
        RowsPosted: "Rows posted", "Lignes validées";
        AlreadyPosted: "{n}, {already} of them posted before", "{n}, dont {already} déjà validées";
        RowsRejected: "Rows rejected", "Lignes rejetées";
        Postings: "Postings", "Écritures";
        ValueRead: "Value read", "Valeur lue";
        ValuePosted: "Value posted", "Valeur validée";
        ValueRejected: "Value rejected", "Valeur rejetée";
        RejectsFile: "Rejects file", "Fichier des rejets";
        ReportFile: "Report", "Rapport";
        Message: "Message", "Message";
        OnThatMachine: "The files are on the machine where the import ran.",
            "Les fichiers sont sur la machine où l'import a été exécuté.";
    }
}

/// The word for an outcome; none is an import that has not ended, or was killed.
#[must_use]
pub fn outcome(outcome: Option<ImportOutcome>) -> ImportText {
    match outcome {
        Some(ImportOutcome::Posted) => ImportText::OutcomePosted,
        Some(ImportOutcome::Rejects) => ImportText::OutcomeRejects,
        Some(ImportOutcome::Duplicate) => ImportText::OutcomeDuplicate,
        Some(ImportOutcome::Failed) => ImportText::OutcomeFailed,
        None => ImportText::Unfinished,
    }
}
