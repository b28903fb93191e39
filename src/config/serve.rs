//! The settings of `stockroom serve`: section `[serve]` of the configuration file.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use cronexpr::{Crontab, FallbackTimezoneOption, ParseOptions};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::COMMAND_FEED;

/// The default address of the service.
pub const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9757);
/// The default interval between incremental verifications, in minutes.
pub(super) const INCREMENTAL_MINUTES_DEFAULT: u32 = 10;
/// The default interval between measurements of the stock, in seconds. Each is one pass over all levels.
pub(super) const FIGURES_SECONDS_DEFAULT: u32 = 60;
/// The default time of full verifications: at night.
pub(super) const VERIFY_SCHEDULE_DEFAULT: &str = "0 3 * * *";
/// The default time at which old months of the collected log are dropped: once a day.
pub(super) const RETENTION_SCHEDULE_DEFAULT: &str = "30 4 * * *";
/// The default size of the largest file that is imported: a year of a large site.
pub(super) const FILE_MEGABYTES_MAX_DEFAULT: u64 = 1_024;
/// The default profile of a feed.
pub(super) const PROFILE_DEFAULT: &str = "stockroom";

/// Section `[serve]` of the configuration file: the settings of the service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeSettings {
    /// Address and port of metrics, health and status.
    pub listen: SocketAddr,
    /// The certificate of the service and the intermediate certificates, as PEM.
    pub tls_certificate: Option<PathBuf>,
    /// The key of the certificate, as PEM.
    pub tls_key: Option<PathBuf>,
    /// The file with the bearer token that a request must have.
    pub token_file: Option<PathBuf>,
    /// The files with the passwords of the service's logins.
    pub password_files: BTreeMap<String, PathBuf>,
    /// The server's log directory, if it can be read on this machine; otherwise the log is read over SQL.
    pub log_dir: Option<PathBuf>,
    /// The interval between measurements of the stock, in seconds.
    pub figures_seconds: u32,
    pub verify: VerifySettings,
    /// How long the collected log is kept; for ever without this section.
    pub retention: Option<RetentionSettings>,
    /// The watched directories from which files are imported.
    pub import: Vec<ImportSettings>,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            listen: LISTEN_DEFAULT,
            tls_certificate: None,
            tls_key: None,
            token_file: None,
            password_files: BTreeMap::new(),
            log_dir: None,
            figures_seconds: FIGURES_SECONDS_DEFAULT,
            verify: VerifySettings::default(),
            retention: None,
            import: Vec::new(),
        }
    }
}

/// Section `[serve.verify]`: when the service verifies the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifySettings {
    /// The interval between incremental verifications, in minutes; 0 for none.
    pub incremental_minutes: u32,
    /// When the service makes full verifications.
    pub schedule: Schedule,
}

impl Default for VerifySettings {
    fn default() -> Self {
        Self {
            incremental_minutes: INCREMENTAL_MINUTES_DEFAULT,
            schedule: Schedule::built_in(VERIFY_SCHEDULE_DEFAULT),
        }
    }
}

/// Section `[serve.retention]`: how long the collected log is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionSettings {
    /// Months of the collected log to keep besides the current one.
    pub keep_months: u16,
    /// When older months are dropped.
    #[serde(default = "retention_schedule")]
    pub schedule: Schedule,
}

fn retention_schedule() -> Schedule {
    Schedule::built_in(RETENTION_SCHEDULE_DEFAULT)
}

/// The contents of the files in a watched directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    Movements,
    Products,
}

impl FileKind {
    /// The name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Movements => "movements",
            Self::Products => "products",
        }
    }
}

/// A section `[[serve.import]]`: a watched directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportSettings {
    /// The name of the feed in metrics and runs; by default the last part of the directory.
    #[serde(default)]
    pub name: Option<FeedName>,
    /// The directory in which the files arrive.
    pub directory: PathBuf,
    pub kind: FileKind,
    /// The profile that describes the files.
    #[serde(default = "profile")]
    pub profile: String,
    /// When the directory is examined; continuously if there is no schedule.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// The location of movements in files without one.
    #[serde(default)]
    pub location: Option<String>,
    /// Whether a file with a rejected row posts nothing.
    #[serde(default)]
    pub all_or_nothing: bool,
    /// The largest file that is imported, in megabytes.
    #[serde(default = "file_megabytes_max")]
    pub file_megabytes_max: u64,
}

fn profile() -> String {
    PROFILE_DEFAULT.to_owned()
}

fn file_megabytes_max() -> u64 {
    FILE_MEGABYTES_MAX_DEFAULT
}

impl ServeSettings {
    /// Checks that the settings do not contradict each other.
    ///
    /// # Errors
    /// A message for two imports with the same name or directory, and for a directory that depends on where the program
    /// was started.
    pub fn check(&self) -> Result<(), String> {
        for (position, import) in self.import.iter().enumerate() {
            let directory = import.directory.display();
            if !import.directory.is_absolute() {
                return Err(format!("the directory of an import must be absolute, not {directory}"));
            }
            if import.feed().as_str() == COMMAND_FEED {
                return Err(format!(
                    "an import cannot have the name {COMMAND_FEED}, which is used for imports run by command"
                ));
            }
            for other in &self.import[..position] {
                if other.feed() == import.feed() {
                    let name = import.feed();
                    return Err(format!(
                        "two imports have the name {}; give one of them another `name`",
                        name.as_str()
                    ));
                }
                if other.directory == import.directory {
                    return Err(format!("two imports watch {directory}"));
                }
            }
        }
        Ok(())
    }
}

impl ImportSettings {
    /// The name of the feed, given or derived from the directory.
    #[must_use]
    pub fn feed(&self) -> FeedName {
        self.name.clone().unwrap_or_else(|| FeedName::of_directory(&self.directory))
    }
}

/// The name of a feed: 1 to 40 characters of a-z, 0-9, _ and -, because it is a label of metrics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct FeedName(String);

/// The longest name of a feed.
const FEED_NAME_LENGTH_MAX: usize = 40;

impl FeedName {
    fn of_directory(directory: &std::path::Path) -> Self {
        let last = directory.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' { c } else { '_' };
        let name: String = last.chars().map(plain).take(FEED_NAME_LENGTH_MAX).collect();
        Self(if name.is_empty() { "import".to_owned() } else { name })
    }

    /// The name as the configuration, the metrics and the runs have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FeedName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if name.is_empty() || name.len() > FEED_NAME_LENGTH_MAX || !name.chars().all(is_plain) {
            return Err(format!(
                "the name of an import is 1 to {FEED_NAME_LENGTH_MAX} characters of a-z, 0-9, _ and -, not {name:?}"
            ));
        }
        Ok(Self(name))
    }
}

/// A cron expression: minute, hour, day of the month, month, day of the week, and optionally a time zone (default UTC).
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Schedule {
    text: String,
    crontab: Option<Crontab>,
}

impl Schedule {
    /// One of the defaults above, which a test parses.
    fn built_in(text: &str) -> Self {
        text.parse().unwrap_or_else(|_| Self { text: text.to_owned(), crontab: None })
    }

    /// The first time after a moment; none if there is none.
    #[must_use]
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.crontab.as_ref()?.find_next(moment).ok().map(|time| time.timestamp())
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Schedule").field(&self.text).finish()
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        let crontab = cronexpr::parse_crontab_with(text, options).map_err(|error| {
            format!("the schedule {text:?} is not a cron expression such as \"0 3 * * *\" or \"*/5 6-20 * * 1-5 Europe/Paris\": {error}")
        })?;
        let schedule = Self { text: text.to_owned(), crontab: Some(crontab) };
        if schedule.next_after(Timestamp::now()).is_none() {
            return Err(format!("the schedule {text:?} has no date in the future"));
        }
        Ok(schedule)
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// The interval between two measurements, at least a second.
#[must_use]
pub fn seconds(number: u32) -> Duration {
    Duration::from_secs(u64::from(number.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ServeSettings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_has_a_default_but_what_is_to_be_imported() {
        let settings = read("").unwrap();
        assert_eq!(settings, ServeSettings::default());
        assert!(settings.listen.ip().is_loopback());
        let now: Timestamp = "2026-11-21T22:00:00Z".parse().unwrap();
        for (schedule, next) in [
            (&settings.verify.schedule, "2026-11-22T03:00:00Z"),
            (&retention_schedule(), "2026-11-22T04:30:00Z"),
        ] {
            assert_eq!(schedule.next_after(now), Some(next.parse().unwrap()), "{schedule:?}");
        }
        let import = "[[import]]\ndirectory = '/srv/Orders In'\nkind = 'movements'\n";
        assert!(read(&import.repeat(2)).unwrap().check().unwrap_err().contains("two imports"));
        assert!(read(&import.replace("/srv", "srv")).unwrap().check().unwrap_err().contains("absolute"));
        let settings = read(import).unwrap();
        settings.check().unwrap();
        let import = &settings.import[0];
        assert_eq!((import.feed().as_str(), import.profile.as_str()), ("orders_in", "stockroom"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, words) in [
            ("listne = '127.0.0.1:1'", "unknown field `listne`"),
            ("[verify]\nschedule = 'at night'", "is not a cron expression"),
            ("[verify]\nschedule = '0 0 30 2 *'", "no date in the future"),
            ("[[import]]\nkind = 'movements'", "missing field `directory`"),
            ("[[import]]\ndirectory = '/x'\nkind = 'orders'", "unknown variant `orders`"),
            ("[[import]]\ndirectory = '/x'\nkind = 'products'\nname = 'A b'", "characters of a-z"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn a_schedule_follows_its_time_zone() {
        let schedule: Schedule = "30 2 * * * Europe/Paris".parse().unwrap();
        let next = schedule.next_after("2026-11-21T22:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(next.to_string(), "2026-11-22T01:30:00Z");
    }
}
