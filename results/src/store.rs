//! A store is a folder of runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rashomon_checker::visible_json;
use serde::Serialize;

use crate::{HistoryWriter, StoreError};

/// A folder of runs.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// One run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl Store {
    /// The store at `root`, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes the folder of a new run, and points `latest` at it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(&self, now: SystemTime, label: &str) -> Result<RunFolder, StoreError> {
        fs::create_dir_all(&self.root).map_err(|e| StoreError::write(&self.root, e))?;
        let time = humantime::format_rfc3339_seconds(now).to_string().replace([':', '-'], "");
        // Two runs may start in the same second.
        for attempt in 0.. {
            let suffix = if attempt == 0 { String::new() } else { format!("-{attempt}") };
            let id = format!("{time}-{label}{suffix}");
            let path = self.root.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => {
                    self.point_latest_at(&id);
                    return Ok(RunFolder { path });
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(StoreError::write(&path, e)),
            }
        }
        unreachable!("some number is free")
    }

    /// A convenience only, so that a file system without links does not end a run.
    fn point_latest_at(&self, id: &str) {
        let (link, new) = (self.root.join("latest"), self.root.join(format!(".latest-{id}")));
        if std::os::unix::fs::symlink(id, &new).is_ok() && fs::rename(&new, &link).is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// The run of this name: a folder, an id, a unique beginning of one, or `latest`.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn find(&self, name: &str) -> Result<RunFolder, StoreError> {
        for path in [PathBuf::from(name), self.root.join(name)] {
            if path.join("run.toml").is_file() {
                return Ok(RunFolder { path });
            }
        }
        let entries = match fs::read_dir(&self.root) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let (name, store) = (name.to_owned(), self.root.clone());
                return Err(StoreError::NoSuchRun { name, store });
            }
            entries => entries.map_err(|e| StoreError::read(&self.root, e))?,
        };
        let mut candidates: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|id| id.starts_with(name) && self.root.join(id).join("run.toml").is_file())
            .collect();
        candidates.sort();
        match candidates.as_slice() {
            [id] if !name.is_empty() => Ok(RunFolder { path: self.root.join(id) }),
            [] => Err(StoreError::NoSuchRun { name: name.to_owned(), store: self.root.clone() }),
            _ => Err(StoreError::Ambiguous { name: name.to_owned(), candidates }),
        }
    }
}

impl Store {
    /// The runs, newest first: folders of this store that hold a `run.toml` of ours. Links, `latest`
    /// among them, and whatever else lies there are passed over. A store that does not exist has
    /// none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn runs(&self) -> Result<Vec<RunFolder>, StoreError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(StoreError::read(&self.root, e)),
        };
        let mut runs = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| StoreError::read(&self.root, e))?.path();
            let run = RunFolder { path };
            if run.is_ours() {
                runs.push(run);
            }
        }
        // A name begins with the time.
        runs.sort_by(|one, other| other.path.file_name().cmp(&one.path.file_name()));
        Ok(runs)
    }

    /// Removes a run of this store, and points `latest` at the newest that is left.
    ///
    /// # Errors
    /// If it is no run of this store, and nothing is removed; or if it cannot be removed, perhaps
    /// whole.
    pub fn remove(&self, run: &RunFolder) -> Result<(), StoreError> {
        let is_inside = run.path.parent() == Some(&self.root) && run.is_ours();
        if !is_inside {
            let (name, store) = (run.path.display().to_string(), self.root.clone());
            return Err(StoreError::NoSuchRun { name, store });
        }
        // Links within it are removed, and not followed.
        fs::remove_dir_all(&run.path).map_err(|e| StoreError::write(&run.path, e))?;
        let latest = self.root.join("latest");
        if latest.is_symlink() && !latest.exists() {
            match self.runs()?.first() {
                Some(newest) => self.point_latest_at(&newest.id()),
                None => fs::remove_file(&latest).map_err(|e| StoreError::write(&latest, e))?,
            }
        }
        Ok(())
    }
}

/// The first line of every `run.toml`.
const MARK: &str = "format = \"rashomon-run\"";

impl RunFolder {
    /// Whether it is a folder, and no link to one, with a `run.toml` of ours.
    fn is_ours(&self) -> bool {
        let is_folder = fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_dir());
        let settings = self.path.join("run.toml");
        let is_file = fs::symlink_metadata(&settings).is_ok_and(|it| it.is_file());
        let is_marked = || {
            let text = fs::read_to_string(&settings).unwrap_or_default();
            text.lines().any(|line| line.trim() == MARK)
        };
        is_folder && is_file && is_marked()
    }

    /// When it began, by its name.
    pub fn began(&self) -> Option<SystemTime> {
        let id = self.id();
        let (day, time) = id.split_once('-')?.0.strip_suffix('Z')?.split_once('T')?;
        let (year, month, day) = (day.get(..4)?, day.get(4..6)?, day.get(6..)?);
        let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
        let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        humantime::parse_rfc3339(&text).ok()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its id: the folder's name.
    pub fn id(&self) -> String {
        let resolved = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        resolved.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Starts the history.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn history(&self) -> Result<HistoryWriter, StoreError> {
        HistoryWriter::create(&self.path.join("history.jsonl"))
    }

    /// Writes a file as JSON.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_json(&self, name: &str, content: &impl Serialize) -> Result<(), StoreError> {
        let mut text = serde_json::to_string_pretty(content).map_err(|e| self.unfit(name, &e))?;
        text.push('\n');
        self.write(name, &visible_json(&text))
    }

    /// Writes a file of JSON lines.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_json_lines<T: Serialize>(
        &self,
        name: &str,
        lines: impl IntoIterator<Item = T>,
    ) -> Result<(), StoreError> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&serde_json::to_string(&line).map_err(|e| self.unfit(name, &e))?);
            text.push('\n');
        }
        self.write(name, &visible_json(&text))
    }

    /// Writes a file as TOML.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_toml(&self, name: &str, content: &impl Serialize) -> Result<(), StoreError> {
        let text = toml::to_string_pretty(content).map_err(|e| self.unfit(name, &e))?;
        self.write(name, &text)
    }

    /// Writes a file of text.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.write(name, text)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read_text(&self, name: &str) -> Result<String, StoreError> {
        let path = self.path.join(name);
        fs::read_to_string(&path).map_err(|e| StoreError::read(&path, e))
    }

    /// What cannot be expressed in a file's format.
    fn unfit(&self, name: &str, problem: &dyn std::fmt::Display) -> StoreError {
        StoreError::Content { path: self.path.join(name), problem: problem.to_string() }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), StoreError> {
        let path = self.path.join(name);
        fs::write(&path, text).map_err(|e| StoreError::write(&path, e))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn runs_are_found_by_id_by_beginning_and_as_latest() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path());
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let first = store.create(at(0), "leaderless-set-1").unwrap();
        let second = store.create(at(90), "leaderless-set-2").unwrap();
        for run in [&first, &second] {
            run.write_toml("run.toml", &std::collections::BTreeMap::from([("seed", 1)])).unwrap();
        }
        assert_eq!(first.id(), "19700101T000000Z-leaderless-set-1");
        assert_eq!(store.find("latest").unwrap().id(), second.id());
        assert_eq!(store.find(&first.id()).unwrap().id(), first.id());
        assert_eq!(store.find("19700101T0001").unwrap().id(), second.id());
        assert!(matches!(store.find("1970"), Err(StoreError::Ambiguous { .. })));
        assert!(matches!(store.find("2026"), Err(StoreError::NoSuchRun { .. })));
    }

    fn make(store: &Store, seconds: u64) -> RunFolder {
        let at = UNIX_EPOCH + Duration::from_secs(seconds);
        let run = store.create(at, "leaderless-set-1").unwrap();
        fs::write(run.path().join("run.toml"), format!("{MARK}\nversion = 1\n")).unwrap();
        run
    }

    #[test]
    fn runs_are_listed_newest_first_and_nothing_else_is() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().join("runs"));
        assert!(store.runs().unwrap().is_empty(), "a store that does not exist has none");
        let made = [make(&store, 0), make(&store, 24 * 60 * 60), make(&store, 7)];
        fs::create_dir(root.path().join("runs/notes")).unwrap();
        fs::create_dir(root.path().join("runs/other")).unwrap();
        fs::write(root.path().join("runs/other/run.toml"), "format = \"other\"\n").unwrap();
        let ids: Vec<String> = store.runs().unwrap().iter().map(RunFolder::id).collect();
        assert_eq!(ids, [made[1].id(), made[2].id(), made[0].id()]);
        assert_eq!(made[1].began(), Some(UNIX_EPOCH + Duration::from_hours(24)));
    }

    #[test]
    fn only_a_run_of_this_store_is_removed_and_latest_leads_to_what_is_left() {
        let root = tempfile::tempdir().unwrap();
        let (store, other) =
            (Store::at(root.path().join("runs")), Store::at(root.path().join("other")));
        let [old, new] = [make(&store, 0), make(&store, 7)];
        let foreign = make(&other, 0);
        let notes = root.path().join("runs/notes");
        fs::create_dir(&notes).unwrap();
        let link = root.path().join("runs/link");
        std::os::unix::fs::symlink(foreign.path(), &link).unwrap();
        for path in [foreign.path().to_owned(), notes, link, root.path().join("runs")] {
            store.remove(&RunFolder { path: path.clone() }).unwrap_err();
            assert!(path.exists(), "{}", path.display());
        }
        store.remove(&new).unwrap();
        assert!(!new.path().exists() && old.path().exists());
        assert_eq!(store.find("latest").unwrap().id(), old.id());
        store.remove(&old).unwrap();
        assert!(!root.path().join("runs/latest").is_symlink(), "it would lead nowhere");
        assert!(foreign.path().join("run.toml").exists());
    }

    #[test]
    fn two_runs_in_a_second_get_two_folders() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path());
        let ids: Vec<String> =
            (0..3).map(|_| store.create(UNIX_EPOCH, "x").unwrap().id()).collect();
        assert_eq!(ids.len(), ids.iter().collect::<std::collections::BTreeSet<_>>().len());
    }

    #[test]
    fn a_store_that_cannot_be_made_says_where() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let inside = file.path().join("nowhere");
        let error = Store::at(&inside).create(UNIX_EPOCH, "x").unwrap_err().to_string();
        assert!(error.contains(inside.to_str().unwrap()), "{error}");
    }
}
