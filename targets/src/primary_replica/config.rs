//! Settings and claims of the primary-replica family.

use serde::{Deserialize, Serialize};

use crate::{Claim, FaultKind, Promise};

/// What an acknowledgement waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replication {
    /// The primary's disk.
    Async,
    /// A majority of disks, the primary's among them.
    SemiSync,
    /// All disks.
    Sync,
}

/// Which nodes answer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// The primary only.
    Primary,
    /// Replicas only.
    Replica,
    /// Whoever is asked.
    Any,
}

/// What happens when the primary is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failover {
    /// Nobody writes until it is back.
    None,
    /// A replica that misses it promotes itself, asking nobody.
    Naive,
}

/// Settings of a primary-replica cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// What an acknowledgement waits for.
    pub replication: Replication,
    /// Which nodes answer reads.
    pub reads: Reads,
    /// What happens when the primary is away.
    pub failover: Failover,
}

impl Config {
    /// How many disks must hold an entry, of `nodes`.
    pub(super) fn quorum(self, nodes: usize) -> usize {
        match self.replication {
            Replication::Async => 1,
            Replication::SemiSync => nodes / 2 + 1,
            Replication::Sync => nodes,
        }
    }

    pub(crate) fn push_flags(self, flags: &mut Vec<String>) {
        let replication = match self.replication {
            Replication::Async => "async",
            Replication::SemiSync => "semi-sync",
            Replication::Sync => "sync",
        };
        let reads = match self.reads {
            Reads::Primary => "primary",
            Reads::Replica => "replica",
            Reads::Any => "any",
        };
        let failover = match self.failover {
            Failover::None => "none",
            Failover::Naive => "naive",
        };
        for word in ["--replication", replication, "--reads", reads, "--failover", failover] {
            flags.push(word.to_owned());
        }
    }

    pub(crate) fn claim(self) -> Claim {
        let (registers, durable, because) = match (self.failover, self.reads, self.replication) {
            (Failover::Naive, _, _) => (
                Promise::Nothing,
                false,
                "a replica promotes itself without asking, so there can be two primaries, and one \
                 of them loses what it acknowledged",
            ),
            (Failover::None, Reads::Primary, _) => (
                Promise::Linearizable,
                true,
                "one node orders everything and shows only what its disk has",
            ),
            (Failover::None, Reads::Any, Replication::Sync) => (
                Promise::Regular,
                true,
                "every replica has an acknowledged write, but before that one may show it and \
                 another not",
            ),
            (Failover::None, Reads::Replica | Reads::Any, _) => (
                Promise::Prefix,
                true,
                "replicas show a prefix of the log, and may lag behind what was acknowledged",
            ),
        };
        Claim {
            registers,
            durable,
            converges: true,
            under: FaultKind::ALL.to_vec(),
            because: because.to_owned(),
        }
    }
}
