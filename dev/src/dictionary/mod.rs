//! The structure of the database according to its catalog, with all COMMENTs, for the data dictionary, the
//! entity-relationship diagram, and the matrix of privileges.
//!
//! Only what every database of this version has in common is read: no months, no people, no counts.

mod diagram;
mod matrix;
mod page;

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use crate::Error;

/// The schemas of Stockroom, which are described.
const SCHEMAS: [&str; 2] = ["stock", "audit"];

const CATALOG: &str = include_str!("catalog.sql");

/// The structure of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub schemas: Vec<Schema>,
    /// The roles of Stockroom, without those of people.
    pub roles: Vec<Role>,
    pub types: Vec<Type>,
    /// Tables and views by name; those of schema `stock` without the schema.
    pub relations: Vec<Relation>,
    pub functions: Vec<Function>,
    /// The privileges of each role, beyond those of ownership.
    pub grants: Vec<Grant>,
}

/// A schema with its comment, for the contents of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub name: String,
    pub comment: Option<String>,
}

/// A role that is not a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    /// Whether it can log in.
    pub can_login: bool,
    /// Whether it may create roles.
    pub create_role: bool,
    /// The roles that it is a member of.
    pub member_of: Vec<String>,
    pub comment: Option<String>,
}

/// A type that Stockroom defines, such as an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Type {
    pub name: String,
    /// The values of an enumeration.
    pub values: Vec<String>,
    pub comment: Option<String>,
}

/// Whether a relation stores rows or shows those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    Table,
    View,
}

/// A table or view with its columns, constraints, indexes and triggers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub name: String,
    pub kind: RelationKind,
    pub comment: Option<String>,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// Indexes that do not belong to a constraint.
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    /// How it is partitioned, if it is.
    pub partitioned_by: Option<String>,
    /// Whether it has a partition for each month.
    pub monthly_partitions: bool,
    /// Partitions other than those of the months.
    pub other_partitions: Vec<Partition>,
    /// Triggers defined on the partitions themselves.
    pub partition_triggers: Vec<Trigger>,
    pub reads: Vec<String>,
}

/// A column of a table or view, as the catalog describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// The default value.
    pub default: Option<String>,
    pub comment: Option<String>,
}

/// What a constraint enforces, by the name that the catalog query gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConstraintKind {
    #[serde(rename = "primary key")]
    PrimaryKey,
    Unique,
    #[serde(rename = "foreign key")]
    ForeignKey,
    Check,
    Exclusion,
}

/// A constraint of a table, with its definition as SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// The name, which appears in error messages.
    pub name: String,
    pub kind: ConstraintKind,
    pub definition: String,
    /// The columns that it constrains.
    pub columns: Vec<String>,
    /// For a foreign key: the table that it refers to.
    pub references: Option<String>,
}

/// An index of a table, with its definition as SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub name: String,
    pub definition: String,
}

/// A trigger of a table: when it fires, and the function that it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub name: String,
    pub fires: String,
    pub function: String,
    /// Whether it also fires if `session_replication_role` is `replica`.
    pub always: bool,
}

/// A partition that is not one of the months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    pub name: String,
    pub bound: String,
    pub comment: Option<String>,
    /// CHECK constraints that it has and the others do not.
    pub checks: Vec<String>,
}

/// A function of Stockroom, with its signature and the rights with which it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    pub name: String,
    pub arguments: String,
    pub returns: String,
    /// Whether it is only run by triggers.
    pub is_trigger: bool,
    /// Whether it runs with the rights of its owner.
    pub runs_as_owner: bool,
    pub owner: String,
    pub comment: Option<String>,
}

/// The privileges of one role on one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: String,
    /// Database, schema, table, function, type or language.
    pub kind: String,
    pub object: String,
    /// The privileges; those on single columns with the columns.
    pub privileges: Vec<String>,
}

impl Relation {
    /// Whether these columns include a unique key, so that each combination occurs at most once.
    fn is_unique_over(&self, columns: &[String]) -> bool {
        self.constraints.iter().any(|constraint| {
            matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
                && constraint.columns.iter().all(|column| columns.contains(column))
        })
    }

    /// The constraints of a kind.
    fn of_kind(&self, kind: ConstraintKind) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().filter(move |constraint| constraint.kind == kind)
    }
}

impl Catalog {
    /// Reads the structure of the database from its catalog, which any login may do.
    ///
    /// # Errors
    /// [`Error::Database`] if the database cannot be read or is not prepared for Stockroom.
    pub async fn read(client: &mut Client) -> Result<Self, Error> {
        let transaction = client.build_transaction().read_only(true).start().await?;
        // Definitions contain the schema or not depending on the search path.
        transaction.batch_execute("SET LOCAL search_path = stock").await?;
        let row = transaction.query_one(CATALOG, &[&SCHEMAS.as_slice()]).await?;
        transaction.commit().await?;
        Ok(Self {
            schemas: row.try_get::<_, Json<_>>("schemas")?.0,
            roles: row.try_get::<_, Json<_>>("roles")?.0,
            types: row.try_get::<_, Json<_>>("types")?.0,
            relations: row.try_get::<_, Json<_>>("relations")?.0,
            functions: row.try_get::<_, Json<_>>("functions")?.0,
            grants: row.try_get::<_, Json<_>>("grants")?.0,
        })
    }

    fn relations_of(&self, kind: RelationKind) -> impl Iterator<Item = &Relation> {
        self.relations.iter().filter(move |relation| relation.kind == kind)
    }

    /// The objects without a COMMENT, described in words.
    #[must_use]
    pub fn without_comment(&self) -> Vec<String> {
        let mut bare = Vec::new();
        let mut look = |what: &str, name: &str, comment: &Option<String>| {
            if comment.as_deref().is_none_or(|text| text.trim().is_empty()) {
                bare.push(format!("{what} {name}"));
            }
        };
        self.schemas.iter().for_each(|item| look("schema", &item.name, &item.comment));
        self.roles.iter().for_each(|item| look("role", &item.name, &item.comment));
        self.types.iter().for_each(|item| look("type", &item.name, &item.comment));
        self.functions.iter().for_each(|item| look("function", &item.name, &item.comment));
        for relation in &self.relations {
            look("relation", &relation.name, &relation.comment);
            for column in &relation.columns {
                look("column", &format!("{}.{}", relation.name, column.name), &column.comment);
            }
            relation.other_partitions.iter().for_each(|item| look("partition", &item.name, &item.comment));
        }
        bare
    }
}
