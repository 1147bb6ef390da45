//! The history in a folder that the user names.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The names that histories have in folders of runs, ours and Jepsen's, the best first.
const NAMES: [&str; 5] =
    ["history.jsonl", "history.edn", "history.jsonl.gz", "history.edn.gz", "history.txt"];

/// How deep below the folder runs may lie: Jepsen's store is two deep.
const DEPTH: usize = 3;

/// Folders that are looked into at most.
const FOLDERS: usize = 10_000;

/// Runs that are named where there are several.
const NAMED: usize = 8;

/// The history in a folder: that of a run, or of the latest run of a store, as Jepsen or we leave
/// it.
///
/// # Errors
/// If there is none, or if there are several and no link says which is the latest: some are named
/// then.
pub fn find_history(folder: &Path) -> Result<PathBuf, StoreError> {
    if let Some(history) = history_in(folder) {
        return Ok(history);
    }
    if let Some(history) = latest(folder, DEPTH) {
        return Ok(history);
    }
    let mut found = Vec::new();
    let mut looked = 0;
    search(folder, DEPTH, &mut looked, &mut found)?;
    found.sort();
    let wrong = |problem| StoreError::Content { path: folder.to_owned(), problem };
    match found.as_slice() {
        [] => {
            Err(wrong(format!("this folder holds no history: there is no {}", NAMES.join(", no "))))
        }
        [only] => Ok(only.clone()),
        several => {
            // The names of runs begin with their time.
            let last = several.iter().rev().take(NAMED).map(|path| path.display().to_string());
            let more = several.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let names: Vec<String> = last.collect();
            Err(wrong(format!("there are several histories; name one: {}{more}", names.join(", "))))
        }
    }
}

/// The history of the run whose folder this is.
fn history_in(folder: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The history of the run to which `latest` leads.
fn latest(folder: &Path, depth: usize) -> Option<PathBuf> {
    let link = folder.join("latest");
    let run = if link.is_dir() { link } else { folder.join(link_text(&link)?) };
    if !run.is_dir() {
        return None;
    }
    history_in(&run).or_else(|| depth.checked_sub(1).and_then(|depth| latest(&run, depth)))
}

/// Where a link leads that was copied as a file, as some tools do.
fn link_text(path: &Path) -> Option<PathBuf> {
    const LONGEST: u64 = 4096;
    if !path.is_file() {
        return None;
    }
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    let target = Path::new(text.trim());
    let stays = target.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    (stays && !text.trim().is_empty()).then(|| target.to_owned())
}

/// The histories of the runs in a folder, links apart.
fn search(
    folder: &Path,
    depth: usize,
    looked: &mut usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), StoreError> {
    *looked += 1;
    if *looked > FOLDERS {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|e| StoreError::read(folder, e))?;
    let mut below: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    below.sort();
    for path in below {
        match history_in(&path) {
            Some(history) => found.push(history),
            None if depth > 0 => search(&path, depth - 1, looked, found)?,
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(store: &Path, name: &str) -> PathBuf {
        let folder = store.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let history = folder.join("history.edn");
        std::fs::write(&history, "").unwrap();
        history
    }

    #[test]
    fn the_latest_run_of_a_store_is_found_and_else_all_are_named() {
        let store = tempfile::tempdir().unwrap();
        let first = run(store.path(), "register/20261124T000000.000Z");
        assert_eq!(find_history(store.path()).unwrap(), first, "there is no other");
        let second = run(store.path(), "register/20261125T000000.000Z");
        let several = find_history(store.path()).unwrap_err().to_string();
        assert!(
            several.contains("20261124T000000.000Z") && several.contains("20261125T"),
            "{several}"
        );
        std::fs::write(store.path().join("latest"), "register/20261125T000000.000Z").unwrap();
        assert_eq!(find_history(store.path()).unwrap(), second, "a link that was copied as a file");
        std::fs::remove_file(store.path().join("latest")).unwrap();
        std::os::unix::fs::symlink("register/20261124T000000.000Z", store.path().join("latest"))
            .unwrap();
        assert!(find_history(store.path()).unwrap().ends_with("latest/history.edn"));
        let empty = tempfile::tempdir().unwrap();
        assert!(find_history(empty.path()).unwrap_err().to_string().contains("no history.edn"));
    }

    #[test]
    fn a_latest_that_leads_elsewhere_is_not_followed() {
        let store = tempfile::tempdir().unwrap();
        std::fs::write(store.path().join("latest"), "../../etc").unwrap();
        assert!(find_history(store.path()).is_err());
    }
}
