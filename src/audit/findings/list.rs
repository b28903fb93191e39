//! The findings of one verification, with the decisions applied.

use std::collections::HashSet;

use super::decisions::Decisions;
use super::{Finding, Severity};

/// How many findings are kept in full, and as many that were accepted; the rest is only counted. Nobody reads more, and
/// a ledger in which nothing matches must not fill the memory.
const FINDINGS_MAX: usize = 10_000;

/// The findings of one verification, with the totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    accepted: Vec<Finding>,
    /// The ids of all accepted findings, including those that are only counted.
    accepted_ids: HashSet<String>,
    decisions: Decisions,
    alarms: u64,
    notices: u64,
}

impl Findings {
    /// An empty list, to which the decisions will be applied.
    #[must_use]
    pub fn decided_by(decisions: Decisions) -> Self {
        Self { decisions, ..Self::default() }
    }

    /// The decisions that are applied to the findings.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Adds a finding. An alarm that an auditor has accepted counts as accepted.
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

    /// Completes findings about a movement that have no line yet with what is known of its record. Their ids are
    /// already computed and do not change.
    pub fn tell_more(&mut self, movement: uuid::Uuid, tell: impl Fn(Finding) -> Finding) {
        let about = |finding: &&mut Finding| finding.movement == Some(movement) && finding.line_no.is_none();
        for finding in self.list.iter_mut().chain(&mut self.accepted).filter(about) {
            *finding = tell(finding.clone());
        }
    }

    /// How many alarms there are, including those that are only counted.
    #[must_use]
    pub fn alarms(&self) -> u64 {
        self.alarms
    }

    /// How many notices there are.
    #[must_use]
    pub fn notices(&self) -> u64 {
        self.notices
    }

    /// The ids of the findings that had been accepted.
    #[must_use]
    pub fn accepted_ids(&self) -> &HashSet<String> {
        &self.accepted_ids
    }

    /// The findings: alarms, accepted ones, notices.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Finding> {
        self.list.append(&mut self.accepted);
        self.list.sort_by_key(|finding| finding.severity);
        self.list
    }
}
