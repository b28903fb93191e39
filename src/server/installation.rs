//! Finds an installed PostgreSQL server that is new enough and has pgaudit.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ServerError;
use super::install_hint::{BIN_DIR_VARIABLE, OLDEST_MAJOR};
use super::program::{output, run};

/// Directories with one installation per version, as the directory, the prefix of a version's directory and the
/// directory of programs in it: Debian and Ubuntu, PGDG on Fedora and related systems, Homebrew.
const VERSIONED_DIRS: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
];

/// Where server libraries may be if there is no `pg_config`, relative to the program directory.
const LIBRARY_DIRS: [&str; 5] =
    ["../lib", "../lib/postgresql", "../lib64/pgsql", "../lib/pgsql", "../lib64/postgresql"];

/// An installed server that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    bin_dir: PathBuf,
    major: u32,
}

impl Installation {
    /// Finds the newest usable installation, or the one of `major` if that is given.
    ///
    /// `bin_dir`, else the environment variable [`BIN_DIR_VARIABLE`], names the only place to look.
    ///
    /// # Errors
    /// Says what is missing and how to install it.
    pub fn find(bin_dir: Option<&Path>, major: Option<u32>) -> Result<Self, ServerError> {
        let dirs =
            match bin_dir.map(Path::to_owned).or_else(|| env::var_os(BIN_DIR_VARIABLE).map(PathBuf::from)) {
                Some(dir) => BTreeSet::from([dir]),
                None => candidate_dirs(),
            };
        let mut found: Vec<Self> = dirs.iter().filter_map(|dir| Self::probe(dir)).collect();
        found.sort_by_key(|installation| std::cmp::Reverse(installation.major));
        let wanted = |installation: &&Self| match major {
            Some(major) => installation.major == major,
            None => installation.major >= OLDEST_MAJOR,
        };
        if let Some(usable) = found.iter().filter(wanted).find(|installation| installation.has_pgaudit()) {
            return Ok(usable.clone());
        }
        Err(match (found.iter().find(wanted), found.first()) {
            (Some(unaudited), _) => {
                ServerError::NoPgaudit { major: unaudited.major, bin_dir: unaudited.bin_dir.clone() }
            }
            (None, Some(old)) => {
                ServerError::TooOld { found: old.major.to_string(), bin_dir: old.bin_dir.clone() }
            }
            (None, None) => ServerError::NotInstalled { searched: list_of(&dirs) },
        })
    }

    /// Reads the version of the server in a directory, if there is one.
    fn probe(bin_dir: &Path) -> Option<Self> {
        let programs = ["postgres", "initdb", "pg_ctl", "pg_isready"];
        if !programs.iter().all(|name| bin_dir.join(name).is_file()) {
            return None;
        }
        let answer = output(Command::new(bin_dir.join("postgres")).arg("--version")).ok()?;
        let major = parse_major(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Self { bin_dir: bin_dir.to_owned(), major })
    }

    fn has_pgaudit(&self) -> bool {
        let mut dirs: Vec<PathBuf> = LIBRARY_DIRS.map(|dir| self.bin_dir.join(dir)).into();
        let mut pg_config = Command::new(self.program("pg_config"));
        if let Ok(dir) = run(pg_config.arg("--pkglibdir"), "pg_config") {
            dirs.insert(0, PathBuf::from(dir.trim()));
        }
        dirs.iter().any(|dir| {
            ["so", "dylib"].iter().any(|ending| dir.join("pgaudit").with_extension(ending).is_file())
        })
    }

    /// The directory of the server's programs.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// Major version, such as 15.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Path of one of the programs, such as `psql`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }
}

fn parse_major(version: &str) -> Option<u32> {
    // "postgres (PostgreSQL) 15.20 (Debian …)", "postgres (PostgreSQL) 18beta1"
    let number = version.split(')').nth(1)?.trim_start();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn candidate_dirs() -> BTreeSet<PathBuf> {
    let mut dirs = BTreeSet::new();
    for dir in env::split_paths(&env::var_os("PATH").unwrap_or_default()) {
        let pg_config = dir.join("pg_config");
        if pg_config.is_file()
            && let Ok(answer) = run(Command::new(pg_config).arg("--bindir"), "pg_config")
        {
            dirs.insert(PathBuf::from(answer.trim()));
        }
        if dir.join("postgres").is_file() {
            dirs.insert(dir);
        }
    }
    for (base, prefix, bin) in VERSIONED_DIRS {
        let Ok(children) = fs::read_dir(base) else {
            continue;
        };
        for child in children.flatten() {
            if child.file_name().to_string_lossy().starts_with(prefix) {
                dirs.insert(child.path().join(bin));
            }
        }
    }
    // Symbolic links such as /usr/bin/postgres lead to the directory with all programs.
    dirs.into_iter()
        .map(|dir| match fs::canonicalize(dir.join("postgres")) {
            Ok(real) => real.parent().map(Path::to_owned).unwrap_or(dir),
            Err(_) => dir,
        })
        .collect()
}

fn list_of(dirs: &BTreeSet<PathBuf>) -> String {
    if dirs.is_empty() {
        return "PATH and the usual directories".to_owned();
    }
    let names: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_parsed_from_postgres_output() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("command not found"), None);
    }

    #[test]
    fn a_directory_without_programs_is_named_in_the_error() {
        let error = Installation::find(Some(Path::new("/nonexistent/bin")), None).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("/nonexistent/bin"), "{text}");
        assert!(text.contains("apt-get install"), "{text}");
        assert!(text.contains("dnf install"), "{text}");
        assert!(text.contains("brew install"), "{text}");
    }
}
