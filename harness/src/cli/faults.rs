//! Where the faults of a run come from: `--faults`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rashomon_targets::{FaultKind, NodeId};

use super::session::Planned;
use super::words;
use crate::execute;
use crate::fault::{self, Plan};
use crate::settings::Settings;
use crate::strict;
use crate::subject::USUAL_FAULTS;

/// Where faults come from.
pub(super) enum Faults {
    /// Each seed draws a plan of these kinds.
    Drawn(Vec<FaultKind>),
    /// Every run has this one.
    Written(Plan),
}

impl Faults {
    /// What `--faults` says, for clusters that have at least these nodes.
    pub(super) fn parsed(text: &str, nodes: &[NodeId]) -> anyhow::Result<Self> {
        let stranger = match named(text) {
            Ok(kinds) => return Ok(Self::Drawn(kinds)),
            Err(stranger) => stranger,
        };
        let path = PathBuf::from(text);
        if !path.is_file() {
            let known: Vec<&str> = FaultKind::ALL.into_iter().map(FaultKind::name).collect();
            anyhow::bail!(
                "--faults: {stranger:?} is neither a kind of fault ({}, none, all) nor a file{}",
                known.join(", "),
                words::meant(stranger, known.iter().copied().chain(["none", "all"]))
            );
        }
        Ok(Self::Written(read_plan(&path, nodes)?))
    }

    /// The plan of a run.
    pub(super) fn plan(&self, settings: &Settings) -> Planned {
        match self {
            Self::Drawn(_) => Planned { plan: execute::plan(settings), is_drawn: true },
            Self::Written(plan) => Planned { plan: plan.clone(), is_drawn: false },
        }
    }
}

/// The kinds of fault that a text names: some of them, `none`, or `all` that are usual; else the first word that
/// names none.
fn named(text: &str) -> Result<Vec<FaultKind>, &str> {
    let one = |name: &str| FaultKind::ALL.into_iter().find(|kind| kind.name() == name.trim());
    match text {
        "none" => Ok(Vec::new()),
        "all" => Ok(USUAL_FAULTS.to_vec()),
        _ => text.split(',').map(|word| one(word).ok_or(word)).collect(),
    }
}

/// The kinds of fault that a text names.
///
/// # Errors
/// Says which word names none, and what may be meant.
pub(super) fn kinds(text: &str) -> Result<Vec<FaultKind>, String> {
    named(text).map_err(|stranger| {
        let known: Vec<&str> = FaultKind::ALL.into_iter().map(FaultKind::name).collect();
        let meant = words::meant(stranger, known.iter().copied().chain(["none", "all"]));
        format!("{stranger:?} is no kind of fault{meant}; `rashomon list faults` lists them")
    })
}

/// The plan in a file, for clusters that have these nodes at least.
pub(super) fn read_plan(path: &Path, nodes: &[NodeId]) -> anyhow::Result<Plan> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let plan: Plan = strict::json(&text, fault::HEADER)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{} is not a plan", path.display()))?;
    plan.checked(nodes).with_context(|| path.display().to_string())
}
