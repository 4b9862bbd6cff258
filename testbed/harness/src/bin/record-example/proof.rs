//! The proof that a recording holds no private key, not even of a cluster that is gone.

use std::fs;
use std::path::Path;

use super::Failure;

/// What private keys begin with, plain and in base64 at each of the three places in a group.
const MARKS: [&str; 4] = ["PRIVATE KEY", "UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"];

pub(super) fn no_private_key(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            no_private_key(&entry?.path())?;
        }
        return Ok(());
    }
    let content = fs::read(path)?;
    let text = String::from_utf8_lossy(&content);
    match MARKS.iter().find(|mark| text.contains(**mark)) {
        Some(mark) => Err(format!("`{}` holds a private key (`{mark}`)", path.display()).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_wherever_it_begins() {
        // The words PRIVATE KEY after no, one and two other bytes.
        for text in [
            "-----BEGIN PRIVATE KEY-----",
            "data: UFJJVkFURSBLRVk=",
            "data: LVBSSVZBVEUgS0VZ",
            "data: LS1QUklWQVRFIEtFWQ==",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), text).unwrap();
            assert!(no_private_key(file.path()).is_err(), "{text}");
        }
    }
}
