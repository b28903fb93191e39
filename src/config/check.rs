//! Checks settings that can be parsed: values that contradict each other, and files that are missing or accessible to
//! others.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Settings;
use super::pgpass;
use super::sources::{Problem, Sources};
use super::table::{Place, VARIABLES};
use crate::telemetry;
use crate::tui::keymap::Keymap;
use crate::tui::locale::Language;
use crate::tui::theme::Theme;

/// Problems with values that contradict each other or that nothing accepts.
#[must_use]
pub fn values(settings: &Settings) -> Vec<Problem> {
    let problem = |key: &str, message: String| Some(Problem::new(key, message));
    let language = settings.language.as_deref().and_then(|text| text.parse::<Language>().err());
    let theme = Theme::new(settings.theme.as_deref(), &settings.theme_styles, true).err();
    let keys = Keymap::new(&settings.keys).err();
    let log = settings.log.as_deref().and_then(|text| telemetry::check_filter(text).err());
    let serve = settings.serve.check().err();
    [
        language.and_then(|error| problem("language", error.to_string())),
        theme.and_then(|error| problem("theme", error.to_string())),
        keys.and_then(|error| problem("keys", error.to_string())),
        log.and_then(|message| problem("log", message)),
        serve.and_then(|message| problem("serve", message)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Problems with the files and directories that are named.
#[must_use]
pub fn files(
    sources: &Sources,
    settings: &Settings,
    variable: impl Fn(&str) -> Option<PathBuf>,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        settings.warnings().into_iter().map(|words| Problem::new("file", words)).collect();
    for setting in &sources.settings {
        if let (Some(place), Some(text)) = (setting.key.kind.place, setting.value.as_str()) {
            problems.extend(at(place, Path::new(text)).map(|message| Problem::new(&setting.path, message)));
        }
    }
    for known in VARIABLES.iter().filter(|known| known.secret_file) {
        let path = variable(known.name).filter(|path| !path.as_os_str().is_empty());
        problems.extend(
            path.and_then(|path| at(Place::SecretFile, &path))
                .map(|message| Problem::new(known.name, message)),
        );
    }
    // libpq ignores a password file that others can read, and so does Stockroom.
    let pgpass = pgpass::path().filter(|path| path.is_file());
    problems.extend(
        pgpass
            .and_then(|path| at(Place::SecretFile, &path))
            .map(|message| Problem::new("PGPASSFILE", message)),
    );
    problems
}

/// The problem with one path, if there is one.
fn at(place: Place, path: &Path) -> Option<String> {
    let name = path.display();
    let tried = match place {
        Place::Directory => fs::read_dir(path).map(drop),
        Place::File | Place::SecretFile => fs::File::open(path).map(drop),
    };
    if let Err(error) = tried {
        return Some(format!("{name} cannot be read: {error}"));
    }
    let data = fs::metadata(path).ok()?;
    if place != Place::Directory && !data.is_file() {
        return Some(format!("{name} is not a regular file"));
    }
    (place == Place::SecretFile && is_open_to_others(&data))
        .then(|| format!("{name} contains a secret, and others can read or change it; run: chmod 600 {name}"))
}

/// Whether anybody but the owner can read or change a file. A file of root may be readable by a group, as PostgreSQL
/// allows for the keys of its certificates.
#[must_use]
pub fn is_open_to_others(data: &Metadata) -> bool {
    let kept_from = if data.uid() == 0 { 0o037 } else { 0o077 };
    data.permissions().mode() & kept_from != 0
}
