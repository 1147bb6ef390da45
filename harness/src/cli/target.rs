//! The flags that make a target.

use clap::ValueEnum;
use rashomon_targets::{
    Family, PlantedBug, TargetConfig, leaderless,
    primary_replica::{self, Failover, Reads, Replication},
};

use super::words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TargetName {
    /// One node takes writes and ships them to the others
    PrimaryReplica,
    /// Any node takes reads and writes, and asks quorums
    Leaderless,
}

impl TargetName {
    /// As the target calls itself.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PrimaryReplica => "primary-replica",
            Self::Leaderless => "leaderless",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReplicationName {
    /// An acknowledgement waits for the primary's disk
    Async,
    /// ... for a majority of disks
    SemiSync,
    /// ... for all disks
    Sync,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReadsName {
    /// The primary answers reads
    Primary,
    /// Replicas do
    Replica,
    /// Everybody does
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailoverName {
    /// Nobody writes while the primary is away
    None,
    /// A replica that misses the primary promotes itself
    Naive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConflictName {
    /// Of two writes the one with the later version wins
    Lww,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnOff {
    On,
    Off,
}

/// What is tested.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct TargetArgs {
    /// What to test
    #[arg(default_value = "primary-replica", value_name = "TARGET")]
    target: TargetName,
    /// How many nodes [default: primary-replica 3, leaderless 5 or as many as --n]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1u16, 64))]
    nodes: Option<u16>,
    /// What an acknowledgement waits for
    #[arg(long, help_heading = "Primary-replica", value_name = "HOW")]
    replication: Option<ReplicationName>,
    /// Who answers reads
    #[arg(long, help_heading = "Primary-replica", value_name = "WHO")]
    reads: Option<ReadsName>,
    /// What happens when the primary is away
    #[arg(long, help_heading = "Primary-replica", value_name = "HOW")]
    failover: Option<FailoverName>,
    /// Replicas of each key [default: 3]
    #[arg(long, help_heading = "Leaderless", value_name = "N", value_parser = |text: &str| words::whole(text, 1u16, 64))]
    n: Option<u16>,
    /// Replicas that a read waits for [default: 2]
    #[arg(short, help_heading = "Leaderless", value_name = "R", value_parser = |text: &str| words::whole(text, 1u16, 64))]
    r: Option<u16>,
    /// Replicas that a write waits for [default: 2]
    #[arg(short, help_heading = "Leaderless", value_name = "W", value_parser = |text: &str| words::whole(text, 1u16, 64))]
    w: Option<u16>,
    /// Which of two writes wins [default: lww]
    #[arg(long, help_heading = "Leaderless", value_name = "HOW")]
    conflict: Option<ConflictName>,
    /// Whether a read makes a quorum hold what it returns, and a write asks one first [default: off]
    #[arg(long, help_heading = "Leaderless", value_name = "ON|OFF")]
    write_back: Option<OnOff>,
    /// Whether a read mends the replicas that it saw lagging [default: on]
    #[arg(long, help_heading = "Leaderless", value_name = "ON|OFF")]
    read_repair: Option<OnOff>,
    /// Plant a bug (see `rashomon list bugs`); may be given more than once
    #[arg(long, value_name = "NAME", value_parser = bug)]
    bug: Vec<PlantedBug>,
}

fn bug(name: &str) -> Result<PlantedBug, String> {
    PlantedBug::ALL.into_iter().find(|bug| bug.name() == name).ok_or_else(|| {
        let meant = words::meant(name, PlantedBug::ALL.iter().map(|bug| bug.name()));
        format!("no such bug{meant}; `rashomon list bugs` names them")
    })
}

impl TargetArgs {
    /// The target.
    ///
    /// # Errors
    /// If flags contradict each other, or belong to another target.
    pub(super) fn config(&self) -> anyhow::Result<TargetConfig> {
        self.refuse_strangers()?;
        let family = match self.target {
            TargetName::PrimaryReplica => Family::PrimaryReplica(self.primary_replica()),
            TargetName::Leaderless => Family::Leaderless(self.leaderless()),
        };
        let least = match &family {
            // More than hold a key, so that a coordinator need not be one of them.
            Family::Leaderless(config) => config.n.max(5),
            Family::PrimaryReplica(_) => 3,
        };
        let nodes = self.nodes.unwrap_or(least);
        let config = TargetConfig { family, nodes, bugs: self.bug.clone() };
        config.validate()?;
        Ok(config)
    }

    fn primary_replica(&self) -> primary_replica::Config {
        primary_replica::Config {
            replication: match self.replication.unwrap_or(ReplicationName::Async) {
                ReplicationName::Async => Replication::Async,
                ReplicationName::SemiSync => Replication::SemiSync,
                ReplicationName::Sync => Replication::Sync,
            },
            reads: match self.reads.unwrap_or(ReadsName::Primary) {
                ReadsName::Primary => Reads::Primary,
                ReadsName::Replica => Reads::Replica,
                ReadsName::Any => Reads::Any,
            },
            failover: match self.failover.unwrap_or(FailoverName::None) {
                FailoverName::None => Failover::None,
                FailoverName::Naive => Failover::Naive,
            },
        }
    }

    fn leaderless(&self) -> leaderless::Config {
        leaderless::Config {
            n: self.n.unwrap_or(3),
            r: self.r.unwrap_or(2),
            w: self.w.unwrap_or(2),
            write_back: self.write_back == Some(OnOff::On),
            read_repair: self.read_repair != Some(OnOff::Off),
        }
    }

    /// A flag of another target would do nothing; better say so than be misread.
    fn refuse_strangers(&self) -> anyhow::Result<()> {
        let primary_replica = [
            ("--replication", self.replication.is_some()),
            ("--reads", self.reads.is_some()),
            ("--failover", self.failover.is_some()),
        ];
        let leaderless = [
            ("--n", self.n.is_some()),
            ("-r", self.r.is_some()),
            ("-w", self.w.is_some()),
            ("--conflict", self.conflict.is_some()),
            ("--write-back", self.write_back.is_some()),
            ("--read-repair", self.read_repair.is_some()),
        ];
        let (mine, strangers, owner) = match self.target {
            TargetName::PrimaryReplica => ("primary-replica", &leaderless[..], "leaderless"),
            TargetName::Leaderless => ("leaderless", &primary_replica[..], "primary-replica"),
        };
        match strangers.iter().find(|(_, given)| *given) {
            Some((flag, _)) => {
                anyhow::bail!("{flag} belongs to {owner}, and {mine} has no such thing")
            }
            None => Ok(()),
        }
    }
}
