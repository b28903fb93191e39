//! Codes that begin with a text, for the completion of a command line.

use crate::store::{Error, Store};

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeOf {
    Product,
    Location,
    Partner,
    Order,
}

impl CodeOf {
    /// The codes have the collation "C", so that their index finds those that begin with a text.
    fn statement(self) -> &'static str {
        match self {
            Self::Product => {
                "SELECT sku FROM stock.products WHERE archived_at IS NULL AND starts_with(sku, $1) ORDER BY sku LIMIT $2"
            }
            Self::Location => {
                "SELECT code FROM stock.locations WHERE archived_at IS NULL AND starts_with(code, $1) ORDER BY code LIMIT $2"
            }
            Self::Partner => {
                "SELECT code FROM stock.partners WHERE archived_at IS NULL AND starts_with(code, $1) ORDER BY code LIMIT $2"
            }
            Self::Order => {
                "SELECT number FROM stock.orders WHERE starts_with(number, $1) ORDER BY number DESC LIMIT $2"
            }
        }
    }
}

impl Store {
    /// The codes that begin with a text, whose case is ignored.
    ///
    /// # Errors
    /// As any read.
    pub async fn codes_beginning(&self, of: CodeOf, text: &str, limit: u16) -> Result<Vec<String>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(of.statement(), &[&text.to_ascii_uppercase(), &i64::from(limit)]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
