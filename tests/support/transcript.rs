//! What runs of the program with `--json` printed, in a form that is the same each time: what differs from run to run
//! (ids, times, places, hashes, passwords) is masked, what was asked for (codes, quantities, rules) stands as it is.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::program::{Program, Ran};

/// Figures that depend on the server, the clock or what else was logged.
const VARYING_NUMBERS: [&str; 15] = [
    "attempts",
    "bytes",
    "count",
    "free_bytes",
    "line_no",
    "lines",
    "lines_not_sealed",
    "oldest_seconds",
    "pid",
    "sealed_seconds_ago",
    "seconds",
    "total_bytes",
    "transaction",
    "txid",
    "xid",
];

/// Sentences for people. That they are there is pinned, not how they are put.
const SENTENCES: [&str; 4] = ["comment", "message", "remedy", "what"];

/// Texts whose form cannot be told from the text itself.
const VARYING_TEXTS: [(&str, &str); 8] = [
    ("password", "<password>"),
    ("session", "<session>"),
    ("root", "<hash>"),
    ("note", "<checkpoint>"),
    ("checkpoint", "<checkpoint>"),
    ("when", "<time>"),
    ("day", "<day>"),
    ("os_user", "<user>"),
];

/// The length of a SHA-256 hash in Base64.
const BASE64_HASH_LENGTH: usize = 44;
/// How many hexadecimal digits tell one process of the program, or one installation, from the others.
const NAME_DIGITS: usize = 8;

/// A series of runs.
#[derive(Debug, Default)]
pub struct Transcript {
    text: String,
    ids: Vec<Uuid>,
    places: Vec<(String, &'static str)>,
}

impl Transcript {
    /// Gives a directory or a file a name.
    pub fn place(&mut self, path: &Path, name: &'static str) {
        self.places.push((path.to_str().unwrap().to_owned(), name));
    }

    /// Runs a command with `--json` and notes down all that it printed.
    pub fn run(&mut self, program: &Program, arguments: &[&str]) -> Ran {
        self.run_and_pick(program, arguments, |documents| documents)
    }

    /// The same for a command that reads standard input.
    pub fn run_with_input(&mut self, program: &Program, arguments: &[&str], input: &Path) -> Ran {
        let mut command = program.command(&[arguments, &["--json"]].concat());
        command.stdin(std::fs::File::open(input).unwrap());
        self.note(arguments, &mut command, |documents| documents)
    }

    /// The same for a command that prints far too much: only what is picked is noted down.
    pub fn run_and_pick(
        &mut self,
        program: &Program,
        arguments: &[&str],
        pick: impl FnOnce(Vec<Value>) -> Vec<Value>,
    ) -> Ran {
        self.note(arguments, &mut program.command(&[arguments, &["--json"]].concat()), pick)
    }

    fn note(
        &mut self,
        arguments: &[&str],
        command: &mut Command,
        pick: impl FnOnce(Vec<Value>) -> Vec<Value>,
    ) -> Ran {
        let ran = Ran::of(&command.output().unwrap());
        let words: Vec<String> = arguments.iter().map(|word| self.argument(word)).collect();
        let words = [&["$ stockroom".to_owned()], &words[..], &["--json".to_owned()]].concat();
        writeln!(self.text, "{}", words.join(" ")).unwrap();
        match documents(&ran.stdout) {
            Some(documents) => {
                for document in pick(documents) {
                    let masked = self.masked("", &document);
                    writeln!(self.text, "{}", serde_json::to_string_pretty(&masked).unwrap()).unwrap();
                }
            }
            None => {
                let text: Vec<String> = ran.stdout.lines().map(|line| self.line(line)).collect();
                writeln!(self.text, "{}", text.join("\n")).unwrap();
            }
        }
        writeln!(self.text, "exit code {}\n", ran.code).unwrap();
        ran
    }

    /// All that was noted down.
    pub fn text(&self) -> &str {
        self.text.trim_end()
    }

    fn argument(&mut self, word: &str) -> String {
        // No quantity of the tests has three digits; the number of a line of the log has.
        if word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            return if word.len() < 13 { "<number>".to_owned() } else { word.to_owned() };
        }
        let masked = self.masked_text("", word);
        if masked.contains(' ') && !masked.starts_with('<') { format!("'{masked}'") } else { masked }
    }

    /// A line that is no JSON, such as a row of a CSV file.
    fn line(&mut self, line: &str) -> String {
        line.split(',').map(|cell| self.masked_text("", cell)).collect::<Vec<_>>().join(",")
    }

    fn masked(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.masked(key, field)))
                    .collect::<Map<String, Value>>(),
            ),
            Value::Array(items) => items.iter().map(|item| self.masked(key, item)).collect(),
            Value::String(text) => self.masked_text(key, text).into(),
            Value::Number(_) if VARYING_NUMBERS.contains(&key) => "<number>".into(),
            other => other.clone(),
        }
    }

    fn masked_text(&mut self, key: &str, text: &str) -> String {
        if SENTENCES.contains(&key) {
            return "<sentence>".to_owned();
        }
        if let Some((_, mask)) = VARYING_TEXTS.iter().find(|(varying, _)| *varying == key) {
            return (*mask).to_owned();
        }
        if let Ok(id) = text.parse::<Uuid>() {
            return self.id(id);
        }
        if text.parse::<jiff::Timestamp>().is_ok() {
            return "<time>".to_owned();
        }
        let is_hash = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            || text.len() == BASE64_HASH_LENGTH && text.ends_with('=');
        if is_hash {
            return "<hash>".to_owned();
        }
        // A document within a document, such as the leaf that a proof is about.
        if text.starts_with('{')
            && let Ok(inner) = serde_json::from_str::<Value>(text)
        {
            return self.masked(key, &inner).to_string();
        }
        if text.starts_with("postgres") && text.contains("://") {
            return address(text);
        }
        let text = self.places.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path, name));
        without_process_names(&text)
    }

    /// Ids are numbered as they appear, so that those that have to be equal are seen to be.
    fn id(&mut self, id: Uuid) -> String {
        let position = self.ids.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        });
        format!("<id {}>", position + 1)
    }
}

/// The documents of an output: one per line, or a single one over several lines.
fn documents(stdout: &str) -> Option<Vec<Value>> {
    let lines: Result<Vec<Value>, _> = stdout.lines().map(serde_json::from_str).collect();
    lines.or_else(|_| serde_json::from_str(stdout).map(|document| vec![document])).ok()
}

/// A database URL without its port and password.
fn address(text: &str) -> String {
    let url = url::Url::parse(text).unwrap();
    let password = if url.password().is_some() { ":<password>" } else { "" };
    format!("{}://{}{password}@<host>{}", url.scheme(), url.username(), url.path())
}

/// The text without the digits in the names of processes (`stockroom/30d68e57`) and seals (`stockroom-30d68e57`).
fn without_process_names(text: &str) -> String {
    let mut parts = text.split("stockroom");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.push_str("stockroom");
        let digits = part.get(1..=NAME_DIGITS).unwrap_or_default();
        let named = part.starts_with(['/', '-'])
            && digits.len() == NAME_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if named {
            masked.push_str(&part[..1]);
            masked.push_str("<name>");
            masked.push_str(&part[1 + NAME_DIGITS..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}
