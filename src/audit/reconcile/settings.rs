//! Checks settings, protections and definitions at the moment of a verification, whatever the log tells of how they
//! came about.

use jiff::Timestamp;

use super::VerifyError;
use super::analyser::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::domain::CheckSeverity;
use crate::store::Store;

/// Unsafe settings that affect the data but not the evidence: a crash may lose what was confirmed.
const NOT_OF_THE_AUDIT: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// Refuses to verify for a login that may not read every log entry in full, and if row-level security could hide rows:
/// a result would then prove nothing. Returns when the server last read its configuration.
pub async fn before_reading(store: &Store) -> Result<Timestamp, VerifyError> {
    if !store.may_read_lines().await? {
        return Err(VerifyError::NotAuditor);
    }
    let tables = store.tables_with_row_security().await?;
    if !tables.is_empty() {
        return Err(VerifyError::RowSecurity { tables: tables.join(", ") });
    }
    Ok(store.configuration_loaded_at().await?)
}

/// Reports what is wrong now: a change that left no log entry is detected by its effect.
pub async fn report_settings(store: &Store, analyser: &mut LogAnalyser) -> Result<(), VerifyError> {
    for finding in store.conditions().await? {
        if finding.severity == CheckSeverity::Unsafe && !NOT_OF_THE_AUDIT.contains(&finding.subject.as_str())
        {
            let what = format!("{} is now: {}", finding.subject, finding.found);
            let remedy = format!("to put right: {}", finding.remedy);
            let alarm = Finding::alarm(Kind::SettingUnsafe, Verdict::ConfigurationChanged, what)
                .of(&finding.subject)
                .of(&finding.found);
            analyser.findings.add(alarm.change(None, Some(remedy)));
        } else if finding.severity == CheckSeverity::Unchecked {
            let what = format!("{} could not be checked: {}", finding.subject, finding.found);
            let remedy = format!("to find out: {}", finding.remedy);
            let notice = Finding::notice(Kind::CheckImpossible, Verdict::Unknown, what).of(&finding.subject);
            analyser.findings.add(notice.change(None, Some(remedy)));
        }
    }
    for difference in store.differences().await? {
        if difference.severity == CheckSeverity::Unchecked {
            let what = format!("{} could not be checked: {}", difference.subject, difference.words());
            let remedy = format!("to find out: {}", difference.remedy);
            let notice =
                Finding::notice(Kind::CheckImpossible, Verdict::Unknown, what).of(&difference.subject);
            analyser.findings.add(notice.change(None, Some(remedy)));
        } else if difference.severity == CheckSeverity::Unsafe {
            let state = match (&difference.expected, &difference.found) {
                (_, None) => "is missing",
                (None, Some(_)) => "is not part of Stockroom",
                (Some(_), Some(_)) => "is not defined as Stockroom defines it",
            };
            let what = format!("{} {state}; to restore it: {}", difference.subject, difference.remedy);
            let alarm = Finding::alarm(Kind::DefinitionDiffers, Verdict::ConfigurationChanged, what)
                .of(&difference.subject);
            analyser.findings.add(alarm.change(difference.expected, difference.found));
        }
    }
    Ok(())
}
