//! A target: a family of protocols and its settings.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Claim, KvOp, PlantedBug, leaderless, primary_replica};

/// Settings of one protocol family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "target", rename_all = "kebab-case")]
pub enum Family {
    /// One node takes writes and ships them to the others.
    PrimaryReplica(primary_replica::Config),
    /// Any node takes reads and writes, and asks quorums.
    Leaderless(leaderless::Config),
}

/// A cluster to be tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetConfig {
    /// The protocol.
    #[serde(flatten)]
    pub family: Family,
    /// How many nodes.
    pub nodes: u16,
    /// Planted bugs, none by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bugs: Vec<PlantedBug>,
}

/// Settings that make no sense together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// No node, or absurdly many.
    #[error("a cluster has 1 to 64 nodes, not {nodes}; give --nodes")]
    Nodes {
        /// As asked.
        nodes: u16,
    },
    /// More replicas than nodes.
    #[error("{n} replicas of each key do not fit on {nodes} nodes; lower --n or raise --nodes")]
    Replicas {
        /// Replicas of each key.
        n: u16,
        /// Nodes.
        nodes: u16,
    },
    /// A quorum of nobody, or of more than there are.
    #[error("-{flag} {quorum} is not between 1 and --n {n}")]
    Quorum {
        /// `r` or `w`.
        flag: char,
        /// As asked.
        quorum: u16,
        /// Replicas of each key.
        n: u16,
    },
    /// Write-back promises atomic registers, which need quorums that meet.
    #[error("--write-back on needs -r + -w > --n, and {r} + {w} is not more than {n}")]
    QuorumsDoNotMeet {
        /// Read quorum.
        r: u16,
        /// Write quorum.
        w: u16,
        /// Replicas of each key.
        n: u16,
    },
}

impl TargetConfig {
    /// Checks that the settings make sense together.
    ///
    /// # Errors
    /// Names the flag at fault.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.nodes == 0 || self.nodes > 64 {
            return Err(ConfigError::Nodes { nodes: self.nodes });
        }
        match &self.family {
            Family::PrimaryReplica(_) => Ok(()),
            Family::Leaderless(config) => config.validate(self.nodes),
        }
    }

    /// Every configuration of every family on clusters of these sizes, without planted bugs.
    pub fn every(sizes: RangeInclusive<u16>) -> Vec<Self> {
        let of = |nodes: u16| {
            let primary = primary_replica::Config::every().map(Family::PrimaryReplica);
            let leaderless = leaderless::Config::every(nodes).map(Family::Leaderless);
            let families = primary.chain(leaderless);
            families.map(move |family| Self { family, nodes, bugs: Vec::new() })
        };
        sizes.flat_map(of).collect()
    }

    /// How many nodes hold a copy of a key.
    pub fn copies(&self) -> u16 {
        match &self.family {
            Family::PrimaryReplica(_) => self.nodes,
            Family::Leaderless(config) => config.n,
        }
    }

    /// What tells it from others of its family, apart from the sizes of clusters and quorums.
    pub fn variant(&self) -> String {
        match &self.family {
            Family::PrimaryReplica(config) => config.variant(),
            Family::Leaderless(config) => config.variant(),
        }
    }

    /// The name on the command line.
    pub fn name(&self) -> &'static str {
        match self.family {
            Family::PrimaryReplica(_) => "primary-replica",
            Family::Leaderless(_) => "leaderless",
        }
    }

    /// The command-line flags that make this target, its name first.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec![self.name().to_owned()];
        match &self.family {
            Family::PrimaryReplica(config) => config.push_flags(&mut flags),
            Family::Leaderless(config) => config.push_flags(&mut flags),
        }
        flags.extend(["--nodes".to_owned(), self.nodes.to_string()]);
        for bug in &self.bugs {
            flags.extend(["--bug".to_owned(), bug.name().to_owned()]);
        }
        flags
    }

    /// What it promises. A planted bug does not change the promise: that is the point of it.
    pub fn claim(&self) -> Claim {
        match &self.family {
            Family::PrimaryReplica(config) => config.claim(),
            Family::Leaderless(config) => config.claim(),
        }
    }

    /// Whether it offers `op` at all.
    pub fn supports(&self, op: &KvOp) -> bool {
        match self.family {
            Family::PrimaryReplica(_) => true,
            // Registers written by quorums have consensus number 1 (Herlihy 1991): no CAS.
            Family::Leaderless(_) => !matches!(op, KvOp::Cas { .. }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_makes_sense_is_told_apart_by_its_flags_and_comes_once() {
        let all = TargetConfig::every(3..=7);
        let mut flags: Vec<Vec<String>> = all.iter().map(TargetConfig::flags).collect();
        assert!(all.iter().all(|config| config.validate().is_ok()));
        // 3 * 3 * 2 of one family; of the other n * n quorums without write-back and those of them
        // that meet with it, each with read repair and without.
        let quorums = |nodes: usize| -> usize {
            (1..=nodes).map(|n| n * n + n * (n + 1) / 2).sum::<usize>() * 2
        };
        assert_eq!(all.len(), (3..=7).map(|nodes| 18 + quorums(nodes)).sum());
        flags.sort();
        flags.dedup();
        assert_eq!(flags.len(), all.len());
    }
}
