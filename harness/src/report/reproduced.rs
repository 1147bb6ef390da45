//! What came of looking for a failure in simulation.

use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::count;
use super::trials::SoughtTold;
use crate::exit::Exit;
use crate::shrink::Failure;

/// What came of the search.
pub(crate) struct ReproducedTold<'a> {
    /// What was looked for.
    pub(crate) failure: &'a Failure,
    /// How many simulated runs were made.
    pub(crate) tried: u64,
    /// The folder of the one that fails so.
    pub(crate) run: Option<String>,
    /// Whether that has the operations and the faults of the run that failed.
    pub(crate) is_as_run: bool,
    /// Whether the user ended the search.
    pub(crate) is_interrupted: bool,
}

/// Whether it was found, and what to do next.
pub(crate) fn reproduced_text(told: &ReproducedTold<'_>) -> String {
    let (failure, tried) = (told.failure, count(told.tried, "simulated run"));
    let Some(run) = &told.run else {
        let next = if told.is_interrupted {
            "it was interrupted"
        } else {
            "a larger --budget may find it"
        };
        return format!("{failure}\nwas not found in {tried}; {next}\n");
    };
    let how = if told.is_as_run { "with its operations and faults" } else { "drawn from its seed" };
    format!(
        "{failure}\nfound in {tried}, {how}\n  again     rashomon replay {run}\n  shorter   rashomon shrink {run}\n"
    )
}

/// The object for machines.
#[derive(Debug, Serialize)]
pub(crate) struct ReproducedReport<'a> {
    exit: u8,
    failure: SoughtTold,
    tried: u64,
    run: Option<&'a str>,
    from: Option<&'static str>,
    again: Option<String>,
}

const HEADER: Header = Header { format: "rashomon-reproduce", version: 1 };

/// The object of a search.
pub(crate) fn reproduced_report<'a>(
    told: &'a ReproducedTold<'_>,
    exit: Exit,
) -> Stamped<ReproducedReport<'a>> {
    let from = if told.is_as_run { "operations" } else { "seed" };
    HEADER.on(ReproducedReport {
        exit: exit.number(),
        failure: SoughtTold::new(told.failure),
        tried: told.tried,
        run: told.run.as_deref(),
        from: told.run.as_ref().map(|_| from),
        again: told.run.as_ref().map(|run| format!("rashomon replay {run}")),
    })
}
