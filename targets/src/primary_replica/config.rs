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

impl Replication {
    const ALL: [Self; 3] = [Self::Async, Self::SemiSync, Self::Sync];

    /// The word on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::SemiSync => "semi-sync",
            Self::Sync => "sync",
        }
    }
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

impl Reads {
    const ALL: [Self; 3] = [Self::Primary, Self::Replica, Self::Any];

    /// The word on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Any => "any",
        }
    }
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

impl Failover {
    const ALL: [Self; 2] = [Self::None, Self::Naive];

    /// The word on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Naive => "naive",
        }
    }
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

    /// Every combination of settings.
    pub(crate) fn every() -> impl Iterator<Item = Self> {
        Replication::ALL.into_iter().flat_map(|replication| {
            Reads::ALL.into_iter().flat_map(move |reads| {
                Failover::ALL.into_iter().map(move |failover| Self { replication, reads, failover })
            })
        })
    }

    /// The settings in words, without the sizes of a cluster.
    pub(crate) fn variant(self) -> String {
        format!(
            "{}, reads {}, failover {}",
            self.replication.name(),
            self.reads.name(),
            self.failover.name()
        )
    }

    pub(crate) fn push_flags(self, flags: &mut Vec<String>) {
        let words = [
            ("--replication", self.replication.name()),
            ("--reads", self.reads.name()),
            ("--failover", self.failover.name()),
        ];
        for (flag, value) in words {
            flags.extend([flag.to_owned(), value.to_owned()]);
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
