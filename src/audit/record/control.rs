//! What the text of a record does to its transaction: savepoints made, released and gone back to. pgaudit
//! gives the whole text that a client sent, which may hold several statements, so they are told apart here;
//! nothing else in them is interpreted.

/// How many bytes of a name the server keeps (NAMEDATALEN less one).
const NAME_BYTES_MAX: usize = 63;

/// What a statement does to the transaction that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// `SAVEPOINT name`.
    Savepoint(String),
    /// `RELEASE name`.
    Release(String),
    /// `ROLLBACK TO name`.
    RollbackTo(String),
    /// Begins or ends a transaction; by the name that pgaudit has for the command.
    Whole(&'static str),
    /// One of the three above, with a name that is not read here.
    Unclear(&'static str),
}

impl Control {
    /// What pgaudit calls the command.
    #[must_use]
    pub fn command(&self) -> &'static str {
        match self {
            Self::Savepoint(_) => "SAVEPOINT",
            Self::Release(_) => "RELEASE",
            Self::RollbackTo(_) => "ROLLBACK",
            Self::Whole(command) | Self::Unclear(command) => command,
        }
    }
}

/// Whether a command is one of those that control a transaction.
#[must_use]
pub fn is_control(command: &str) -> bool {
    [
        "BEGIN",
        "START TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE TRANSACTION",
        "COMMIT PREPARED",
        "ROLLBACK PREPARED",
    ]
    .contains(&command)
}

/// The statements of a text in their order; `None` for those that leave the transaction as it is.
#[must_use]
pub fn controls(text: &str) -> Vec<Option<Control>> {
    let mut found = Vec::new();
    let mut statement: Vec<Token<'_>> = Vec::new();
    let (mut depth, mut rest) = (0_usize, text);
    loop {
        let token = Token::take(&mut rest);
        match token {
            Some(Token::Sign('(')) => depth += 1,
            Some(Token::Sign(')')) => depth = depth.saturating_sub(1),
            Some(Token::Sign(';')) | None if depth == 0 || token.is_none() => {
                if !statement.is_empty() {
                    found.push(control(&statement));
                    statement.clear();
                }
                if token.is_none() {
                    return found;
                }
                continue;
            }
            _ => {}
        }
        // The statements of such a body are no statements of the client.
        if matches!(&token, Some(Token::Word(word)) if word.eq_ignore_ascii_case("atomic")) {
            depth += 1;
        }
        // No control needs more words than `ROLLBACK TRANSACTION TO SAVEPOINT name` and what follows it.
        if let Some(token) = token
            && statement.len() < 8
        {
            statement.push(token);
        }
    }
}

fn control(statement: &[Token<'_>]) -> Option<Control> {
    let word = |place: usize| match statement.get(place) {
        Some(Token::Word(word)) => word.to_ascii_lowercase(),
        _ => String::new(),
    };
    // `SAVEPOINT` is a word that may be left out before a name, and a name itself.
    let named = |place: usize, optional: bool| {
        let skip = usize::from(optional && word(place) == "savepoint" && statement.len() > place + 1);
        match &statement[place + skip..] {
            [token] => token.name(),
            _ => None,
        }
    };
    let first = word(0);
    let work = usize::from(matches!(word(1).as_str(), "work" | "transaction"));
    Some(match (first.as_str(), word(1).as_str()) {
        ("savepoint", _) => named(1, false).map_or(Control::Unclear("SAVEPOINT"), Control::Savepoint),
        ("release", _) => named(1, true).map_or(Control::Unclear("RELEASE"), Control::Release),
        ("rollback", "prepared") => Control::Whole("ROLLBACK PREPARED"),
        ("rollback", _) if word(1 + work) == "to" => {
            named(2 + work, true).map_or(Control::Unclear("ROLLBACK"), Control::RollbackTo)
        }
        ("rollback" | "abort", _) => Control::Whole("ROLLBACK"),
        ("commit", "prepared") => Control::Whole("COMMIT PREPARED"),
        ("commit" | "end", _) => Control::Whole("COMMIT"),
        ("begin", _) => Control::Whole("BEGIN"),
        ("start", "transaction") => Control::Whole("START TRANSACTION"),
        ("prepare", "transaction") => Control::Whole("PREPARE TRANSACTION"),
        _ => return None,
    })
}

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A keyword, or a name without quotes.
    Word(&'a str),
    /// A name in quotes, without them; those within are doubled.
    Quoted(&'a str),
    /// Something between quotes of any other kind.
    Text,
    /// Any other character.
    Sign(char),
}

impl<'a> Token<'a> {
    /// Takes the next piece off a text.
    fn take(rest: &mut &'a str) -> Option<Self> {
        skip_blanks(rest);
        let text = *rest;
        let first = text.chars().next()?;
        let (token, length) = match first {
            '"' => {
                let end = end_of_quoted(&text[1..], '"', false);
                (Self::Quoted(text[1..=end].strip_suffix('"').unwrap_or(&text[1..=end])), end + 1)
            }
            '\'' => (Self::Text, 1 + end_of_quoted(&text[1..], '\'', false)),
            '$' => match dollar_quoted(text) {
                Some(length) => (Self::Text, length),
                None => (Self::Sign('$'), 1),
            },
            _ if is_name_start(first) => word(text),
            _ => (Self::Sign(first), first.len_utf8()),
        };
        *rest = &text[length..];
        Some(token)
    }

    /// The name as the server keeps it.
    fn name(&self) -> Option<String> {
        let whole = match self {
            Self::Word(word) => word.to_ascii_lowercase(),
            Self::Quoted(quoted) => quoted.replace("\"\"", "\""),
            Self::Text | Self::Sign(_) => return None,
        };
        let end = (0..=whole.len().min(NAME_BYTES_MAX)).rev().find(|end| whole.is_char_boundary(*end));
        Some(whole[..end.unwrap_or(0)].to_owned())
    }
}

fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// A word at the beginning of a text, or what is quoted behind a word that tells how.
fn word(text: &str) -> (Token<'_>, usize) {
    let end = text
        .find(|character| !is_name_start(character) && !matches!(character, '0'..='9' | '$'))
        .unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    if word.len() == 1 && behind.starts_with('\'') {
        let escapes = word.eq_ignore_ascii_case("e");
        return (Token::Text, end + 1 + end_of_quoted(&behind[1..], '\'', escapes));
    }
    // A name with escapes is left unread.
    if word.eq_ignore_ascii_case("u")
        && let Some(quote @ ('"' | '\'')) = behind.strip_prefix('&').and_then(|rest| rest.chars().next())
    {
        return (Token::Text, end + 2 + end_of_quoted(&behind[2..], quote, false));
    }
    (Token::Word(word), end)
}

/// Skips blanks and comments.
fn skip_blanks(rest: &mut &str) {
    loop {
        let text = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
        *rest = if let Some(comment) = text.strip_prefix("--") {
            comment.find(['\n', '\r']).map_or("", |end| &comment[end..])
        } else if let Some(comment) = text.strip_prefix("/*") {
            &comment[end_of_comment(comment)..]
        } else {
            *rest = text;
            return;
        };
    }
}

/// How long the rest of a comment is; comments may hold comments.
fn end_of_comment(text: &str) -> usize {
    let (bytes, mut depth, mut place) = (text.as_bytes(), 1_usize, 0);
    while place + 1 < bytes.len() {
        match &bytes[place..place + 2] {
            b"*/" => depth -= 1,
            b"/*" => depth += 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

/// How long the rest of something quoted is, with the closing quote.
fn end_of_quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return place + 1;
        }
    }
    text.len()
}

/// How long a text in dollar quotes is, if one begins here.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = 1 + text[1..].find('$')?;
    let name = &text[1..tag_end];
    let is_tag = name.chars().next().is_none_or(is_name_start)
        && name.chars().all(|character| is_name_start(character) || character.is_ascii_digit());
    let tag = &text[..=tag_end];
    is_tag.then(|| {
        let body = tag.len();
        text[body..].find(tag).map_or(text.len(), |end| body + end + tag.len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> Option<Control> {
        let mut found = controls(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn names_are_those_that_the_server_keeps() {
        let long = "é".repeat(40);
        let kept = "é".repeat(31);
        for (text, name) in [
            ("SAVEPOINT a", "a"),
            ("savepoint  Aa ;", "aa"),
            ("SAVEPOINT \"Aa\"", "Aa"),
            ("SAVEPOINT \"a \"\"b; c\"", "a \"b; c"),
            ("/* x /* y; */ ; */ SAVEPOINT -- z ;\n a$1", "a$1"),
            ("SAVEPOINT savepoint", "savepoint"),
            ("SAVEPOINT Ä", "Ä"),
            (&format!("SAVEPOINT {long}"), kept.as_str()),
            (&format!("SAVEPOINT \"{long}\""), kept.as_str()),
        ] {
            assert_eq!(one(text), Some(Control::Savepoint(name.to_owned())), "{text}");
        }
    }

    #[test]
    fn every_form_of_the_three() {
        let to = |name: &str| Some(Control::RollbackTo(name.to_owned()));
        let release = |name: &str| Some(Control::Release(name.to_owned()));
        for (text, expected) in [
            ("ROLLBACK TO a", to("a")),
            ("rollback work to savepoint A", to("a")),
            ("ROLLBACK TRANSACTION TO \"A\"", to("A")),
            ("ROLLBACK TO savepoint", to("savepoint")),
            ("ROLLBACK TO SAVEPOINT savepoint", to("savepoint")),
            ("RELEASE a", release("a")),
            ("RELEASE SAVEPOINT a", release("a")),
            ("RELEASE savepoint", release("savepoint")),
            ("SAVEPOINT U&\"\\0061\"", Some(Control::Unclear("SAVEPOINT"))),
            ("ROLLBACK TO U&\"!0061\" UESCAPE '!'", Some(Control::Unclear("ROLLBACK"))),
            ("ROLLBACK", Some(Control::Whole("ROLLBACK"))),
            ("ABORT AND CHAIN", Some(Control::Whole("ROLLBACK"))),
            ("ROLLBACK WORK", Some(Control::Whole("ROLLBACK"))),
            ("ROLLBACK PREPARED 'x'", Some(Control::Whole("ROLLBACK PREPARED"))),
            ("END", Some(Control::Whole("COMMIT"))),
            ("BEGIN ISOLATION LEVEL SERIALIZABLE", Some(Control::Whole("BEGIN"))),
            ("START TRANSACTION", Some(Control::Whole("START TRANSACTION"))),
            ("INSERT INTO t VALUES ('SAVEPOINT a; ROLLBACK')", None),
            ("SELECT \"savepoint\"", None),
            ("\"savepoint\" a", None),
        ] {
            assert_eq!(one(text), expected, "{text}");
            if let Some(control) = expected {
                assert!(is_control(control.command()), "{text}");
            }
        }
    }

    #[test]
    fn statements_of_a_text_are_told_apart() {
        let text = "BEGIN;; INSERT INTO t VALUES (';', $$;$$, $a$ $$; $a$, E'\\';', U&';', $1); SAVEPOINT a;
            CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); ROLLBACK TO a; COMMIT";
        let commands: Vec<_> =
            controls(text).iter().map(|found| found.as_ref().map(Control::command)).collect();
        let expected = [Some("BEGIN"), None, Some("SAVEPOINT"), None, Some("ROLLBACK"), Some("COMMIT")];
        assert_eq!(commands, expected);
        let body =
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; COMMIT";
        assert_eq!(controls(body), [None], "what follows such a body is not told");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_name_is_read_back(name in "\\PC{1,80}") {
            let quoted = format!("/* \" */ SAVEPOINT \"{}\"; SELECT 1", name.replace('"', "\"\""));
            let end = (0..=name.len().min(NAME_BYTES_MAX)).rev().find(|end| name.is_char_boundary(*end)).unwrap();
            prop_assert_eq!(controls(&quoted), vec![Some(Control::Savepoint(name[..end].to_owned())), None]);
        }

        #[test]
        fn any_text_does_no_harm(text in "\\PC*|[a$'\";/*\\-() eEuU&\\\\\n]{0,40}") {
            drop(controls(&text));
            drop(controls(&format!("SAVEPOINT {text}")));
        }
    }
}
