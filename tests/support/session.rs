//! Sessions of single logins that send SQL as it is, for tests of what the database itself refuses.

use std::io::Cursor;

use futures_util::SinkExt as _;
use tokio_postgres::{Client, NoTls};

/// How the database refused a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The SQLSTATE.
    pub sqlstate: String,
    /// The constraint or rule, if one was named.
    pub rule: String,
    /// What it said.
    pub message: String,
}

impl From<tokio_postgres::Error> for Refused {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else { panic!("the connection failed: {error:?}") };
        Self {
            sqlstate: db.code().code().to_owned(),
            rule: db.constraint().unwrap_or_default().to_owned(),
            message: db.message().to_owned(),
        }
    }
}

/// A session of one login.
pub struct Session {
    /// The connection.
    pub client: Client,
    url: String,
    role: Option<String>,
}

impl Session {
    /// Logs in.
    pub async fn open(url: &str) -> Result<Self, Refused> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self { client, url: url.to_owned(), role: None })
    }

    /// Logs in and takes on another role.
    pub async fn open_as(url: &str, role: &str) -> Result<Self, Refused> {
        let session = Self { role: Some(role.to_owned()), ..Self::open(url).await? };
        session.run(&format!("SET ROLE {role}")).await?;
        Ok(session)
    }

    /// Runs statements outside a transaction of ours.
    pub async fn run(&self, sql: &str) -> Result<(), Refused> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// One value as text.
    pub async fn value(&self, sql: &str) -> String {
        let rows = self.client.simple_query(sql).await.unwrap();
        rows.iter()
            .find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => {
                    Some(row.get(0).unwrap_or_default().to_owned())
                }
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Runs statements in a transaction as far as its commit would go, and takes them back.
    pub async fn attempt(&self, isolation: &str, sql: &str) -> Result<(), Refused> {
        self.client.batch_execute(&format!("BEGIN ISOLATION LEVEL {isolation}")).await.unwrap();
        let outcome = self.client.batch_execute(&format!("{sql}; SET CONSTRAINTS ALL IMMEDIATE")).await;
        self.client.batch_execute("ROLLBACK").await.unwrap();
        Ok(outcome?)
    }

    /// As [`Session::attempt`], with COPY FROM STDIN of one line of data. The client library loses
    /// its place after a COPY that is refused, so it happens in a session of its own.
    pub async fn attempt_copy(&self, sql: &str, line: &str) -> Result<(), Refused> {
        let own = match &self.role {
            Some(role) => Self::open_as(&self.url, role).await?,
            None => Self::open(&self.url).await?,
        };
        own.run("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
        let sink = own.client.copy_in::<_, Cursor<Vec<u8>>>(sql).await?;
        tokio::pin!(sink);
        sink.send(Cursor::new(format!("{line}\n").into_bytes())).await?;
        sink.finish().await?;
        own.run("SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK").await
    }
}
