//! The data dictionary as Markdown.

use std::fmt::Write as _;

use super::{Catalog, ConstraintKind, Function, Relation, RelationKind, Trigger};

/// Says what the page is generated from, so that nobody edits it by hand.
const HEAD: &str = "# Data dictionary\n\n\
    <!-- Generated from the system catalog by `make docs`; do not edit. -->\n\n\
    The contents of the database `stock_management`. All descriptions are `COMMENT`s in the database itself, so `\\d+` in\n\
    `psql` shows the same. See also the [entity-relationship diagram](er-diagram.md).\n";

/// The mark for a missing description.
const NOTHING: &str = "—";

impl Catalog {
    /// The data dictionary as a Markdown page.
    #[must_use]
    pub fn dictionary(&self) -> String {
        let mut page = String::from(HEAD);
        self.write_schemas(&mut page);
        self.write_contents(&mut page);
        for (title, kind) in [("Tables", RelationKind::Table), ("Views", RelationKind::View)] {
            line(&mut page, &format!("\n## {title}"));
            self.relations_of(kind).for_each(|relation| write_relation(&mut page, relation));
        }
        self.write_types(&mut page);
        self.write_functions(&mut page);
        self.write_roles(&mut page);
        self.write_grants(&mut page);
        page
    }

    fn write_schemas(&self, page: &mut String) {
        line(page, "");
        let rows =
            self.schemas.iter().map(|schema| vec![code(&schema.name), text(schema.comment.as_deref())]);
        table(page, &["schema", "purpose"], rows);
    }

    fn write_contents(&self, page: &mut String) {
        line(page, "\n## Contents\n");
        let rows = self.relations.iter().map(|relation| {
            let kind = match relation.kind {
                RelationKind::Table => "table",
                RelationKind::View => "view",
            };
            let anchor = relation.name.replace('.', "");
            vec![
                format!("[{}](#{anchor})", relation.name),
                kind.to_owned(),
                text(relation.comment.as_deref()),
            ]
        });
        table(page, &["name", "kind", "contents"], rows);
        line(page, "\nThen: [types](#types), [functions](#functions), [roles](#roles), [grants](#grants).");
    }

    fn write_types(&self, page: &mut String) {
        line(page, "\n## Types\n");
        let rows = self.types.iter().map(|kind| {
            let values = kind.values.iter().map(|value| code(value)).collect::<Vec<_>>().join(", ");
            vec![code(&kind.name), values, text(kind.comment.as_deref())]
        });
        table(page, &["type", "values", "meaning"], rows);
    }

    fn write_functions(&self, page: &mut String) {
        line(page, "\n## Functions");
        let groups = [("Callable functions", false), ("Trigger functions", true)];
        for (title, is_trigger) in groups {
            line(page, &format!("\n### {title}\n"));
            let rows =
                self.functions.iter().filter(|function| function.is_trigger == is_trigger).map(function_row);
            table(page, &["function", "returns", "runs as", "description"], rows);
        }
    }

    fn write_roles(&self, page: &mut String) {
        line(page, "\n## Roles\n");
        line(
            page,
            "Every person has a login of their own, which is a member of exactly one of the group roles clerk,",
        );
        line(page, "admin, auditor and analyst.\n");
        let rows = self.roles.iter().map(|role| {
            let mut powers = Vec::new();
            powers.push(if role.can_login { "can log in" } else { "cannot log in" }.to_owned());
            if role.create_role {
                powers.push("can create roles".to_owned());
            }
            if !role.member_of.is_empty() {
                powers.push(format!("member of {}", role.member_of.join(", ")));
            }
            vec![code(&role.name), powers.join("; "), text(role.comment.as_deref())]
        });
        table(page, &["role", "attributes", "purpose"], rows);
    }

    fn write_grants(&self, page: &mut String) {
        line(page, "\n## Grants\n");
        line(
            page,
            "The privileges of each role. Anything not listed is refused. The privileges of owners are omitted, and so are",
        );
        line(page, "partitions, on which nobody has privileges.");
        let mut roles: Vec<&str> = self.grants.iter().map(|grant| grant.role.as_str()).collect();
        roles.dedup();
        for role in roles {
            line(page, &format!("\n### {role}\n"));
            let rows = self.grants.iter().filter(|grant| grant.role == role).map(|grant| {
                let privileges: Vec<String> =
                    grant.privileges.iter().map(|privilege| cell(privilege)).collect();
                let on = match grant.kind.as_str() {
                    "database" => grant.object.clone(),
                    kind => format!("{kind} {}", code(&grant.object)),
                };
                vec![on, privileges.join("<br>")]
            });
            table(page, &["on", "may"], rows);
        }
        let barred: Vec<String> = self
            .roles
            .iter()
            .filter(|role| self.grants.iter().all(|grant| grant.role != role.name))
            .map(|role| code(&role.name))
            .collect();
        if !barred.is_empty() {
            line(page, &format!("\nNothing is granted to {}.", barred.join(", ")));
        }
    }
}

fn function_row(function: &Function) -> Vec<String> {
    let runs_as = if function.runs_as_owner { function.owner.as_str() } else { "the caller" };
    let call = match function.is_trigger {
        true => code(&function.name),
        false => code(&format!("{}({})", function.name, function.arguments)),
    };
    vec![call, cell(&function.returns), runs_as.to_owned(), text(function.comment.as_deref())]
}

fn write_relation(page: &mut String, relation: &Relation) {
    line(page, &format!("\n### {}\n", relation.name));
    line(page, relation.comment.as_deref().unwrap_or(NOTHING));
    line(page, "");
    let is_table = relation.kind == RelationKind::Table;
    let headers: &[&str] = if is_table {
        &["column", "type", "null", "default", "meaning"]
    } else {
        &["column", "type", "meaning"]
    };
    let rows = relation.columns.iter().map(|column| {
        let mut row = vec![code(&column.name), cell(&column.type_name)];
        if is_table {
            row.push(if column.nullable { "yes" } else { "no" }.to_owned());
            row.push(column.default.as_deref().map_or(String::new(), code));
        }
        row.push(text(column.comment.as_deref()));
        row
    });
    table(page, headers, rows);
    if !relation.reads.is_empty() {
        let sources: Vec<String> = relation.reads.iter().map(|name| code(name)).collect();
        line(page, &format!("\nReads {}.", sources.join(", ")));
    }
    write_constraints(page, relation);
    if !relation.indexes.is_empty() {
        line(page, "\nAdditional indexes:\n");
        let rows = relation.indexes.iter().map(|index| vec![code(&index.name), code(&index.definition)]);
        table(page, &["index", "on"], rows);
    }
    if !relation.triggers.is_empty() {
        line(page, "\nTriggers:\n");
        table(page, &TRIGGER_HEADERS, relation.triggers.iter().map(trigger_row));
    }
    write_partitions(page, relation);
}

fn write_constraints(page: &mut String, relation: &Relation) {
    if relation.constraints.is_empty() {
        return;
    }
    line(page, "\nConstraints:\n");
    let kinds = [
        ConstraintKind::PrimaryKey,
        ConstraintKind::Unique,
        ConstraintKind::ForeignKey,
        ConstraintKind::Check,
        ConstraintKind::Exclusion,
    ];
    let rows = kinds
        .into_iter()
        .flat_map(|kind| relation.of_kind(kind))
        .map(|constraint| vec![code(&constraint.name), code(&constraint.definition)]);
    table(page, &["constraint", "rule"], rows);
}

fn write_partitions(page: &mut String, relation: &Relation) {
    let Some(partitioned_by) = &relation.partitioned_by else { return };
    line(page, &format!("\nPartitioned by {}:\n", code(partitioned_by)));
    let monthly = relation.monthly_partitions.then(|| {
        vec![
            code(&format!("{}_YYYY_MM", relation.name)),
            "from the first day of the month to the first day of the next, in UTC".to_owned(),
            "The movements of one month.".to_owned(),
        ]
    });
    let others = relation.other_partitions.iter().map(|partition| {
        let mut bound = code(&partition.bound);
        for check in &partition.checks {
            bound.push_str(", ");
            bound.push_str(&code(check));
        }
        vec![code(&partition.name), bound, text(partition.comment.as_deref())]
    });
    table(page, &["partition", "rows", "contents"], monthly.into_iter().chain(others));
    if !relation.partition_triggers.is_empty() {
        line(page, "\nTriggers of each partition, which it does not inherit from the table:\n");
        table(page, &TRIGGER_HEADERS, relation.partition_triggers.iter().map(trigger_row));
    }
}

const TRIGGER_HEADERS: [&str; 4] = ["trigger", "fires", "runs", "mode"];

fn trigger_row(trigger: &Trigger) -> Vec<String> {
    let mode = if trigger.always { "always" } else { "not for replicas" };
    vec![code(&trigger.name), cell(&trigger.fires), code(&trigger.function), mode.to_owned()]
}

pub(super) fn line(page: &mut String, words: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{words}");
}

pub(super) fn table(page: &mut String, headers: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    line(page, &format!("| {} |", headers.join(" | ")));
    line(page, &format!("|{}", " --- |".repeat(headers.len())));
    rows.for_each(|row| line(page, &format!("| {} |", row.join(" | "))));
}

fn text(comment: Option<&str>) -> String {
    comment.map_or_else(|| NOTHING.to_owned(), cell)
}

/// Text for a cell, in which a vertical bar or a line break would end the cell.
fn cell(words: &str) -> String {
    words.replace('|', "\\|").replace('\n', " ")
}

/// Code for a cell, in as many backticks as it needs.
pub(super) fn code(words: &str) -> String {
    let words = cell(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    if words.contains('`') { format!("`` {words} ``") } else { format!("`{words}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_breaks_do_not_break_a_table() {
        assert_eq!(code("a | b\n  c"), "`a \\| b c`");
        assert_eq!(text(None), NOTHING);
    }
}
