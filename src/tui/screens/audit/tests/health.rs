//! Verifications, indicators and configuration.

use super::*;
use crate::worker::query;

/// What F1 says, and back.
fn help(desk: &mut Desk) -> String {
    desk.keys("<f1>");
    let shown = desk.draw(100, 50);
    desk.keys("<esc>");
    shown
}

#[test]
fn a_verification_is_started_watched_stopped_and_read() {
    let mut desk = audit(Language::English);
    desk.keys("<alt-v>");
    insta::assert_snapshot!("verify", desk.draw(80, 24));
    desk.keys("1");
    assert_eq!(desk.verifications, [false]);
    assert!(desk.draw(80, 24).contains("· Verifying: waiting for the collector"));
    desk.report(Report::Audit(AuditReport::Verifying(Step::Lines, 50_000, 120_000)));
    assert!(desk.draw(80, 24).contains("· Verifying log entries: 50,000 of 120,000"));
    desk.keys("<alt-v>2");
    assert_eq!(desk.stops, 1);
    desk.report(Report::Audit(AuditReport::Verified(None)));
    assert!(desk.draw(80, 24).contains("The verification was stopped"));
    assert!(desk.draw(80, 24).contains("✓ Verified 12 min ago: no alarms"));

    desk.keys("<alt-v>2");
    assert_eq!(desk.verifications, [false, true]);
    desk.report(Report::Audit(AuditReport::Verified(Some(Err(Failure::NotCollected { seconds: 30 })))));
    assert!(desk.draw(100, 24).contains("did not catch up with the log within 30 s"));

    desk.keys("<alt-v>2");
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(Vec::new())))))));
    assert!(desk.draw(100, 24).contains("Verification finished: no alarms. 30,618 movements and 210 log"));

    desk.keys("<alt-v>2");
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(vec![differs()])))))));
    insta::assert_snapshot!("findings", desk.draw(100, 24));
    // The finding about a line is shown beside it.
    desk.keys("<tab><tab>");
    desk.answer_on(QueryKey::Events, Answer::Events(whole(vec![posted(205, RowState::Agrees)])));
    assert!(desk.draw(120, 24).contains("✗ content differs"));
    desk.keys("<tab><tab><tab><enter>");
    insta::assert_snapshot!("finding", desk.draw(80, 24));
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::Inspection(query::Inspection { line_no: 205 })));
    // From the record, and from the finding, to everything that the session did.
    desk.answer(Answer::Inspection(Some(Box::new(inspection()))));
    desk.keys("<alt-s>");
    assert_eq!(desk.layers(), 0);
    assert_eq!(filter(&desk).session.as_deref(), Some("6b0111f9.46b0"));
    desk.keys("<shift-tab><shift-tab><enter><alt-s>");
    assert_eq!(desk.layers(), 0);
    assert_eq!(filter(&desk).session.as_deref(), Some("6b0111f9.46b0"));
}

#[test]
fn the_help_offers_what_a_finding_and_a_record_can_do() {
    let mut desk = audit(Language::English);
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(vec![differs()])))))));
    desk.keys("<enter>");
    let finding = help(&mut desk);
    assert!(finding.contains("Show the log entry of the finding") && finding.contains("alt-d"), "{finding}");
    assert!(!finding.contains("alt-l") && !finding.contains("ctrl-t"), "{finding}");
    desk.keys("<enter>");
    let record = help(&mut desk);
    assert!(record.contains("Show the posting of the selected row"), "{record}");
    assert!(record.contains("alt-l") && record.contains("ctrl-t") && !record.contains("alt-d"), "{record}");
}

#[test]
fn nothing_is_offered_on_a_finding_that_leads_nowhere() {
    let mut desk = audit(Language::English);
    let mut notice =
        Finding::notice(Kind::MovementDiffers, Verdict::ContentDiffers, "the log was rotated early");
    notice.id = "beef".to_owned();
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(vec![notice])))))));
    for keys in ["", "<enter>"] {
        desk.keys(keys);
        let drawn = desk.draw(140, 24);
        let hints = drawn.lines().last().unwrap();
        assert!(!hints.contains("alt-d") && !hints.contains("alt-p"), "{hints}");
        let help = help(&mut desk);
        assert!(!help.contains("alt-d") && !help.contains("alt-p") && !help.contains("alt-s"), "{help}");
    }
    let help = help(&mut desk);
    assert!(!help.contains("Show the log entry of the finding"), "{help}");
    // The keys only ring the bell.
    let bells = desk.bells;
    desk.keys("<alt-d><alt-p><enter>");
    assert_eq!((desk.bells, desk.layers()), (bells + 3, 1));
}

#[test]
fn a_report_of_somebody_else_is_read_when_there_is_a_newer_one() {
    let mut desk = audit(Language::English);
    desk.asked.clear();
    desk.wait(1);
    let newer = Standing { reported_at: Some(now()), ..standing() };
    desk.answer_on(QueryKey::Standing, Answer::Standing(Box::new(newer)));
    desk.answer_on(QueryKey::Report, Answer::Report(Some(Box::new(report(vec![differs()])))));
    assert!(desk.draw(100, 24).contains("✗ 1 alarm, verified 6 s ago"), "{}", desk.draw(100, 24));
}

#[test]
fn indicators() {
    type Change = fn(&mut Standing);
    let cases: [(&str, Change); 9] = [
        ("✓ Collector running, sealed 1 s ago", |_| {}),
        ("! Collector behind, last sealed 40 s ago", |now| now.health.sealed_seconds_ago = Some(40)),
        ("✗ Collector NOT running, last sealed 1 s ago", |now| now.health.collector_present = false),
        ("✗ Collector NOT running", |now| {
            now.health.collector_present = false;
            now.health.sealed_seconds_ago = None;
        }),
        ("! Collector running, nothing sealed yet", |now| now.health.sealed_seconds_ago = None),
        ("! No checkpoints on this machine", |now| {
            now.sealed_lines = None;
            now.sealed_ledger = None;
        }),
        ("✓ 5 entries not signed yet, last 2 s ago", |now| now.health.lines += 5),
        ("! 95 entries not signed yet, last 5 min ago", |now| {
            now.health.lines += 5;
            now.sealed_ledger = None;
            now.sealed_lines = Some(point(Tree::Lines, 210, 300));
        }),
        ("! Last verified 3 days ago", |standing| {
            standing.clean_at = Some(now() - SignedDuration::from_hours(75));
        }),
    ];
    for (expected, change) in cases {
        let mut desk = Desk::new(Group::Auditor, Language::English);
        desk.keys("<f9>");
        let mut standing = standing();
        change(&mut standing);
        desk.answer_on(QueryKey::Standing, Answer::Standing(Box::new(standing)));
        let drawn = desk.draw(140, 24);
        assert!(drawn.contains(expected), "{expected}\n{drawn}");
    }
}

#[test]
fn what_could_not_be_checked_is_not_in_order() {
    let denied = || Failure::Other("permission denied to examine \"log_directory\"".to_owned());
    let mut desk = audit(Language::English);
    assert!(desk.draw(140, 24).contains("✓ Configuration OK"));
    // An earlier answer says nothing about the present.
    desk.keys("<shift-tab>");
    desk.fail(denied());
    let drawn = desk.draw(140, 24);
    assert!(drawn.contains("! Configuration could not be checked") && !drawn.contains("OK"), "{drawn}");
    assert!(drawn.contains("✗ permission denied"), "{drawn}");
    assert!(!drawn.contains("configured as required"), "{drawn}");
    // Nor does a check that was made in part.
    desk.keys("<ctrl-t>");
    let hidden = CheckFinding {
        severity: CheckSeverity::Unchecked,
        subject: "settings".to_owned(),
        found: "this login may not read log_directory".to_owned(),
        remedy: "check with the login of an auditor".to_owned(),
    };
    desk.answer_on(QueryKey::Check, Answer::Check(vec![hidden]));
    let drawn = desk.draw(140, 24);
    assert!(drawn.contains("! Configuration only partly checked"), "{drawn}");
    assert!(drawn.contains("! not checked"), "{drawn}");
    // The state of the collector and of the checkpoints is unknown, too, when it could not be read.
    let mut desk = audit(Language::English);
    desk.asked.clear();
    desk.wait(1);
    desk.fail(denied());
    let drawn = desk.draw(140, 24);
    for unknown in
        ["! Collector could not be checked", "! Checkpoints could not be checked", "could not be read"]
    {
        assert!(drawn.contains(unknown), "{unknown}\n{drawn}");
    }
}

#[test]
fn the_configuration_of_the_server() {
    let finding = |severity, subject: &str| CheckFinding {
        severity,
        subject: subject.to_owned(),
        found: "off".to_owned(),
        remedy: "pgaudit.log_parameter = on".to_owned(),
    };
    let mut desk = audit(Language::English);
    desk.keys("<shift-tab>");
    desk.answer_on(
        QueryKey::Check,
        Answer::Check(vec![
            finding(CheckSeverity::Unsafe, "pgaudit.log_parameter"),
            finding(CheckSeverity::Advice, "log_rotation_age"),
        ]),
    );
    insta::assert_snapshot!("configuration", desk.draw(80, 20));
    desk.keys("<enter>");
    insta::assert_snapshot!("configuration_in_full", desk.draw(80, 20));
}

#[test]
fn a_finding_is_accepted_with_a_reason_and_the_acceptance_revoked() {
    let mut desk = audit(Language::English);
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(vec![differs()])))))));
    desk.keys("<alt-d>");
    insta::assert_snapshot!("accept", desk.draw(80, 24));
    desk.keys("<enter>");
    assert!(desk.draw(80, 24).contains("✗ Enter a reason."));
    desk.keys("the stock-take of May<enter>");
    let reason = "the stock-take of May".to_owned();
    assert_eq!(desk.decisions, [Decide { ids: vec!["f00d".to_owned()], accept: true, reason }]);
    desk.report(Report::Audit(AuditReport::Decided(Ok(()))));
    let mut accepted = report(vec![differs()]);
    (accepted.alarms, accepted.accepted) = (0, 1);
    accepted.findings[0].severity = Severity::Accepted;
    accepted.findings[0].accepted = Some(Acceptance {
        by: By { os_user: "ann".to_owned(), login: "auditor".to_owned() },
        at: now(),
        reason: "the stock-take of May".to_owned(),
    });
    desk.answer_on(QueryKey::Report, Answer::Report(Some(Box::new(accepted))));
    assert!(desk.draw(100, 24).contains("0 alarms, 1 accepted, 0 notices"), "{}", desk.draw(100, 24));
    desk.keys("<enter>");
    insta::assert_snapshot!("accepted", desk.draw(80, 24));
    desk.keys("<alt-d>no, look again<enter>");
    assert!(!desk.decisions[1].accept);
    desk.report(Report::Audit(AuditReport::Decided(Err(Failure::Other("the file is full".to_owned())))));
    assert!(desk.draw(80, 24).contains("✗ the file is full"));
}

#[test]
fn findings_with_one_cause_stand_in_one_line_and_are_accepted_at_once() {
    let statement = "UPDATE stock.transactions SET quantity = 1";
    let mut deed =
        Finding::alarm(Kind::WriteOfLedger, Verdict::LedgerAltered, "UPDATE of stock.transactions");
    deed.id = "deed".to_owned();
    deed.who = Some("mallory".to_owned());
    deed.session = Some("6b0111f9.99".to_owned());
    deed.statement = Some(statement.to_owned());
    deed.line_no = Some(321);
    deed.transaction = Some(77);
    let row = differs().of_posting().written_in(Some(77));
    let mut alone =
        Finding::alarm(Kind::RecordingOff, Verdict::ConfigurationChanged, "pgaudit is switched off");
    alone.id = "off".to_owned();
    let mut desk = audit(Language::English);
    let found = vec![deed, row, alone];
    desk.report(Report::Audit(AuditReport::Verified(Some(Ok(Box::new(report(found)))))));
    let drawn = desk.draw(120, 24);
    assert!(drawn.contains("2 findings") && drawn.contains("▸ one session (6b0111f9.99)"), "{drawn}");
    assert!(
        !drawn.contains("differs from its audit record"),
        "the rows are below the line of the cause: {drawn}"
    );
    // Both are accepted with one reason.
    desk.keys("<alt-d>");
    assert!(desk.draw(120, 24).contains("Accept these 2 findings?"), "{}", desk.draw(120, 24));
    desk.keys("a test of restoring<enter>");
    assert_eq!(desk.decisions[0].ids, ["deed", "f00d"]);
    // Unfolded, the row names the statement that altered it, and who posted it is said to have posted it.
    desk.keys("<enter><down><down><enter>");
    let drawn = desk.draw(120, 24);
    assert!(drawn.contains("Altered by") && drawn.contains("mallory, log entry 321"), "{drawn}");
    assert!(drawn.contains("Posted by") && drawn.contains(statement), "{drawn}");
    desk.asked.clear();
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::Inspection(query::Inspection { line_no: 321 })));
}
