//! Who may run which statement on which object, as tables of one row per object and one column per role.

use std::collections::BTreeSet;

use super::page::{code, line, table};
use super::{Catalog, Grant};

/// The role that stands for every login.
const EVERYBODY: &str = "PUBLIC";
/// The roles of people and of the collector; the others follow by name.
const FIRST: [&str; 5] = ["stock_clerk", "stock_admin", "stock_auditor", "stock_analyst", "stock_collector"];
/// The privileges on a table, each with its letter.
const STATEMENTS: [(&str, char); 7] = [
    ("SELECT", 'S'),
    ("INSERT", 'I'),
    ("UPDATE", 'U'),
    ("DELETE", 'D'),
    ("TRUNCATE", 'T'),
    ("REFERENCES", 'R'),
    ("TRIGGER", 'G'),
];
/// The mark for no privilege.
const NOTHING: &str = "·";

impl Catalog {
    /// The matrix of roles, objects and statements.
    #[must_use]
    pub fn matrix(&self) -> String {
        let roles = self.roles_with_grants();
        let mut page = String::new();
        line(&mut page, "Tables and views:\n");
        let relations =
            self.relations.iter().map(|relation| ("table", relation.name.as_str(), code(&relation.name)));
        self.write_matrix(&mut page, &roles, relations, letters);
        line(&mut page, "\nFunctions:\n");
        let functions: BTreeSet<&str> = self.objects("function").collect();
        let rows = functions.iter().map(|object| {
            let runs_as = self.owner_that_runs(object).map(|owner| format!(", as `{owner}`"));
            ("function", *object, code(object) + &runs_as.unwrap_or_default())
        });
        self.write_matrix(&mut page, &roles, rows, |_| "X".to_owned());
        let of_owner = self.functions.iter().filter(|function| !function.is_trigger).filter(|function| {
            functions.iter().all(|object| object.split('(').next() != Some(function.name.as_str()))
        });
        let of_owner: BTreeSet<String> = of_owner.map(|function| code(&function.name)).collect();
        if !of_owner.is_empty() {
            let names = of_owner.into_iter().collect::<Vec<_>>().join(", ");
            line(&mut page, &format!("\nNobody but its owner may run {names}."));
        }
        line(&mut page, "\nEverything else:\n");
        let others: BTreeSet<(&str, &str)> = self
            .grants
            .iter()
            .filter(|grant| !matches!(grant.kind.as_str(), "table" | "function"))
            .map(|grant| (grant.kind.as_str(), grant.object.as_str()))
            .collect();
        let rows = others.into_iter().map(|(kind, object)| {
            let name =
                if kind == "database" { object.to_owned() } else { format!("{kind} {}", code(object)) };
            (kind, object, name)
        });
        self.write_matrix(&mut page, &roles, rows, |grant| grant.privileges.join(", ").to_lowercase());
        line(&mut page, "\nMemberships, which add what the other role may do:\n");
        let members = self.roles.iter().filter(|role| !role.member_of.is_empty()).map(|role| {
            let groups: Vec<String> = role.member_of.iter().map(|group| code(group)).collect();
            vec![code(&role.name), groups.join(", ")]
        });
        table(&mut page, &["role", "member of"], members);
        page
    }

    /// The columns: the groups of people, the collector, the other roles with grants, everybody.
    fn roles_with_grants(&self) -> Vec<&str> {
        let granted: BTreeSet<&str> = self.grants.iter().map(|grant| grant.role.as_str()).collect();
        let others = granted.iter().copied().filter(|role| !FIRST.contains(role) && *role != EVERYBODY);
        FIRST.into_iter().chain(others).chain([EVERYBODY]).collect()
    }

    fn objects(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.grants.iter().filter(move |grant| grant.kind == kind).map(|grant| grant.object.as_str())
    }

    /// The owner with whose rights a function runs, if these are not the caller's.
    fn owner_that_runs(&self, object: &str) -> Option<&str> {
        let name = object.split('(').next()?;
        let found = self.functions.iter().find(|function| function.name == name && function.runs_as_owner)?;
        Some(found.owner.as_str())
    }

    fn write_matrix<'a>(
        &self,
        page: &mut String,
        roles: &[&str],
        rows: impl Iterator<Item = (&'a str, &'a str, String)>,
        cell: impl Fn(&Grant) -> String,
    ) {
        let mut headers = vec!["object"];
        headers.extend(roles.iter().map(|role| role.trim_start_matches("stock_")));
        let rows = rows.map(|(kind, object, name)| {
            let mut row = vec![name];
            row.extend(roles.iter().map(|role| {
                let grant = self
                    .grants
                    .iter()
                    .find(|grant| grant.role == *role && grant.kind == kind && grant.object == object);
                grant.map_or_else(|| NOTHING.to_owned(), &cell)
            }));
            row
        });
        table(page, &headers, rows);
    }
}

/// The letters of a grant on a table: upper case for all columns, lower case for some. Privileges without a letter are
/// spelled out.
fn letters(grant: &Grant) -> String {
    let granted = |word: &str, whole: bool| {
        grant
            .privileges
            .iter()
            .any(|privilege| privilege.split(' ').next() == Some(word) && (privilege == word) == whole)
    };
    let mut letters: String = STATEMENTS
        .iter()
        .filter_map(|(word, letter)| match (granted(word, true), granted(word, false)) {
            (true, _) => Some(*letter),
            (false, true) => Some(letter.to_ascii_lowercase()),
            (false, false) => None,
        })
        .collect();
    let known =
        |privilege: &str| STATEMENTS.iter().any(|(word, _)| privilege.split(' ').next() == Some(word));
    for privilege in grant.privileges.iter().filter(|privilege| !known(privilege)) {
        letters.push_str(&format!(" {privilege}"));
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(privileges: &[&str]) -> Grant {
        Grant {
            role: "stock_clerk".to_owned(),
            kind: "table".to_owned(),
            object: "lots".to_owned(),
            privileges: privileges.iter().map(|&privilege| privilege.to_owned()).collect(),
        }
    }

    #[test]
    fn a_letter_is_small_when_only_some_columns_are_granted() {
        assert_eq!(letters(&grant(&["INSERT (product_id, code)", "SELECT"])), "Si");
        assert_eq!(letters(&grant(&["DELETE", "SELECT", "UPDATE"])), "SUD");
        assert_eq!(letters(&grant(&["MAINTAIN"])), " MAINTAIN");
    }
}
