//! A disk that refuses a write.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::{DiskTrouble, WriteFailure};

/// The next write of a disk fails, and the node ends: after a failed `fsync` nobody knows what the disk holds, and one
/// more `fsync` may succeed though the records are gone (Rebello et al., "Can Applications Recover from fsync
/// Failures?", USENIX ATC 2020). It is started again at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "disk-error")]
pub(crate) struct DiskError {
    /// Whose.
    pub(crate) node: Victim,
    /// Which step of a write fails.
    pub(crate) on: Step,
}

/// A step of a write, and why it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    /// `write`, with an input/output error: nothing of it is on the disk.
    Write,
    /// `fsync`, with an input/output error: all of it is on the disk.
    Sync,
    /// `write`, as the disk is full: a half of it is on the disk.
    Full,
}

/// Those there are.
const STEPS: [Step; 3] = [Step::Write, Step::Sync, Step::Full];

impl Definition for DiskError {
    const SUMMARY: &'static str =
        "a disk refuses the next write: the node ends rather than go on, and is restarted";
    const PARAMETERS: &'static str = "node: a number or primary; on: write or sync (an input/output error), or full (no \
                                      space left); drawn: the primary or any node, one of the three";
    const WORDS: &'static [&'static str] = &["disk-error"];
    const TRACK: Track = Track::Process;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node wrote nothing meanwhile, was not running, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu), on: STEPS[rng.index(STEPS.len())] }
    }
}

impl Aimed for DiskError {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let failure = match self.on {
            Step::Write => WriteFailure::Write,
            Step::Sync => WriteFailure::Sync,
            Step::Full => WriteFailure::Full,
        };
        let trouble = DiskTrouble { fails: Some(failure), ..DiskTrouble::default() };
        self.node.node(primaries).map(|node| Strike::Disk { node, trouble })
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on {
            Step::Write => write!(f, "disk of {} refuses to write", self.node),
            Step::Sync => write!(f, "disk of {} fails to sync", self.node),
            Step::Full => write!(f, "disk of {} is full", self.node),
        }
    }
}
