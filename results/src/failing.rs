//! Seeds that have failed: a small file beside the campaigns, so that the next campaign tries them first.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::strict::{self, Header};
use crate::{StoreError, replace};

/// A run that has failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingSeed {
    /// The command that makes it, with seed 0: all that decides it but the seed and the build.
    pub runs: String,
    /// What tells the failure from others.
    pub signature: String,
    /// The seed.
    pub seed: u64,
    /// How many operations the run had.
    pub operations: u64,
}

/// Seeds that have failed: the shortest run of each signature for each kind of run.
#[derive(Clone, Debug)]
pub struct FailingSeeds {
    path: PathBuf,
    known: BTreeMap<(String, String), FailingSeed>,
}

/// What the file says first.
#[derive(Serialize)]
struct First {
    format: &'static str,
    version: u64,
}

impl FailingSeeds {
    const HEADER: Header = Header { format: "rashomon-failing-seeds", version: 1 };

    /// Those of a file, which need not exist.
    ///
    /// # Errors
    /// If it cannot be read, or is something else.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let mut all = Self { path: path.to_owned(), known: BTreeMap::new() };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(all),
            Err(e) => return Err(StoreError::read(path, e)),
        };
        let wrong = |number: usize, problem: String| StoreError::Content {
            path: path.to_owned(),
            problem: format!("line {number}: {problem}"),
        };
        for (number, line) in (1..).zip(text.lines()) {
            if number == 1 {
                strict::header(line, Self::HEADER).map_err(|problem| wrong(number, problem))?;
            } else {
                all.learn(strict::line(line).map_err(|problem| wrong(number, problem))?);
            }
        }
        Ok(all)
    }

    /// Takes note of a run that has failed, unless a shorter one is known.
    pub fn learn(&mut self, seed: FailingSeed) {
        let key = (seed.runs.clone(), seed.signature.clone());
        let size = |it: &FailingSeed| (it.operations, it.seed);
        if self.known.get(&key).is_none_or(|known| size(&seed) < size(known)) {
            self.known.insert(key, seed);
        }
    }

    /// The seeds that have failed for runs of this kind, each once, in order.
    pub fn of(&self, runs: &str) -> Vec<u64> {
        let of = self.known.values().filter(|known| known.runs == runs);
        let mut seeds: Vec<u64> = of.map(|known| known.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self) -> Result<(), StoreError> {
        let Header { format, version } = Self::HEADER;
        let json = |text: serde_json::Result<String>| {
            let problem = |error: serde_json::Error| error.to_string();
            text.map_err(|e| StoreError::Content { path: self.path.clone(), problem: problem(e) })
        };
        let mut text = json(serde_json::to_string(&First { format, version }))?;
        text.push('\n');
        for known in self.known.values() {
            text.push_str(&json(serde_json::to_string(known))?);
            text.push('\n');
        }
        replace(&self.path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(runs: &str, signature: &str, seed: u64, operations: u64) -> FailingSeed {
        FailingSeed { runs: runs.to_owned(), signature: signature.to_owned(), seed, operations }
    }

    #[test]
    fn the_shortest_run_of_each_signature_is_known_after_writing_and_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("campaigns/failing-seeds.jsonl");
        let mut all = FailingSeeds::load(&path).unwrap();
        all.learn(seed("rashomon run --seed 0", "durable/lost-write/read", 9, 300));
        all.learn(seed("rashomon run --seed 0", "durable/lost-write/read", 4, 200));
        all.learn(seed("rashomon run --seed 0", "durable/lost-write/read", 3, 900));
        all.learn(seed("rashomon run --seed 0", "linearizable/stale-read/read", 2, 200));
        all.learn(seed("rashomon run raft --seed 0", "linearizable/stale-read/read", 7, 200));
        all.save().unwrap();
        let read = FailingSeeds::load(&path).unwrap();
        assert_eq!(read.of("rashomon run --seed 0"), [2, 4]);
        assert_eq!(read.of("rashomon run raft --seed 0"), [7]);
        assert!(read.of("rashomon run").is_empty());
        fs::write(&path, "{\"format\":\"rashomon-shelf\",\"version\":1}\n").unwrap();
        assert!(FailingSeeds::load(&path).unwrap_err().to_string().contains("rashomon-shelf"));
    }
}
