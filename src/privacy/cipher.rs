//! A256CBC-HS512 (RFC 7518, 5.2.5): AES-256 in CBC mode, then HMAC-SHA-512 over associated data, initialization vector
//! and ciphertext.

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::zeroize::Zeroizing;
use sha2::Sha512;

/// The length of a key in bytes: one half for authentication, the other for encryption.
pub(super) const KEY_BYTES: usize = 64;
/// The length of an initialization vector in bytes.
pub(super) const IV_BYTES: usize = 16;
/// The length of an authentication code in bytes.
pub(super) const TAG_BYTES: usize = 32;

/// The length of each half of a key.
const HALF: usize = KEY_BYTES / 2;
/// The block size of SHA-512 in bytes, to which HMAC pads a key.
const HMAC_BLOCK_BYTES: usize = 128;

/// A key, overwritten when it is dropped.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Generates a random key of 64 bytes.
pub(super) fn new_key() -> Key {
    let mut key = Key::new([0; KEY_BYTES]);
    rand::fill(&mut key[..]);
    key
}

/// Encrypts a text. Returns the initialization vector, the ciphertext and the authentication code, concatenated.
pub(super) fn seal(key: &Key, associated: &[u8], text: &[u8]) -> Vec<u8> {
    let mut iv = [0; IV_BYTES];
    rand::fill(&mut iv[..]);
    seal_with(key, iv, associated, text)
}

fn seal_with(key: &Key, iv: [u8; IV_BYTES], associated: &[u8], text: &[u8]) -> Vec<u8> {
    let encryption = encryption_half(key);
    let mut sealed = iv.to_vec();
    sealed.extend(
        cbc::Encryptor::<Aes256>::new((&*encryption).into(), (&iv).into()).encrypt_padded_vec::<Pkcs7>(text),
    );
    let tag = authentication(key, associated, &sealed).finalize().into_bytes();
    sealed.extend_from_slice(&tag[..TAG_BYTES]);
    sealed
}

/// Decrypts a text, if the authentication code is that of exactly these bytes. The code is compared in constant time
/// and before anything is decrypted.
pub(super) fn open(key: &Key, associated: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let body = sealed.len().checked_sub(TAG_BYTES)?;
    let (body, tag) = sealed.split_at(body);
    authentication(key, associated, body).verify_truncated_left(tag).ok()?;
    let (iv, text) = body.split_first_chunk::<IV_BYTES>()?;
    let encryption = encryption_half(key);
    cbc::Decryptor::<Aes256>::new((&*encryption).into(), iv.into())
        .decrypt_padded_vec::<Pkcs7>(text)
        .ok()
        .map(Zeroizing::new)
}

/// A short text that distinguishes keys without revealing anything about them.
pub(super) fn fingerprint(key: &Key) -> String {
    let tag = authentication(key, b"stockroom keyring", b"").finalize().into_bytes();
    tag[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encryption_half(key: &Key) -> Zeroizing<[u8; HALF]> {
    let mut half = Zeroizing::new([0; HALF]);
    half.copy_from_slice(&key[HALF..]);
    half
}

fn authentication(key: &Key, associated: &[u8], body: &[u8]) -> Hmac<Sha512> {
    // HMAC pads a key to the block of its hash with zeros.
    let mut padded = Zeroizing::new([0; HMAC_BLOCK_BYTES]);
    padded[..HALF].copy_from_slice(&key[..HALF]);
    let mut mac = Hmac::<Sha512>::new((&*padded).into());
    let bits = associated.len() as u64 * 8;
    for part in [associated, body, &bits.to_be_bytes()] {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// RFC 7518, appendix B.3.
    #[test]
    fn the_test_case_of_the_standard() {
        let mut key = Key::new([0; KEY_BYTES]);
        key.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        let text = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
        let iv = bytes("1a f3 8c 2d c2 b9 6f fd d8 66 94 09 23 41 bc 04");
        let associated = b"The second principle of Auguste Kerckhoffs";
        let expected = bytes(
            "4a ff aa ad b7 8c 31 c5 da 4b 1b 59 0d 10 ff bd 3d d8 d5 d3 02 42 35 26 91 2d a0 37 ec bc c7 bd
             82 2c 30 1d d6 7c 37 3b cc b5 84 ad 3e 92 79 c2 e6 d1 2a 13 74 b7 7f 07 75 53 df 82 94 10 44 6b
             36 eb d9 70 66 29 6a e6 42 7e a7 5c 2e 08 46 a1 1a 09 cc f5 37 0d c8 0b fe cb ad 28 c7 3f 09 b3
             a3 b7 5e 66 2a 25 94 41 0a e4 96 b2 e2 e6 60 9e 31 e6 e0 2c c8 37 f0 53 d2 1f 37 ff 4f 51 95 0b
             be 26 38 d0 9d d7 a4 93 09 30 80 6d 07 03 b1 f6
             4d d3 b4 c0 88 a7 f4 5c 21 68 39 64 5b 20 12 bf 2e 62 69 a8 c5 6a 81 6d bc 1b 26 77 61 95 5b c5",
        );
        let sealed = seal_with(&key, iv.clone().try_into().unwrap(), associated, text);
        assert_eq!(sealed[IV_BYTES..], expected[..]);
        assert_eq!(open(&key, associated, &sealed).unwrap()[..], text[..]);
    }

    #[test]
    fn nothing_opens_that_was_changed() {
        let key = new_key();
        let sealed = seal(&key, b"partners|email|C1", "jane@example.com".as_bytes());
        assert!(open(&key, b"partners|email|C1", &sealed).is_some());
        assert!(open(&key, b"partners|email|C2", &sealed).is_none());
        assert!(open(&new_key(), b"partners|email|C1", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open(&key, b"partners|email|C1", &changed).is_none(), "byte {place}");
            assert!(open(&key, b"partners|email|C1", &sealed[..place]).is_none(), "cut at {place}");
        }
    }

    #[test]
    fn equal_texts_have_different_ciphertexts() {
        let key = new_key();
        assert_ne!(seal(&key, b"", b"same"), seal(&key, b"", b"same"));
    }
}
