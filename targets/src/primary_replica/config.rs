//! Settings of the primary-replica family.

use serde::{Deserialize, Serialize};

use crate::Choice;

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
    /// Whoever is asked.
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
            Self::Replica => "Replicas do",
            Self::Any => "Everybody does",
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
}

impl Choice for Failover {
    const ALL: &'static [Self] = &[Self::None, Self::Naive];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Naive => "naive",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::None => "There are no writes while the primary is down",
            Self::Naive => "A replica that does not hear from the primary promotes itself",
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
}

impl Default for Config {
    fn default() -> Self {
        Self { replication: Replication::Async, reads: Reads::Primary, failover: Failover::None }
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

    /// Every combination of settings.
    pub(super) fn every() -> impl Iterator<Item = Self> {
        Replication::ALL.iter().copied().flat_map(|replication| {
            Reads::ALL.iter().copied().flat_map(move |reads| {
                Failover::ALL.iter().copied().map(move |failover| Self {
                    replication,
                    reads,
                    failover,
                })
            })
        })
    }

    /// The settings in words, without the sizes of a cluster.
    pub(super) fn variant(self) -> String {
        format!(
            "{}, reads {}, failover {}",
            self.replication.name(),
            self.reads.name(),
            self.failover.name()
        )
    }
}
