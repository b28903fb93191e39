//! Groups findings by cause – what one session did, with the rows that it altered – so that an auditor investigates
//! each cause once.
//!
//! Boundary: joins only what the log and the server connect. A row whose writer is unknown is never attributed to a
//! session, because accepting that session would accept the row with it.

use std::collections::HashMap;

use super::{Finding, Severity, Verdict};

/// What the findings of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The session that did it.
    Session(String),
    /// Nothing but the verdict: no statement in the log says who altered these rows.
    Untold(Verdict),
    /// A finding by itself, with its position.
    Own(usize),
}

/// A finding of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its position among the findings.
    pub at: usize,
    /// The position of the finding about the statement that altered its row, if known.
    pub deed: Option<usize>,
}

/// Findings with one cause, the gravest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseGroup {
    pub cause: Cause,
    /// At least one.
    pub members: Vec<Member>,
}

impl CauseGroup {
    /// The finding that best identifies who did it: that of a statement in a session, or else the first.
    #[must_use]
    pub fn deed<'a>(&self, findings: &'a [Finding]) -> Option<&'a Finding> {
        let named = self.members.iter().filter_map(|member| member.deed).next();
        let own = || self.members.iter().map(|member| member.at).find(|at| is_deed(&findings[*at]));
        findings.get(named.or_else(own).or_else(|| self.members.first().map(|member| member.at))?)
    }

    /// How many of them are alarms.
    #[must_use]
    pub fn alarms(&self, findings: &[Finding]) -> usize {
        self.members.iter().filter(|member| findings[member.at].severity == Severity::Alarm).count()
    }
}

/// The findings about statements, indexed by what a row can be matched with.
struct Deeds<'a> {
    findings: &'a [Finding],
    by_transaction: HashMap<u64, usize>,
}

impl<'a> Deeds<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let mut by_transaction = HashMap::new();
        for (at, finding) in findings.iter().enumerate() {
            if let (true, Some(transaction)) = (is_deed(finding), finding.transaction) {
                // A write of the ledger says more than what else was done in its transaction.
                let writes = finding.verdict == Verdict::LedgerAltered;
                let first = by_transaction.entry(transaction).or_insert(at);
                if writes && findings[*first].verdict != Verdict::LedgerAltered {
                    *first = at;
                }
            }
        }
        Self { findings, by_transaction }
    }

    /// The finding about the statement that last wrote the row of this finding, or that names it.
    fn behind(&self, finding: &Finding) -> Option<usize> {
        if is_deed(finding) {
            return None;
        }
        let wrote =
            finding.transaction.and_then(|transaction| self.by_transaction.get(&transaction).copied());
        wrote.or_else(|| {
            let id = finding.movement?.to_string();
            self.by_transaction.values().copied().filter(|at| self.names(*at, &id)).min()
        })
    }

    fn names(&self, at: usize, id: &str) -> bool {
        let deed = &self.findings[at];
        deed.verdict == Verdict::LedgerAltered
            && deed.statement.as_deref().is_some_and(|statement| statement.contains(id))
    }
}

/// Groups findings by cause. The groups are in the order of their first findings, so alarms come first.
#[must_use]
pub fn by_cause(findings: &[Finding]) -> Vec<CauseGroup> {
    let deeds = Deeds::of(findings);
    let mut groups: Vec<CauseGroup> = Vec::new();
    let mut places: HashMap<Cause, usize> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let deed = deeds.behind(finding);
        let session = deed.or_else(|| is_deed(finding).then_some(at)).map(|deed| &findings[deed].session);
        let cause = match session.into_iter().flatten().next() {
            Some(session) => Cause::Session(session.clone()),
            None if is_about_rows(finding.verdict) => Cause::Untold(finding.verdict),
            None => Cause::Own(at),
        };
        let place = *places.entry(cause.clone()).or_insert_with(|| {
            groups.push(CauseGroup { cause, members: Vec::new() });
            groups.len() - 1
        });
        groups[place].members.push(Member { at, deed });
    }
    groups
}

/// Whether a finding is about an action in a session, and not about its effect on a row.
fn is_deed(finding: &Finding) -> bool {
    finding.session.is_some() && !finding.by_poster
}

/// Whether findings with this verdict are about single rows, many of which one action can alter.
fn is_about_rows(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::ContentDiffers
            | Verdict::LevelDiffers
            | Verdict::CommittedWithoutRow
            | Verdict::RowWithoutRecord
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::audit::findings::Kind;

    fn write(session: &str, transaction: u64, statement: &str) -> Finding {
        let mut finding = Finding::alarm(Kind::WriteOfLedger, Verdict::LedgerAltered, "UPDATE of the ledger");
        finding.session = Some(session.to_owned());
        finding.transaction = Some(transaction);
        finding.statement = Some(statement.to_owned());
        finding
    }

    fn altered(id: u128, transaction: Option<u32>) -> Finding {
        let mut finding = Finding::alarm(Kind::MovementDiffers, Verdict::ContentDiffers, "differs");
        finding.session = Some("c.3".to_owned());
        finding.of_posting().about(Uuid::from_u128(id)).written_in(transaction)
    }

    /// The members of a group, each with the position of its deed.
    type Members = Vec<(usize, Option<usize>)>;

    fn told(findings: &[Finding]) -> Vec<(Cause, Members)> {
        let members = |group: &CauseGroup| group.members.iter().map(|one| (one.at, one.deed)).collect();
        by_cause(findings).iter().map(|group| (group.cause.clone(), members(group))).collect()
    }

    #[test]
    fn rows_are_grouped_with_the_statement_that_altered_them() {
        let gone = Uuid::from_u128(7).to_string();
        let mut trigger = write("a.1", 11, "ALTER TABLE stock.transactions DISABLE TRIGGER ALL");
        trigger.verdict = Verdict::ConfigurationChanged;
        let mut setting = Finding::alarm(Kind::SettingUnsafe, Verdict::ConfigurationChanged, "off");
        setting.who = Some("postgres".to_owned());
        let findings = [
            trigger,
            write("a.1", 11, "UPDATE stock.transactions SET quantity = 1"),
            write("b.2", 12, &format!("DELETE FROM stock.transactions WHERE id = '{gone}'")),
            altered(1, Some(11)),
            altered(2, Some(13)),
            altered(3, None),
            altered(7, None),
            setting.clone(),
            setting,
        ];
        let session = |id: &str| Cause::Session(id.to_owned());
        let expected = vec![
            (session("a.1"), vec![(0, None), (1, None), (3, Some(1))]),
            (session("b.2"), vec![(2, None), (6, Some(2))]),
            // Nobody knows who altered these; they are never under a session.
            (Cause::Untold(Verdict::ContentDiffers), vec![(4, None), (5, None)]),
            (Cause::Own(7), vec![(7, None)]),
            (Cause::Own(8), vec![(8, None)]),
        ];
        assert_eq!(told(&findings), expected);
        let groups = by_cause(&findings);
        assert_eq!(groups[0].deed(&findings), Some(&findings[1]));
        assert_eq!((groups[0].alarms(&findings), groups[2].alarms(&findings)), (3, 2));
        assert_eq!(groups[2].deed(&findings), Some(&findings[4]));
    }
}
