//! `rashomon replay`.

use std::path::Path;

use rashomon_results::Store;

use super::StoreArgs;
use super::opened::{Opened, read_scenario};
use super::output::Output;
use super::session::{Planned, Session};
use crate::execute;
use crate::exit::Exit;
use crate::settings::Driver;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon replay latest
  rashomon replay results/runs/latest/shrunk.json
  rashomon replay results/runs/20261122T200000Z-leaderless-set-42")]
pub(super) struct ReplayArgs {
    /// The run: its folder, its id, a unique prefix of the id, or `latest`; or the file of a scenario, as `shrink`
    /// writes it
    run: String,
    #[command(flatten)]
    store: StoreArgs,
}

/// Executes `rashomon replay`.
pub(super) fn replay(args: &ReplayArgs, output: &Output) -> anyhow::Result<Exit> {
    let session = Session::new(&args.store.store, None, output);
    let file = Path::new(&args.run);
    if file.is_file() {
        let kept = session.scenario(&read_scenario(file)?)?;
        if output.json {
            output.json(&kept.record);
        }
        return Ok(kept.exit);
    }
    let store = Store::at(&args.store.store);
    let Opened { folder, settings, plan, scenario, .. } = Opened::open(store.find(&args.run)?)?;
    settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    let first = std::fs::read(folder.path().join("history.jsonl"));
    let kept = if let Some(scenario) = scenario {
        session.scenario(&scenario)?
    } else {
        let planned = Planned { is_drawn: plan == execute::plan(&settings), plan };
        session.one(&settings, &planned)?
    };
    if output.json {
        output.json(&kept.record);
    }
    let again = std::fs::read(kept.folder.path().join("history.jsonl"));
    match (settings.driver, first, again) {
        (Driver::Simulation, Ok(first), Ok(again)) if first == again => {
            output.note("the history is the same, byte for byte");
        }
        (Driver::Simulation, Ok(_), Ok(_)) => output.note(&format!(
            "the history differs from the stored one, which rashomon {} wrote; this is rashomon {}",
            settings.build,
            env!("CARGO_PKG_VERSION")
        )),
        (Driver::Cluster, ..) => {
            output.note("on real processes a seed repeats the plan, not the history");
        }
        (Driver::Simulation, ..) => {}
    }
    Ok(kept.exit)
}
