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

    pub(crate) fn claim(self) -> Claim {
        let (registers, because) = if self.write_back {
            (
                Promise::Linearizable,
                "a read makes a write quorum hold what it returns before it returns (ABD)",
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
            converges: self.read_repair || self.write_back,
            under: FaultKind::ALL.to_vec(),
            because: because.to_owned(),
        }
    }
}
