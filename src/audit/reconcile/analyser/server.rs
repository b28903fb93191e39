//! What the log says about the server as a whole: that it started, crashed, shut down, or read its configuration.

use std::collections::HashMap;

use super::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Severity, Verdict};
use crate::audit::reconcile::context::missing_end;
use crate::audit::reconcile::known::guarded_parameter;
use crate::audit::reconcile::session::Session;
use crate::audit::reconcile::window::Window;
use crate::audit::record::LogLine;

impl LogAnalyser {
    /// Notes the last transaction of a session that a crash ended. Unless its row exists, it is not known whether it
    /// was committed: after a crash the server reuses the numbers of transactions it has forgotten, so the number no
    /// longer tells.
    pub(super) fn note_cut_off(&mut self, session: &Session, line_no: u64) {
        if let Ok(txid @ 1..) = u32::try_from(session.txid) {
            self.cut_off.entry(txid).or_default().push(line_no);
        }
    }

    /// Whether a crash may have interrupted the transaction of a record.
    pub fn is_cut_off(&self, txid: u32, line_no: u64) -> bool {
        self.cut_off.get(&txid).is_some_and(|crashes| crashes.iter().any(|crash| *crash > line_no))
    }

    /// The server was started: no earlier process is alive.
    pub(super) fn take_start(&mut self, line_no: u64, line: &LogLine<'_>) {
        self.state.reloads.started(line.logged_at());
        let clean = std::mem::take(&mut self.state.clean_shutdown);
        let own = line.session_id.as_ref().to_owned();
        let before = std::mem::take(&mut self.state.sessions);
        // Before the very first start there was no server that could have ended.
        let ran_before = before.len() > 1 || !before.contains_key(&own);
        let mut cut_off = 0;
        for (id, session) in before {
            if id == own {
                self.state.sessions.insert(id, session);
            } else if let Some(login) = &session.client {
                cut_off += 1;
                if clean {
                    self.findings.add(missing_end(&id, login));
                } else {
                    self.note_cut_off(&session, line_no);
                }
            }
        }
        if !clean && ran_before && self.state.last_at.is_some() {
            self.lost(
                line,
                &format!("the server ended without shutting down; {cut_off} sessions were cut off"),
            );
        }
    }

    /// Reports that records may have been lost between the previous line and this one.
    fn lost(&mut self, line: &LogLine<'_>, what: &str) {
        self.crashed = true;
        let to = line.logged_at();
        self.windows.push(Window { from: self.state.last_at, to });
        let mut finding = Finding::notice(Kind::ServerCrashed, Verdict::Unknown, what);
        finding.when = to.map(|time| time.to_string());
        self.findings.add(finding);
    }

    pub(super) fn take_postmaster(&mut self, line_no: u64, line: &LogLine<'_>) {
        let message = line.message.as_ref();
        if message.starts_with("database system is shut down") {
            self.state.clean_shutdown = true;
        } else if message.starts_with("received SIGHUP, reloading configuration files") {
            self.state.reloads.reloaded(line.logged_at());
        } else if message.starts_with("all server processes terminated; reinitializing") {
            let own = line.session_id.as_ref().to_owned();
            let (own, before): (HashMap<_, _>, HashMap<_, _>) =
                std::mem::take(&mut self.state.sessions).into_iter().partition(|(id, _)| *id == own);
            self.state.sessions = own;
            before.values().for_each(|session| self.note_cut_off(session, line_no));
            let cut_off = before.len();
            self.lost(
                line,
                &format!("a process of the server crashed; {cut_off} others were cut off with it"),
            );
        } else if let Some(parameter) =
            message.strip_prefix("parameter \"").and_then(|rest| rest.split('"').next())
        {
            let severity = if guarded_parameter(parameter) { Severity::Alarm } else { Severity::Notice };
            let finding = Finding::new(
                Kind::ParameterChanged,
                Verdict::ConfigurationChanged,
                severity,
                format!("the configuration of the server was changed: {message}"),
            )
            .of(parameter);
            self.add(line_no, line, finding);
        }
    }
}
