//! Free space for the log: it is measured if the log is verifiably on this machine, reported if it is low, and reported
//! as unknown otherwise. Tests that need root and a mount say so if that is not allowed, and check nothing.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;
use stockroom::audit::collect::{Plan, Source, collect_once};
use stockroom::audit::disk_space::DiskSpace;

use crate::support::audit::Collecting;
use crate::support::database::TestDatabase;
use crate::support::disk::SmallDisk;
use crate::support::program::{Program, Ran};
use crate::support::server::{TestServer, psql};

const SUBJECT: &str = "disk of the log";

/// What `db check` says of the disk.
fn finding(document: &Value) -> Option<&Value> {
    document["findings"].as_array().unwrap().iter().find(|finding| finding["subject"] == SUBJECT)
}

/// What a collector tells in one run.
async fn told(collecting: &Collecting, source: Source) -> Vec<String> {
    let told = Mutex::new(Vec::new());
    let plan = Plan { source, seal: None };
    let tell = |message: &str| told.lock().unwrap().push(message.to_owned());
    collect_once(&collecting.store, &plan, tell).await.unwrap();
    told.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_system_of_the_log_is_asked() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let room = DiskSpace::of(&server.log_dir()).unwrap();
    for url in [database.superuser_url().to_owned(), database.url("auditor")] {
        let document = Program::new(&url).run(&["db", "check", "--json"]).document();
        assert_eq!(document["log"]["directory"], server.log_dir().to_str().unwrap());
        assert_eq!(document["log"]["room"]["total_bytes"], room.total_bytes);
        assert_eq!(finding(&document).is_some(), room.severity(None).is_some(), "{document}");
    }
    // An auditor may not list the log directory, a superuser may.
    let document = Program::new(database.superuser_url()).run(&["db", "check", "--json"]).document();
    assert!(document["log"]["files"]["bytes"].as_u64().unwrap() > 0, "{document}");
    // Switched off, pgaudit writes no mark; one is found all the same.
    psql(&server, "ALTER SYSTEM SET pgaudit.log = 'none'").unwrap();
    psql(&server, "SELECT pg_reload_conf()").unwrap();
    let document = Program::new(database.superuser_url()).run(&["db", "check", "--json"]).document();
    assert_eq!(document["log"]["room"]["total_bytes"], room.total_bytes);
}

/// Runs `db check` where something else lies over a directory: an empty one, or a copy of it.
fn check_behind(program: &Program, directory: &Path, fill: &str) -> Option<Ran> {
    let check = program.command(&["db", "check", "--json"]);
    let script = format!("cp -a \"$0\" \"$0.copy\" && mount -t tmpfs tmpfs \"$0\" && {fill} && exec \"$@\"");
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &script])
        .arg(directory)
        .arg(check.get_program())
        .args(check.get_args());
    for (name, value) in check.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().ok()?;
    drop(std::fs::remove_dir_all(directory.with_extension("copy")));
    let ran = Ran::of(&output);
    (!ran.stdout.is_empty()).then_some(ran)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_another_machine_is_not_taken_for_a_local_one() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let program = Program::new(database.superuser_url());
    // A directory of the same name, and one with the same files, as of another machine.
    for (fill, why) in [
        (
            "umount \"$0\" && mv \"$0.copy\" \"$0.away\" && mount -t tmpfs tmpfs \"$(dirname \"$0\")\"",
            "is not on this machine",
        ),
        ("true", "is not the directory to which the server writes"),
        ("cp -a \"$0.copy\"/. \"$0\"", "is not the directory to which the server writes"),
    ] {
        let Some(ran) = check_behind(&program, &server.log_dir(), fill) else {
            println!("skipped: nothing can be mounted here");
            return;
        };
        drop(std::fs::remove_dir_all(server.log_dir().with_extension("away")));
        let document = ran.document();
        let finding = finding(&document).unwrap_or_else(|| panic!("{document}"));
        assert_eq!(finding["weight"], "advice");
        let found = finding["found"].as_str().unwrap();
        assert!(found.contains("cannot be determined from here") && found.contains(why), "{found}");
        assert!(found.contains("the log has"), "{found}");
        assert!(finding["remedy"].as_str().unwrap().contains("stockroom db check"), "{finding}");
        assert_eq!(document["log"]["room"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn low_disk_space_is_reported_by_the_check_and_the_collector() {
    let mut server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let collecting = Collecting::of(&database).await;
    let before = told(&collecting, Source::Sql).await;
    server.stop().unwrap();
    let Some(disk) = SmallDisk::mount_at(&server.log_dir(), "size=20m,mode=0777") else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    server.restart().unwrap();
    let ran = Program::new(database.superuser_url()).run(&["db", "check", "--json"]);
    assert_eq!(ran.code, 6, "{ran:?}");
    let document = ran.document();
    let finding = finding(&document).unwrap_or_else(|| panic!("{document}"));
    assert_eq!(
        (finding["weight"].as_str(), &document["log"]["room"]["total_bytes"]),
        (Some("unsafe"), &(20_u64 << 20).into())
    );
    assert!(finding["found"].as_str().unwrap().contains("of 20.0 MiB free"), "{finding}");
    assert!(finding["remedy"].as_str().unwrap().contains(disk.path().to_str().unwrap()), "{finding}");
    let words = Program::new(database.superuser_url()).run(&["db", "check"]).stdout;
    assert!(words.contains("UNSAFE  disk of the log: "), "{words}");
    for source in [Source::Sql, Source::Directory(server.log_dir())] {
        let told = told(&collecting, source).await;
        assert!(
            told.iter().any(|message| message.contains("the disk of the log is getting full")),
            "{told:?}"
        );
    }
    if DiskSpace::of(server.data_dir().as_path()).unwrap().severity(None).is_none() {
        assert!(before.is_empty(), "{before:?}");
    }
    server.stop().unwrap();
}
