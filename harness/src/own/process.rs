//! A node of another crate as a process, by that crate's own program.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::OwnNode;
use crate::node::{self, NodeConfig};

/// What a node process of another crate receives.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BornWith {
    /// The configuration, as JSON.
    pub(super) config: String,
}

/// The whole `main` of a program that is one node of type `N`, for [`Harness::processes`].
///
/// The harness starts it as `PROGRAM node --config FILE --leased`. It serves until it is killed, and
/// ends when the harness does. It ends with 2 if it cannot start, and with 101 if the node panics.
///
/// [`Harness::processes`]: crate::Harness::processes
pub fn node_main<N: OwnNode>() -> ExitCode {
    end_with_a_panic();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let served = match arguments.as_slice() {
        [node, config, file, lease @ ..]
            if node == "node"
                && config == "--config"
                && (lease.is_empty() || lease == ["--leased"]) =>
        {
            if !lease.is_empty() {
                node::hold_lease();
            }
            serve::<N>(&PathBuf::from(file))
        }
        _ => Err(anyhow::anyhow!(
            "this program is a node that `rashomon::Harness` starts, as `node --config FILE`; give \
             its path to .processes(...)"
        )),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}"); // Nobody may be listening.
            ExitCode::from(2)
        }
    }
}

fn serve<N: OwnNode>(file: &Path) -> anyhow::Result<()> {
    let config: NodeConfig<BornWith> = NodeConfig::load(file)?;
    let born_with = serde_json::from_str(&config.target.config).with_context(|| {
        format!("{}: the node does not take this configuration", file.display())
    })?;
    node::serve::<N, _>(&config, &born_with)
}

/// Makes a panic of any thread end the process: a node must not continue with some of its threads.
fn end_with_a_panic() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        std::process::exit(101);
    }));
}
