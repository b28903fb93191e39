//! The configuration of Alertmanager: it is valid, routes alerts as described, and names only alerts that exist. amtool
//! belongs to Debian's package `prometheus-alertmanager`; without it, the tests that run it say that they were skipped.

use std::collections::BTreeSet;
use std::process::Command;

use super::files;

const CONFIG: &str = "docker/alertmanager/alertmanager.yml";

/// What amtool prints; nothing if it is not installed.
fn amtool(arguments: &[&str]) -> Option<String> {
    let output = match Command::new("amtool").args(arguments).current_dir(files::path(".")).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: amtool is not installed (Debian: apt install prometheus-alertmanager)");
            return None;
        }
        Err(error) => panic!("amtool: {error}"),
    };
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "amtool {}\n{complaints}", arguments.join(" "));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn configuration_is_valid() {
    amtool(&["check-config", CONFIG]);
}

#[test]
fn alerts_reach_the_receiver_of_their_severity() {
    for (severity, receiver) in [("critical", "any_hour"), ("warning", "day")] {
        let label = format!("severity={severity}");
        let config = format!("--config.file={CONFIG}");
        if let Some(text) = amtool(&["config", "routes", "test", &config, &label]) {
            assert_eq!(text.trim(), receiver, "{severity}");
        }
    }
}

#[test]
fn only_alerts_that_exist_are_named() {
    let known: BTreeSet<String> = files::with_ending("docker/prometheus/rules", "yml")
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let names =
                text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ").map(str::to_owned));
            names.collect::<Vec<_>>()
        })
        .collect();
    let config = files::text(CONFIG);
    let named: Vec<&str> = config
        .lines()
        .filter(|line| line.contains("alertname =") || line.contains("alertname=~"))
        .flat_map(|line| line.split('"').nth(1).unwrap().split('|'))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(known.contains(name), "there is no alert {name}");
    }
}
