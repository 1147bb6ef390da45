//! What a gate compares with: a campaign as it was when it was accepted. The file is committed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::strict::{self, Header};
use crate::{BuildRecord, FiguresRecord, StoreError, replace};

/// A campaign as it was when it was accepted, and the planted bugs that were found then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineRecord {
    /// `rashomon-baseline`.
    pub format: String,
    /// The version of the format.
    pub version: u64,
    /// The name of the campaign.
    pub name: String,
    /// The profile of the file, if there was one.
    pub profile: Option<String>,
    /// A hash of what the file asked for, as 16 hexadecimal digits.
    pub campaign: String,
    /// The build that ran it.
    pub build: BuildRecord,
    /// The first seed of each cell.
    pub seed: u64,
    /// How many seeds each cell had.
    pub seeds: u64,
    /// Every cell, in the order of the campaign.
    pub cells: Vec<BaselineCellRecord>,
    /// The planted bugs that were found, in the order of the file.
    pub bugs: Vec<BaselineBugRecord>,
}

/// A cell as it was when it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineCellRecord {
    /// What the file called it, for people.
    pub cell: String,
    /// What was required of each of its runs, by name.
    pub required: Vec<String>,
    /// Runs in which nothing was found.
    pub valid: u64,
    /// Runs that broke what was required.
    pub violations: u64,
    /// Runs that were undecided.
    pub unknown: u64,
    /// What was found, each once and in order: the check, the class of the anomaly, the operation.
    pub signatures: Vec<String>,
    /// How available it was.
    pub figures: FiguresRecord,
}

/// A planted bug that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineBugRecord {
    /// Its name.
    pub bug: String,
    /// Where it was looked for, as `rashomon run` takes it.
    pub words: String,
    /// The class of the anomaly that it led to.
    pub class: String,
    /// How many runs that took.
    pub runs: u64,
}

impl BaselineRecord {
    /// What the file says first.
    pub const HEADER: Header = Header { format: "rashomon-baseline", version: 2 };

    /// Reads a baseline; `None` if there is no such file.
    ///
    /// # Errors
    /// If it cannot be read, or is something else.
    pub fn load(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StoreError::read(path, e)),
        };
        let content = |problem| StoreError::Content { path: path.to_owned(), problem };
        strict::json(&text, Self::HEADER).map(Some).map_err(content)
    }

    /// Writes it, whole or not at all: a line for each cell, so that a change is read in a review.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let text = self.text().map_err(|error| StoreError::Content {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
        replace(path, &text)
    }

    /// The text of the file.
    fn text(&self) -> serde_json::Result<String> {
        let Self { format, version, name, profile, campaign, build, seed, seeds, cells, bugs } =
            self;
        let mut text = String::from("{\n");
        let mut field = |name: &str, value: serde_json::Result<String>| {
            text.push_str(&format!(" \"{name}\": {},\n", value?));
            Ok::<(), serde_json::Error>(())
        };
        field("format", serde_json::to_string(format))?;
        field("version", serde_json::to_string(version))?;
        field("name", serde_json::to_string(name))?;
        field("profile", serde_json::to_string(profile))?;
        field("campaign", serde_json::to_string(campaign))?;
        field("build", serde_json::to_string(build))?;
        field("seed", serde_json::to_string(seed))?;
        field("seeds", serde_json::to_string(seeds))?;
        field("cells", lines(cells))?;
        text.push_str(&format!(" \"bugs\": {}\n}}\n", lines(bugs)?));
        Ok(text)
    }
}

/// A list with a line for each of its elements.
fn lines(all: &[impl Serialize]) -> serde_json::Result<String> {
    let all: Vec<String> = all.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(if all.is_empty() { "[]".to_owned() } else { format!("[\n  {}\n ]", all.join(",\n  ")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FigureRecord;

    fn baseline() -> BaselineRecord {
        let silence_us = FigureRecord::from([20, 400, 9_000]);
        let figures = FiguresRecord { silence_us, ..FiguresRecord::default() };
        let cell = |cell: &str, signatures: &[&str]| BaselineCellRecord {
            cell: cell.to_owned(),
            required: vec!["durable".to_owned()],
            valid: 20,
            violations: 0,
            unknown: 0,
            signatures: signatures.iter().map(|&it| it.to_owned()).collect(),
            figures,
        };
        let bug = BaselineBugRecord {
            bug: "a".to_owned(),
            words: "b \"c\"".to_owned(),
            class: "d".to_owned(),
            runs: 3,
        };
        BaselineRecord {
            format: BaselineRecord::HEADER.format.to_owned(),
            version: BaselineRecord::HEADER.version,
            name: "two".to_owned(),
            profile: Some("ci".to_owned()),
            campaign: "0123456789abcdef".to_owned(),
            build: BuildRecord {
                version: "0.1.0".to_owned(),
                commit: None,
                dirty: None,
                target: "here".to_owned(),
                canary: None,
            },
            seed: 1,
            seeds: 20,
            cells: vec![cell("one", &[]), cell("other", &["durable/lost-write/read"])],
            bugs: vec![bug],
        }
    }

    #[test]
    fn a_baseline_is_read_as_it_was_written_with_a_line_for_each_cell() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/two.ci.json");
        assert_eq!(BaselineRecord::load(&path).unwrap(), None);
        baseline().save(&path).unwrap();
        assert_eq!(BaselineRecord::load(&path).unwrap(), Some(baseline()));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("\"cell\":")).count(), 2, "{text}");
        let none = BaselineRecord { cells: Vec::new(), bugs: Vec::new(), ..baseline() };
        none.save(&path).unwrap();
        assert_eq!(BaselineRecord::load(&path).unwrap(), Some(none));
    }

    #[test]
    fn a_baseline_of_another_version_or_with_a_strange_key_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.json");
        baseline().save(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for (from, to, told) in [
            ("\"version\": 2", "\"version\": 1", "version 1 of rashomon-baseline"),
            ("rashomon-baseline", "rashomon-shelf", "rashomon-shelf"),
            ("\"silence_us\"", "\"silence\"", "silence"),
            ("\"valid\":20", "\"vald\":20", "vali"),
        ] {
            assert!(text.contains(from), "{from}");
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
            let refused = BaselineRecord::load(&path).unwrap_err().to_string();
            assert!(refused.contains(told) && refused.contains("two.json"), "{refused}");
        }
    }
}
