//! Stored runs in a line each.

use std::fs::File;
use std::io::BufReader;

use rashomon_checker::visible;
use rashomon_results::RunFolder;
use serde::Deserialize;

/// What a list says of a stored run.
pub(super) struct StoredRun {
    /// Its name.
    pub(super) id: String,
    /// The verdict in a word: `valid`, `violation`, `unknown`; `unfinished` if there is none.
    pub(super) verdict: String,
    /// What was found, or why it is undecided.
    pub(super) why: String,
}

/// As much of `verdict.json` as a list needs.
#[derive(Deserialize)]
struct Conclusion {
    verdict: String,
    checks: Vec<Check>,
    doubts: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Check {
    anomalies: Vec<Anomaly>,
    doubts: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Anomaly {
    summary: String,
}

impl StoredRun {
    /// Reads what was concluded from a run, if it came to that.
    pub(super) fn of(run: &RunFolder) -> Self {
        let (verdict, why) = match File::open(run.path().join("verdict.json")) {
            Err(_) => ("unfinished".to_owned(), "it was ended before it was judged".to_owned()),
            Ok(file) => match serde_json::from_reader::<_, Conclusion>(BufReader::new(file)) {
                Err(error) => ("unreadable".to_owned(), format!("verdict.json: {error}")),
                Ok(read) => (read.verdict.clone(), read.why()),
            },
        };
        Self { id: run.id(), verdict, why }
    }

    /// The line.
    pub(super) fn line(&self) -> String {
        let Self { id, verdict, why } = self;
        format!("{:<10}  {}  {}", visible(verdict), visible(id), visible(why)).trim_end().to_owned()
    }
}

impl Conclusion {
    fn why(&self) -> String {
        let anomaly = self.checks.iter().find_map(|check| check.anomalies.first());
        if let Some(anomaly) = anomaly {
            return anomaly.summary.clone();
        }
        let mut doubts = self.checks.iter().flat_map(|check| &check.doubts).chain(&self.doubts);
        match doubts.next() {
            None => String::new(),
            Some(serde_json::Value::String(text)) => text.clone(),
            // Doubts are texts or objects with their text in `what`.
            Some(other) => match other.get("what").and_then(serde_json::Value::as_str) {
                Some(text) => text.to_owned(),
                None => other.to_string(),
            },
        }
    }
}
