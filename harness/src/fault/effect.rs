//! What a fault does to the messages on a link.

use std::fmt::Debug;
use std::sync::Arc;

use rashomon_workloads::Rng;

/// An effect on every message of a link. Each fault on links defines its own.
pub(crate) trait LinkEffect: Debug + Send + Sync {
    /// Decides about a message that is sent now. `rng` belongs to this message and this fault only, `memory` to this link
    /// and this fault.
    fn on_send(&self, rng: &mut Rng, memory: &mut LinkMemory) -> Fate {
        let _ = (rng, memory);
        Fate::default()
    }

    /// Decides about a message that would arrive now, including one that was in transit when the
    /// fault struck.
    fn on_arrival(&self) -> Arrival {
        Arrival::Delivered
    }
}

/// What an effect keeps of one link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkMemory {
    /// The time of the run, in nanoseconds.
    pub(crate) now: u64,
    /// When what was sent before has left, where the effect takes care of that.
    pub(crate) free_at: u64,
}

/// An effect, as worlds receive it.
pub(crate) type SharedEffect = Arc<dyn LinkEffect>;

/// What one effect does to one message when it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// It is lost.
    pub(crate) lost: bool,
    /// The added delay, in nanoseconds.
    pub(crate) late: u64,
    /// It is duplicated.
    pub(crate) twice: bool,
    /// The bit of it that is flipped, modulo the number of its bits.
    pub(crate) flip: Option<u64>,
}

/// What one effect does to one message when it would arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It arrives.
    Delivered,
    /// It is lost.
    Lost,
    /// It is kept back, and delivered when the fault heals.
    Held,
}
