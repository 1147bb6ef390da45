//! Settings of the hybrid family.

use serde::{Deserialize, Serialize};

use crate::{Choice, ConfigError, Switch, leaderless, raft};

/// Settings of a hybrid cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How reads of records are answered, at any node.
    pub raft_reads: raft::Reads,
    /// The quorums of logs, and how their replicas are mended.
    pub logs: leaderless::Config,
}

impl Default for Config {
    fn default() -> Self {
        let logs =
            leaderless::Config { r: 1, w: 1, anti_entropy: true, ..leaderless::Config::default() };
        Self { raft_reads: raft::Reads::FollowerIndex, logs }
    }
}

impl Config {
    pub(super) fn validate(self, nodes: u16) -> Result<(), ConfigError> {
        if !self.raft_reads.at_any_node() {
            return Err(ConfigError::Settings(
                "any node of a hybrid cluster answers reads: give --raft-reads follower-index or \
                 follower-local"
                    .to_owned(),
            ));
        }
        self.logs.validate(nodes)
    }

    /// Combinations of settings for a cluster of `nodes`: each way to read records, quorums that meet and
    /// that do not, with anti-entropy and without.
    pub(super) fn every(nodes: u16) -> impl Iterator<Item = Self> {
        let n = nodes.min(3);
        let reads = raft::Reads::ALL.iter().copied().filter(|reads| reads.at_any_node());
        reads.flat_map(move |raft_reads| {
            [(1, true), (1, false), (2, true), (2, false)].map(|(quorum, anti_entropy)| {
                let logs = leaderless::Config {
                    n,
                    r: quorum.min(n),
                    w: quorum.min(n),
                    anti_entropy,
                    ..leaderless::Config::default()
                };
                Self { raft_reads, logs }
            })
        })
    }

    /// The settings in words, without the sizes of clusters and quorums.
    pub(super) fn variant(self) -> String {
        let meet = if self.logs.quorums_meet() { ">" } else { "<=" };
        format!(
            "records by raft, reads {}; logs r + w {meet} n, anti-entropy {}",
            self.raft_reads.name(),
            Switch::from(self.logs.anti_entropy).name()
        )
    }
}
