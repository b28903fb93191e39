//! The arguments of `stockroom serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(subcommand)]
    pub action: Option<ServeAction>,
    /// Address and port of metrics, health and status [default: listen in [serve], or 127.0.0.1:9757]
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Format of the log on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeAction {
    /// Show the state of the running service and its parts
    Status,
    /// Create the passwords of the service's logins, one file each, and set them on the server (requires the URL of a superuser)
    Credentials {
        /// Directory of the files; a login that has a file keeps its password
        directory: PathBuf,
    },
}

/// The format of the service's log on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Plain text
    Text,
    /// A JSON object per line
    Json,
}
