//! The `stockroom` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    stockroom::cli::main()
}
