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
    /// A replica is given the lock of a coordination service, whose number fences off those before it.
    External,
    /// A replica that a majority has promised to follow for a while takes over.
    Lease,
    /// A majority elects another.
    Raft,
}

impl Choice for Failover {
    const ALL: &'static [Self] =
        &[Self::None, Self::Naive, Self::External, Self::Lease, Self::Raft];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Naive => "naive",
            Self::External => "external",
            Self::Lease => "lease",
            Self::Raft => "raft",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::None => "No writes succeed while the primary is down",
            Self::Naive => "A replica that does not hear from the primary promotes itself",
            Self::External => {
                "A coordination service gives a replica its lock, and replicas refuse earlier holders"
            }
            Self::Lease => {
                "A replica takes over that a majority has promised to follow for a while"
            }
            Self::Raft => {
                "A majority elects another, and must store a write before it is acknowledged"
            }
        }
    }
}

impl Failover {
    /// Whether a majority has what is acknowledged, and others are fenced off from the primary.
    pub(super) fn fences(self) -> bool {
        matches!(self, Self::External | Self::Lease)
    }
}

/// How a primary answers reads that others are fenced off from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrimaryReads {
    /// Once a majority has confirmed it.
    #[default]
    Confirmed,
    /// As long as its lease or its session lasts.
    Lease,
}

impl Choice for PrimaryReads {
    const ALL: &'static [Self] = &[Self::Confirmed, Self::Lease];

    fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Lease => "lease",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Confirmed => "The primary answers once a majority confirms it",
            Self::Lease => "The primary answers while its lease or its session lasts",
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
    /// Whether a read waits until its node has what the client's session has seen.
    #[serde(default)]
    pub session_tokens: bool,
    /// How the primary answers reads under failover `external` and `lease`, where a majority has what is
    /// acknowledged: `semi-sync` and `primary` stand there, too.
    #[serde(default)]
    pub primary_reads: PrimaryReads,
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
            session_tokens: false,
            primary_reads: PrimaryReads::default(),
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
        Self { replication, failover, raft_reads, raft_writes, ..Self::default() }
    }

    /// A primary that others are fenced off from, by this failover.
    pub(super) fn fenced(failover: Failover, primary_reads: PrimaryReads) -> Self {
        Self { replication: Replication::SemiSync, failover, primary_reads, ..Self::default() }
    }

    /// Every combination of settings.
    pub(super) fn every() -> impl Iterator<Item = Self> {
        let unelected = [Failover::None, Failover::Naive];
        let shipping = Replication::ALL.iter().flat_map(move |&replication| {
            Reads::ALL.iter().flat_map(move |&reads| {
                let of = move |failover| Self { replication, reads, failover, ..Self::default() };
                let lags = reads != Reads::Primary;
                let tokens = Self { session_tokens: true, ..of(Failover::None) };
                unelected.into_iter().map(of).chain(lags.then_some(tokens))
            })
        });
        let elected = raft::Writes::ALL.iter().flat_map(|&writes| {
            raft::Reads::ALL.iter().map(move |&reads| Self::raft(reads, writes))
        });
        let fenced = [Failover::External, Failover::Lease].into_iter().flat_map(|failover| {
            PrimaryReads::ALL.iter().map(move |&reads| Self::fenced(failover, reads))
        });
        shipping.chain(fenced).chain(elected)
    }

    /// The settings in words, without the sizes of a cluster.
    pub(super) fn variant(self) -> String {
        if self.failover == Failover::Raft {
            let (reads, writes) = (self.raft_reads.name(), self.raft_writes);
            let any = if writes.at_any_node() { ", writes any" } else { "" };
            return format!("failover raft, reads {reads}{any}");
        }
        if self.failover.fences() {
            let (failover, reads) = (self.failover.name(), self.primary_reads.name());
            return format!("failover {failover}, reads {reads}");
        }
        format!(
            "{}, reads {}, failover {}{}",
            self.replication.name(),
            self.reads.name(),
            self.failover.name(),
            if self.session_tokens { ", session tokens" } else { "" }
        )
    }
}
