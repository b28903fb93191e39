//! The rules that the database enforces, and the figures in its messages. The database writes English; to show a
//! message in another language, the program needs to know which sentence it is and its figures.

use super::Refusal;

/// Every sentence with which the database refuses something by one of its own rules, with the name of the rule and `{}`
/// for each figure. A rule may have several sentences; a sentence belongs to one rule.
pub const RULE_SENTENCES: &[(&str, &str)] = &[
    (
        "posted_by_insert",
        "Movements and counts are posted by INSERT, not by COPY: the audit log would hold no values.",
    ),
    ("posting_is_serializable", "A posting needs a SERIALIZABLE transaction; this one is {}."),
    ("posting_is_serializable", "A count needs a SERIALIZABLE transaction; this one is {}."),
    ("posting_is_serializable", "{} needs a SERIALIZABLE transaction; this one is {}."),
    (
        "posting_outside_savepoints",
        "Nothing is posted behind a savepoint: it could be taken back there, and its audit record would remain.",
    ),
    (
        "posting_outside_savepoints",
        "A movement or count cannot be posted after a savepoint: a rollback to the savepoint would remove it and leave its audit record.",
    ),
    (
        "posting_is_one_transaction",
        "Posting {} was not begun in this transaction. Its first movement or count must have the id of the posting, and nothing can be added to it later.",
    ),
    (
        "on_hand_at_all_times",
        "{} at {} would have had {} on hand at {}: goods cannot leave before they arrive.",
    ),
    ("serial_is_unique", "Serial number {} of {} is in stock already; there can be only one."),
    ("reversal_mirrors_its_row", "There is no movement {} to reverse."),
    ("reversal_mirrors_its_row", "Movement {} is itself a reversal; post the movement again instead."),
    ("reversal_mirrors_its_row", "A reversal must move the same goods back; movement {} moved others."),
    ("server_fills_poster", "posted_at, posted_by and xid are filled by the server and by nobody else."),
    (
        "not_from_the_future",
        "Nothing can have happened in the future: {} is more than five minutes ahead of the server's clock.",
    ),
    ("quantity_decimals", "{} is counted in {} with {} decimal places; {} has more."),
    ("lot_not_tracked", "{} is not tracked by lot, so no lot can be named."),
    ("lot_required", "{} is tracked by {}, so one must be named."),
    ("serial_quantity_one", "{} is tracked by serial number: one movement moves 1, not {}."),
    ("location_archived", "Location {} is out of use; nothing can be put there."),
    ("location_archived", "Location {} is archived; nothing can be put there."),
    ("product_archived", "{} is archived and cannot be received any more."),
    ("ledger_is_append_only", "{} of {}.{} is refused: what has been posted is never changed."),
    (
        "ledger_written_through_parent",
        "Rows go into stock.transactions, never straight into its partition {}.",
    ),
    ("written_by_the_ledger_alone", "{}.{} is written by the ledger alone."),
    ("date_out_of_range", "Movements can be dated from 2000-01-01 to two years ahead, not from {} to {}."),
    (
        "count_difference_is_posted",
        "The count found {} where the books held {}, so {} must be adjusted in the same transaction, not {}.",
    ),
    (
        "archiving_is_serializable",
        "Putting a place out of use needs a SERIALIZABLE transaction; this one is {}.",
    ),
    ("location_not_empty", "Location {} still holds {} kinds of goods; move them first."),
    ("locations_form_a_tree", "Location {} cannot be part of a place that is part of it."),
    (
        "login_form",
        "A login is 1 to 63 characters of a-z, 0-9, _ . and -, begins with a letter and not with pg_ or stock_.",
    ),
    ("group_known", "People are clerk, admin, auditor or analyst."),
    ("verifier_form", "The password must come as a SCRAM-SHA-256 verifier, never in clear."),
    ("login_is_new", "There is a login {} already."),
    ("person_known", "{} is not the login of a person; a superuser changes its password."),
    ("person_known", "There is no person with the login {}."),
    ("not_oneself", "Nobody can disable or enable their own login."),
    (
        "not_oneself",
        "Change your own password with \"stockroom user password\"; it does not end your sessions.",
    ),
    ("not_oneself", "Nobody can change their own role."),
    ("levels_locked_max", "A posting can lock 64 levels in advance, not {}."),
    ("session_known", "There is no session {} on this database."),
    ("session_of_a_superuser", "Session {} is that of the superuser {}; only a superuser can end it."),
    ("session_of_the_audit", "Session {} is that of {}, who audits; only a superuser can end it."),
    (
        "auditors_managed_by_superuser",
        "Auditors are managed by a superuser; an admin cannot create, enable or disable the auditor {}.",
    ),
    ("month_has_passed", "{} is no month of lines that has passed."),
    ("oldest_month_first", "Months of lines are dropped from the oldest on; {} is not the oldest."),
    (
        "personal_data_is_encrypted",
        "The field {} is personal data and takes only ciphertext; enter it with stockroom, which encrypts it before it is sent.",
    ),
    (
        "encrypted_with_own_key",
        "The field {} of {} is not encrypted with the data key of {}; it may have been erased meanwhile.",
    ),
    (
        "keys_managed_by_admins",
        "Keys of personal data are managed with the login of an admin; the audit log would record the keys that {} writes.",
    ),
    (
        "emptied_before_erasure",
        "The fields of {} must be emptied in the transaction that erases it; use stockroom privacy erase.",
    ),
    ("subject_has_data", "{} has no personal data."),
    ("key_has_event", "Data key {} is stored in the transaction of the event that says it was created."),
    ("wrapped_key_form", "Data key {} is not wrapped as stockroom does."),
    ("wrapped_key_form", "The data keys are not wrapped as stockroom does."),
    ("one_key_each", "{} has a data key already; try again."),
    ("rotation_has_event", "Data keys are wrapped anew in the transaction of the event that says so."),
    ("rotation_is_complete", "A data key was created meanwhile; run stockroom privacy rotate again."),
    (
        "posting_is_one_transaction",
        "Posting {} was not begun in this transaction. Its first movement, count or reservation must have the id of the posting, and nothing can be added to it later.",
    ),
    (
        "reversal_mirrors_its_row",
        "A reversal must move the same goods back, for the same order line; movement {} moved others.",
    ),
    ("order_line_known", "There is no order line for this movement of {}."),
    ("order_line_product", "Line {} of {} is for {}, not for {}."),
    ("order_line_movement", "{} is a {} order; a movement of kind {} cannot carry it out."),
    (
        "reserved_for_outgoing_orders",
        "{} is a purchase order; stock is reserved for sales and transfer orders.",
    ),
    (
        "reserved_goods_available",
        "{} of line {} of {} cannot be reserved there: the location is in quarantine or the lot has expired.",
    ),
    ("order_not_open", "{} is not open: it has not been confirmed, or has been closed or cancelled."),
    ("order_partner_kind", "{} is a {}; a {} order cannot name it."),
    ("draft_changed_by_author", "{} can be changed only by its author, {}, and only while it is a draft."),
    (
        "order_event_fits_state",
        "The event {} does not fit {}: a draft with lines is confirmed, an open order is changed, closed or cancelled, and one that was closed or cancelled is reopened.",
    ),
    ("order_decided_by_admin", "Only admins confirm, change, close, cancel and reopen {} orders."),
    ("minimum_life", "Lot {} of {} expires on {}; {} takes no goods that expire before {}."),
    ("nothing_reserved_at_close", "{} are still reserved for {}; release them first."),
    ("nothing_moved_at_cancellation", "{} of {} have been delivered; close it instead of cancelling it."),
    ("short_close_has_reason", "Not all of {} has been delivered; closing it needs a reason."),
    ("order_line_change_fits", "The quantity of line {} of {} cannot be changed by {}."),
    (
        "line_closed_at_delivered",
        "Line {} of {} can be closed only at the {} that have been delivered, with nothing reserved.",
    ),
    (
        "keys_change_at_read_committed",
        "Keys of personal data are changed in a READ COMMITTED transaction; this one is {}.",
    ),
    (
        "wrapped_by_current_version",
        "Data key {} is wrapped by version {} of the keyring, and the database has changed to version {}; try again with the new keyring.",
    ),
    ("figure_too_large", "the stock would become larger than the ledger can hold (99999999999.999)"),
];

impl Refusal {
    /// A refusal by a rule of the database, found before the database was queried, in the sentence that the database
    /// would use.
    #[must_use]
    pub fn by_rule(rule: &str, figures: &[&str]) -> Self {
        let sentence =
            RULE_SENTENCES.iter().find(|(known, _)| *known == rule).map_or(rule, |(_, text)| *text);
        let mut figures = figures.iter();
        let mut parts = sentence.split("{}");
        let mut message = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            message.push_str(figures.next().copied().unwrap_or_default());
            message.push_str(part);
        }
        Self::Rule { rule: rule.to_owned(), message }
    }
}

/// Which sentence of [`RULE_SENTENCES`] a message is, and its figures in order. None for PostgreSQL's own messages, as
/// for a CHECK constraint: then only the name of the rule is known.
#[must_use]
pub fn rule_figures<'message>(
    rule: &str,
    message: &'message str,
) -> Option<(&'static str, Vec<&'message str>)> {
    RULE_SENTENCES
        .iter()
        .filter(|(known, _)| *known == rule)
        .find_map(|(_, sentence)| figures(sentence, message).map(|figures| (*sentence, figures)))
}

/// The rule to which the sentence of a message belongs.
#[must_use]
pub fn rule_of(message: &str) -> Option<&'static str> {
    let of_rule = |(_, sentence): &&(&str, &str)| figures(sentence, message).is_some();
    RULE_SENTENCES.iter().find(of_rule).map(|(rule, _)| *rule)
}

/// The figures in a message. It is read from the right, because texts that may contain anything (a lot, a unit) come
/// before the separators of codes, which contain no spaces.
fn figures<'message>(sentence: &str, message: &'message str) -> Option<Vec<&'message str>> {
    let parts: Vec<&str> = sentence.split("{}").collect();
    let [first, between @ .., last] = &parts[..] else {
        return (sentence == message).then(Vec::new);
    };
    let mut rest = message.strip_suffix(last)?;
    let mut found = Vec::with_capacity(parts.len());
    for part in between.iter().rev() {
        let (left, figure) = rest.rsplit_once(part)?;
        found.push(figure);
        rest = left;
    }
    found.push(rest.strip_prefix(first)?);
    found.reverse();
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_figures_are_found_again() {
        for (rule, message, expected) in [
            (
                "quantity_decimals",
                "OIL is counted in can with lid with 0 decimal places; 1.5 has more.",
                vec!["OIL", "can with lid", "0", "1.5"],
            ),
            (
                "serial_is_unique",
                "Serial number 7 of 9 of DRILL is in stock already; there can be only one.",
                vec!["7 of 9", "DRILL"],
            ),
            ("person_known", "There is no person with the login ann.", vec!["ann"]),
            (
                "ledger_is_append_only",
                "DELETE of stock.transactions is refused: what has been posted is never changed.",
                vec!["DELETE", "stock", "transactions"],
            ),
            ("group_known", "People are clerk, admin, auditor or analyst.", vec![]),
        ] {
            let (_, found) = rule_figures(rule, message).unwrap();
            assert_eq!(found, expected, "{message}");
        }
        assert_eq!(rule_figures("group_known", "People are good."), None);
        assert_eq!(rule_figures("lot_required", "There is no person with the login ann."), None);
        assert_eq!(rule_figures("transactions_direction", "the database refuses this: new row"), None);
    }

    #[test]
    fn a_refusal_by_rule_is_read_back_with_its_figures() {
        let refusal = Refusal::by_rule("date_out_of_range", &["1999-01-01", "1999-02-01"]);
        let Refusal::Rule { rule, message } = refusal else { panic!("{refusal:?}") };
        let (_, figures) = rule_figures(&rule, &message).unwrap();
        assert_eq!(figures, ["1999-01-01", "1999-02-01"]);
    }

    /// The migrations, as one text.
    fn migrations() -> String {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// The quoted texts of SQL, with what RAISE and `format` fill in as `{}`.
    fn quoted(sql: &str) -> BTreeSet<String> {
        let plain = sql.replace("''", "\u{1}");
        let texts = plain.split('\'').skip(1).step_by(2);
        texts.map(|text| text.replace('\u{1}', "'").replace("%s", "{}").replace('%', "{}")).collect()
    }

    #[test]
    fn every_rule_of_the_database_is_known_with_all_its_sentences() {
        let sql = migrations();
        let sentences: BTreeSet<&str> = RULE_SENTENCES.iter().map(|(_, sentence)| *sentence).collect();
        assert_eq!(sentences.len(), RULE_SENTENCES.len(), "a sentence belongs to one rule");

        let mut raised = BTreeSet::new();
        for statement in sql.split("RAISE EXCEPTION").skip(1) {
            // The semicolon that ends it is at the end of a line; others are within texts.
            let statement = statement.split(";\n").next().unwrap();
            // A statement without a rule hands on what PostgreSQL says.
            let Some((words, options)) = statement.split_once("USING ERRCODE") else { continue };
            if options.contains("CONSTRAINT =") {
                raised.extend(
                    quoted(words).into_iter().filter(|text| text.contains(' ') && text.ends_with('.')),
                );
            }
        }
        let missing: Vec<&String> = raised.iter().filter(|text| !sentences.contains(text.as_str())).collect();
        assert!(missing.is_empty(), "add to RULE_SENTENCES: {missing:#?}");
        // The one sentence that is not the database's: PostgreSQL itself refuses the figure.
        let store =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/error.rs")).unwrap();
        let stale: Vec<_> = RULE_SENTENCES
            .iter()
            .filter(|(rule, sentence)| {
                let said = if *rule == "figure_too_large" {
                    store.contains(sentence)
                } else {
                    raised.contains(*sentence)
                };
                !said
            })
            .collect();
        assert!(stale.is_empty(), "nothing says {stale:#?}");

        for (rule, _) in RULE_SENTENCES {
            assert!(*rule == "figure_too_large" || sql.contains(&format!("'{rule}'")), "{rule} is no rule");
        }
        let named = sql.split("CONSTRAINT = '").skip(1).map(|rest| rest.split('\'').next().unwrap());
        for rule in named {
            assert!(RULE_SENTENCES.iter().any(|(known, _)| *known == rule), "{rule} has no sentence");
        }
    }
}
