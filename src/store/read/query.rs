//! Builds a statement from text with numbered parameters, and their values.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::Error;
use crate::store::connection::Connection;

/// A statement and its values. The text is composed of fixed pieces only, so that there are few different texts and
/// each is prepared once per connection.
#[derive(Default)]
pub(in crate::store) struct Query {
    pub text: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Query {
    /// A statement that takes no values yet.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds a value and returns its placeholder, such as `$3`.
    pub fn bind(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    /// Runs the statement, which is prepared once per connection.
    pub async fn run(&self, connection: &Connection) -> Result<Vec<Row>, Error> {
        let statement = connection.prepare_cached(&self.text).await?;
        let values: Vec<&(dyn ToSql + Sync)> =
            self.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        Ok(connection.query(&statement, &values).await?)
    }
}
