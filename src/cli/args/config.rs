//! The arguments of `stockroom config`.

use clap::Subcommand;

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigAction {
    /// Report unknown keys, wrong values, files that cannot be read and secrets that others can read
    Check,
    /// Show every setting with its value and where it comes from; passwords are masked
    Show,
}
