//! A private server with a large catalogue, for the benchmarks of what the screens read.

use secrecy::ExposeSecret as _;

use super::site::{BenchError, prepared_server};
use crate::server::PrivateServer;
use crate::store::{Group, prepare};

/// A server with a large catalogue, gone with this value.
pub struct LargeCatalogue {
    /// The server; it is stopped and deleted when this is dropped.
    pub server: PrivateServer,
    /// The URL of a clerk.
    pub clerk_url: String,
    /// The URL of an admin.
    pub admin_url: String,
}

impl LargeCatalogue {
    /// Makes the server and fills it with so many products, and as many movements.
    ///
    /// # Errors
    /// [`BenchError`] when the server cannot be run or filled.
    pub async fn make(products: u32) -> Result<Self, BenchError> {
        let (server, superuser) = prepared_server().await?;
        let password = crate::service::generate_password();
        let url = |login: &str| server.url_for(login, password.expose_secret(), prepare::DATABASE_DEFAULT);
        for (login, group) in [("bench_clerk", Group::Clerk), ("bench_admin", Group::Admin)] {
            superuser.add_person(login, group, &password).await?;
        }
        let (clerk_url, admin_url) = (url("bench_clerk"), url("bench_admin"));
        superuser.fill_large_catalogue(products, products).await?;
        superuser.checkpoint().await?;
        Ok(Self { server, clerk_url, admin_url })
    }
}
