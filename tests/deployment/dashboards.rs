//! The dashboards: the rules of Grafana's dashboard linter that apply here, and queries that are valid.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use stockroom::domain::{MovementKind, Product, Tracking};
use stockroom::metrics::Kind;

use super::panels::{self, Query, dashboards, panels, without_variables};
use super::support::database::{TestDatabase, line, posting, product};
use super::support::raw::connect;
use super::{files, promtool};

/// The functions that turn a counter into a figure to look at.
const RATES: [&str; 2] = ["rate(", "increase("];

#[test]
fn dashboards_have_uid_title_description_and_cannot_be_edited_in_the_browser() {
    let mut uids = BTreeSet::new();
    for (name, json) in dashboards() {
        for key in ["uid", "title", "description"] {
            assert!(json[key].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {key}");
        }
        assert!(uids.insert(json["uid"].to_string()), "{name} has the uid of another dashboard");
        assert_eq!(json["editable"], Value::Bool(false), "{name} can be edited in the browser");
    }
}

#[test]
fn panels_have_title_description_unit_and_a_provisioned_data_source() {
    let sources = files::text("docker/grafana/provisioning/datasources/stockroom.yaml");
    for panel in panels() {
        let (name, json) = (&panel.name, &panel.json);
        for key in ["title", "description"] {
            assert!(json[key].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {key}");
        }
        assert!(json["fieldConfig"]["defaults"]["unit"].is_string(), "{name} has no unit");
        let uid = json["datasource"]["uid"].as_str().unwrap();
        assert!(sources.contains(&format!("uid: {uid}\n")), "{name} reads {uid}, which is not provisioned");
        assert!(!panel.targets.is_empty(), "{name} asks nothing");
        for target in json["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"], json["datasource"], "{name} reads from two data sources");
        }
    }
}

#[test]
fn panels_of_a_dashboard_have_ids_of_their_own_and_do_not_overlap() {
    for (name, json) in dashboards() {
        let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
        for panel in json["panels"].as_array().unwrap() {
            let title = &panel["title"];
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{name}: the id of {title} is taken");
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{name}: {title} is wider than the page");
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(cells.insert((x, y)), "{name}: {title} covers another panel");
                }
            }
        }
    }
}

#[test]
fn metrics_of_panels_are_exported_and_have_the_labels_of_the_legend() {
    for panel in panels() {
        for target in &panel.targets {
            let Query::Metrics(expression) = &target.query else { continue };
            for name in files::metrics_in(expression) {
                let Some(metric) = files::metric(name) else {
                    panic!("{} reads {name}, which is not in the table of metrics", panel.name)
                };
                for label in labels_of(&target.legend) {
                    assert!(metric.labels.contains(&label), "{}: {name} has no label {label}", panel.name);
                }
            }
        }
    }
}

fn labels_of(legend: &str) -> Vec<&str> {
    legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).collect()
}

#[test]
fn counters_are_shown_as_rates_and_everything_names_its_job() {
    for panel in panels() {
        for target in &panel.targets {
            let Query::Metrics(expression) = &target.query else { continue };
            for name in files::metrics_in(expression) {
                assert!(
                    expression.contains(&format!("{name}{{job=\"stockroom\"")),
                    "{}: {name} without its job",
                    panel.name
                );
                let is_counter = files::metric(name).is_some_and(|metric| metric.kind == Kind::Counter);
                let is_rate = RATES.iter().any(|function| expression.contains(&format!("{function}{name}")));
                assert_eq!(is_counter, is_rate, "{}: {expression}", panel.name);
            }
            let ranges = expression.matches('[').count();
            assert_eq!(
                ranges,
                expression.matches("[$__rate_interval]").count(),
                "{}: a fixed range",
                panel.name
            );
        }
    }
}

#[test]
fn queries_of_panels_are_valid() {
    let mut rules = String::from("groups:\n  - name: panels\n    rules:\n");
    let mut number = 0;
    for panel in panels() {
        for target in &panel.targets {
            if let Query::Metrics(expression) = &target.query {
                number += 1;
                let quoted = Value::String(without_variables(expression)).to_string();
                rules.push_str(&format!("      - record: panel_{number}\n        expr: {quoted}\n"));
            }
        }
    }
    assert!(number > 0, "no panel asks Prometheus");
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("panels.yml"), rules).unwrap();
    promtool::passes(&["check", "rules", "panels.yml"], directory.path());
}

#[tokio::test]
async fn tables_return_rows_for_an_analyst() {
    let database = TestDatabase::new().await.with_catalogue(&[], &["A"]).await;
    let admin = database.service("admin");
    let low = Product {
        reorder_point: Some("10".parse().unwrap()),
        category: Some("Giftware".parse().unwrap()),
        ..product("W1", Tracking::None)
    };
    admin.add_product(low).await.unwrap();
    admin.add_product(product("L1", Tracking::Lot)).await.unwrap();
    let clerk = database.service("clerk");
    let mut lot = line("L1", "3", "", "A");
    lot.lot = Some("C1".parse().unwrap());
    lot.expires = Some(jiff::Zoned::now().date().tomorrow().unwrap());
    clerk.post(&posting(MovementKind::Receipt, vec![line("W1", "9", "", "A"), lot])).await.unwrap();
    let mut sold = line("W1", "2", "A", "");
    sold.unit_price = Some("1.50".parse().unwrap());
    clerk.post(&posting(MovementKind::Issue, vec![sold])).await.unwrap();

    let analyst = connect(&database.url("analyst")).await;
    let mut tables = 0;
    for panel in panels() {
        for target in &panel.targets {
            let Query::Rows(sql) = &target.query else { continue };
            tables += 1;
            let rows = analyst
                .query(&panels::with_period(sql), &[])
                .await
                .unwrap_or_else(|error| panic!("{}: {error:?}", panel.name));
            assert!(!rows.is_empty(), "{} returns nothing", panel.name);
        }
    }
    assert!(tables > 0, "no panel reads the database");
}
