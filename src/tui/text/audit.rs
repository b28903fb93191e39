//! The text of the audit: its pages, its health indicators, log entries and findings.

use super::Words;
use crate::audit::findings::{Severity, Verdict};
use crate::audit::reconcile::Step;
use crate::audit::reconcile::line_status::{LineStatus, RowState};
use crate::domain::CheckSeverity;

super::phrases! {
    /// The text of the audit.
    AuditText {
        Records: "Log", "Journal";
        Logins: "Logins", "Connexions";
        People: "People", "Personnes";
        Findings: "Findings", "Constats";
        Configuration: "Configuration", "Configuration";
        QuickHint: "type or scan: movement id, reference, word",
            "saisir ou scanner : id de mouvement, référence, mot";
        When: "When", "Date";
        Person: "Person", "Personne";
        Host: "From", "Depuis";
        Program: "Program", "Programme";
        Class: "Class", "Classe";
        What: "What", "Objet";
        Shows: "Verdict", "Verdict";
        Lines: "Records", "Traces";
        Day: "Day", "Jour";
        Subject: "What", "Objet";
        Found: "Found", "Constaté";
        Everything: "audit records and failures, newest first", "traces d'audit et échecs, du plus récent au plus ancien";
        EveryLogin: "logins, failed logins and logouts, newest first",
            "connexions, échecs et déconnexions, du plus récent au plus ancien";
        Following: "following", "suivi en direct";
        NotFollowing: "Home to follow", "Début pour suivre";
        NoLines: "Nothing has been collected yet. Start the collector: `stockroom audit collect --follow`.",
            "Rien n'a encore été collecté. Lancez le collecteur : `stockroom audit collect --follow`.";
        NoLinesFiltered: "No matching log entries. Press Esc to remove the filters one at a time.",
            "Aucune entrée du journal ne correspond. Appuyez sur Échap pour retirer les filtres un par un.";
        NoPeople: "No changes in the last {days} days in the log collected so far.",
            "Aucune modification ces {days} derniers jours, d'après le journal collecté.";
        NoReport: "No verification has been run here yet. Press {key} to start one.",
            "Aucune vérification n'a encore été faite ici. Appuyez sur {key} pour en lancer une.";
        NoFindings: "No findings: {movements} movements were checked and all are in order ({mode}, {when}).",
            "Aucun constat : {movements} mouvements vérifiés, tous conformes ({mode}, {when}).";
        ReportLine: "{alarms}, {accepted}, {notices} · {movements} movements, {lines} entries, {checkpoints} checkpoints · {mode}, {when}",
            "{alarms}, {accepted}, {notices} · {movements} mouvements, {lines} entrées, {checkpoints} points de contrôle · {mode}, {when}";
        Alarms: "{n} alarms", "{n} alarmes";
        AlarmsOne: "{n} alarm", "{n} alarme";
        AcceptedCount: "{n} accepted", "{n} acceptées";
        AcceptedCountOne: "{n} accepted", "{n} acceptée";
        Notices: "{n} notices", "{n} avis";
        NoticesOne: "{n} notice", "{n} avis";
        FindingsCut: "Only the first {n} findings are shown; `stockroom audit verify --findings FILE` writes all of them.",
            "Seuls les {n} premiers constats sont affichés ; `stockroom audit verify --findings FICHIER` les écrit tous.";
        NoCheck: "No findings: the server is configured as required.",
            "Aucun constat : le serveur est configuré comme il faut.";
        ModeFull: "full", "complète";
        ModeIncremental: "incremental", "incrémentale";

        CollectorAtWork: "Collector running, sealed {ago}", "Collecteur actif, scellé {ago}";
        CollectorNew: "Collector running, nothing sealed yet", "Collecteur actif, rien de scellé";
        CollectorBehind: "Collector behind, last sealed {ago}", "Collecteur en retard, scellé {ago}";
        CollectorGone: "Collector NOT running, last sealed {ago}", "Collecteur ARRÊTÉ, scellé {ago}";
        CollectorNever: "Collector NOT running", "Collecteur ARRÊTÉ";
        CollectorUnknown: "Collector: not known yet", "Collecteur : état inconnu";
        SealNone: "No checkpoints on this machine", "Aucun point de contrôle sur cette machine";
        SealAll: "Everything signed, last {ago}", "Tout est signé, dernier {ago}";
        SealSome: "{n} entries not signed yet, last {ago}", "{n} entrées non signées, dernier {ago}";
        SealUnknown: "Checkpoint: not known yet", "Point de contrôle : état inconnu";
        VerifyNever: "Never verified here", "Jamais vérifié ici";
        VerifyClean: "Verified {ago}: no alarms", "Vérifié {ago} : aucune alarme";
        VerifyOld: "Last verified {ago}", "Dernière vérification {ago}";
        VerifyAlarms: "{alarms}, verified {ago}", "{alarms}, vérifié {ago}";
        Verifying: "Verifying {step}: {done}", "Vérification, {step} : {done}";
        VerifyingOf: "Verifying {step}: {done} of {of}", "Vérification, {step} : {done} sur {of}";
        VerifyBegun: "Verifying: waiting for the collector …", "Vérification : attente du collecteur …";
        StepLines: "log entries", "journal";
        StepMovements: "movements", "mouvements";
        StepLevels: "stock levels", "niveaux de stock";
        CheckSafe: "Configuration OK", "Configuration correcte";
        CheckUnsafe: "{n} unsafe settings", "{n} réglages dangereux";
        CheckUnsafeOne: "{n} unsafe setting", "{n} réglage dangereux";
        CheckAdvice: "{n} settings to improve", "{n} réglages à améliorer";
        CheckAdviceOne: "{n} setting to improve", "{n} réglage à améliorer";
        CheckUnknown: "Configuration: not known yet", "Configuration : pas encore connue";
        CheckFailed: "Configuration could not be checked", "Configuration non vérifiable";
        CheckPartly: "Configuration only partly checked", "Configuration vérifiée en partie";
        CollectorFailed: "Collector could not be checked", "Collecteur non vérifiable";
        SealFailed: "Checkpoints could not be checked", "Points de contrôle non vérifiables";
        ReportFailed: "Last verification could not be read", "Dernière vérification illisible";

        VerifyTitle: "Verify", "Vérifier";
        VerifyNew: "Only what is new since the last clean verification", "Seulement ce qui est nouveau depuis la dernière vérification sans alarme";
        VerifyAll: "Everything from the beginning", "Tout depuis le début";
        VerifyGoOn: "Let it continue", "La laisser continuer";
        VerifyStop: "Stop the verification", "Arrêter la vérification";
        VerifyStopped: "The verification was stopped; there is no result.",
            "La vérification a été arrêtée ; il n'y a pas de résultat.";
        VerifiedClean: "Verification finished: no alarms. {movements} movements and {lines} log entries were checked in {seconds} s.",
            "Vérification terminée : aucune alarme. {movements} mouvements et {lines} entrées du journal vérifiés en {seconds} s.";
        VerifiedAlarms: "Verification finished: {n} alarms. They are listed on the Findings page of the audit.",
            "Vérification terminée : {n} alarmes. Elles figurent à la page Constats de l'audit.";
        VerifiedAlarmsOne: "Verification finished: {n} alarm. It is listed on the Findings page of the audit.",
            "Vérification terminée : {n} alarme. Elle figure à la page Constats de l'audit.";

        Recorded: "recorded", "enregistré";
        Own: "Stockroom's own", "propre à Stockroom";
        Refused: "failed", "échec";
        Redacted: "for auditors", "pour auditeurs";
        Agrees: "agrees", "conforme";
        RolledBack: "rolled back", "rollback";
        Open: "under way", "en cours";
        Missing: "row missing", "ligne absente";
        Differs: "content differs", "contenu différent";

        CommittedWithoutRow: "committed without row", "validé sans ligne";
        RowWithoutRecord: "row without record", "ligne sans trace";
        ForeignWriter: "foreign writer", "autre programme";
        LedgerAltered: "ledger altered", "grand livre altéré";
        LevelDiffers: "level differs", "niveau différent";
        EvidenceAltered: "evidence altered", "preuves altérées";
        ConfigurationChanged: "configuration changed", "configuration modifiée";
        Gap: "gap", "lacune";
        Forged: "forged", "falsifié";
        ClockMoved: "clock moved", "horloge modifiée";
        Unknown: "unknown", "indéterminé";

        Alarm: "alarm", "alarme";
        Accepted: "accepted", "accepté";
        Notice: "notice", "avis";
        Unsafe: "unsafe", "dangereux";
        Unchecked: "not checked", "non vérifié";
        Advice: "advice", "conseil";

        LoggedIn: "logged in", "connecté";
        LeftAfter: "logged out after {time}", "déconnecté après {time}";

        LineTitle: "Log entry {n}", "Entrée {n} du journal";
        LineGone: "This log entry is no longer available: its month has been pruned.",
            "Cette entrée n'est plus disponible : son mois a été supprimé du journal.";
        Logged: "Logged", "Écrit";
        Collected: "Collected", "Collecté";
        Database: "Database", "Base";
        Session: "Session", "Session";
        Severity: "Severity", "Gravité";
        Object: "Object", "Objet";
        Statement: "Statement", "Requête";
        Parameters: "Values", "Valeurs";
        Rows: "Rows", "Lignes";
        Message: "Message", "Message";
        Null: "(empty)", "(vide)";
        RowOf: "{n} of {of}: {state}", "{n} sur {of} : {state}";
        RecordSays: "Audit record", "Trace d'audit";
        LedgerSays: "Ledger", "Grand livre";
        NotThere: "missing", "absent";
        NotReadable: "cannot be read from it", "illisible dans la trace";
        NothingBooked: "This log entry does not refer to a movement or count.",
            "Cette entrée ne concerne aucun mouvement ni comptage.";
        MissingHint: "A deleted row and a row lost in a crash look the same here. A verification tells them apart.",
            "Une ligne supprimée et une ligne perdue dans une panne se ressemblent ici. Une vérification les distingue.";
        FieldKind: "Kind", "Type";
        FieldCount: "count", "comptage";
        FieldProduct: "Item", "Article";
        FieldLot: "Lot", "Lot";
        FieldFrom: "From", "De";
        FieldTo: "To", "Vers";
        FieldPlace: "Location", "Emplacement";
        FieldPartner: "Partner", "Tiers";
        FieldQuantity: "Quantity", "Quantité";
        FieldPrice: "Price", "Prix";
        FieldReference: "Reference", "Référence";
        FieldReason: "Reason", "Motif";
        FieldReverses: "Reverses", "Annule";
        FieldHappened: "Occurred", "Effectué";
        FieldPostedBy: "Posted by", "Validé par";
        FieldTransaction: "Transaction", "Transaction";
        FieldMovement: "Movement", "Mouvement";

        FindingTitle: "Finding", "Constat";
        CheckTitle: "Configuration", "Configuration";
        FindingWhen: "When", "Date";
        FindingFrom: "From", "Depuis";
        FindingLine: "Log entry", "Entrée";
        FindingBefore: "Before", "Avant";
        FindingAfter: "After", "Après";
        FindingAccepted: "Accepted", "Accepté";
        FindingReason: "Reason", "Motif";
        AcceptedBy: "by {login} ({user}), {when}", "par {login} ({user}), {when}";
        AcceptTitle: "Accept this finding?", "Accepter ce constat ?";
        AcceptTitleMany: "Accept these {n} findings?", "Accepter ces {n} constats ?";
        MoreFindings: "and {n} more", "et {n} autres";
        MoreFindingsOne: "and {n} more", "et {n} autre";
        AcceptMeans: "Accept it once you have looked into it and it is explained. It stays in every report, with your name and reason, but is no longer an alarm. If it happens again, that is another finding.",
            "Acceptez-le une fois qu'il est examiné et expliqué. Il reste dans chaque rapport, avec votre nom et votre motif, mais n'est plus une alarme. S'il se reproduit, ce sera un autre constat.";
        RevokeTitle: "Revoke the acceptance?", "Révoquer l'acceptation ?";
        RevokeTitleMany: "Revoke the acceptance of these {n} findings?", "Révoquer l'acceptation de ces {n} constats ?";
        RevokeMeans: "The finding becomes an alarm again. The acceptance stays on record, and the next verification reads everything.",
            "Le constat redevient une alarme. L'acceptation reste consignée, et la prochaine vérification relit tout.";
        ReasonHint: "the reason, for readers of the report", "le motif, pour les lecteurs du rapport";
        ReasonMissing: "Enter a reason.", "Saisissez un motif.";
        Decided: "The decision has been recorded.", "La décision a été consignée.";
        GroupSize: "{n} findings", "{n} constats";
        GroupSizeOne: "{n} finding", "{n} constat";
        GroupSession: "one session ({session}): {what}", "une seule session ({session}) : {what}";
        GroupUntold: "{verdict}; no statement in the log shows who did it",
            "{verdict} ; aucune requête du journal ne montre qui l'a fait";
        AlteredBy: "Altered by", "Altéré par";
        AlteredIn: "{person}, log entry {line}", "{person}, entrée {line} du journal";
        FindingOpenDeed: "Press {key} to show the statement that altered the row",
            "Appuyez sur {key} pour afficher la requête qui a altéré la ligne";
        FindingOpen: "Press {key} to show the log entry", "Appuyez sur {key} pour afficher l'entrée du journal";
        FindingOpenMovement: "Press {key} to show the log entries of the movement",
            "Appuyez sur {key} pour afficher les entrées de ce mouvement";
        Remedy: "Remedy", "Correction";

        FilterTitle: "Filter log entries", "Filtrer le journal";
        FilterShown: "What", "Quoi";
        FilterText: "Text", "Texte";
        FilterSince: "From day", "Du";
        FilterUntil: "To day", "Au";
        ShownRecords: "audit records and failures", "traces d'audit et échecs";
        ShownEverything: "all log entries", "tout le journal";
        ShownWrites: "changes to data", "modifications de données";
        ShownStructure: "changes to the schema", "modifications du schéma";
        ShownRights: "changes to logins and privileges", "comptes et droits";
        ShownOther: "settings and other", "réglages et autres";
        ShownForged: "forged or unreadable", "falsifiées ou illisibles";
        ShownErrors: "refused or failed", "refusées ou en échec";
        ChipPerson: "person {value}", "personne {value}";
        ChipHost: "from {value}", "depuis {value}";
        ChipSession: "session {value}", "session {value}";
        ChipText: "\"{value}\"", "« {value} »";
        ChipObject: "object {value}", "objet {value}";
        ChipSince: "from {value}", "du {value}";
        ChipUntil: "to {value}", "au {value}";
    }
}

/// The text for a step of a verification, in its progress.
#[must_use]
pub fn step(step: Step) -> AuditText {
    match step {
        Step::Lines => AuditText::StepLines,
        Step::Movements => AuditText::StepMovements,
        Step::Levels => AuditText::StepLevels,
    }
}

/// The text for the verdict of a finding.
#[must_use]
pub fn verdict(verdict: Verdict) -> AuditText {
    match verdict {
        Verdict::CommittedWithoutRow => AuditText::CommittedWithoutRow,
        Verdict::RowWithoutRecord => AuditText::RowWithoutRecord,
        Verdict::ContentDiffers => AuditText::Differs,
        Verdict::ForeignWriter => AuditText::ForeignWriter,
        Verdict::LedgerAltered => AuditText::LedgerAltered,
        Verdict::LevelDiffers => AuditText::LevelDiffers,
        Verdict::EvidenceAltered => AuditText::EvidenceAltered,
        Verdict::ConfigurationChanged => AuditText::ConfigurationChanged,
        Verdict::Gap => AuditText::Gap,
        Verdict::Forged => AuditText::Forged,
        Verdict::ClockMoved => AuditText::ClockMoved,
        Verdict::Unknown => AuditText::Unknown,
    }
}

/// The text for the severity of a finding.
#[must_use]
pub fn severity(severity: Severity) -> AuditText {
    match severity {
        Severity::Alarm => AuditText::Alarm,
        Severity::Accepted => AuditText::Accepted,
        Severity::Notice => AuditText::Notice,
    }
}

/// The text for the severity of a finding about the configuration.
#[must_use]
pub fn check_severity(severity: CheckSeverity) -> AuditText {
    match severity {
        CheckSeverity::Unsafe => AuditText::Unsafe,
        CheckSeverity::Unchecked => AuditText::Unchecked,
        CheckSeverity::Advice => AuditText::Advice,
    }
}

/// The text for the state of a row.
#[must_use]
pub fn row_state(state: RowState) -> AuditText {
    match state {
        RowState::Agrees => AuditText::Agrees,
        RowState::RolledBack => AuditText::RolledBack,
        RowState::Open => AuditText::Open,
        RowState::Missing => AuditText::Missing,
        RowState::Differs => AuditText::Differs,
    }
}

/// The text for the status of a line; empty for messages.
#[must_use]
pub fn line_status(words: Words, line_status: &LineStatus) -> &'static str {
    match line_status {
        LineStatus::Message => "",
        LineStatus::Recorded => words.say(AuditText::Recorded),
        LineStatus::Own => words.say(AuditText::Own),
        LineStatus::Refused => words.say(AuditText::Refused),
        LineStatus::Redacted => words.say(AuditText::Redacted),
        LineStatus::Posted(state) => words.say(row_state(*state)),
        LineStatus::Finding(finding) => words.say(verdict(finding.verdict)),
    }
}
