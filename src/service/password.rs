//! Generated passwords.

use rand::RngExt as _;
use secrecy::SecretString;

/// The characters of a generated password, without those that look alike.
const CHARACTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// The length of a generated password: more than 110 bits of entropy.
const GENERATED_LENGTH: usize = 20;

/// Generates a random password of letters and digits, with more than 110 bits of entropy.
#[must_use]
pub fn generate_password() -> SecretString {
    let mut random = rand::rng();
    let text: String = (0..GENERATED_LENGTH)
        .map(|_| char::from(CHARACTERS[random.random_range(0..CHARACTERS.len())]))
        .collect();
    SecretString::from(text)
}
