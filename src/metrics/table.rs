//! The table of metrics: name, kind, labels and meaning of each. A new metric is an entry here.
//!
//! Names end in the base unit, and in `_total` for counters. No label contains a login, a SKU, a location or a text:
//! labels have few values, and none of them reveals anything about a person.

/// How the value of a metric may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It can rise and fall.
    Gauge,
    /// It only increases, until the program is restarted.
    Counter,
}

impl Kind {
    /// The name of the kind in the text format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

/// An entry of the table: what is exported for one metric, and its help text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name, which begins with `stockroom_`.
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $constant: Metric =
                Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };
        )*
        /// All metrics, in the order of the page.
        pub const METRICS: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    BUILD_INFO Gauge "stockroom_build_info" ["version"] "Version of the program; always 1.";
    START_TIME Gauge "stockroom_start_time_seconds" [] "Unix time at which the service was started.";
    LEADER Gauge "stockroom_leader" [] "1 if this service leads and does the work, 0 if it waits for another one.";
    DATABASE_UP Gauge "stockroom_database_up" [] "1 if the database answered the last query of the service.";
    HTTP_REQUESTS Counter "stockroom_http_requests_total" ["code"] "HTTP requests that were answered, by status code.";
    RELOAD_SUCCESS Gauge "stockroom_config_reload_success" [] "1 if the configuration was read without an error the last time.";
    RELOAD_TIME Gauge "stockroom_config_reload_time_seconds" [] "Unix time at which the configuration was last read without an error.";

    PART_UP Gauge "stockroom_part_up" ["part"] "1 if this part of the service works, 0 if its last run failed.";
    PART_RUNS Counter "stockroom_part_runs_total" ["part"] "Runs of this part that were started.";
    PART_FAILURES Counter "stockroom_part_failures_total" ["part"] "Runs of this part that failed.";
    PART_LAST_SUCCESS Gauge "stockroom_part_last_success_time_seconds" ["part"] "Unix time at which this part last succeeded.";
    PART_NEXT_RUN Gauge "stockroom_part_next_run_time_seconds" ["part"] "Unix time at which this part runs next.";

    COLLECTOR_LAG_BYTES Gauge "stockroom_collector_lag_bytes" [] "Bytes of the server log that had not been collected when the collector last looked.";
    COLLECTOR_LAG_SECONDS Gauge "stockroom_collector_lag_seconds" [] "Seconds since the server log was last collected to its end.";
    COLLECTOR_LAST_PASS Gauge "stockroom_collector_last_pass_time_seconds" [] "Unix time at which the collector last read the server log to its end.";
    LOG_LINES Counter "stockroom_log_lines_total" [] "Log entries collected.";
    LOG_BYTES Counter "stockroom_log_bytes_total" [] "Bytes of log entries collected.";
    LOG_LINES_UNREADABLE Counter "stockroom_log_lines_unreadable_total" [] "Collected log entries that cannot be read.";
    LOG_LINES_FORGED Counter "stockroom_log_lines_forged_total" [] "Collected log entries that only look like audit records.";
    CHECKPOINT_TIME Gauge "stockroom_checkpoint_time_seconds" ["tree"] "Unix time at which the last checkpoint of this tree was signed.";
    UNSEALED_LEAVES Gauge "stockroom_unsealed_leaves" ["tree"] "Leaves of this tree that no checkpoint covers.";
    UNSEALED_AGE Gauge "stockroom_unsealed_age_seconds" [] "Seconds for which something has not been covered by a checkpoint; 0 if everything is covered.";
    LOG_DISK_FREE Gauge "stockroom_log_disk_free_bytes" [] "Free bytes on the file system of the server log, if the service can see it.";
    LOG_DISK_SIZE Gauge "stockroom_log_disk_size_bytes" [] "Size of the file system of the server log, if the service can see it.";
    SESSIONS_ENDED Counter "stockroom_sessions_ended_total" [] "Sessions that were ended because they blocked others.";

    VERIFICATION_TIME Gauge "stockroom_verification_time_seconds" ["mode"] "Unix time at which the last verification ended.";
    VERIFICATION_DURATION Gauge "stockroom_verification_duration_seconds" ["mode"] "Duration of the last verification.";
    VERIFICATION_ALARMS Gauge "stockroom_verification_alarms" ["mode"] "Alarms of the last verification that nobody has accepted.";
    VERIFICATION_ACCEPTED Gauge "stockroom_verification_accepted" ["mode"] "Accepted alarms of the last verification.";
    VERIFICATION_NOTICES Gauge "stockroom_verification_notices" ["mode"] "Notices of the last verification.";
    VERIFICATION_CLEAN_TIME Gauge "stockroom_verification_clean_time_seconds" ["mode"] "Unix time at which the last verification without alarms ended.";

    POSTINGS Counter "stockroom_postings_total" ["kind"] "Sealed postings of all terminals.";
    MOVEMENTS Counter "stockroom_movements_total" ["kind"] "Sealed movements of all terminals.";
    REFUSALS Counter "stockroom_refusals_total" ["rule"] "Commands of all terminals that the database refused, according to the collected log.";
    RETRIES Counter "stockroom_retries_total" ["reason"] "Transactions of all terminals that had to be retried because of a conflict, according to the collected log.";
    OUTCOME_UNKNOWN Counter "stockroom_outcome_unknown_total" [] "Connections that the service lost while it was posting; the outcome was determined afterwards.";

    IMPORT_RUNS Counter "stockroom_import_runs_total" ["feed", "outcome"] "Imported files: posted, rejects, duplicate or failed.";
    IMPORT_ERRORS Counter "stockroom_import_errors_total" ["feed"] "Imported files that failed.";
    IMPORT_DURATION Gauge "stockroom_import_processing_duration_seconds" ["feed"] "Duration of the last import.";
    IMPORT_LAST_INSERT_COUNT Gauge "stockroom_import_last_insert_count" ["feed"] "Rows posted by the last import that had not been posted before.";
    IMPORT_ROWS Counter "stockroom_import_rows_total" ["feed", "result"] "Imported rows: posted, already_posted or rejected.";
    IMPORT_LAST_REJECTED Gauge "stockroom_import_last_rows_rejected" ["feed"] "Rows that the last import rejected.";
    IMPORT_LAST_SUCCESS Gauge "stockroom_import_last_success_time_seconds" ["feed"] "Unix time at which a file was last imported without failing.";
    IMPORT_FILES_WAITING Gauge "stockroom_import_files_waiting" ["feed"] "Files in the directory that are waiting to be imported.";

    ORDERS_RESERVED Counter "stockroom_orders_reserved_total" [] "Orders for which the service reserved stock, according to their policy.";
    RESERVATIONS_EXPIRED Counter "stockroom_reservations_expired_total" [] "Reservations that the service released because they had expired.";

    ORDERS_OPEN Gauge "stockroom_orders_open" ["kind"] "Open orders: confirmed, and not delivered in full.";
    ORDERS_LATE Gauge "stockroom_orders_late" ["kind"] "Open orders whose due date has passed.";

    STOCK_VALUE_AT_COST Gauge "stockroom_stock_value_at_cost" [] "Value of the stock on hand at the unit cost of its products, in the currency of the site.";
    STOCK_VALUE_AT_PRICE Gauge "stockroom_stock_value_at_price" [] "Value of the stock on hand at the unit price of its products, in the currency of the site.";
    PRODUCTS_ON_HAND Gauge "stockroom_products_on_hand" [] "Products with stock on hand.";
    PRODUCTS_BELOW_REORDER_POINT Gauge "stockroom_products_below_reorder_point" [] "Products at or below their reorder point.";
    LOTS_EXPIRED Gauge "stockroom_lots_expired_on_hand" [] "Lots with stock on hand that have expired.";
    PARTITIONS_AHEAD Gauge "stockroom_partitions_ahead" [] "Consecutive months after the current one for which the ledger has a partition.";

    POOL_CONNECTIONS Gauge "stockroom_pool_connections" ["part", "state"] "Database connections of this part, idle or busy.";
    POOL_CONNECTIONS_MAX Gauge "stockroom_pool_connections_max" ["part"] "Database connections that this part may open.";
    CERTIFICATE_EXPIRY Gauge "stockroom_tls_certificate_expiry_time_seconds" [] "Unix time at which the certificate of the service expires.";

    COMMAND_LAST_RUN Gauge "stockroom_command_last_run_time_seconds" ["command"] "Unix time at which this command last ended.";
    COMMAND_LAST_SUCCESS Gauge "stockroom_command_last_success_time_seconds" ["command"] "Unix time at which this command last succeeded.";
    COMMAND_SUCCESS Gauge "stockroom_command_success" ["command"] "1 if the last run of this command succeeded.";
    COMMAND_DURATION Gauge "stockroom_command_duration_seconds" ["command"] "Duration of the last run of this command.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_follow_the_rules_of_prometheus() {
        let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len(), "a name stands twice");
        for metric in METRICS {
            assert!(metric.name.starts_with("stockroom_"), "{}", metric.name);
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn labels_are_those_whose_values_are_few() {
        let known = [
            "version", "code", "part", "tree", "mode", "kind", "rule", "reason", "feed", "outcome", "result",
            "state", "command",
        ];
        for metric in METRICS {
            assert!(metric.labels.iter().all(|label| known.contains(label)), "{}", metric.name);
        }
    }
}
