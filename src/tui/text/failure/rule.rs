//! The rules that the database enforces. Its messages are English; the sentence is recognised, and its figures are put
//! into the sentence of the person's language.

use rust_decimal::Decimal;

use super::Term;
use crate::domain::rule_figures;
use crate::tui::text::{Phrase as _, Words};

super::super::phrases! {
    /// The sentences of the database. The placeholders are in the order of its figures; those that begin with `number`
    /// are numbers, which have the format of the language, and `way` is a word.
    RuleText {
        ByInsert: "Movements and counts are posted by INSERT, not by COPY: the audit log would hold no values.",
            "Mouvements et comptages se valident par INSERT, pas par COPY : la trace d'audit n'en contiendrait pas les valeurs.";
        PostingIsolation: "A posting needs a SERIALIZABLE transaction; this one is {level}.",
            "Une écriture exige une transaction SERIALIZABLE ; celle-ci est {level}.";
        CountIsolation: "A count needs a SERIALIZABLE transaction; this one is {level}.",
            "Un comptage exige une transaction SERIALIZABLE ; celle-ci est {level}.";
        OrderIsolation: "{act} needs a SERIALIZABLE transaction; this one is {level}.",
            "{act} : une transaction SERIALIZABLE est exigée ; celle-ci est {level}.";
        BehindSavepoint: "Nothing is posted behind a savepoint: it could be taken back there, and its audit record would remain.",
            "Rien ne se valide après un point de sauvegarde : un retour à ce point annulerait l'écriture et laisserait sa trace d'audit.";
        AfterSavepoint: "A movement or count cannot be posted after a savepoint: a rollback to the savepoint would remove it and leave its audit record.",
            "Un mouvement ou un comptage ne peut pas être validé après un point de sauvegarde : un retour à ce point l'annulerait et laisserait sa trace d'audit.";
        ForeignPosting: "Posting {id} was not begun in this transaction. Its first movement or count must have the id of the posting, and nothing can be added to it later.",
            "L'écriture {id} n'a pas été commencée dans cette transaction. Son premier mouvement ou comptage doit porter l'identifiant de l'écriture, et rien ne peut y être ajouté ensuite.";
        EarlyIssue: "{sku} at {location} would have had {number_on_hand} on hand at {moment}: goods cannot leave before they arrive.",
            "Le stock de {sku} à l'emplacement {location} aurait été de {number_on_hand} le {moment} : une marchandise ne peut pas sortir avant d'être entrée.";
        SerialOnce: "Serial number {serial} of {sku} is in stock already; there can be only one.",
            "Le numéro de série {serial} de {sku} est déjà en stock ; il ne peut y en avoir qu'un.";
        NothingToReverse: "There is no movement {id} to reverse.", "Il n'y a pas de mouvement {id} à annuler.";
        ReversalOfReversal: "Movement {id} is itself a reversal; post the movement again instead.",
            "Le mouvement {id} est lui-même une annulation ; validez plutôt le mouvement à nouveau.";
        ReversalMirrors: "A reversal must move the same goods back; movement {id} moved others.",
            "Une annulation doit porter sur les mêmes marchandises ; le mouvement {id} en concernait d'autres.";
        ServerFills: "posted_at, posted_by and xid are filled by the server and by nobody else.",
            "posted_at, posted_by et xid sont remplis par le serveur seul.";
        Future: "Nothing can have happened in the future: {moment} is more than five minutes ahead of the server's clock.",
            "Un mouvement ne peut pas être dans le futur : {moment} a plus de cinq minutes d'avance sur l'horloge du serveur.";
        Decimals: "{sku} is counted in {unit} with {number_decimals} decimal places; {number_quantity} has more.",
            "{sku} se compte en {unit} avec {number_decimals} décimales ; {number_quantity} en a plus.";
        LotNotTracked: "{sku} is not tracked by lot, so no lot can be named.",
            "{sku} n'est pas suivi par lot ; n'indiquez pas de lot.";
        LotRequired: "{sku} is tracked by {way}, so one must be named.",
            "{sku} est suivi par {way} ; il faut en indiquer un.";
        SerialMovesOne: "{sku} is tracked by serial number: one movement moves 1, not {number_quantity}.",
            "{sku} est suivi par numéro de série : un mouvement en déplace 1, pas {number_quantity}.";
        LocationArchived: "Location {location} is out of use; nothing can be put there.",
            "L'emplacement {location} est archivé ; rien ne peut y être mis.";
        LocationIsArchived: "Location {location} is archived; nothing can be put there.",
            "L'emplacement {location} est archivé ; rien ne peut y être mis.";
        ProductArchived: "{sku} is archived and cannot be received any more.",
            "{sku} est archivé et ne peut plus être reçu.";
        AppendOnly: "{what} of {schema}.{table} is refused: what has been posted is never changed.",
            "{what} de {schema}.{table} est refusé : ce qui a été validé ne change jamais.";
        ThroughParent: "Rows go into stock.transactions, never straight into its partition {partition}.",
            "Les lignes vont dans stock.transactions, jamais directement dans sa partition {partition}.";
        LedgerAlone: "{schema}.{table} is written by the ledger alone.",
            "{schema}.{table} n'est écrit que par le grand livre.";
        DateRange: "Movements can be dated from 2000-01-01 to two years ahead, not from {first} to {last}.",
            "Un mouvement se date du 01/01/2000 jusqu'à deux ans d'avance, pas du {first} au {last}.";
        CountDifference: "The count found {number_found} where the books held {number_held}, so {number_difference} must be adjusted in the same transaction, not {number_adjusted}.",
            "Le comptage a trouvé {number_found} au lieu de {number_held} : il faut ajuster {number_difference} dans la même transaction, pas {number_adjusted}.";
        ArchivingIsolation: "Putting a place out of use needs a SERIALIZABLE transaction; this one is {level}.",
            "Archiver un emplacement exige une transaction SERIALIZABLE ; celle-ci est {level}.";
        LocationNotEmpty: "Location {location} still holds {number_kinds} kinds of goods; move them first.",
            "L'emplacement {location} contient encore {number_kinds} articles différents ; déplacez-les d'abord.";
        LocationTree: "Location {location} cannot be part of a place that is part of it.",
            "L'emplacement {location} ne peut pas faire partie d'un emplacement qu'il contient.";
        LoginForm: "A login is 1 to 63 characters of a-z, 0-9, _ . and -, begins with a letter and not with pg_ or stock_.",
            "Un identifiant a 1 à 63 caractères parmi a-z, 0-9, _ . et -, et commence par une lettre, mais pas par pg_ ni stock_.";
        GroupKnown: "People are clerk, admin, auditor or analyst.",
            "Les rôles sont clerk, admin, auditor et analyst.";
        Verifier: "The password must come as a SCRAM-SHA-256 verifier, never in clear.",
            "Le mot de passe doit être transmis comme vérificateur SCRAM-SHA-256, jamais en clair.";
        LoginExists: "There is a login {login} already.", "Le compte {login} existe déjà.";
        NotAPerson: "{login} is not the login of a person; a superuser changes its password.",
            "{login} n'est pas le compte d'une personne ; un superutilisateur change son mot de passe.";
        NoPerson: "There is no person with the login {login}.", "Personne n'a le compte {login}.";
        NotOwnPassword: "Change your own password with \"stockroom user password\"; it does not end your sessions.",
            "Changez votre propre mot de passe avec « stockroom user password » ; vos sessions restent ouvertes.";
        NotOwnRole: "Nobody can change their own role.", "On ne change pas son propre rôle.";
        NotOneself: "Nobody can disable or enable their own login.",
            "Personne ne peut désactiver ni réactiver son propre compte.";
        LevelsLocked: "A posting can lock 64 levels in advance, not {number_levels}.",
            "Une écriture peut verrouiller 64 niveaux de stock à l'avance, pas {number_levels}.";
        NoSession: "There is no session {pid} on this database.", "Il n'y a pas de session {pid} sur cette base.";
        SuperuserSession: "Session {pid} is that of the superuser {login}; only a superuser can end it.",
            "La session {pid} est celle du superutilisateur {login} ; seul un superutilisateur peut y mettre fin.";
        SessionOfTheAudit: "Session {pid} is that of {login}, who audits; only a superuser can end it.",
            "La session {pid} est celle de {login}, un compte d'audit ; seul un superutilisateur peut y mettre fin.";
        AuditorsManagedBySuperuser: "Auditors are managed by a superuser; an admin cannot create, enable or disable the auditor {login}.",
            "Les auditeurs sont gérés par un superutilisateur ; un administrateur ne peut ni créer, ni activer, ni désactiver l'auditeur {login}.";
        MonthHasPassed: "{month} is no month of lines that has passed.",
            "{month} n'est pas un mois révolu du journal.";
        OldestMonthFirst: "Months of lines are dropped from the oldest on; {month} is not the oldest.",
            "Les mois du journal se suppriment à partir du plus ancien ; {month} n'est pas le plus ancien.";
        PersonalDataEncrypted: "The field {field} is personal data and takes only ciphertext; enter it with stockroom, which encrypts it before it is sent.",
            "Le champ {field} contient des données personnelles et n'accepte que du texte chiffré ; saisissez-le avec stockroom, qui le chiffre avant l'envoi.";
        EncryptedWithOwnKey: "The field {field} of {subject} is not encrypted with the data key of {owner}; it may have been erased meanwhile.",
            "Le champ {field} de {subject} n'est pas chiffré avec la clé de {owner} ; ces données ont peut-être été effacées entre-temps.";
        KeysManagedByAdmins: "Keys of personal data are managed with the login of an admin; the audit log would record the keys that {login} writes.",
            "Les clés des données personnelles se gèrent avec le compte d'un administrateur ; le journal d'audit enregistrerait celles qu'écrit {login}.";
        EmptiedBeforeErasure: "The fields of {subject} must be emptied in the transaction that erases it; use stockroom privacy erase.",
            "Les champs de {subject} doivent être vidés dans la transaction qui l'efface ; utilisez stockroom privacy erase.";
        SubjectHasData: "{subject} has no personal data.", "Il n'y a pas de données personnelles pour {subject}.";
        KeyHasEvent: "Data key {key} is stored in the transaction of the event that says it was created.",
            "La clé {key} s'enregistre dans la transaction de l'événement qui annonce sa création.";
        WrappedKeyForm: "Data key {key} is not wrapped as stockroom does.",
            "La clé {key} n'est pas chiffrée sous la forme attendue.";
        WrappedKeysForm: "The data keys are not wrapped as stockroom does.",
            "Les clés ne sont pas chiffrées sous la forme attendue.";
        OneKeyEach: "{subject} has a data key already; try again.",
            "{subject} a déjà une clé ; réessayez.";
        RotationHasEvent: "Data keys are wrapped anew in the transaction of the event that says so.",
            "Les clés se rechiffrent dans la transaction de l'événement qui l'annonce.";
        RotationIsComplete: "A data key was created meanwhile; run stockroom privacy rotate again.",
            "Une clé a été créée entre-temps ; relancez stockroom privacy rotate.";
        ForeignAct: "Posting {id} was not begun in this transaction. Its first movement, count or reservation must have the id of the posting, and nothing can be added to it later.",
            "L'écriture {id} n'a pas été commencée dans cette transaction. Son premier mouvement, comptage ou réservation doit porter l'identifiant de l'écriture, et rien ne peut y être ajouté ensuite.";
        ReversalOfOrder: "A reversal must move the same goods back, for the same order line; movement {id} moved others.",
            "Une annulation doit porter sur les mêmes marchandises et la même ligne de commande ; le mouvement {id} en concernait d'autres.";
        OrderLineKnown: "There is no order line for this movement of {sku}.",
            "Aucune ligne de commande ne correspond à ce mouvement de {sku}.";
        OrderLineProduct: "Line {line} of {order} is for {ordered}, not for {sku}.",
            "La ligne {line} de {order} porte sur {ordered}, pas sur {sku}.";
        OrderLineMovement: "{order} is a {order_kind} order; a movement of kind {kind} cannot carry it out.",
            "Un mouvement de type {kind} ne peut pas exécuter la commande {order} (type {order_kind}).";
        ReservedForOutgoing: "{order} is a purchase order; stock is reserved for sales and transfer orders.",
            "{order} est une commande d'achat ; le stock se réserve pour les ventes et les transferts.";
        ReservedGoodsAvailable: "{sku} of line {line} of {order} cannot be reserved there: the location is in quarantine or the lot has expired.",
            "{sku} (ligne {line} de {order}) ne peut pas y être réservé : l'emplacement est en quarantaine ou le lot est périmé.";
        OrderNotOpen: "{order} is not open: it has not been confirmed, or has been closed or cancelled.",
            "{order} n'est pas ouverte : elle n'a pas été confirmée, ou elle est clôturée ou annulée.";
        OrderPartnerKind: "{partner} is a {kind}; a {order_kind} order cannot name it.",
            "{partner} (type {kind}) ne peut pas figurer sur une commande de type {order_kind}.";
        DraftByAuthor: "{order} can be changed only by its author, {login}, and only while it is a draft.",
            "{order} ne peut être modifiée que par son auteur, {login}, et tant qu'elle est un brouillon.";
        EventFitsState: "The event {kind} does not fit {order}: a draft with lines is confirmed, an open order is changed, closed or cancelled, and one that was closed or cancelled is reopened.",
            "L'événement {kind} ne convient pas à {order} : on confirme un brouillon qui a des lignes, on modifie, clôture ou annule une commande ouverte, on rouvre une commande clôturée ou annulée.";
        DecidedByAdmin: "Only admins confirm, change, close, cancel and reopen {kind} orders.",
            "Seuls les administrateurs confirment, modifient, clôturent, annulent et rouvrent les commandes de type {kind}.";
        MinimumLife: "Lot {lot} of {sku} expires on {day}; {partner} takes no goods that expire before {first_day}.",
            "Le lot {lot} de {sku} expire le {day} ; {partner} n'accepte rien qui expire avant le {first_day}.";
        ReservedAtClose: "{number_reserved} are still reserved for {order}; release them first.",
            "{number_reserved} sont encore réservés pour {order} ; libérez-les d'abord.";
        MovedAtCancellation: "{number_moved} of {order} have been delivered; close it instead of cancelling it.",
            "{number_moved} de {order} ont été livrés ; clôturez-la au lieu de l'annuler.";
        ShortCloseReason: "Not all of {order} has been delivered; closing it needs a reason.",
            "{order} n'est pas entièrement livrée ; il faut un motif pour la clôturer.";
        LineChangeFits: "The quantity of line {line} of {order} cannot be changed by {number_change}.",
            "La quantité de la ligne {line} de {order} ne peut pas changer de {number_change}.";
        LineClosedAtDelivered: "Line {line} of {order} can be closed only at the {number_moved} that have been delivered, with nothing reserved.",
            "La ligne {line} de {order} ne peut être soldée qu'à la quantité livrée, {number_moved}, et sans rien de réservé.";
        KeysIsolation: "Keys of personal data are changed in a READ COMMITTED transaction; this one is {level}.",
            "Les clés des données personnelles se changent dans une transaction READ COMMITTED ; celle-ci est {level}.";
        WrappedByCurrentVersion: "Data key {key} is wrapped by version {number_version} of the keyring, and the database has changed to version {number_current}; try again with the new keyring.",
            "La clé {key} est chiffrée par la version {number_version} du trousseau, et la base est passée à la version {number_current} ; réessayez avec le nouveau trousseau.";
        FigureTooLarge: "the stock would become larger than the ledger can hold (99999999999.999)",
            "le stock dépasserait le maximum du grand livre (99999999999,999)";
    }
}

/// The text for a rule without a sentence of its own, such as a CHECK constraint: the message
/// names it already, but in English.
const OTHER: Term = Term("{message}", "la base de données refuse (règle {rule}) : {message}");

/// The ways of tracking the units of a product, as the database names them.
pub(super) const TERMS: [Term; 2] = [Term("lot", "lot"), Term("serial number", "numéro de série")];

/// What needs a SERIALIZABLE transaction besides postings and counts, as the database names it.
const ACTS: [Term; 3] = [
    Term("A reservation", "Une réservation"),
    Term("An order", "Une commande"),
    Term("An order event", "Un événement de commande"),
];

/// The sentence of a phrase as the database says it, and the names of its figures in their order.
pub(super) fn sentence(phrase: RuleText) -> (String, Vec<&'static str>) {
    let [english, ..] = phrase.texts();
    let mut parts = english.split('{');
    let mut sentence = parts.next().unwrap_or_default().to_owned();
    let mut names = Vec::new();
    for (name, rest) in parts.filter_map(|part| part.split_once('}')) {
        names.push(name);
        sentence.push_str("{}");
        sentence.push_str(rest);
    }
    (sentence, names)
}

/// The sentence for a rule of the database in the person's language, or the message of the database if the sentence is
/// unknown.
#[must_use]
pub fn rule(words: Words, name: &str, message: &str) -> String {
    let found = rule_figures(name, message).and_then(|(said, figures)| {
        let known = RuleText::ALL.iter().find(|phrase| sentence(**phrase).0 == said)?;
        Some((*known, figures))
    });
    let Some((phrase, figures)) = found else {
        return words.fill(OTHER, &[("rule", name), ("message", message)]);
    };
    let names = sentence(phrase).1;
    let values: Vec<String> =
        names.iter().zip(&figures).map(|(name, figure)| value(words, name, figure)).collect();
    let places: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
    words.fill(phrase, &places)
}

/// A figure in the format of the language.
fn value(words: Words, name: &str, figure: &str) -> String {
    match figure.parse::<Decimal>() {
        Ok(number) if name.starts_with("number") => words.language.number(number),
        _ => {
            let terms = match name {
                "way" => TERMS.as_slice(),
                "act" => ACTS.as_slice(),
                _ => &[],
            };
            let known = terms.iter().find(|term| term.0 == figure);
            known.map_or_else(|| figure.to_owned(), |known| words.say(*known).to_owned())
        }
    }
}
