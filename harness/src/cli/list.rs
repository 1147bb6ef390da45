//! `rashomon list`.

use clap::ValueEnum;
use rashomon_checker::ModelKind;
use rashomon_targets::{FaultKind, PlantedBug};
use rashomon_workloads::Kind;
use serde_json::json;

use super::output::Output;
use crate::exit::Exit;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// What can be tested
    Targets,
    /// What can be asked of it
    Workloads,
    /// What can go wrong
    Faults,
    /// What a history can be judged against
    Models,
    /// Deviations that can be planted
    Bugs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon list bugs
  rashomon list targets --json")]
pub(super) struct ListArgs {
    /// What to list
    what: What,
}

/// Carries out `rashomon list`.
#[expect(clippy::unnecessary_wraps, reason = "every command may fail")]
pub(super) fn list(args: &ListArgs, output: &Output) -> anyhow::Result<Exit> {
    let rows: Vec<(&str, &str)> = match args.what {
        What::Targets => vec![
            (
                "primary-replica",
                "one node takes writes and ships its log; --replication --reads --failover",
            ),
            (
                "leaderless",
                "any node coordinates, quorums of replicas answer; --n -r -w --write-back --read-repair",
            ),
        ],
        What::Workloads => Kind::ALL.iter().map(|kind| (kind.name(), kind.summary())).collect(),
        What::Faults => FaultKind::ALL.iter().map(|kind| (kind.name(), fault(*kind))).collect(),
        What::Models => ModelKind::ALL.iter().map(|kind| (kind.name(), kind.summary())).collect(),
        What::Bugs => PlantedBug::ALL.iter().map(|bug| (bug.name(), bug.summary())).collect(),
    };
    if output.json {
        let rows: Vec<_> =
            rows.iter().map(|(name, summary)| json!({"name": name, "summary": summary})).collect();
        output.json(&json!(rows));
        return Ok(Exit::Valid);
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, summary) in rows {
        output.result(&format!("{name:<width$}  {summary}\n"));
    }
    Ok(Exit::Valid)
}

fn fault(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Partition => {
            "directed links lose everything: halves, one node or the primary cut off, one way or both"
        }
        FaultKind::Messages => "messages are lost, delayed, doubled or reordered",
        FaultKind::Kill => "a process is killed, losing what was not on disk, and started again",
        FaultKind::Pause => "a process is stopped, keeping its memory, and continues",
    }
}
