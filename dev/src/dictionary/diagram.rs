//! The tables and their relations as a Mermaid diagram.

use std::fmt::Write as _;

use super::{Catalog, ConstraintKind, Relation, RelationKind};

const HEAD: &str = "# Entity-relationship diagram\n\n\
    <!-- Generated from the system catalog by `make docs`; do not edit. -->\n\n\
    The tables with their key columns, and the references between them. The\n\
    [data dictionary](data-dictionary.md) explains each column.\n";

const FLOW: &str = "\n## Data flow\n\n\
    People and the program write the tables on the left. Triggers write those in rounded boxes, and nobody else\n\
    can. The views, in slanted boxes, show the same rows with codes instead of keys.\n";

/// Tables that a trigger writes: the table with the trigger, the trigger, the table that it writes. The catalog has the
/// trigger, but not what its function writes.
const KEPT_BY_TRIGGER: [(&str, &str, &str); 8] = [
    ("transactions", "post_levels", "stock_levels"),
    ("transactions", "post_levels", "reversals"),
    ("products", "keep_product_history", "product_history"),
    ("products", "keep_master_history", "master_history"),
    ("barcodes", "keep_master_history", "master_history"),
    ("locations", "keep_master_history", "master_history"),
    ("lots", "keep_master_history", "master_history"),
    ("partners", "keep_master_history", "master_history"),
];

impl Catalog {
    /// The diagram, with a short introduction.
    #[must_use]
    pub fn diagram(&self) -> String {
        let mut page = String::from(HEAD);
        page.push_str("\n```mermaid\nerDiagram\n");
        for relation in self.related_tables() {
            self.write_relations(&mut page, relation);
        }
        for relation in self.related_tables() {
            write_entity(&mut page, relation);
        }
        page.push_str("```\n");
        page.push_str(FLOW);
        page.push_str("\n```mermaid\nflowchart LR\n");
        self.write_flow(&mut page);
        page.push_str("```\n");
        page
    }

    /// Tables with references to or from others; a diagram would say nothing about the rest.
    fn related_tables(&self) -> impl Iterator<Item = &Relation> {
        self.relations_of(RelationKind::Table).filter(|relation| {
            relation.of_kind(ConstraintKind::ForeignKey).next().is_some()
                || self.relations.iter().any(|other| {
                    other
                        .of_kind(ConstraintKind::ForeignKey)
                        .any(|key| key.references.as_deref() == Some(&relation.name))
                })
        })
    }

    fn write_relations(&self, page: &mut String, child: &Relation) {
        for key in child.of_kind(ConstraintKind::ForeignKey) {
            let Some(parent) = &key.references else { continue };
            let nullable =
                |name: &String| child.columns.iter().any(|column| column.name == *name && column.nullable);
            // A key of several columns refers to nothing if one of them is null.
            let parent_end = if key.columns.iter().any(nullable) { "|o" } else { "||" };
            let child_end = if child.is_unique_over(&key.columns) { "o|" } else { "o{" };
            let parent = entity(parent);
            let name = entity(&child.name);
            write_line(
                page,
                &format!("    {parent} {parent_end}--{child_end} {name} : \"{}\"", key.columns.join(", ")),
            );
        }
    }

    fn write_flow(&self, page: &mut String) {
        let stands = |(table, trigger, _): &(&str, &str, &str)| {
            self.relations.iter().any(|relation| {
                relation.name == *table && relation.triggers.iter().any(|t| t.name == *trigger)
            })
        };
        for (table, trigger, kept) in KEPT_BY_TRIGGER.into_iter().filter(stands) {
            write_line(page, &format!("    {table}[{table}] -- {trigger} --> {kept}({kept})"));
        }
        let node = |view: &str| format!("view_{}[/{view}/]", entity(view));
        for view in self.relations_of(RelationKind::View) {
            for source in &view.reads {
                let is_view = self.relations_of(RelationKind::View).any(|other| other.name == *source);
                let source = if is_view { node(source) } else { entity(source) };
                write_line(page, &format!("    {source} -.-> {}", node(&view.name)));
            }
        }
    }
}

fn write_entity(page: &mut String, relation: &Relation) {
    write_line(page, &format!("    {} {{", entity(&relation.name)));
    for column in &relation.columns {
        let within = |kind| relation.of_kind(kind).any(|key| key.columns.contains(&column.name));
        let marks: Vec<&str> = [
            (ConstraintKind::PrimaryKey, "PK"),
            (ConstraintKind::ForeignKey, "FK"),
            (ConstraintKind::Unique, "UK"),
        ]
        .into_iter()
        .filter(|(kind, _)| within(*kind))
        .map(|(_, mark)| mark)
        .collect();
        if !marks.is_empty() {
            let kind = short_type(&column.type_name);
            write_line(page, &format!("        {kind} {} {}", column.name, marks.join(", ")));
        }
    }
    write_line(page, "    }");
}

/// A name that Mermaid reads as one word.
fn entity(name: &str) -> String {
    name.replace('.', "_")
}

/// The type as one word, as Mermaid requires, without its limits.
fn short_type(name: &str) -> String {
    if name.ends_with("with time zone") {
        return "timestamptz".to_owned();
    }
    name.split('(').next().unwrap_or(name).replace(' ', "_")
}

fn write_line(page: &mut String, words: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_one_word() {
        assert_eq!(short_type("timestamp(3) with time zone"), "timestamptz");
        assert_eq!(short_type("timestamp with time zone"), "timestamptz");
        assert_eq!(short_type("numeric(14,3)"), "numeric");
        assert_eq!(short_type("double precision"), "double_precision");
    }
}
