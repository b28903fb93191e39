//! Each alert has tests, a runbook section, and metrics that exist.

use std::collections::BTreeSet;

use super::files;

/// Metrics of programs beside this one; each is written by whoever does the work.
const OF_OTHERS: [&str; 1] = [
    // A backup job, as a file for the node exporter; docs/runbooks.md says how.
    "stockroom_backup_last_success_time_seconds",
];

/// An alert as it stands in the file.
struct Alert {
    name: String,
    text: String,
}

fn alerts() -> Vec<Alert> {
    let mut alerts: Vec<Alert> = Vec::new();
    for file in files::with_ending("docker/prometheus/rules", "yml") {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            if let Some(name) = line.trim().strip_prefix("- alert: ") {
                alerts.push(Alert { name: name.to_owned(), text: String::new() });
            } else if let Some(alert) = alerts.last_mut() {
                alert.text.push_str(line);
                alert.text.push('\n');
            }
        }
    }
    assert!(!alerts.is_empty());
    alerts
}

/// The names of the cases in the tests of the rules.
fn cases() -> BTreeSet<String> {
    files::with_ending("docker/prometheus/tests", "yml")
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("- name: "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() {
    let cases = cases();
    for alert in alerts() {
        for outcome in ["fires", "is silent"] {
            let case = format!("{} {outcome}", alert.name);
            assert!(cases.contains(&case), "no case {case:?} in docker/prometheus/tests");
        }
    }
}

#[test]
fn each_alert_links_to_its_section_of_the_runbooks() {
    let runbooks = files::text("docs/runbooks.md");
    for alert in alerts() {
        let link = format!("runbook_url: docs/runbooks.md#{}", alert.name.to_lowercase());
        assert!(alert.text.contains(&link), "{} does not link to its section: {link}", alert.name);
        let section = runbooks.split("\n## ").find(|section| section.lines().next() == Some(&alert.name));
        let words = section.map_or(0, |section| section.split_whitespace().count());
        assert!(words > 30, "docs/runbooks.md has no section of some length on {}", alert.name);
    }
}

#[test]
fn runbooks_name_no_alert_that_does_not_exist() {
    let names: BTreeSet<String> = alerts().into_iter().map(|alert| alert.name).collect();
    for line in files::text("docs/runbooks.md").lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            assert!(
                names.contains(heading),
                "docs/runbooks.md has a section on {heading}, which is no alert"
            );
        }
    }
}

#[test]
fn alerts_read_metrics_that_the_program_exports() {
    for alert in alerts() {
        for name in files::metrics_in(&alert.text) {
            let known = files::metric(name).is_some() || OF_OTHERS.contains(&name);
            assert!(known, "{} reads {name}, which is not in the table of metrics", alert.name);
        }
    }
}
