//! Writes a file, whole or not at all.

use std::fs;
use std::path::Path;

use crate::StoreError;

/// Writes a file, and the folder that it is in: a kill leaves it as it was, or as it is to be.
///
/// # Errors
/// If it cannot be written.
pub fn replace(path: &Path, text: &str) -> Result<(), StoreError> {
    let failed = |e| StoreError::write(path, e);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| StoreError::write(folder, e))?;
    }
    let new = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, text).map_err(failed)?;
    fs::rename(&new, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_one_that_cannot_be_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.json");
        replace(&path, "one").unwrap();
        replace(&path, "other").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "other");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left");
        assert!(replace(&path.join("below"), "third").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "other");
    }
}
