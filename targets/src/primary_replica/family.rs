//! What the family says of itself.

use super::node::PROMOTES_WITHIN;
use super::{Config, Failover, PrimaryReplica, Reads, bugs, claim};
use crate::{
    Choice, Claim, ConfigError, Flag, Given, Leadership, Operation, Pace, PlantedBug, Profile,
    Protocol, Taker,
};

impl Protocol for PrimaryReplica {
    type Settings = Config;

    const NAME: &'static str = "primary-replica";
    const SUMMARY: &'static str = "one node takes writes and ships its log to the others";
    const NODES: &'static str = "3";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn flags() -> Vec<Flag> {
        let Config { replication, reads, failover } = Config::default();
        vec![
            Flag::one_of("replication", "HOW", "What an acknowledgement waits for", replication),
            Flag::one_of("reads", "WHO", "Who answers reads", reads),
            Flag::one_of("failover", "HOW", "What happens when the primary is down", failover),
        ]
    }

    fn configure(given: &Given) -> Result<Config, ConfigError> {
        let Config { replication, reads, failover } = Config::default();
        Ok(Config {
            replication: given.choice("replication", replication)?,
            reads: given.choice("reads", reads)?,
            failover: given.choice("failover", failover)?,
        })
    }

    fn given(config: &Config) -> Vec<(&'static str, String)> {
        vec![
            ("replication", config.replication.name().to_owned()),
            ("reads", config.reads.name().to_owned()),
            ("failover", config.failover.name().to_owned()),
        ]
    }

    fn validate(_config: &Config, _nodes: u16) -> Result<(), ConfigError> {
        Ok(()) // Any settings make sense together, in a cluster of any size.
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
            writes: Taker::Primary,
            reads: match config.reads {
                Reads::Primary => Taker::Primary,
                Reads::Replica => Taker::Replicas,
                Reads::Any => Taker::Anyone,
            },
            leadership: match config.failover {
                Failover::None => Leadership::Fixed,
                Failover::Naive => Leadership::Taken { within: PROMOTES_WITHIN },
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
