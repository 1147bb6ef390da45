//! Settings and claims of the leaderless family.

use serde::{Deserialize, Serialize};

use crate::config::ConfigError;
use crate::{Claim, FaultKind, Promise};

/// Settings of a leaderless cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Replicas of each key.
    pub n: u16,
    /// How many of them a read waits for.
    pub r: u16,
    /// How many of them a write waits for.
    pub w: u16,
    /// Whether registers follow ABD: versions from a query, reads written back.
    pub write_back: bool,
    /// Whether a read mends the replicas that it saw lagging, after it was answered.
    pub read_repair: bool,
}

impl Config {
    pub(crate) fn validate(self, nodes: u16) -> Result<(), ConfigError> {
        let Self { n, r, w, .. } = self;
        if n == 0 || n > nodes {
            return Err(ConfigError::Replicas { n, nodes });
        }
        for (flag, quorum) in [('r', r), ('w', w)] {
            if quorum == 0 || quorum > n {
                return Err(ConfigError::Quorum { flag, quorum, n });
            }
        }
        if self.write_back && r + w <= n {
            return Err(ConfigError::QuorumsDoNotMeet { r, w, n });
        }
        Ok(())
    }

    /// Every combination of settings that makes sense for a cluster of `nodes`.
    pub(crate) fn every(nodes: u16) -> impl Iterator<Item = Self> {
        let quorums =
            (1..=nodes).flat_map(|n| (1..=n).flat_map(move |r| (1..=n).map(move |w| (n, r, w))));
        quorums
            .flat_map(|(n, r, w)| {
                [true, false].into_iter().flat_map(move |write_back| {
                    let of = move |read_repair| Self { n, r, w, write_back, read_repair };
                    [true, false].map(of)
                })
            })
            .filter(move |config| config.validate(nodes).is_ok())
    }

    /// The settings in words, without the sizes of clusters and quorums.
    pub(crate) fn variant(self) -> String {
        let meet = if self.quorums_meet() { ">" } else { "<=" };
        let word = |on: bool| if on { "on" } else { "off" };
        format!(
            "r + w {meet} n, write-back {}, read repair {}",
            word(self.write_back),
            word(self.read_repair)
        )
    }

    pub(crate) fn push_flags(self, flags: &mut Vec<String>) {
        let on_off = |on: bool| if on { "on" } else { "off" }.to_owned();
        flags.extend(["--n".to_owned(), self.n.to_string()]);
        flags.extend(["-r".to_owned(), self.r.to_string(), "-w".to_owned(), self.w.to_string()]);
        flags.extend(["--conflict".to_owned(), "lww".to_owned()]);
        flags.extend(["--write-back".to_owned(), on_off(self.write_back)]);
        flags.extend(["--read-repair".to_owned(), on_off(self.read_repair)]);
    }

    /// Whether a read quorum and a write quorum always share a replica, and so do two write quorums
    /// of a protocol that asks before it writes.
    fn quorums_meet(self) -> bool {
        self.r + self.w > self.n
    }

    /// Whether reads, once faults have ended, bring every replica of a key to the same version.
    ///
    /// Read repair does. Write-back stores on all replicas, too, but a read that hears of enough
    /// holders skips it (`holders + r > n`), and leaves the others as they are. Of `r` answers at
    /// most `r` are holders, so no read skips it where `2r <= n`.
    fn every_replica_is_mended(self) -> bool {
        self.n == 1 || self.read_repair || (self.write_back && 2 * self.r <= self.n)
    }

    pub(crate) fn claim(self) -> Claim {
        let (registers, because) = if self.write_back {
            (
                Promise::Linearizable,
                if self.every_replica_is_mended() {
                    "a read makes a write quorum hold what it returns before it returns (ABD)"
                } else {
                    "a read makes a write quorum hold what it returns before it returns (ABD), but \
                     nobody mends a replica that a read had no need of"
                },
            )
        } else if self.quorums_meet() {
            (
                Promise::Regular,
                "read and write quorums meet, but two reads during a write may see the new value \
                 and then the old one",
            )
        } else {
            (Promise::Eventual, "read and write quorums need not meet, so a read may miss a write")
        };
        Claim {
            registers,
            // A version with a later time stamp may overwrite one that was acknowledged after it.
            durable: true,
            converges: self.every_replica_is_mended(),
            under: FaultKind::ALL.to_vec(),
            because: because.to_owned(),
        }
    }
}
