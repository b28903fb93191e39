//! TLS to the server: what each sslmode accepts and refuses, with certificates made for the test.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use stockroom::store::{ConnectionSettings, Error, Store};

use crate::support::server::{TestServer, psql};
use crate::support::session::Session;
use crate::support::wait::until_blocking;

/// An authority that signs certificates.
struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for these names and its key.
    fn sign(&self, names: &[&str], expired: bool) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Gives a file to the account that the server runs as, closed to others as it asks.
fn write_for_server(server: &TestServer, name: &str, text: &str) {
    let path = server.data_dir().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let owner = fs::metadata(server.data_dir()).unwrap();
    if owner.uid() != fs::metadata(&path).unwrap().uid() {
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
}

/// Puts a certificate into the server and waits until it is in use.
fn present(server: &TestServer, (certificate, key): &(String, String)) {
    write_for_server(server, "server.crt", certificate);
    write_for_server(server, "server.key", key);
    psql(server, "ALTER SYSTEM SET ssl = on").unwrap();
    let loaded = || psql(server, "SELECT pg_conf_load_time()").unwrap();
    let before = loaded();
    psql(server, "SELECT pg_reload_conf()").unwrap();
    until_blocking("the server has read its certificate", || loaded() != before);
    assert_eq!(psql(server, "SHOW ssl").unwrap(), "on");
}

/// What became of an attempt to connect.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Encrypted,
    Plain,
    /// Not connected, with what was said.
    Refused(String),
}

/// Connects with these URL parameters and sees what the server makes of the line.
async fn connect(server: &TestServer, host: &str, parameters: &str) -> Line {
    let url = format!("{}?{parameters}", server.superuser_url().replace("127.0.0.1", host));
    let settings: ConnectionSettings = url.parse().unwrap();
    let session = settings.session_name().to_owned();
    let store = match Store::new(settings, 1) {
        Ok(store) => store,
        Err(error) => return Line::Refused(error.to_string()),
    };
    match store.ping().await {
        Ok(_) => {
            let witness = Session::open(&server.superuser_url()).await.unwrap();
            let sql = format!(
                "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = '{session}'"
            );
            if witness.value(&sql).await == "t" { Line::Encrypted } else { Line::Plain }
        }
        Err(error @ Error::Unavailable { .. }) => Line::Refused(error.to_string()),
        Err(error) => panic!("{parameters}: {error:?}"),
    }
}

/// The exit code and the complaint of the program for these URL parameters.
fn exit_of(server: &TestServer, parameters: &str) -> (Option<i32>, String) {
    let state = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_stockroom"))
        .args(["db", "check", "--database-url", &format!("{}?{parameters}", server.superuser_url())])
        .env("STOCKROOM_STATE_DIR", state.path())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// What each mode makes of a certificate that is right, one that names another host, one of an unknown
/// authority and one that has expired. E: connected and encrypted; P: connected in clear; -: refused.
const MODES: &str = "
                                right  other-host  unknown  expired
sslmode=disable                 P      P           P        P
                                E      E           E        E
sslmode=prefer                  E      E           E        E
sslmode=require                 E      E           E        E
sslmode=require&sslrootcert     E      E           -        -
sslmode=verify-ca&sslrootcert   E      E           -        -
sslmode=verify-full&sslrootcert E      -           -        -
sslmode=verify-full             -      -           -        -
";

#[tokio::test]
async fn each_mode_accepts_what_libpq_would() {
    let server = TestServer::own(&[]);
    let directory = tempfile::tempdir().unwrap();
    let (ours, foreign) = (Authority::new("Test authority"), Authority::new("Foreign authority"));
    let root = write(directory.path(), "ca.pem", &ours.certificate);
    let here = ["localhost", "127.0.0.1"];
    let certificates = [
        ours.sign(&here, false),
        ours.sign(&["db.example", "10.0.0.1"], false),
        foreign.sign(&here, false),
        ours.sign(&here, true),
    ];
    // How the refusal of each certificate is put, where it was verified against our authority.
    let complaints = ["", "is for another host", "not signed by a trusted authority", "has expired"];
    let mut lines = MODES.trim_matches('\n').lines();
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let rows: Vec<(&str, Vec<&str>)> =
        lines.map(|line| (line[..32].trim(), line[32..].split_whitespace().collect())).collect();
    for (column, certificate) in certificates.iter().enumerate() {
        present(&server, certificate);
        for (mode, expected) in &rows {
            let parameters = mode.replace("sslrootcert", &format!("sslrootcert={}", root.display()));
            let line = connect(&server, "127.0.0.1", &parameters).await;
            let what = format!("{mode} with a certificate that is {}: {line:?}", columns[column]);
            match (expected[column], &line) {
                ("E", Line::Encrypted) | ("P", Line::Plain) => {}
                ("-", Line::Refused(complaint)) => {
                    assert!(
                        !mode.contains("sslrootcert") || complaint.contains(complaints[column]),
                        "{what}"
                    );
                }
                _ => panic!("{what}"),
            }
        }
    }
    present(&server, &certificates[0]);
    let full = format!("sslmode=verify-full&sslrootcert={}", root.display());
    assert_eq!(connect(&server, "localhost", &full).await, Line::Encrypted, "by name instead of address");
}

#[tokio::test]
async fn the_modes_without_tls_on_the_server() {
    let server = TestServer::shared();
    for parameters in ["", "sslmode=disable", "sslmode=prefer", "sslmode=allow"] {
        assert_eq!(connect(server, "127.0.0.1", parameters).await, Line::Plain, "{parameters}");
    }
    let Line::Refused(complaint) = connect(server, "127.0.0.1", "sslmode=require").await else {
        panic!("connected in clear although encryption was required");
    };
    assert!(complaint.contains("TLS"), "{complaint}");
    assert_eq!(exit_of(server, "sslmode=require").0, Some(4));
}

#[tokio::test]
async fn the_program_says_what_is_wrong_and_ends_accordingly() {
    let server = TestServer::own(&[]);
    let directory = tempfile::tempdir().unwrap();
    let (ours, foreign) = (Authority::new("Test authority"), Authority::new("Foreign authority"));
    present(&server, &ours.sign(&["db.example"], false));
    let root = write(directory.path(), "ca.pem", &ours.certificate);
    let other_root = write(directory.path(), "foreign.pem", &foreign.certificate);
    let empty = write(directory.path(), "empty.pem", "no certificate here\n");
    let garbled = write(
        directory.path(),
        "garbled.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let missing = directory.path().join("missing.pem");
    for (mode, file, code, words) in [
        ("verify-full", &root, 4, "db.example"),
        ("verify-full", &other_root, 4, "sslrootcert"),
        ("verify-ca", &other_root, 4, "sslrootcert"),
        ("verify-full", &missing, 2, "missing.pem"),
        ("require", &missing, 2, "missing.pem"),
        ("verify-full", &empty, 2, "no trusted root certificate"),
        ("verify-full", &garbled, 2, "garbled.pem"),
        ("maybe", &root, 2, "sslmode=maybe is unknown"),
    ] {
        let (found, complaint) = exit_of(&server, &format!("sslmode={mode}&sslrootcert={}", file.display()));
        assert_eq!(found, Some(code), "{mode}: {complaint}");
        assert!(complaint.contains(words), "{mode}: {complaint}");
    }
}
