//! What a fault does to the messages on a link.

use std::fmt::Debug;
use std::sync::Arc;

use rashomon_workloads::Rng;

/// An effect on every message of a link. A fault that hurts links defines its own.
pub(crate) trait LinkEffect: Debug + Send + Sync {
    /// What becomes of a message that is sent now. `rng` is this message's and this fault's own.
    fn on_send(&self, rng: &mut Rng) -> Fate {
        let _ = rng;
        Fate::default()
    }

    /// What becomes of a message that would arrive now: also of one that was on its way when the
    /// fault struck.
    fn on_arrival(&self) -> Arrival {
        Arrival::Delivered
    }
}

/// An effect, as worlds receive it.
pub(crate) type SharedEffect = Arc<dyn LinkEffect>;

/// What one effect does to one message when it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// It is lost.
    pub(crate) lost: bool,
    /// How much longer it takes, in nanoseconds.
    pub(crate) late: u64,
    /// It comes twice.
    pub(crate) twice: bool,
    /// A bit of it changes: this one, modulo how many it has.
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
