//! Workloads: a generator, its sizes, final reads and checks.

use crate::generator::{Bursts, Limit, Script, TimeLimit};
use crate::{
    Action, Check, Generator, Key, Op, OpKind, Place, RegisterOp, Seed, SetOp, register, set,
};
use rashomon_checker::Time;

/// Which workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads, writes and compare-and-sets of registers.
    Register,
    /// Additions to a set, and reads of all of it.
    Set,
}

impl Kind {
    /// All of them, in the order of `rashomon list workloads`.
    pub const ALL: [Self; 2] = [Self::Register, Self::Set];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Set => "set",
        }
    }

    /// The questions that are put to its histories.
    pub fn checks(self) -> &'static [Check] {
        match self {
            Self::Register => &Check::ALL,
            // Elements are added blindly, and a read of all of them may lag without doing harm.
            Self::Set => &[Check::Durable, Check::Convergent],
        }
    }

    /// One sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Register => {
                "reads, writes and compare-and-sets over a few registers at a time, each replaced \
                 after some dozens of operations; unique values"
            }
            Self::Set => {
                "adds of unique elements and reads of the whole set; every replica read at the end"
            }
        }
    }
}

impl Kind {
    /// The operations that a target must offer to be asked this.
    pub fn needs(self) -> &'static [OpKind] {
        match self {
            Self::Register => &[OpKind::RegisterRead, OpKind::RegisterWrite],
            Self::Set => &[OpKind::SetAdd, OpKind::SetElements],
        }
    }

    /// The read of all that is held under `key`.
    fn read(self, key: Key) -> Action {
        match self {
            Self::Register => Action::Register(key, RegisterOp::Read),
            Self::Set => Action::Set(key, SetOp::Elements),
        }
    }
}

/// How much to ask, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// How long the load lasts, in nanoseconds.
    pub lasts: Time,
    /// At most so many operations; `None`: as many as fit.
    pub ops: Option<u64>,
    /// Operations a second, all processes together; `None`: spread `ops` over the time, or as fast as
    /// processes become free.
    pub rate: Option<u64>,
    /// Where there is time between operations, they come in bursts of so many on average.
    pub burst: u64,
    /// Keys in use at a time.
    pub keys: u32,
    /// Operations on a key before it is replaced by a new one.
    pub ops_per_key: u32,
}

/// A generator with all that belongs to it.
pub struct Workload {
    kind: Kind,
    load: Box<dyn Generator>,
    keys: register::Keys,
}

impl Workload {
    /// The workload of this kind and size, for a target that offers these operations.
    pub fn new(kind: Kind, seed: Seed, sizes: &Sizes, offered: &[OpKind]) -> Self {
        let keys = register::Keys::default();
        let content: Box<dyn Generator> = match kind {
            Kind::Register => register::generator(seed.stream("ops"), sizes, offered, &keys),
            Kind::Set => set::generator(seed.stream("ops"), &keys),
        };
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

    /// Which it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The load, during which faults strike.
    pub fn load(&mut self) -> &mut dyn Generator {
        &mut *self.load
    }

    /// After healing: an ordinary read of every key through every node. Where reads mend replicas,
    /// this is what they get to mend with.
    pub fn sweep(&self, nodes: u16) -> impl Generator + use<> {
        self.reads(nodes, Place::Node)
    }

    /// At the very end: what every node itself holds of every key.
    pub fn final_reads(&self, nodes: u16) -> impl Generator + use<> {
        self.reads(nodes, Place::Local)
    }

    fn reads(&self, nodes: u16, place: fn(u16) -> Place) -> Script {
        let (kind, keys) = (self.kind, self.keys.used());
        Script::new(keys.iter().flat_map(|key| {
            (1..=nodes).map(move |node| Op { action: kind.read(key.clone()), place: place(node) })
        }))
    }
}
