//! The columns stored beside a collected line, by which people search.

use std::borrow::Cow;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio_postgres::Row;

use super::super::{Error, Store};
use super::session::signed;

/// The columns in the order of [`LineColumns::digest`].
pub(super) const LINE_COLUMNS: &str = "logged_at, session_line, session_id, login, database_name, remote_host, severity, class, command, object_name";
/// The names of these columns.
const NAMES: [&str; 10] = [
    "logged_at",
    "session_line",
    "session_id",
    "login",
    "database",
    "host",
    "severity",
    "class",
    "command",
    "object",
];

/// A digest by which two sets of columns are compared: the first half of a SHA-256.
pub type ColumnsDigest = [u8; 16];

/// The columns stored beside a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineColumns<'a> {
    /// When the server wrote it.
    pub logged_at: Option<Timestamp>,
    /// Its number within the process.
    pub session_line: Option<i64>,
    pub session_id: Option<Cow<'a, str>>,
    pub login: Option<Cow<'a, str>>,
    pub database: Option<Cow<'a, str>>,
    pub remote_host: Option<Cow<'a, str>>,
    /// LOG, ERROR and so on.
    pub severity: Option<Cow<'a, str>>,
    /// The class of an audit record.
    pub class: Option<Cow<'a, str>>,
    pub command: Option<Cow<'a, str>>,
    pub object_name: Option<Cow<'a, str>>,
}

impl LineColumns<'_> {
    /// A copy that owns its texts.
    #[must_use]
    pub fn into_owned(self) -> LineColumns<'static> {
        let own = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        LineColumns {
            logged_at: self.logged_at,
            session_line: self.session_line,
            session_id: own(self.session_id),
            login: own(self.login),
            database: own(self.database),
            remote_host: own(self.remote_host),
            severity: own(self.severity),
            class: own(self.class),
            command: own(self.command),
            object_name: own(self.object_name),
        }
    }

    fn texts(&self) -> [Option<&str>; 8] {
        let texts = [
            &self.session_id,
            &self.login,
            &self.database,
            &self.remote_host,
            &self.severity,
            &self.class,
            &self.command,
            &self.object_name,
        ];
        texts.map(|text| text.as_deref())
    }

    /// The digest of the columns, for comparison with those of a stored row.
    #[must_use]
    pub fn digest(&self) -> ColumnsDigest {
        let millisecond = self.logged_at.map(Timestamp::as_millisecond);
        digest(millisecond, self.session_line, self.texts())
    }

    /// The columns by name, as texts.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, Option<String>); 10] {
        let numbers = [
            self.logged_at.map(|time| time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()),
            self.session_line.map(|number| number.to_string()),
        ];
        let mut values =
            numbers.into_iter().chain(self.texts().into_iter().map(|text| text.map(str::to_owned)));
        NAMES.map(|name| (name, values.next().flatten()))
    }
}

fn digest(millisecond: Option<i64>, session_line: Option<i64>, texts: [Option<&str>; 8]) -> ColumnsDigest {
    let mut hash = Sha256::new();
    for number in [millisecond, session_line] {
        hash.update([u8::from(number.is_some())]);
        hash.update(number.unwrap_or_default().to_be_bytes());
    }
    for text in texts {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(text.unwrap_or_default());
    }
    let mut digest = ColumnsDigest::default();
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

/// The digest of the columns of a row, starting at a position.
pub(super) fn digest_of_row(row: &Row, first: usize) -> Result<ColumnsDigest, tokio_postgres::Error> {
    // A time that cannot be read is treated as one that no line has.
    let millisecond = match row.try_get::<_, Option<Timestamp>>(first) {
        Ok(time) => time.map(Timestamp::as_millisecond),
        Err(_) => Some(i64::MIN),
    };
    let mut texts = [None; 8];
    for (place, text) in texts.iter_mut().enumerate() {
        *text = row.try_get(first + 2 + place)?;
    }
    Ok(digest(millisecond, row.try_get(first + 1)?, texts))
}

impl Store {
    /// The columns beside a collected line, by name and as texts.
    ///
    /// # Errors
    /// As any read.
    pub async fn line_columns(&self, line_no: u64) -> Result<[(&'static str, Option<String>); 10], Error> {
        let connection = self.connection().await?;
        let select = "SELECT pg_catalog.to_char(logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), session_line::text, session_id, login, database_name,
                             remote_host, severity, class, command, object_name
                      FROM audit.lines WHERE line_no = $1";
        let row = connection.query_opt(select, &[&signed(line_no)]).await?;
        let mut found = NAMES.map(|name| (name, None));
        if let Some(row) = row {
            for (place, (_, value)) in found.iter_mut().enumerate() {
                *value = row.try_get(place)?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_counts_and_nothing_is_not_the_empty_text() {
        let columns =
            LineColumns { login: Some("ann".into()), session_line: Some(3), ..LineColumns::default() };
        let changes: [fn(&mut LineColumns<'_>); 5] = [
            |columns| columns.login = Some("ben".into()),
            |columns| (columns.login, columns.database) = (None, Some("ann".into())),
            |columns| columns.session_line = Some(4),
            |columns| columns.logged_at = Some(Timestamp::UNIX_EPOCH),
            |columns| columns.object_name = Some("".into()),
        ];
        for change in changes {
            let mut changed = columns.clone();
            change(&mut changed);
            assert_ne!(changed.digest(), columns.digest());
        }
    }
}
