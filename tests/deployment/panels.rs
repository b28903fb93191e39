//! The panels of the dashboards, as tests need them.

use serde_json::Value;

use super::files;

/// What a panel asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// PromQL for Prometheus.
    Metrics(String),
    /// SQL for the database.
    Rows(String),
}

/// A query of a panel.
#[derive(Debug)]
pub struct Target {
    pub query: Query,
    pub legend: String,
}

/// A panel of a dashboard.
#[derive(Debug)]
pub struct Panel {
    /// Dashboard and title, for messages.
    pub name: String,
    pub json: Value,
    pub targets: Vec<Target>,
}

/// The dashboards, by file name.
pub fn dashboards() -> Vec<(String, Value)> {
    files::with_ending("docker/grafana/dashboards", "json")
        .into_iter()
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            (name, json)
        })
        .collect()
}

/// All panels of all dashboards.
pub fn panels() -> Vec<Panel> {
    let mut panels = Vec::new();
    for (dashboard, json) in dashboards() {
        for panel in json["panels"].as_array().unwrap() {
            let name = format!("{dashboard}: {}", panel["title"].as_str().unwrap_or("without a title"));
            let targets = panel["targets"].as_array().unwrap().iter().map(target).collect();
            panels.push(Panel { name, json: panel.clone(), targets });
        }
    }
    panels
}

fn target(json: &Value) -> Target {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let query = text("expr").map(Query::Metrics).or_else(|| text("rawSql").map(Query::Rows));
    Target {
        query: query.unwrap_or_else(|| panic!("neither expr nor rawSql: {json}")),
        legend: text("legendFormat").unwrap_or_default(),
    }
}

/// A PromQL query with the variables of Grafana replaced.
pub fn without_variables(expression: &str) -> String {
    let plain = expression.replace("$__rate_interval", "5m");
    assert!(!plain.contains('$'), "an unknown variable: {expression}");
    plain
}

/// An SQL query with Grafana's macro for the period replaced by the last and the next day.
pub fn with_period(sql: &str) -> String {
    let mut plain = String::new();
    let mut parts = sql.split("$__timeFilter(");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (column, rest) = part.split_once(')').unwrap();
        plain.push_str(&format!(
            "{column} BETWEEN now() - interval '1 day' AND now() + interval '1 day'{rest}"
        ));
    }
    assert!(!plain.contains('$'), "an unknown macro: {sql}");
    plain
}
