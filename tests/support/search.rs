//! Where bytes are found in files.

use std::fs;
use std::path::Path;

/// The files below a directory that hold some bytes.
pub fn files_with(directory: &Path, needle: &[u8]) -> Vec<String> {
    let finder = memchr::memmem::Finder::new(needle);
    let (mut found, mut waiting) = (Vec::new(), vec![directory.to_owned()]);
    let mut read = 0;
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else if entry.file_type().unwrap().is_file() {
                // A file may be deleted by the server meanwhile.
                let Ok(bytes) = fs::read(entry.path()) else { continue };
                read += 1;
                if finder.find(&bytes).is_some() {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    assert!(read > 0, "nothing was searched");
    found
}

/// A text as it may be written: as it is, and in hexadecimal digits.
pub fn forms(text: &str) -> [Vec<u8>; 2] {
    [
        text.as_bytes().to_vec(),
        text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
    ]
}
