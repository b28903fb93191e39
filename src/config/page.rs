//! Generates `docs/configuration.md` from the table.

use std::fmt::Write as _;

use super::table::{Default, KEYS, Key, VARIABLES};

const HEAD: &str = "# Configuration

The configuration file is TOML: `stockroom/config.toml` in the configuration directory of the account (`~/.config` on Linux), or the file that
`--config` or `STOCKROOM_CONFIG` names. All settings are optional, except those that are required in their section. A flag takes precedence over the
environment, the environment over the file, the file over the default. This page is generated from the table in `src/config/table.rs` by `make docs`.

    stockroom config show     # every setting with its value and where it comes from; passwords are masked
    stockroom config check    # unknown keys, wrong values, files that cannot be read, secrets that others can read

`config check` ends with exit code 6 if it finds something. An unknown key or a value of the wrong type ends every other command with exit code 2; the message names
the nearest key. [terminal.md](terminal.md#configuration) has an example for the terminal, [operations.md](operations.md) one for the service.

A key such as `serve.verify.schedule` stands in the section `[serve.verify]`. `serve.import[]` is a section `[[serve.import]]`, of which there can be several; `*` is any name.

| key | type | unit | default | environment | meaning |
| --- | --- | --- | --- | --- | --- |
";

const VARIABLES_HEAD: &str = "
These variables of the environment are no keys of the file:

| environment | meaning |
| --- | --- |
";

/// The text of `docs/configuration.md`, with a row for each setting and variable.
#[must_use]
pub fn configuration_page() -> String {
    let mut page = HEAD.to_owned();
    for key in KEYS {
        let variable = key.variable().map(|name| format!("`{name}`")).unwrap_or_default();
        // Writing into a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {variable} | {} |",
            key.path,
            key.kind.name,
            key.unit,
            default(key),
            key.meaning
        );
    }
    page.push_str(VARIABLES_HEAD);
    for known in VARIABLES {
        let _ = writeln!(page, "| `{}` | {} |", known.name, known.meaning);
    }
    page
}

fn default(key: &Key) -> String {
    match key.default {
        Default::Nothing => String::new(),
        Default::Required => "required".to_owned(),
        Default::Value(value) => format!("`{}`", value()),
        Default::Derived(words, _) => words.to_owned(),
    }
}
