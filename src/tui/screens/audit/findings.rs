//! The list of findings of the last verification. Findings with one cause are under one line that can be unfolded.

use std::collections::HashSet;

use crate::audit::findings::Finding;
use crate::audit::findings::causes::{Cause, by_cause};
use crate::tui::command::Command;
use crate::tui::widgets::List;

/// Findings that have one cause.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub cause: Cause,
    /// The finding that best identifies who did it, or else the first.
    pub deed: Finding,
    /// All of them, the gravest first.
    pub findings: Vec<Finding>,
    pub is_open: bool,
}

/// A line of the list: a group or a finding.
#[derive(Debug, Clone)]
pub(super) enum Row {
    Group(Box<Group>),
    Finding {
        finding: Box<Finding>,
        /// The finding about the statement that altered its row, if known.
        deed: Option<Box<Finding>>,
        /// Whether it is listed below the line of its group.
        nested: bool,
    },
}

impl Row {
    /// What identifies the line after the list was replaced.
    fn id(&self) -> (Option<&Cause>, &str) {
        match self {
            Self::Group(group) => (Some(&group.cause), ""),
            Self::Finding { finding, .. } => (None, &finding.id),
        }
    }

    /// The finding that best identifies who did it.
    pub fn deed(&self) -> &Finding {
        match self {
            Self::Group(group) => &group.deed,
            Self::Finding { finding, deed, .. } => deed.as_deref().unwrap_or(finding),
        }
    }

    /// The findings that the line represents.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Group(group) => &group.findings,
            Self::Finding { finding, .. } => std::slice::from_ref(finding),
        }
    }
}

/// The findings, their groups, and which of these are unfolded.
#[derive(Debug, Default)]
pub(super) struct FindingList {
    all: Vec<Finding>,
    unfolded: HashSet<Cause>,
    pub rows: List<Row>,
}

impl FindingList {
    /// Replaces the findings. The cursor stays on its line if that still exists.
    pub fn replace(&mut self, findings: Vec<Finding>) {
        self.all = findings;
        self.lay_out();
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All findings, the gravest first.
    pub fn all(&self) -> &[Finding] {
        &self.all
    }

    pub fn selected(&self) -> Option<&Row> {
        self.rows.selected()
    }

    pub fn command(&mut self, command: Command) -> bool {
        self.rows.command(command)
    }

    /// Unfolds the group under the cursor, or folds it up. Returns whether there is one.
    pub fn fold(&mut self) -> bool {
        let Some(Row::Group(group)) = self.rows.selected() else { return false };
        let cause = group.cause.clone();
        if !self.unfolded.remove(&cause) {
            self.unfolded.insert(cause);
        }
        self.lay_out();
        true
    }

    fn lay_out(&mut self) {
        let mut rows = Vec::new();
        for group in by_cause(&self.all) {
            let is_alone = group.members.len() == 1;
            let is_open = self.unfolded.contains(&group.cause);
            if let (false, Some(deed)) = (is_alone, group.deed(&self.all)) {
                rows.push(Row::Group(Box::new(Group {
                    deed: deed.clone(),
                    findings: group.members.iter().map(|member| self.all[member.at].clone()).collect(),
                    cause: group.cause.clone(),
                    is_open,
                })));
            }
            if is_alone || is_open {
                rows.extend(group.members.iter().map(|member| Row::Finding {
                    finding: Box::new(self.all[member.at].clone()),
                    deed: member.deed.map(|at| Box::new(self.all[at].clone())),
                    nested: !is_alone,
                }));
            }
        }
        self.rows.replace(rows, |old, new| old.id() == new.id());
    }
}
