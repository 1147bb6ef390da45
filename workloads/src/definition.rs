//! The description of a workload, in a file of its own.

use rashomon_checker::{Consistency, ConvergenceKind, Invariant, ModelKind, Time};

use crate::keys::Keys;
use crate::{Action, Generator, Key, OpKind, Seed};

/// All that a harness needs to know of a workload.
pub(crate) struct Definition {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// Names that others have for it.
    pub(crate) aliases: &'static [&'static str],
    /// What it does, in one sentence that begins with a small letter, without a full stop.
    pub(crate) summary: &'static str,
    /// The operations that a target must offer for this workload.
    pub(crate) needs: &'static [OpKind],
    /// What single objects are judged against.
    pub(crate) model: ModelKind,
    /// How the final reads of every copy are compared, if they are.
    pub(crate) final_reads: Option<ConvergenceKind>,
    /// The checks that apply to its histories.
    pub(crate) checks: &'static [Consistency],
    /// The invariants that apply to its histories.
    pub(crate) invariants: &'static [Invariant],
    /// What its histories tell beside verdicts.
    pub(crate) measure: Option<Measure>,
    /// The operations under load.
    pub(crate) generator: fn(&Making<'_>) -> Box<dyn Generator>,
    /// What comes after the load and its faults.
    pub(crate) ending: Ending,
}

/// What comes after the load, once all faults have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// These reads of all keys, each through every node, and then at every node.
    Reads(fn(&[Key]) -> Vec<Action>),
    /// Something is taken from every key until nothing is left.
    Drain(fn(Key) -> Action),
    /// Nothing: it has no keys, or none that can be read.
    Nothing,
}

/// A read of each key by itself.
pub(crate) fn each(keys: &[Key], read: fn(Key) -> Action) -> Vec<Action> {
    keys.iter().cloned().map(read).collect()
}

/// What a history tells beside verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How likely reads are stale, by the time since the acknowledgement.
    StaleByAge,
}

/// What a generator is made of.
pub(crate) struct Making<'a> {
    /// The source of all its random numbers.
    pub(crate) seed: Seed,
    /// How much to ask.
    pub(crate) sizes: &'a Sizes,
    /// The operations that the target offers.
    pub(crate) offered: &'a [OpKind],
    /// Where it opens keys.
    pub(crate) keys: &'a Keys,
}

/// How much to ask, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// How long the load lasts, in nanoseconds.
    pub lasts: Time,
    /// The most operations; `None`: as many as fit.
    pub ops: Option<u64>,
    /// Operations a second, all processes together; `None`: spread `ops` over the time, or as fast as
    /// processes become free.
    pub rate: Option<u64>,
    /// Operations in a burst on average. They come in bursts where there is time between them.
    pub burst: u64,
    /// Keys in use at a time.
    pub keys: u32,
    /// Operations on a key before it is replaced by a new one.
    pub ops_per_key: u32,
}
