//! [`Listed`](crate::domain::Listed) for log entries and findings.

use super::findings::Finding;
use super::reconcile::line_status::{LineStatus, RowState, Seen};
use crate::domain::Listed;

/// The text of an optional value; empty if it is missing.
fn some(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

impl Listed for Seen {
    const COLUMNS: &'static [&'static str] = &[
        "line_no",
        "logged_at",
        "login",
        "host",
        "program",
        "session",
        "class",
        "command",
        "object",
        "rows",
        "statement",
        "message",
        "verdict",
    ];

    fn fields(&self) -> Vec<String> {
        let event = &self.event;
        vec![
            event.line_no.to_string(),
            event.logged_at.map(|time| time.to_string()).unwrap_or_default(),
            some(event.login.as_ref()),
            some(event.host.as_ref()),
            some(event.program.as_ref()),
            some(event.session.as_ref()),
            some(event.class.as_ref()),
            some(event.command.as_ref()),
            some(event.object.as_ref()),
            event.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            some(event.statement.as_ref()),
            some(event.message.as_ref()),
            verdict(&self.line_status),
        ]
    }
}

/// The verdict on a log entry by itself.
fn verdict(status: &LineStatus) -> String {
    let word = match status {
        LineStatus::Message => "",
        LineStatus::Recorded => "recorded",
        LineStatus::Own => "own",
        LineStatus::Refused => "failed",
        LineStatus::Redacted => "for auditors",
        LineStatus::Posted(RowState::Agrees) => "agrees",
        LineStatus::Posted(RowState::RolledBack) => "rolled back",
        LineStatus::Posted(RowState::Open) => "under way",
        LineStatus::Posted(RowState::Missing) => "row missing",
        LineStatus::Posted(RowState::Differs) => "content differs",
        LineStatus::Finding(finding) => finding.verdict.words(),
    };
    word.to_owned()
}

impl Listed for Finding {
    const COLUMNS: &'static [&'static str] = &[
        "severity",
        "verdict",
        "what",
        "who",
        "posted_by",
        "when",
        "from",
        "session",
        "line_no",
        "movement",
        "before",
        "after",
        "statement",
        "accepted_by",
        "accepted_because",
        "id",
    ];

    fn fields(&self) -> Vec<String> {
        let (who, poster) =
            if self.by_poster { (None, self.who.as_ref()) } else { (self.who.as_ref(), None) };
        let accepted = self.accepted.as_ref();
        vec![
            self.severity.words().to_owned(),
            self.verdict.words().to_owned(),
            self.what.clone(),
            some(who),
            some(poster),
            some(self.when.as_ref()),
            some(self.from.as_ref()),
            some(self.session.as_ref()),
            self.line_no.map(|line| line.to_string()).unwrap_or_default(),
            self.movement.map(|id| id.to_string()).unwrap_or_default(),
            some(self.before.as_ref()),
            some(self.after.as_ref()),
            some(self.statement.as_ref()),
            some(accepted.map(|accepted| &accepted.by.login)),
            some(accepted.map(|accepted| &accepted.reason)),
            self.id.clone(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::findings::{Kind, Verdict};

    #[test]
    fn who_posted_a_row_is_not_who_altered_it() {
        let mut finding =
            Finding::alarm(Kind::MovementDiffers, Verdict::ContentDiffers, "differs").of_posting();
        finding.who = Some("marie".to_owned());
        let fields = finding.fields();
        assert_eq!(Finding::COLUMNS.len(), fields.len());
        let value = |column: &str| {
            let at = Finding::COLUMNS.iter().position(|name| *name == column).unwrap();
            fields[at].as_str()
        };
        assert_eq!((value("who"), value("posted_by"), value("severity")), ("", "marie", "alarm"));
    }
}
