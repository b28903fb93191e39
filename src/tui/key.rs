//! Keys, with the notation that people use in the configuration: `f3`, `ctrl-s`, `alt-enter`, `shift-tab`, `?`,
//! `space`.
//!
//! Boundary: pure values. Reading them from a terminal is up to `terminal`.

use std::fmt;
use std::str::FromStr;

use super::text::Words;
use super::text::keys::KeyText;

/// The largest number of a function key that terminals report.
const FUNCTION_MAX: u8 = 24;

/// A key without its modifiers: a named one or a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character as typed; an upper-case letter implies Shift.
    Char(char),
    Function(u8),
    /// Enter, which is also what a scanner sends after a code.
    Enter,
    Escape,
    /// Tab, or with `shift` the backward tab.
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// The keys that are named instead of written as a character.
const NAMED: [(Code, &str); 16] = [
    (Code::Enter, "enter"),
    (Code::Escape, "esc"),
    (Code::Tab, "tab"),
    (Code::Backspace, "backspace"),
    (Code::Delete, "del"),
    (Code::Insert, "ins"),
    (Code::Up, "up"),
    (Code::Down, "down"),
    (Code::Left, "left"),
    (Code::Right, "right"),
    (Code::Home, "home"),
    (Code::End, "end"),
    (Code::PageUp, "pageup"),
    (Code::PageDown, "pagedown"),
    (Code::Char(' '), "space"),
    (Code::Char('-'), "minus"),
];

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    /// Whether Shift is held; never set for characters, which show it themselves.
    pub shift: bool,
}

impl Key {
    /// The key pressed without any modifier.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// The key that types a character.
    #[must_use]
    pub const fn char(character: char) -> Self {
        Self::plain(Code::Char(character))
    }

    /// The character that this key types into a field, if any.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(character) if !self.ctrl && !self.alt => Some(character),
            _ => None,
        }
    }

    /// Whether a field with text handles this key itself.
    #[must_use]
    pub fn edits_text(self) -> bool {
        self.typed().is_some()
            || (!self.alt
                && matches!(
                    self.code,
                    Code::Backspace | Code::Delete | Code::Left | Code::Right | Code::Home | Code::End
                ))
    }
}

/// The error for a text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a key; write for example f3, ctrl-s, alt-1, shift-tab, enter, space or ?")]
pub struct UnknownKey(String);

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.to_owned());
        let mut key = Self::plain(Code::Enter);
        let mut rest = text;
        loop {
            // A single character is itself, even if it is the separator.
            let part = if rest.chars().count() > 1 { rest.split_once('-') } else { None };
            match part {
                Some((held, after)) if !after.is_empty() => {
                    match held.to_ascii_lowercase().as_str() {
                        "ctrl" => key.ctrl = true,
                        "alt" => key.alt = true,
                        "shift" => key.shift = true,
                        _ => return Err(unknown()),
                    }
                    rest = after;
                }
                _ => break,
            }
        }
        key.code = code(rest).ok_or_else(unknown)?;
        if let Code::Char(character) = key.code {
            if key.shift {
                key.code = Code::Char(character.to_ascii_uppercase());
                key.shift = false;
            } else if key.ctrl {
                key.code = Code::Char(character.to_ascii_lowercase());
            }
        }
        Ok(key)
    }
}

fn code(text: &str) -> Option<Code> {
    let lower = text.to_ascii_lowercase();
    if let Some((code, _)) = NAMED.iter().find(|(_, name)| *name == lower) {
        return Some(*code);
    }
    if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse::<u8>().ok()) {
        return (1..=FUNCTION_MAX).contains(&number).then_some(Code::Function(number));
    }
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_control() => Some(Code::Char(character)),
        _ => None,
    }
}

/// The name of a key for the screens; none for a character or function key, which are written alike in every language.
fn name_of(code: Code) -> Option<KeyText> {
    Some(match code {
        Code::Enter => KeyText::Enter,
        Code::Escape => KeyText::Escape,
        Code::Tab => KeyText::Tab,
        Code::Backspace => KeyText::Backspace,
        Code::Delete => KeyText::Delete,
        Code::Insert => KeyText::Insert,
        Code::Up => KeyText::Up,
        Code::Down => KeyText::Down,
        Code::Left => KeyText::Left,
        Code::Right => KeyText::Right,
        Code::Home => KeyText::Home,
        Code::End => KeyText::End,
        Code::PageUp => KeyText::PageUp,
        Code::PageDown => KeyText::PageDown,
        Code::Char(' ') => KeyText::Space,
        Code::Char('-') => KeyText::Minus,
        Code::Char(_) | Code::Function(_) => return None,
    })
}

impl Key {
    /// The key as the screens name it, in their language.
    #[must_use]
    pub fn shown(self, words: Words) -> String {
        let Some(name) = name_of(self.code) else { return self.to_string() };
        let held = [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, words.say(KeyText::Shift))];
        let held = held.iter().filter(|(is_held, _)| *is_held).map(|(_, name)| *name);
        held.chain([words.say(name)]).collect()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                formatter.write_str(name)?;
            }
        }
        match (self.code, NAMED.iter().find(|(code, _)| *code == self.code)) {
            (_, Some((_, name))) => formatter.write_str(name),
            (Code::Function(number), None) => write!(formatter, "f{number}"),
            (Code::Char(character), None) => write!(formatter, "{character}"),
            // Every other code has a name; the test below covers them all.
            (_, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for text in [
            "f3",
            "ctrl-s",
            "alt-1",
            "shift-tab",
            "enter",
            "esc",
            "space",
            "?",
            ":",
            "minus",
            "ctrl-alt-del",
            "pageup",
            "é",
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
        }
        for (code, _) in NAMED {
            let key = Key::plain(code);
            assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }
        assert_eq!("-".parse::<Key>(), Ok(Key::char('-')));
        assert_eq!("shift-a".parse::<Key>(), Ok(Key::char('A')));
        for bad in ["", "f0", "f25", "super-x", "ctrl-", "abc", "\u{7}"] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn keys_are_shown_in_the_language_of_the_screen() {
        use crate::tui::locale::Language;
        let shown = |text: &str, language| text.parse::<Key>().unwrap().shown(Words::new(language));
        for (_, name) in NAMED {
            assert_eq!(shown(name, Language::English), name);
        }
        assert_eq!(shown("shift-tab", Language::French), "maj-tab");
        assert_eq!(shown("alt-enter", Language::French), "alt-entrée");
        assert_eq!(shown("ctrl-p", Language::French), "ctrl-p");
        assert_eq!(shown("f12", Language::French), "f12");
    }
}
