//! Verifications, lights and configuration.

use super::*;

#[test]
fn a_verification_is_started_watched_stopped_and_read() {
    let mut desk = audit(Language::English);
    desk.keys("<alt-v>");
    insta::assert_snapshot!("verify", desk.draw(80, 24));
    desk.keys("1");
    assert_eq!(desk.verifications, [false]);
    assert!(desk.draw(80, 24).contains("· Verifying: waiting for the collector"));
    desk.report(Report::Verifying(Step::Lines, 50_000, 120_000));
    assert!(desk.draw(80, 24).contains("· Verifying lines: 50,000 of 120,000"));
    desk.keys("<alt-v>2");
    assert_eq!(desk.stops, 1);
    desk.report(Report::Verified(None));
    assert!(desk.draw(80, 24).contains("The verification was stopped"));
    assert!(desk.draw(80, 24).contains("✓ Verified 12 min ago: nothing wrong"));

    desk.keys("<alt-v>2");
    assert_eq!(desk.verifications, [false, true]);
    desk.report(Report::Verified(Some(Err(Failure::NotCollected { seconds: 30 }))));
    assert!(desk.draw(100, 24).contains("has not been collected up to now within 30 s"));

    desk.keys("<alt-v>2");
    desk.report(Report::Verified(Some(Ok(Box::new(report(Vec::new()))))));
    assert!(desk.draw(100, 24).contains("Verified: nothing is wrong. 30,618 movements and 210 lines"));

    desk.keys("<alt-v>2");
    desk.report(Report::Verified(Some(Ok(Box::new(report(vec![differs()]))))));
    insta::assert_snapshot!("findings", desk.draw(100, 24));
    // What was found about a line stands beside it.
    desk.keys("<tab><tab>");
    desk.answer_on(Strand::Events, Answer::Events(vec![posted(205, RowState::Agrees)]));
    assert!(desk.draw(120, 24).contains("✗ content differs"));
    desk.keys("<tab><tab><tab><enter>");
    insta::assert_snapshot!("finding", desk.draw(80, 24));
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::Inspection(205)));
    // From the record, and from the finding, to all that the session did.
    desk.answer(Answer::Inspection(Some(Box::new(inspection()))));
    desk.keys("<alt-s>");
    assert_eq!(desk.layers(), 0);
    assert_eq!(filter(&desk).session.as_deref(), Some("6b0111f9.46b0"));
    desk.keys("<shift-tab><shift-tab><enter><alt-s>");
    assert_eq!(desk.layers(), 0);
    assert_eq!(filter(&desk).session.as_deref(), Some("6b0111f9.46b0"));
}

#[test]
fn a_report_of_somebody_else_is_read_when_there_is_a_newer_one() {
    let mut desk = audit(Language::English);
    desk.asked.clear();
    desk.wait(1);
    let newer = Standing { reported_at: Some(now()), ..standing() };
    desk.answer_on(Strand::Standing, Answer::Standing(Box::new(newer)));
    desk.answer_on(Strand::Report, Answer::Report(Some(Box::new(report(vec![differs()])))));
    assert!(desk.draw(100, 24).contains("✗ 1 alarm, verified 6 s ago"), "{}", desk.draw(100, 24));
}

#[test]
fn lights() {
    type Change = fn(&mut Standing);
    let cases: [(&str, Change); 9] = [
        ("✓ Collector at work, sealed 1 s ago", |_| {}),
        ("! Collector behind, last sealed 40 s ago", |now| now.health.sealed_seconds_ago = Some(40)),
        ("✗ Collector NOT at work, last sealed 1 s ago", |now| now.health.collector_present = false),
        ("✗ Collector NOT at work", |now| {
            now.health.collector_present = false;
            now.health.sealed_seconds_ago = None;
        }),
        ("! Collector at work, nothing sealed yet", |now| now.health.sealed_seconds_ago = None),
        ("! No checkpoints on this machine", |now| {
            now.sealed_lines = None;
            now.sealed_ledger = None;
        }),
        ("✓ 5 leaves not signed yet, last 2 s ago", |now| now.health.lines += 5),
        ("! 95 leaves not signed yet, last 5 min ago", |now| {
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
        desk.answer_on(Strand::Standing, Answer::Standing(Box::new(standing)));
        let drawn = desk.draw(140, 24);
        assert!(drawn.contains(expected), "{expected}\n{drawn}");
    }
}

#[test]
fn the_configuration_of_the_server() {
    let finding = |weight, subject: &str| CheckFinding {
        weight,
        subject: subject.to_owned(),
        found: "off".to_owned(),
        remedy: "pgaudit.log_parameter = on".to_owned(),
    };
    let mut desk = audit(Language::English);
    desk.keys("<shift-tab>");
    desk.answer_on(
        Strand::Check,
        Answer::Check(vec![
            finding(CheckWeight::Unsafe, "pgaudit.log_parameter"),
            finding(CheckWeight::Advice, "log_rotation_age"),
        ]),
    );
    insta::assert_snapshot!("configuration", desk.draw(80, 20));
    desk.keys("<enter>");
    insta::assert_snapshot!("configuration_in_full", desk.draw(80, 20));
}

#[test]
fn a_finding_is_accepted_with_a_reason_and_that_is_taken_back() {
    let mut desk = audit(Language::English);
    desk.report(Report::Verified(Some(Ok(Box::new(report(vec![differs()]))))));
    desk.keys("<alt-d>");
    insta::assert_snapshot!("accept", desk.draw(80, 24));
    desk.keys("<enter>");
    assert!(desk.draw(80, 24).contains("✗ A reason is needed."));
    desk.keys("the stock-take of May<enter>");
    let reason = "the stock-take of May".to_owned();
    assert_eq!(desk.decisions, [Decide { id: "f00d".to_owned(), accept: true, reason }]);
    desk.report(Report::Decided(Ok(())));
    let mut accepted = report(vec![differs()]);
    (accepted.alarms, accepted.accepted) = (0, 1);
    accepted.findings[0].weight = Weight::Accepted;
    accepted.findings[0].accepted = Some(Acceptance {
        by: By { os_user: "ann".to_owned(), login: "auditor".to_owned() },
        at: now(),
        reason: "the stock-take of May".to_owned(),
    });
    desk.answer_on(Strand::Report, Answer::Report(Some(Box::new(accepted))));
    assert!(desk.draw(100, 24).contains("0 alarms, 1 accepted, 0 notices"), "{}", desk.draw(100, 24));
    desk.keys("<enter>");
    insta::assert_snapshot!("accepted", desk.draw(80, 24));
    desk.keys("<alt-d>no, look again<enter>");
    assert!(!desk.decisions[1].accept);
    desk.report(Report::Decided(Err(Failure::Other("the file is full".to_owned()))));
    assert!(desk.draw(80, 24).contains("✗ the file is full"));
}
