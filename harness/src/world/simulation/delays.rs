//! How long what is no message takes: a client's connection, and a write to a disk.

use rashomon_targets::Node;
use rashomon_workloads::Rng;

use super::Simulation;
use super::lineage::Cause;
use crate::chance::Decides;
use crate::world::CallId;

/// A client is near its node: 50 to 150 microseconds.
pub(crate) fn client_delay(rng: &mut Rng) -> u64 {
    rng.between(50_000, 150_000)
}

/// A disk write takes 0.2 to 1 ms; one in fifty takes up to 20 ms.
pub(crate) fn sync_time(rng: &mut Rng) -> u64 {
    let usual = rng.between(200_000, 1_000_000);
    if rng.below(50) == 0 { usual + rng.between(0, 20_000_000) } else { usual }
}

impl<N: Node> Simulation<N> {
    /// How long a call is on its way, to its node or back.
    pub(super) fn client_time(&mut self, call: CallId, way: &str) -> u64 {
        let mut stream = || client_delay(&mut self.clients);
        let Some(lineage) = &mut self.lineage else { return stream() };
        let cause = lineage.of_call(call).stream(way);
        lineage.decide((Decides::Client, cause), client_delay, stream)
    }

    /// How long a write to a disk takes that comes from this.
    pub(super) fn sync_time(&mut self, cause: Cause) -> u64 {
        let mut stream = || sync_time(&mut self.disks);
        let Some(lineage) = &mut self.lineage else { return stream() };
        lineage.decide((Decides::Write, cause), sync_time, stream)
    }
}
