//! The table of commands, the page generated from it, and the guide to the terminal agree with the program.
//!
//! `make docs` runs this with UPDATE_DOCS=1, which writes the page instead of comparing it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use stockroom::config::Settings;
use stockroom::tui::command::{Scope, TABLE};
use stockroom::tui::key::Key;
use stockroom::tui::keymap::Keymap;
use stockroom::tui::keys_page::keys_page;
use stockroom::tui::locale::Language;
use stockroom::tui::theme::{BUILT_IN, Theme};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn guide() -> String {
    fs::read_to_string(root().join("docs/terminal.md")).unwrap()
}

#[test]
fn the_page_matches_the_table_of_commands() {
    let path = root().join("docs/keys.md");
    let fresh = keys_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, fresh).unwrap();
        return;
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differing = written.lines().zip(fresh.lines()).find(|(old, new)| old != new);
    assert!(written == fresh, "docs/keys.md is stale, run `make docs`; the first difference: {differing:?}");
    for entry in TABLE {
        assert!(fresh.contains(&format!("| {} |", entry.name)), "{} is missing", entry.name);
    }
}

#[test]
fn every_command_has_a_name_of_its_own_and_a_key() {
    let names: BTreeSet<&str> = TABLE.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), TABLE.len(), "a name stands twice");
    // Making the keymap fails when one key means two commands in the same place.
    let keymap = Keymap::new(&BTreeMap::new()).unwrap();
    for entry in TABLE {
        let keys: Vec<Key> = entry.keys.iter().map(|key| key.parse().unwrap()).collect();
        assert!(!keys.is_empty(), "{} has no key", entry.name);
        assert_eq!(keymap.keys(entry.command), keys, "{}", entry.name);
        for (text, key) in entry.keys.iter().zip(&keys) {
            assert_eq!(*text, key.to_string(), "{} writes its key in another way", entry.name);
        }
    }
    for scope in Scope::ALL {
        assert!(TABLE.iter().any(|entry| entry.scopes.contains(&scope)), "{scope:?} has no command");
    }
}

/// The example of the configuration in the guide.
fn example() -> String {
    let guide = guide();
    let (_, after) = guide.split_once("```toml\n").expect("the guide has an example");
    after.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_example_of_the_guide_can_be_used() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    fs::write(&path, example()).unwrap();
    let settings = Settings::load(Some(&path)).unwrap();
    assert!(settings.language.as_deref().unwrap().parse::<Language>().is_ok());
    assert!(settings.mouse.is_some() && settings.database_url.is_some());

    let changed = Theme::new(settings.theme.as_deref(), &settings.theme_styles, true).unwrap();
    let built_in = Theme::new(settings.theme.as_deref(), &BTreeMap::new(), true).unwrap();
    assert!(!settings.theme_styles.is_empty() && changed != built_in);

    assert!(settings.keys.len() > 1);
    let keymap = Keymap::new(&settings.keys).unwrap();
    for entry in TABLE.iter().filter(|entry| settings.keys.contains_key(entry.name)) {
        let keys: Vec<String> = keymap.keys(entry.command).iter().map(ToString::to_string).collect();
        assert_eq!(keys, settings.keys[entry.name], "{}", entry.name);
    }
}

#[test]
fn the_guide_names_every_theme_style_and_setting() {
    let guide = guide();
    for name in BUILT_IN {
        assert!(guide.contains(&format!("`{name}`")), "the theme {name} is missing");
    }
    let fields = |file: &str, name: &str| -> Vec<String> {
        let source = fs::read_to_string(root().join(file)).unwrap();
        let (_, body) = source.split_once(&format!("pub struct {name} {{\n")).unwrap();
        let (body, _) = body.split_once("\n}\n").unwrap();
        // What is not read from the file is no setting.
        let lines: Vec<&str> = body.lines().map(str::trim).collect();
        let fields = lines
            .iter()
            .enumerate()
            .filter(|(place, _)| *place == 0 || lines[place - 1] != "#[serde(skip)]")
            .filter_map(|(_, line)| line.strip_prefix("pub "));
        fields.map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    let styles = fields("src/tui/theme.rs", "Theme");
    assert!(styles.len() > 10);
    for style in styles {
        assert!(guide.contains(&format!("`{style}`")), "the style {style} is missing");
    }
    let example = example();
    for setting in fields("src/config/mod.rs", "Settings") {
        let stands = example.lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(&format!("{setting} =")) || line == format!("[{setting}]")
        });
        assert!(stands, "the setting {setting} is missing from the example");
    }
}
