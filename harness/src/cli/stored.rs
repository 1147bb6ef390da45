//! Stored runs in a line each.

use rashomon_checker::visible;
use rashomon_results::{RunFolder, StoredVerdict};

use crate::report::why;

/// What a list says of a stored run.
pub(super) struct StoredRun {
    /// Its name.
    pub(super) id: String,
    /// The verdict in a word: `valid`, `violation`, `unknown`; `unfinished` if there is none.
    pub(super) verdict: String,
    /// What was found, or why it is undecided.
    pub(super) why: String,
}

impl StoredRun {
    /// Reads what was concluded from a run, if it came to that.
    pub(super) fn of(run: &RunFolder) -> Self {
        let (verdict, why) = match run.verdict() {
            Err(error) => ("unreadable".to_owned(), error.to_string()),
            Ok(StoredVerdict::Absent) => {
                ("unfinished".to_owned(), "it ended before it was judged".to_owned())
            }
            Ok(StoredVerdict::Record(record)) => (record.verdict.name().to_owned(), why(&record)),
            Ok(StoredVerdict::Earlier { verdict, schema }) => {
                (verdict, format!("written by an earlier rashomon ({schema})"))
            }
        };
        Self { id: run.id(), verdict, why }
    }

    /// The line.
    pub(super) fn line(&self) -> String {
        let Self { id, verdict, why } = self;
        format!("{:<10}  {}  {}", visible(verdict), visible(id), visible(why)).trim_end().to_owned()
    }
}
