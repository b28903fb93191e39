//! Words of the audit: its pages, its lights, what a line of the log shows, and what a verification found.

use super::Words;
use crate::worker::message::{CheckWeight, Glance, RowState, Step, Verdict, Weight};

super::phrases! {
    /// Words of the audit.
    AuditText {
        Records: "Records", "Journal";
        Logins: "Logins", "Connexions";
        People: "People", "Personnes";
        Findings: "Findings", "Constats";
        Configuration: "Configuration", "Configuration";
        QuickHint: "type or scan: a movement, a document, a word",
            "saisir ou scanner : mouvement, document, mot";
        When: "When", "Quand";
        Person: "Person", "Personne";
        Host: "From", "Depuis";
        Program: "Program", "Programme";
        Class: "Class", "Classe";
        What: "What", "Quoi";
        Shows: "Verdict", "Verdict";
        Lines: "Records", "Lignes";
        Day: "Day", "Jour";
        Weight: "Weight", "Gravité";
        Subject: "What", "Objet";
        Found: "Found", "Constaté";
        Everything: "records and failures, newest first", "traces et échecs, le plus récent d'abord";
        EveryLogin: "logins, failed logins and ends of sessions, newest first",
            "connexions, échecs et fins de session, le plus récent d'abord";
        Following: "following", "suivi en direct";
        NotFollowing: "Home follows again", "Début reprend le suivi";
        NoLines: "Nothing has been collected yet. The collector does that: `stockroom audit collect --follow`.",
            "Rien n'a encore été collecté. C'est le rôle du collecteur : `stockroom audit collect --follow`.";
        NoLinesFiltered: "No collected line is like that. Esc takes the filter back step by step.",
            "Aucune ligne collectée n'est ainsi. Échap retire le filtre pas à pas.";
        NoPeople: "Nobody has changed anything in the last {days} days, as far as lines were collected.",
            "Personne n'a rien changé ces {days} derniers jours, d'après les lignes collectées.";
        NoReport: "No verification was made here yet. {key} makes one.",
            "Aucune vérification n'a encore été faite ici. {key} en lance une.";
        NoFindings: "Nothing is wrong: {movements} movements were judged, and all of them are in order ({mode}, {when}).",
            "Rien à signaler : {movements} mouvements jugés, tous en ordre ({mode}, {when}).";
        ReportLine: "{alarms}, {accepted}, {notices} · {movements} movements, {lines} lines, {checkpoints} checkpoints · {mode}, {when}",
            "{alarms}, {accepted}, {notices} · {movements} mouvements, {lines} lignes, {checkpoints} points de contrôle · {mode}, {when}";
        Alarms: "{n} alarms", "{n} alarmes";
        AlarmsOne: "{n} alarm", "{n} alarme";
        AcceptedCount: "{n} accepted", "{n} acceptées";
        AcceptedCountOne: "{n} accepted", "{n} acceptée";
        Notices: "{n} notices", "{n} avis";
        NoticesOne: "{n} notice", "{n} avis";
        FindingsCut: "Only the first {n} findings are shown; `stockroom audit verify --findings` writes all of them.",
            "Seuls les {n} premiers constats sont affichés ; `stockroom audit verify --findings` les écrit tous.";
        NoCheck: "The configuration of the server is as it should be.",
            "La configuration du serveur est comme elle doit être.";
        ModeFull: "everything read", "lecture complète";
        ModeIncremental: "what was new", "ce qui était nouveau";

        CollectorAtWork: "Collector at work, sealed {ago}", "Collecteur actif, scellé {ago}";
        CollectorNew: "Collector at work, nothing sealed yet", "Collecteur actif, rien de scellé";
        CollectorBehind: "Collector behind, last sealed {ago}", "Collecteur en retard, scellé {ago}";
        CollectorGone: "Collector NOT at work, last sealed {ago}", "Collecteur ARRÊTÉ, scellé {ago}";
        CollectorNever: "Collector NOT at work", "Collecteur ARRÊTÉ";
        CollectorUnknown: "Collector: not known yet", "Collecteur : pas encore connu";
        SealNone: "No checkpoints on this machine", "Aucun point de contrôle sur cette machine";
        SealAll: "All of it signed, last {ago}", "Tout est signé, dernier {ago}";
        SealSome: "{n} leaves not signed yet, last {ago}", "{n} feuilles non signées, dernier {ago}";
        SealUnknown: "Checkpoint: not known yet", "Point de contrôle : pas encore connu";
        VerifyNever: "Never verified here", "Jamais vérifié ici";
        VerifyClean: "Verified {ago}: nothing wrong", "Vérifié {ago} : rien à signaler";
        VerifyOld: "Last verified {ago}", "Dernière vérification {ago}";
        VerifyAlarms: "{alarms}, verified {ago}", "{alarms}, vérifié {ago}";
        Verifying: "Verifying {step}: {done}", "Vérification, {step} : {done}";
        VerifyingOf: "Verifying {step}: {done} of {of}", "Vérification, {step} : {done} sur {of}";
        VerifyBegun: "Verifying: waiting for the collector …", "Vérification : attente du collecteur …";
        StepLines: "lines", "lignes";
        StepMovements: "movements", "mouvements";
        StepLevels: "levels", "niveaux";
        CheckSafe: "Configuration as it should be", "Configuration comme il faut";
        CheckUnsafe: "{n} unsafe settings", "{n} réglages dangereux";
        CheckUnsafeOne: "{n} unsafe setting", "{n} réglage dangereux";
        CheckAdvice: "{n} settings could be better", "{n} réglages à améliorer";
        CheckAdviceOne: "{n} setting could be better", "{n} réglage à améliorer";
        CheckUnknown: "Configuration: not known yet", "Configuration : pas encore connue";

        VerifyTitle: "Verify", "Vérifier";
        VerifyNew: "What is new since the last clean verification", "Ce qui est nouveau depuis la dernière vérification sans alarme";
        VerifyAll: "Everything, from the first line on", "Tout, depuis la première ligne";
        VerifyGoOn: "Let it go on", "La laisser continuer";
        VerifyStop: "Stop the verification", "Arrêter la vérification";
        VerifyStopped: "The verification was stopped; nothing was concluded.",
            "La vérification a été arrêtée ; rien n'en est conclu.";
        VerifiedClean: "Verified: nothing is wrong. {movements} movements and {lines} lines were judged in {seconds} s.",
            "Vérifié : rien à signaler. {movements} mouvements et {lines} lignes jugés en {seconds} s.";
        VerifiedAlarms: "Verified: {n} alarms. They are among the findings of the audit.",
            "Vérifié : {n} alarmes. Elles sont parmi les constats de l'audit.";
        VerifiedAlarmsOne: "Verified: {n} alarm. It is among the findings of the audit.",
            "Vérifié : {n} alarme. Elle est parmi les constats de l'audit.";

        Recorded: "recorded", "enregistré";
        Own: "Stockroom's own", "propre à Stockroom";
        Refused: "failed", "échec";
        Agrees: "agrees", "conforme";
        RolledBack: "rolled back", "annulé";
        Open: "under way", "en cours";
        Missing: "row missing", "ligne absente";
        Differs: "content differs", "contenu différent";

        CommittedWithoutRow: "committed without row", "validé sans ligne";
        RowWithoutRecord: "row without record", "ligne sans trace";
        ForeignWriter: "foreign writer", "autre programme";
        LedgerAltered: "ledger altered", "grand livre altéré";
        LevelDiffers: "level differs", "niveau différent";
        EvidenceAltered: "evidence altered", "preuves altérées";
        ConfigurationChanged: "configuration changed", "configuration changée";
        Gap: "gap", "lacune";
        Forged: "forged", "falsifié";
        ClockMoved: "clock moved", "horloge reculée";
        Unknown: "unknown", "indéterminé";

        Alarm: "alarm", "alarme";
        Accepted: "accepted", "accepté";
        Notice: "notice", "avis";
        Unsafe: "unsafe", "dangereux";
        Advice: "advice", "conseil";

        LoggedIn: "logged in", "connecté";
        LeftAfter: "left after {time}", "parti après {time}";

        LineTitle: "Line {n} of the log", "Ligne {n} du journal";
        LineGone: "This line is no longer kept: its month was dropped when its time was up.",
            "Cette ligne n'est plus conservée : son mois est arrivé à échéance.";
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
        RowOf: "{n} of {of}: {state}", "{n} sur {of} : {state}";
        RecordSays: "The record says", "La trace dit";
        LedgerSays: "The ledger says", "Le livre dit";
        NotThere: "not there", "absent";
        NotReadable: "not to be read from it", "illisible dans la trace";
        NothingBooked: "This line speaks of no movement or count.",
            "Cette ligne ne parle d'aucun mouvement ni comptage.";
        MissingHint: "A removed row looks like this, and so does one that a crash took back. A verification tells which.",
            "Une ligne supprimée a cet aspect, comme une ligne qu'une panne a annulée. Une vérification le dira.";
        FieldKind: "Kind", "Nature";
        FieldCount: "count", "comptage";
        FieldProduct: "Item", "Article";
        FieldLot: "Lot", "Lot";
        FieldFrom: "From", "De";
        FieldTo: "To", "Vers";
        FieldPlace: "Place", "Emplacement";
        FieldPartner: "Partner", "Tiers";
        FieldQuantity: "Quantity", "Quantité";
        FieldPrice: "Price", "Prix";
        FieldReference: "Document", "Document";
        FieldReason: "Reason", "Motif";
        FieldReverses: "Reverses", "Contrepasse";
        FieldHappened: "Happened", "Survenu";
        FieldPostedBy: "Posted by", "Validé par";
        FieldTransaction: "Transaction", "Transaction";
        FieldMovement: "Movement", "Mouvement";

        FindingTitle: "Finding", "Constat";
        CheckTitle: "Configuration", "Configuration";
        FindingWhen: "When", "Quand";
        FindingFrom: "From", "Depuis";
        FindingLine: "Line", "Ligne";
        FindingBefore: "Before", "Avant";
        FindingAfter: "After", "Après";
        FindingAccepted: "Accepted", "Accepté";
        FindingReason: "Because", "Motif";
        AcceptedBy: "by {login} ({user}), {when}", "par {login} ({user}), {when}";
        AcceptTitle: "Accept this finding?", "Accepter ce constat ?";
        AcceptMeans: "You have looked into it and it is explained. It stays in every report, with your name and reason, and is no alarm any more. If it happens again, that is another finding.",
            "Vous l'avez examiné et il s'explique. Il reste dans chaque rapport, avec votre nom et votre motif, et n'est plus une alarme. S'il se reproduit, ce sera un autre constat.";
        TakeBackTitle: "Make it an alarm again?", "En refaire une alarme ?";
        TakeBackMeans: "That it was accepted stays on record. The next verification reads everything.",
            "L'acceptation reste consignée. La prochaine vérification relira tout.";
        ReasonHint: "the reason, for whoever reads the report", "le motif, pour qui lira le rapport";
        ReasonMissing: "A reason is needed.", "Il faut un motif.";
        Decided: "The decision is written down.", "La décision est consignée.";
        FindingOpen: "{key} shows the line of the log", "{key} affiche la ligne du journal";
        FindingOpenMovement: "{key} shows the lines about the movement", "{key} affiche les lignes de ce mouvement";
        Remedy: "To put right", "À corriger par";

        FilterTitle: "Which lines", "Quelles lignes";
        FilterShown: "What", "Quoi";
        FilterText: "Text", "Texte";
        FilterSince: "From day", "Du";
        FilterUntil: "To day", "Au";
        ShownRecords: "records, and what failed", "traces et échecs";
        ShownEverything: "every line of the log", "toutes les lignes du journal";
        ShownWrites: "changes to data", "modifications de données";
        ShownStructure: "changes to the structure", "modifications de structure";
        ShownRights: "changes to logins and rights", "comptes et droits";
        ShownOther: "settings and others", "réglages et autres";
        ShownForged: "forged or unreadable", "falsifiées ou illisibles";
        ShownErrors: "refused or failed", "refusées ou en échec";
        DayHint: "a day, 7d, or nothing", "un jour, 7j, ou rien";
        DaysBackwards: "The last day is before the first.", "Le dernier jour précède le premier.";
        NoDay: "This is no day.", "Ce n'est pas un jour.";
        ChipPerson: "person {value}", "personne {value}";
        ChipHost: "from {value}", "depuis {value}";
        ChipSession: "session {value}", "session {value}";
        ChipText: "\"{value}\"", "« {value} »";
        ChipObject: "object {value}", "objet {value}";
        ChipSince: "from {value}", "du {value}";
        ChipUntil: "to {value}", "au {value}";
    }
}

/// What a verification reads.
#[must_use]
pub fn step(step: Step) -> AuditText {
    match step {
        Step::Lines => AuditText::StepLines,
        Step::Movements => AuditText::StepMovements,
        Step::Levels => AuditText::StepLevels,
    }
}

/// A verdict.
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

/// How grave a finding is.
#[must_use]
pub fn weight(weight: Weight) -> AuditText {
    match weight {
        Weight::Alarm => AuditText::Alarm,
        Weight::Accepted => AuditText::Accepted,
        Weight::Notice => AuditText::Notice,
    }
}

/// How grave a finding about the configuration is.
#[must_use]
pub fn check_weight(weight: CheckWeight) -> AuditText {
    match weight {
        CheckWeight::Unsafe => AuditText::Unsafe,
        CheckWeight::Advice => AuditText::Advice,
    }
}

/// What became of a row.
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

/// What a line shows.
#[must_use]
pub fn glance(words: Words, glance: &Glance) -> &'static str {
    match glance {
        Glance::Message => "",
        Glance::Recorded => words.say(AuditText::Recorded),
        Glance::Own => words.say(AuditText::Own),
        Glance::Refused => words.say(AuditText::Refused),
        Glance::Posted(state) => words.say(row_state(*state)),
        Glance::Finding(finding) => words.say(verdict(finding.verdict)),
    }
}
