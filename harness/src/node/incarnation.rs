//! How often a node has started: bumped, and on disk, before it serves.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;

/// Counts this start.
///
/// # Errors
/// If the count cannot be read or made durable.
pub(super) fn bump(data: &Path) -> anyhow::Result<u64> {
    let path = data.join("incarnation");
    let before = match fs::read_to_string(&path) {
        Ok(text) => text
            .trim()
            .parse::<u64>()
            .with_context(|| format!("{}: not a number", path.display()))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => 0,
        Err(e) => return Err(e).with_context(|| format!("read {}", path.display())),
    };
    let next = before + 1;
    let new = data.join("incarnation.new");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&new)?;
        writeln!(file, "{next}")?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(data)?.sync_all()
    };
    write().with_context(|| format!("write {}", path.display()))?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let counted: Vec<u64> = (0..3).map(|_| bump(folder.path()).unwrap()).collect();
        assert_eq!(counted, [1, 2, 3]);
    }
}
