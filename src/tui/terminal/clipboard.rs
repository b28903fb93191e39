//! The clipboard of the terminal, by the control sequence OSC 52. It works over ssh, where the terminal allows it.
//!
//! Boundary: creates the sequence. What is copied, and the message about it, is up to the views.

/// The longest text that is copied, in bytes; some terminals ignore longer ones.
pub const COPIED_MAX: usize = 50_000;

/// The alphabet of Base64 (RFC 4648), by the value of six bits.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The sequence that puts a text on the clipboard. In Base64 no character of the text can be part of a command.
pub(super) fn sequence(text: &str) -> String {
    let end = (0..=text.len().min(COPIED_MAX)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("\u{1b}]52;c;{}\u{7}", base64(&text.as_bytes()[..end]))
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |position: usize| u32::from(group.get(position).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for letter in 0..4 {
            let value = (bits >> (18 - 6 * letter)) & 0b11_1111;
            // Six bits are below 64.
            text.push(if letter > group.len() { '=' } else { LETTERS[value as usize].into() });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_as_in_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("é\u{1b}", "w6kb"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded, "{plain}");
        }
        assert_eq!(sequence("foo"), "\u{1b}]52;c;Zm9v\u{7}");
        let long = "é".repeat(COPIED_MAX);
        assert_eq!(sequence(&long).len(), "\u{1b}]52;c;\u{7}".len() + COPIED_MAX.div_ceil(3) * 4);
    }
}
