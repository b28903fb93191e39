//! Suggestions for a field while it is typed.

use crate::domain::{StockSelection, Suggested, Suggestion};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

const PARTNERS: &str = "SELECT code, coalesce(name, '') AS note FROM stock.partners
     WHERE strpos(code, upper($1)) > 0 OR strpos(lower(coalesce(name, '')), lower($1)) > 0
     ORDER BY NOT starts_with(code, upper($1)), code LIMIT $2";
const LOGINS: &str = "SELECT m.rolname::text AS code, '' AS note FROM pg_catalog.pg_roles m
     WHERE m.rolcanlogin AND strpos(lower(m.rolname), lower($1)) > 0
       AND EXISTS (SELECT FROM pg_catalog.pg_auth_members x JOIN pg_catalog.pg_roles g ON g.oid = x.roleid
                   WHERE x.member = m.oid AND g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst'))
     ORDER BY 1 LIMIT $2";

from_row!(Suggestion { code, note });

impl Store {
    /// The best matches for a text as it is typed, those whose code begins with it first.
    ///
    /// # Errors
    /// As any read.
    pub async fn suggest(&self, what: Suggested, text: &str, limit: u16) -> Result<Vec<Suggestion>, Error> {
        let statement = match what {
            Suggested::Location => {
                return Ok(self
                    .locations_matching(text, limit)
                    .await?
                    .iter()
                    .map(Suggestion::from)
                    .collect());
            }
            Suggested::Product => {
                let found = self.search(text, &StockSelection::default(), limit).await?;
                let suggestion = |found: crate::domain::Found| Suggestion {
                    code: found.row.sku.to_string(),
                    note: found.row.name.to_string(),
                };
                return Ok(found.into_iter().map(suggestion).collect());
            }
            Suggested::Partner => PARTNERS,
            Suggested::Login => LOGINS,
        };
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(statement).await?;
        row::all(&connection.query(&statement, &[&text.trim(), &i64::from(limit)]).await?)
    }
}
