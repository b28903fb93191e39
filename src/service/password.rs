//! Passwords that the program makes up.

use rand::RngExt as _;
use secrecy::SecretString;

/// The letters of a made password: without those that look alike.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// The length of a made password: more than 110 bits.
const GENERATED_LENGTH: usize = 20;

/// Makes a password.
#[must_use]
pub fn generate_password() -> SecretString {
    let mut random = rand::rng();
    let text: String =
        (0..GENERATED_LENGTH).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect();
    SecretString::from(text)
}
