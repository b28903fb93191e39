//! The private server, on a real PostgreSQL with pgaudit.

mod support;

use stockroom::server::Status;
use support::server::{TestServer, psql};

#[test]
fn starts_answers_and_stops() {
    let mut server = TestServer::own(&[]);
    assert_eq!(psql(&server, "SELECT 1").unwrap(), "1");
    let port = server.port();
    assert_eq!(server.status().unwrap(), Status::Running { port });
    server.stop().unwrap();
    assert_eq!(server.status().unwrap(), Status::Stopped);
    assert!(psql(&server, "SELECT 1").is_err());
    let dir = server.instance_dir().to_owned();
    drop(server);
    assert!(!dir.exists());
}
