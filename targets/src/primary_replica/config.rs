//! Settings of the primary-replica family.

use serde::{Deserialize, Serialize};

use crate::{Choice, raft};

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

impl Choice for Replication {
    const ALL: &'static [Self] = &[Self::Async, Self::SemiSync, Self::Sync];

    fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::SemiSync => "semi-sync",
            Self::Sync => "sync",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Async => "An acknowledgement waits for the primary's disk",
            Self::SemiSync => "... for a majority of disks",
            Self::Sync => "... for all disks",
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
    /// Any node.
    Any,
}

impl Choice for Reads {
    const ALL: &'static [Self] = &[Self::Primary, Self::Replica, Self::Any];

    fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Any => "any",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Primary => "The primary answers reads",
            Self::Replica => "Replicas answer reads",
            Self::Any => "Every node answers reads",
        }
    }
}

/// What happens when the primary is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failover {
    /// Nobody writes until it is back.
    None,
    /// A replica that misses it promotes itself, asking nobody.
    Naive,
    /// A majority elects another.
    Raft,
}

impl Choice for Failover {
    const ALL: &'static [Self] = &[Self::None, Self::Naive, Self::Raft];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Naive => "naive",
            Self::Raft => "raft",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::None => "No writes succeed while the primary is down",
            Self::Naive => "A replica that does not hear from the primary promotes itself",
            Self::Raft => {
                "A majority elects another, and must store a write before it is acknowledged"
            }
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
    /// What happens when the primary is down.
    pub failover: Failover,
    /// How reads are answered under Raft. What an acknowledgement waits for and who answers reads
    /// follow from that: `semi-sync` and `primary` stand there.
    #[serde(default)]
    pub raft_reads: raft::Reads,
    /// Who takes writes under Raft.
    #[serde(default)]
    pub raft_writes: raft::Writes,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            replication: Replication::Async,
            reads: Reads::Primary,
            failover: Failover::None,
            raft_reads: raft::Reads::default(),
            raft_writes: raft::Writes::default(),
        }
    }
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

    /// Raft, with reads answered and writes taken so.
    pub(super) fn raft(raft_reads: raft::Reads, raft_writes: raft::Writes) -> Self {
        let (replication, failover) = (Replication::SemiSync, Failover::Raft);
        Self { replication, reads: Reads::Primary, failover, raft_reads, raft_writes }
    }

    /// Every combination of settings.
    pub(super) fn every() -> impl Iterator<Item = Self> {
        let unelected = [Failover::None, Failover::Naive];
        let shipping = Replication::ALL.iter().flat_map(move |&replication| {
            Reads::ALL.iter().flat_map(move |&reads| {
                let of = move |failover| Self { replication, reads, failover, ..Self::default() };
                unelected.into_iter().map(of)
            })
        });
        let elected = raft::Writes::ALL.iter().flat_map(|&writes| {
            raft::Reads::ALL.iter().map(move |&reads| Self::raft(reads, writes))
        });
        shipping.chain(elected)
    }

    /// The settings in words, without the sizes of a cluster.
    pub(super) fn variant(self) -> String {
        if self.failover == Failover::Raft {
            let (reads, writes) = (self.raft_reads.name(), self.raft_writes);
            let any = if writes.at_any_node() { ", writes any" } else { "" };
            return format!("failover raft, reads {reads}{any}");
        }
        format!(
            "{}, reads {}, failover {}",
            self.replication.name(),
            self.reads.name(),
            self.failover.name()
        )
    }
}
