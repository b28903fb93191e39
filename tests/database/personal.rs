//! Which ciphertexts and keys of personal data a login gets from the database.

use crate::support::database::TestDatabase;
use crate::support::session::Session;

#[tokio::test]
async fn clerks_read_of_partners_what_shipping_needs() {
    let database = TestDatabase::new().await;
    let clerk = Session::open(&database.url("clerk")).await.unwrap();
    clerk.run("SELECT code, name, kind, contact_name, telephone, address FROM stock.partners").await.unwrap();
    clerk.run("SELECT kind, key_version, fingerprint FROM stock.privacy_events").await.unwrap();
    for sql in [
        "SELECT email FROM stock.partners",
        "SELECT tax_number FROM stock.partners",
        "SELECT note FROM stock.partners",
        "SELECT ground FROM stock.privacy_events",
        "SELECT stock.store_data_key(NULL, 1, NULL)",
        "SELECT stock.rewrap_data_keys(1, '{}', '{}')",
    ] {
        assert_eq!(clerk.run(sql).await.unwrap_err().sqlstate, "42501", "{sql}");
    }
    for person in ["auditor", "analyst"] {
        let session = Session::open(&database.url(person)).await.unwrap();
        let refused = session.run("SELECT * FROM stock.data_keys_of('partner', NULL)").await.unwrap_err();
        assert_eq!(refused.sqlstate, "42501", "{person}");
    }
}
