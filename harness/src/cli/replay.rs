//! `rashomon replay`.

use rashomon_results::Store;

use super::StoreArgs;
use super::opened::Opened;
use super::output::Output;
use super::session::{Planned, Session};
use crate::execute;
use crate::exit::Exit;
use crate::settings::Driver;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon replay latest
  rashomon replay results/runs/20261122T200000Z-leaderless-set-42")]
pub(super) struct ReplayArgs {
    /// The run: its folder, its id, a unique prefix of the id, or `latest`
    run: String,
    #[command(flatten)]
    store: StoreArgs,
}

/// Executes `rashomon replay`.
pub(super) fn replay(args: &ReplayArgs, output: &Output) -> anyhow::Result<Exit> {
    let store = Store::at(&args.store.store);
    let Opened { folder, settings, plan, .. } = Opened::open(store.find(&args.run)?)?;
    settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    let first = std::fs::read(folder.path().join("history.jsonl"));
    let planned = Planned { is_drawn: plan == execute::plan(&settings), plan };
    let kept = Session::new(&args.store.store, None, output).one(&settings, &planned)?;
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
