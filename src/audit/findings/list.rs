//! The findings of one verification, weighed by what was decided.

use std::collections::HashSet;

use super::decisions::Decisions;
use super::{Finding, Severity};

/// How many findings are told one by one, and as many that were accepted; the rest is counted. Nobody reads
/// more, and a ledger of which nothing matches must not fill the memory.
const FINDINGS_MAX: usize = 10_000;

/// The findings of one verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    accepted: Vec<Finding>,
    /// All that were accepted, those included that are not told.
    accepted_ids: HashSet<String>,
    decisions: Decisions,
    alarms: u64,
    notices: u64,
}

impl Findings {
    /// None yet, of a verification that knows what was decided.
    #[must_use]
    pub fn decided_by(decisions: Decisions) -> Self {
        Self { decisions, ..Self::default() }
    }

    /// What was decided.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Adds one. An alarm that an auditor has accepted is none.
    pub fn add(&mut self, mut finding: Finding) {
        finding.identify();
        finding.decide(&self.decisions);
        let list = match finding.severity {
            Severity::Alarm => {
                self.alarms += 1;
                &mut self.list
            }
            Severity::Notice => {
                self.notices += 1;
                &mut self.list
            }
            Severity::Accepted => {
                self.accepted_ids.insert(finding.id.clone());
                &mut self.accepted
            }
        };
        if list.len() < FINDINGS_MAX {
            list.push(finding);
        }
    }

    /// Adds to the findings about a movement, and about no line yet, what is known of its record. It was known
    /// before what it is: that stays as it is.
    pub fn tell_more(&mut self, movement: uuid::Uuid, tell: impl Fn(Finding) -> Finding) {
        let about = |finding: &&mut Finding| finding.movement == Some(movement) && finding.line_no.is_none();
        for finding in self.list.iter_mut().chain(&mut self.accepted).filter(about) {
            *finding = tell(finding.clone());
        }
    }

    /// How many alarms there are, those included that are not told.
    #[must_use]
    pub fn alarms(&self) -> u64 {
        self.alarms
    }

    /// How many notices there are.
    #[must_use]
    pub fn notices(&self) -> u64 {
        self.notices
    }

    /// What was found and had been accepted.
    #[must_use]
    pub fn accepted_ids(&self) -> &HashSet<String> {
        &self.accepted_ids
    }

    /// The findings: alarms, what was accepted, notices.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Finding> {
        self.list.append(&mut self.accepted);
        self.list.sort_by_key(|finding| finding.severity);
        self.list
    }
}
