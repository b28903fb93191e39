//! Settings and guards as they are at the moment of a verification, whatever the log tells of how they became so.

use super::finding::{Finding, Verdict};
use super::judge::Judge;
use crate::store::prepare::{Finding as CheckFinding, Weight as CheckWeight};

/// What findings of the server's check concern the audit: how their subjects begin.
const SUBJECTS: [&str; 12] = [
    "pgaudit",
    "log_",
    "trigger ",
    "setting of ",
    "extension ",
    "event trigger ",
    "parameter ",
    "membership ",
    "subscription ",
    "prepared transaction ",
    "definer function ",
    "grant on ",
];

/// Settings and guards as they are now: a change that left no line is seen in what it changed.
pub fn report_settings(found: &[CheckFinding], judge: &mut Judge) {
    let concerns = |finding: &&CheckFinding| {
        let subject = finding.subject.as_str();
        finding.weight == CheckWeight::Unsafe && SUBJECTS.iter().any(|start| subject.starts_with(start))
    };
    for finding in found.iter().filter(concerns) {
        let what = format!("{} is now: {}", finding.subject, finding.found);
        judge.findings.add(
            Finding::alarm(Verdict::ConfigurationChanged, what)
                .change(None, Some(format!("to put right: {}", finding.remedy))),
        );
    }
}
