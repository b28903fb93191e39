//! Generates the page about the keys, `docs/keys.md`, from the table of commands. `make docs` writes it.

use super::command::{Audience, Description, Entry, Scope, TABLE};
use super::text::Phrase as _;

/// The text above the tables.
const HEAD: &str = "# Keys

Generated from the command table in `src/tui/command.rs` by `make docs`; a test fails when this page is out of date. In the program,
`f1` shows the keys of the current screen and `ctrl-p` finds a command by name.

The innermost scope that binds a key wins: a dialog before the screen beneath it, the screen before the keys that work everywhere. A key that
types or edits (a character, `backspace`, `del`, `home`, `end`, `left`, `right`) is a command only while the field with the cursor is
empty, or when there is no field. A scan is therefore never mistaken for a command.

Keys are changed in the configuration file, by the name of the command; see [terminal.md](terminal.md).
";

/// The whole page, in English and French side by side.
#[must_use]
pub fn keys_page() -> String {
    let mut page = HEAD.to_owned();
    for scope in Scope::ALL {
        let [english, french] = scope.texts();
        let title = if english == french { english.to_owned() } else { format!("{english} / {french}") };
        page.push_str(&format!("\n## {title}\n\n"));
        page.push_str("| keys | command | what it does | ce que fait la commande | who |\n");
        page.push_str("| --- | --- | --- | --- | --- |\n");
        for entry in TABLE.iter().filter(|entry| entry.scopes.contains(&scope)) {
            page.push_str(&row(entry, scope));
        }
    }
    page
}

fn row(entry: &Entry, scope: Scope) -> String {
    let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{}`", cell(key))).collect();
    let [english, french] = Description(entry.command, scope).texts();
    let who = match entry.audience {
        Audience::Everyone => "everyone",
        Audience::Posters => "clerks, admins",
        Audience::Overseers => "admins, auditors",
        Audience::Admins => "admins",
    };
    format!("| {} | {} | {} | {} | {who} |\n", keys.join(" "), entry.name, cell(english), cell(french))
}

/// Text for a cell of a Markdown table, in which a vertical bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
