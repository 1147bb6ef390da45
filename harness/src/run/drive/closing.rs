//! What comes after the load: the cluster comes to rest, and every copy is read.

use rashomon_results::StoreError;
use rashomon_workloads::Workload;
use serde::{Deserialize, Serialize};

use super::progress::Afterwards;
use super::{Drive, Rest, Stage};
use crate::safety::Breach;
use crate::subject::Subject;
use crate::world::World;

/// What comes after the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Closing {
    /// Rest, and a read of every copy.
    FinalReads,
    /// An ordinary read of everything through every node: replicas cannot be read separately.
    Sweep,
    /// Nothing: what is to be seen has been seen.
    Nothing,
}

impl Closing {
    /// What comes after the load of a run of this target.
    pub(crate) fn usual(target: &Subject) -> Self {
        if target.shows_copies() { Self::FinalReads } else { Self::Sweep }
    }
}

impl<W: World> Drive<'_, W> {
    /// Awaits rest and reads every copy. Returns whether the cluster came to rest, and how it makes no progress, if so.
    pub(super) fn read_copies(
        &mut self,
        workload: &Workload,
        nodes: u16,
    ) -> Result<(Rest, Option<Breach>), StoreError> {
        let mut settled = self.settle();
        let before = self.recorder.tally();
        self.phase(&mut workload.sweep(nodes), Stage::Settle)?;
        let operations = [before, self.recorder.tally()];
        settled &= self.settle();
        let rest = if settled { Rest::Rested } else { Rest::NotRested };
        let afterwards = Afterwards { within: self.pace.settle_within, rest, operations };
        let stuck = afterwards.lacks_progress(self.world);
        self.phase(&mut workload.final_reads(nodes), Stage::FinalReads)?;
        Ok((rest, stuck))
    }
}
