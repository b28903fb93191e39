//! What runs a site: the alert rules of Prometheus and the dashboards of Grafana. `docker/test` runs the site itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod alertmanager;
mod alerts;
mod dashboards;
mod files;
mod package;
mod panels;
mod promtool;
