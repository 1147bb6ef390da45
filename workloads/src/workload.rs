//! Workloads: a generator, its sizes, final reads and checks.

use std::collections::BTreeSet;

use rashomon_checker::Time;

use crate::definition::Ending;
use crate::generator::{Bursts, Drain, Limit, Recorded, RecordedOp, Script, Source, TimeLimit};
use crate::keys::Keys;
use crate::{Generator, Key, Kind, Making, Op, OpKind, Place, Rng, Seed, Sizes};

/// A generator with all that belongs to it.
pub struct Workload {
    kind: Kind,
    load: Box<dyn Generator>,
    keys: Keys,
}

impl Workload {
    /// The workload of this kind and size, for a target that offers these operations.
    pub fn new(kind: Kind, seed: Seed, sizes: &Sizes, offered: &[OpKind]) -> Self {
        let keys = Keys::default();
        let making = Making { seed: seed.stream("ops"), sizes, offered, keys: &keys };
        let content = (kind.definition().generator)(&making);
        let mean = match (sizes.rate, sizes.ops) {
            (Some(rate), _) => Some(Time(1_000_000_000 / rate.max(1))),
            // Leaves a little room at the end, so that the last of them are asked in time.
            (None, Some(ops)) => Some(Time(sizes.lasts.0 / ops.max(1) * 99 / 100)),
            (None, None) => None,
        };
        let mut load = content;
        if let Some(mean) = mean {
            load = Box::new(Bursts::new(seed.stream("pace"), mean, sizes.burst, load));
        }
        if let Some(ops) = sizes.ops {
            load = Box::new(Limit::new(ops, load));
        }
        load = Box::new(TimeLimit::new(sizes.lasts, load));
        Self { kind, load, keys }
    }

    /// The workload of this kind whose load is these operations, round and round: each process asks for the next as soon as
    /// it is free, until `lasts` is over.
    ///
    /// # Panics
    ///
    /// When it runs, if there are no operations.
    pub fn repeating(kind: Kind, seed: Seed, ops: Vec<Op>, lasts: Time) -> Self {
        let mut next = 0;
        let source = Source::new(seed, move |_: &mut Rng| {
            let op = ops[next % ops.len()].clone();
            next += 1;
            op
        });
        let load = Box::new(TimeLimit::new(lasts, source));
        Self { kind, load, keys: Keys::default() }
    }

    /// The workload of this kind whose load was recorded, and lasts until this time at least: its keys are those that
    /// the operations name.
    pub fn recorded(kind: Kind, ops: Vec<RecordedOp>, until: Time) -> Self {
        let mut known: BTreeSet<&Key> = BTreeSet::new();
        let named = ops.iter().flat_map(|recorded| recorded.op.action.keys());
        let keys: Vec<Key> = named.filter(|key| known.insert(key)).cloned().collect();
        Self { kind, load: Box::new(Recorded::new(ops, until)), keys: Keys::of(keys) }
    }

    /// Which it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The load, during which faults strike.
    pub fn load(&mut self) -> &mut dyn Generator {
        &mut *self.load
    }

    /// After healing: an ordinary read of every key through every node. Where reads mend replicas,
    /// this is what they get to mend with. What is to be taken is taken now.
    pub fn sweep(&self, nodes: u16) -> Box<dyn Generator> {
        match self.kind.definition().ending {
            Ending::Drain(take) => Box::new(Drain::new(self.keys.used(), take)),
            Ending::Reads(_) | Ending::Nothing => Box::new(self.reads(nodes, Place::Node)),
        }
    }

    /// At the very end: what every node itself holds of every key.
    pub fn final_reads(&self, nodes: u16) -> impl Generator + use<> {
        self.reads(nodes, Place::Local)
    }

    fn reads(&self, nodes: u16, place: fn(u16) -> Place) -> Script {
        let reads = match self.kind.definition().ending {
            Ending::Reads(reads) => reads(&self.keys.used()),
            Ending::Drain(_) | Ending::Nothing => Vec::new(),
        };
        Script::new(reads.into_iter().flat_map(|action| {
            (1..=nodes).map(move |node| Op { action: action.clone(), place: place(node) })
        }))
    }
}
