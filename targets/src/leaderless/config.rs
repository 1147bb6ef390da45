//! Settings of the leaderless family.

use serde::{Deserialize, Serialize};

use crate::{Choice, ConfigError, Switch};

/// Whether another node keeps a write for a replica that does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hints {
    /// Nobody does.
    #[default]
    None,
    /// One does, and it counts for nothing: quorums are strict.
    Kept,
    /// One does, and it counts for the write quorum: quorums are sloppy.
    Counted,
}

/// Which of two writes of a register wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conflict {
    /// The one with the later version, made of its coordinator's wall clock or, with write-back, one
    /// above all that a quorum holds.
    #[default]
    Lww,
    /// The one with the later version, made of its coordinator's hybrid logical clock: the wall clock,
    /// or one above all versions that the node has seen, whichever is later.
    Hlc,
    /// Both, side by side, unless the client of one had read the other: dotted version vectors.
    Siblings,
}

impl Choice for Conflict {
    const ALL: &'static [Self] = &[Self::Lww, Self::Hlc, Self::Siblings];

    fn name(self) -> &'static str {
        match self {
            Self::Lww => "lww",
            Self::Hlc => "hlc",
            Self::Siblings => "siblings",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Lww => "the one with the later version, by wall clock",
            Self::Hlc => "the one with the later version, by hybrid logical clock",
            Self::Siblings => {
                "both, until a client that has read both writes: dotted version vectors"
            }
        }
    }
}

/// Settings of a leaderless cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Replicas of each key.
    pub n: u16,
    /// How many of them a read waits for.
    pub r: u16,
    /// How many of them a write waits for.
    pub w: u16,
    /// Which of two writes wins.
    #[serde(default)]
    pub conflict: Conflict,
    /// Whether registers follow ABD: versions from a query, reads written back.
    pub write_back: bool,
    /// Whether a read repairs the replicas that it saw lagging, after it was answered.
    pub read_repair: bool,
    /// Whether replicas compare what they hold, and mend what differs, in the background.
    #[serde(default)]
    pub anti_entropy: bool,
    /// What becomes of a write that a replica did not acknowledge.
    #[serde(default)]
    pub hints: Hints,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            n: 3,
            r: 2,
            w: 2,
            conflict: Conflict::Lww,
            write_back: false,
            read_repair: true,
            anti_entropy: false,
            hints: Hints::None,
        }
    }
}

impl Config {
    pub(crate) fn validate(self, nodes: u16) -> Result<(), ConfigError> {
        let Self { n, r, w, .. } = self;
        if n == 0 || n > nodes {
            return Err(ConfigError::Settings(format!(
                "{n} replicas of each key do not fit on {nodes} nodes; lower --n or raise --nodes"
            )));
        }
        for (flag, quorum) in [('r', r), ('w', w)] {
            if quorum == 0 || quorum > n {
                let told = format!("-{flag} {quorum} is not between 1 and --n {n}");
                return Err(ConfigError::Settings(told));
            }
        }
        if self.write_back && r + w <= n {
            // Write-back promises atomic registers, which need quorums that meet.
            return Err(ConfigError::Settings(format!(
                "--write-back on needs -r + -w > --n, and {r} + {w} is not more than {n}"
            )));
        }
        if self.write_back && self.conflict == Conflict::Hlc {
            return Err(ConfigError::Settings(
                "--conflict hlc is for --write-back off: with write-back a version comes from a quorum, not from a clock".to_owned(),
            ));
        }
        if self.write_back && self.conflict == Conflict::Siblings {
            return Err(ConfigError::Settings(
                "--conflict siblings is for --write-back off: with write-back one of two writes wins".to_owned(),
            ));
        }
        if self.hints != Hints::None && n == nodes {
            return Err(ConfigError::Settings(format!(
                "a hint needs a node that holds no copy of the key; lower --n below {nodes} or raise --nodes"
            )));
        }
        if self.hints == Hints::Counted && self.write_back {
            // Write-back promises atomic registers, and sloppy quorums need not meet.
            return Err(ConfigError::Settings(
                "--write-back on needs quorums that meet; leave out --sloppy on".to_owned(),
            ));
        }
        Ok(())
    }

    /// Every combination of settings that makes sense for a cluster of `nodes`. Those of hybrid clocks and
    /// of siblings with hints are left out: a hint is given on as it is, whatever made its version.
    pub(super) fn every(nodes: u16) -> impl Iterator<Item = Self> {
        let quorums =
            (1..=nodes).flat_map(|n| (1..=n).flat_map(move |r| (1..=n).map(move |w| (n, r, w))));
        quorums
            .flat_map(|(n, r, w)| {
                let of = move |on: [bool; 3], hints, conflict| Self {
                    n,
                    r,
                    w,
                    conflict,
                    write_back: on[0],
                    read_repair: on[1],
                    anti_entropy: on[2],
                    hints,
                };
                let switches = (0..8_u8).map(|bits| [4, 2, 1].map(|bit| bits & bit == 0));
                let hints = [Hints::None, Hints::Kept, Hints::Counted];
                let each = switches.flat_map(move |on| hints.map(move |hints| (on, hints)));
                each.flat_map(move |(on, hints)| {
                    Conflict::ALL.iter().map(move |&conflict| of(on, hints, conflict))
                })
            })
            .filter(|config| config.conflict == Conflict::Lww || config.hints == Hints::None)
            .filter(move |config| config.validate(nodes).is_ok())
    }

    /// The settings in words, without the sizes of clusters and quorums.
    pub(super) fn variant(self) -> String {
        let meet = if self.quorums_meet() { ">" } else { "<=" };
        let word = |on: bool| Switch::from(on).name();
        let conflict = match self.conflict {
            Conflict::Lww => "",
            Conflict::Hlc => ", hybrid clocks",
            Conflict::Siblings => ", siblings",
        };
        let hints = match self.hints {
            Hints::None => "",
            Hints::Kept => ", hints",
            Hints::Counted => ", hints that count",
        };
        format!(
            "r + w {meet} n{conflict}, write-back {}, read repair {}, anti-entropy {}{hints}",
            word(self.write_back),
            word(self.read_repair),
            word(self.anti_entropy)
        )
    }

    /// Whether a read quorum and a write quorum always share a replica, and so do two write quorums
    /// of a protocol that asks before it writes. A hint that counts is not at a replica.
    pub(crate) fn quorums_meet(self) -> bool {
        self.hints != Hints::Counted && self.r + self.w > self.n
    }

    /// Whether every replica of a key comes to the same version once faults have ended.
    ///
    /// Anti-entropy brings it there, and so does a read with read repair. Write-back stores on all replicas, too, but a read that hears of enough
    /// holders skips it (`holders + r > n`), and leaves the others as they are. Of `r` answers at
    /// most `r` are holders, so no read skips it where `2r <= n`.
    pub(crate) fn every_replica_is_mended(self) -> bool {
        self.n == 1
            || self.anti_entropy
            || self.read_repair
            || (self.write_back && 2 * self.r <= self.n)
    }
}
