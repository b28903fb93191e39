use super::decisions::{By, Head, decide};
use super::*;

fn gap(what: &str) -> Finding {
    let mut finding = Finding::alarm(Kind::EntriesMissing, Verdict::Gap, what).at_line(7);
    finding.who = Some("clerk".to_owned());
    finding
}

fn identified(finding: Finding) -> Finding {
    let mut findings = Findings::default();
    findings.add(finding);
    findings.into_list().remove(0)
}

#[test]
fn the_sentence_is_no_part_of_the_identity() {
    let (one, other) = (identified(gap("lines are missing")), identified(gap("entries are missing")));
    assert_eq!(one.id, other.id);
    assert_ne!(one.former_id, other.former_id);
    let differing = [
        gap("x").of(3),
        gap("x").of("3").of(""),
        gap("x").at_line(8),
        gap("x").change(None, Some("1".to_owned())),
        gap("x").about(uuid::Uuid::nil()),
        Finding { who: None, ..gap("x") },
        Finding { session: Some("1.2".to_owned()), ..gap("x") },
        Finding { verdict: Verdict::Unknown, ..gap("x") },
        Finding { key: Key { kind: Some(Kind::EntriesGone), ..Key::default() }, ..gap("x") },
    ];
    let mut ids: Vec<String> = differing.map(|finding| identified(finding).id).into();
    ids.push(one.id);
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "two of them are one");
    let values = |text: &str| gap("x").change(None, Some(text.to_owned())).whatever_its_values();
    assert_eq!(identified(values("1")).id, identified(values("2")).id);
}

/// As the release computed them that took the sentence for a part of the identity.
#[test]
fn the_identity_of_earlier_releases_is_known() {
    let plain = identified(gap("lines 3 to 4 of session 1.2 are missing in the log"));
    assert_eq!(plain.former_id, "93f029d7b1351b914113");
    let reworded = gap("entries are missing").formerly("lines 3 to 4 of session 1.2 are missing in the log");
    assert_eq!(identified(reworded).former_id, plain.former_id);
    let level = Finding::alarm(Kind::LevelDiffers, Verdict::LevelDiffers, "the stock level of A at X is 2")
        .change(Some("1".to_owned()), Some("2".to_owned()))
        .whatever_its_values()
        .formerly("level 1 2  differs by 1");
    assert_eq!(identified(level).former_id, "7d9633b7248f9602c309");
}

#[test]
fn a_finding_accepted_under_a_former_id_stays_accepted_until_revoked() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("accepted.jsonl");
    let by = By { os_user: "ann".to_owned(), login: "auditor".to_owned() };
    let finding = identified(gap("lines are missing"));
    let old = Finding { id: finding.former_id.clone(), former_id: String::new(), ..finding.clone() };
    let report = |finding: &Finding| -> Report {
        let report = serde_json::json!({
            "status": "discrepancies", "mode": "full", "database": "x", "analysed_to": "2026-11-20T20:00:00Z", "lines": 1, "movements": 0,
            "matched": 0, "counts": 0, "rolled_back": 0, "not_over": 0, "older_than_log": 0, "checkpoints": 0, "lines_not_sealed": 0,
            "movements_not_sealed": 0, "alarms": 1, "notices": 0, "seconds": 0.0, "findings": [finding],
        });
        serde_json::from_value(report).unwrap()
    };
    let accepting = |known: &Decisions, of: &Finding| {
        known.accepting(&report(of), std::slice::from_ref(&of.id), "known", &by)
    };
    let (decisions, _) = decide(&path, &Head::default(), |known| accepting(known, &old)).unwrap();
    let decided = report(&finding).decided(&decisions);
    assert_eq!((decided.alarms, decided.findings[0].severity), (0, Severity::Accepted));
    accepting(&decisions, &finding).unwrap_err();
    let meant = decisions.accepted_as(Some(&report(&finding)), std::slice::from_ref(&finding.id));
    assert_eq!(meant, [old.id]);
    let back = |known: &Decisions| known.taking_back(&meant, "no", &by);
    let (decisions, _) = decide(&path, decisions.head(), back).unwrap();
    assert_eq!(report(&finding).decided(&decisions).alarms, 1);
    // Accepted anew, it is accepted by its present identity.
    let (decisions, made) = decide(&path, decisions.head(), |known| accepting(known, &finding)).unwrap();
    assert_eq!(made[0].id, finding.id);
    assert!(decisions.acceptance_of(&finding).is_some());
}
