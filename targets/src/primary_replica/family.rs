//! What the family says of itself.

use super::shipping::PROMOTES_WITHIN;
use super::{Config, Failover, PrimaryReplica, Reads, bugs, claim};
use crate::{
    Choice, Claim, ConfigError, Flag, Given, Leadership, Operation, Pace, PlantedBug, Profile,
    Protocol, Taker, raft,
};

impl Protocol for PrimaryReplica {
    type Settings = Config;

    const NAME: &'static str = "primary-replica";
    const SUMMARY: &'static str = "one node takes writes and sends its log to the others";
    const NODES: &'static str = "3";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn bugs(config: &Config) -> Vec<PlantedBug> {
        match config.failover {
            Failover::Raft => raft::bugs_of(config.raft_writes),
            Failover::None | Failover::Naive => bugs::SHIPPING.to_vec(),
        }
    }

    fn flags() -> Vec<Flag> {
        let Config { replication, reads, failover, raft_reads, raft_writes } = Config::default();
        vec![
            Flag::one_of("replication", "HOW", "What an acknowledgement waits for", replication),
            Flag::one_of("reads", "WHO", "Which nodes answer reads", reads),
            Flag::one_of("failover", "HOW", "What happens when the primary is down", failover),
            Flag::one_of(
                "raft-reads",
                "HOW",
                "How reads are answered with --failover raft",
                raft_reads,
            ),
            Flag::one_of(
                "raft-writes",
                "WHO",
                "Which nodes take writes with --failover raft",
                raft_writes,
            ),
        ]
    }

    fn configure(given: &Given) -> Result<Config, ConfigError> {
        let plain = Config::default();
        let failover = given.choice("failover", plain.failover)?;
        let raft_reads = given.choice("raft-reads", plain.raft_reads)?;
        let raft_writes = given.choice("raft-writes", plain.raft_writes)?;
        if failover == Failover::Raft {
            // A majority has what is acknowledged, and reads have a flag of their own.
            let config = Config::raft(raft_reads, raft_writes);
            let replication = given.choice("replication", config.replication)?;
            if replication != config.replication
                || given.choice("reads", config.reads)? != config.reads
            {
                return Err(ConfigError::Settings(
                    "with --failover raft a majority must store an acknowledged write: leave out \
                     --replication, and give --raft-reads in place of --reads"
                        .to_owned(),
                ));
            }
            return Ok(config);
        }
        if raft_reads != plain.raft_reads {
            let what = "--raft-reads needs --failover raft; give that, or use --reads";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        if raft_writes != plain.raft_writes {
            let what = "--raft-writes needs --failover raft; give that, or leave it out";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        let replication = given.choice("replication", plain.replication)?;
        let reads = given.choice("reads", plain.reads)?;
        Ok(Config { replication, reads, failover, ..plain })
    }

    fn given(config: &Config) -> Vec<(&'static str, String)> {
        let failover = ("failover", config.failover.name().to_owned());
        if config.failover == Failover::Raft {
            return vec![
                failover,
                ("raft-reads", config.raft_reads.name().to_owned()),
                ("raft-writes", config.raft_writes.name().to_owned()),
            ];
        }
        vec![
            ("replication", config.replication.name().to_owned()),
            ("reads", config.reads.name().to_owned()),
            failover,
        ]
    }

    fn validate(config: &Config, _nodes: u16) -> Result<(), ConfigError> {
        let raft = Config::raft(config.raft_reads, config.raft_writes);
        if config.failover == Failover::Raft && *config != raft {
            let what = "failover raft has replication semi-sync and reads primary";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        Ok(()) // Any others make sense together, in a cluster of any size.
    }

    fn every(_nodes: u16) -> Vec<Config> {
        Config::every().collect()
    }

    fn default_nodes(_config: &Config) -> u16 {
        3
    }

    fn variant(config: &Config) -> String {
        config.variant()
    }

    fn profile(config: &Config, nodes: u16) -> Profile {
        Profile {
            offers: (&Operation::ALL).into(),
            writes: match config.raft_writes {
                raft::Writes::Leader => Taker::Primary,
                raft::Writes::Any => Taker::Anyone,
            },
            reads: match (config.failover, config.reads) {
                (Failover::Raft, _) if config.raft_reads.at_any_node() => Taker::Anyone,
                (_, Reads::Primary) => Taker::Primary,
                (_, Reads::Replica) => Taker::Replicas,
                (_, Reads::Any) => Taker::Anyone,
            },
            leadership: match config.failover {
                Failover::None => Leadership::Fixed,
                Failover::Naive => Leadership::Taken { within: PROMOTES_WITHIN },
                Failover::Raft => Leadership::Taken { within: raft::ELECTED_WITHIN },
            },
            copies: nodes,
            // A register with compare-and-set takes more judging the more operations meet on it.
            keys: 3,
            pace: Pace::LOCAL,
        }
    }

    fn claim(config: &Config) -> Claim {
        claim::of(*config)
    }
}
