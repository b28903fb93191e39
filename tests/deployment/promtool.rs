//! Runs promtool, which belongs to Debian's package `prometheus`. Without it these tests say that they were skipped.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::files;

/// Runs promtool and fails with what it printed; false if it is not installed.
pub fn passes(arguments: &[&str], directory: &Path) -> bool {
    let output = match Command::new("promtool").args(arguments).current_dir(directory).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: promtool is not installed (Debian: apt install prometheus)");
            return false;
        }
        Err(error) => panic!("promtool: {error}"),
    };
    assert!(
        output.status.success(),
        "promtool {}\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

#[test]
fn rules_are_valid() {
    for file in files::with_ending("docker/prometheus/rules", "yml") {
        passes(&["check", "rules", file.to_str().unwrap()], &files::path("."));
    }
}

#[test]
fn alerts_fire_and_stay_silent_as_their_tests_say() {
    for file in files::with_ending("docker/prometheus/tests", "yml") {
        passes(&["test", "rules", file.to_str().unwrap()], &files::path("docker/prometheus/tests"));
    }
}

#[test]
fn configuration_is_valid() {
    let directory = tempfile::tempdir().unwrap();
    let rules = files::path("docker/prometheus/rules");
    let text = files::text("docker/prometheus/prometheus.yml");
    let changed = text.replace("/etc/prometheus/rules", rules.to_str().unwrap());
    assert_ne!(text, changed, "prometheus.yml reads the rules from another directory");
    fs::write(directory.path().join("prometheus.yml"), changed).unwrap();
    // Only the syntax: certificates and tokens exist on a site, not here.
    passes(&["check", "config", "--syntax-only", "prometheus.yml"], directory.path());
}
