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
    /// Show how the parts of the running service stand
    Status,
    /// Create the passwords of the service's logins, one file each, and set them on the server (requires the URL of a superuser)
    Credentials {
        /// Directory of the files; a login that has a file keeps its password
        directory: PathBuf,
    },
}

/// How the service writes its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people
    Text,
    /// A JSON object per line
    Json,
}
