//! Keys as a terminal sends them (xterm's escape sequences), from a notation that can be read.

/// What a key sends, by its name: a final letter, or a number before `~`.
enum Sequence {
    Letter(char),
    Number(u8),
}

fn sequence(name: &str) -> Option<Sequence> {
    Some(match name {
        "up" => Sequence::Letter('A'),
        "down" => Sequence::Letter('B'),
        "right" => Sequence::Letter('C'),
        "left" => Sequence::Letter('D'),
        "home" => Sequence::Letter('H'),
        "end" => Sequence::Letter('F'),
        "f1" => Sequence::Letter('P'),
        "f2" => Sequence::Letter('Q'),
        "f3" => Sequence::Letter('R'),
        "f4" => Sequence::Letter('S'),
        "ins" => Sequence::Number(2),
        "del" => Sequence::Number(3),
        "pgup" => Sequence::Number(5),
        "pgdn" => Sequence::Number(6),
        "f5" => Sequence::Number(15),
        "f6" => Sequence::Number(17),
        "f7" => Sequence::Number(18),
        "f8" => Sequence::Number(19),
        "f9" => Sequence::Number(20),
        "f10" => Sequence::Number(21),
        "f11" => Sequence::Number(23),
        "f12" => Sequence::Number(24),
        _ => return None,
    })
}

/// The bytes of one named key, such as `enter`, `c-q`, `a-x`, `s-tab` or `c-s-up`.
fn named(name: &str) -> Vec<u8> {
    let (mut key, mut shift, mut alt, mut control) = (name, false, false, false);
    loop {
        key = match key.as_bytes() {
            [b's', b'-', _, ..] => {
                shift = true;
                &key[2..]
            }
            [b'a', b'-', _, ..] => {
                alt = true;
                &key[2..]
            }
            [b'c', b'-', _, ..] => {
                control = true;
                &key[2..]
            }
            _ => break,
        };
    }
    let modifiers = 1 + u8::from(shift) + 2 * u8::from(alt) + 4 * u8::from(control);
    match sequence(key) {
        // The first four function keys are sent in another form than the arrows, but only without modifiers.
        Some(Sequence::Letter(letter @ 'P'..='S')) if modifiers == 1 => {
            return format!("\x1bO{letter}").into();
        }
        Some(Sequence::Letter(letter)) if modifiers == 1 => return format!("\x1b[{letter}").into(),
        Some(Sequence::Letter(letter)) => return format!("\x1b[1;{modifiers}{letter}").into(),
        Some(Sequence::Number(number)) if modifiers == 1 => return format!("\x1b[{number}~").into(),
        Some(Sequence::Number(number)) => return format!("\x1b[{number};{modifiers}~").into(),
        None => {}
    }
    let plain = match (key, control, shift) {
        ("enter", false, false) => "\r".to_owned(),
        ("tab", false, false) => "\t".to_owned(),
        ("tab", false, true) => "\x1b[Z".to_owned(),
        ("esc", false, false) => "\x1b".to_owned(),
        ("backspace", false, false) => "\x7f".to_owned(),
        ("space", false, false) => " ".to_owned(),
        ("space", true, false) => "\0".to_owned(),
        ("lt", false, false) => "<".to_owned(),
        (key, control, false) if key.chars().count() == 1 => match (key.as_bytes(), control) {
            ([letter @ b'a'..=b'z'], true) => char::from(letter & 0x1f).to_string(),
            (_, false) if alt => key.to_owned(),
            _ => panic!("no terminal sends <{name}>"),
        },
        _ => panic!("no terminal sends <{name}>"),
    };
    if alt { format!("\x1b{plain}").into() } else { plain.into() }
}

/// Translates a text with named keys in angle brackets, such as `71053<enter>3x12<tab><f3>`, into what is
/// sent. Each part is to be read by the program before the next is sent: an Escape with something right
/// behind it would be another key.
pub fn parts(notation: &str) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut rest = notation;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let bytes = if character == '<' {
            let (name, behind) = rest.split_once('>').unwrap_or_else(|| panic!("no > in {notation}"));
            rest = behind;
            named(name)
        } else {
            character.to_string().into()
        };
        let escape = bytes == b"\x1b";
        parts.last_mut().unwrap().extend(bytes);
        if escape {
            parts.push(Vec::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
