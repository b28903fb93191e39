//! Clients whose session ended without a line about it.

use super::LogAnalyser;
use crate::audit::reconcile::context::missing_end;
use crate::audit::reconcile::session::Session;

impl LogAnalyser {
    /// The clients whose end is missing, except those that `alive` shows. Sessions that began after `since` (in
    /// seconds) are left out: they may have begun and ended between two readings.
    pub fn without_end(&self, alive: impl Fn(&str) -> bool, since: i64) -> Vec<String> {
        let is_suspect =
            |id: &str, session: &Session| session.client.is_some() && session.began_at < since && !alive(id);
        let mut found: Vec<String> = self
            .state
            .sessions
            .iter()
            .filter(|(id, session)| is_suspect(id, session))
            .map(|(id, _)| id.clone())
            .collect();
        found.sort();
        found
    }

    /// Reports the sessions without an end, and removes them.
    pub fn report_without_end(&mut self, ids: &[String]) {
        for id in ids {
            if let Some(session) = self.state.sessions.remove(id) {
                self.findings.add(missing_end(id, session.client.as_deref().unwrap_or_default()));
            }
        }
    }
}
