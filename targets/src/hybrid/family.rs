//! What the family says of itself.

use super::{Config, Hybrid, bugs, claim};
use crate::{
    Choice, Claim, ConfigError, Flag, Given, Leadership, Operation, Pace, PlantedBug, Profile,
    Protocol, Switch, Taker, leaderless, raft,
};

/// The operations offered: those of a replicated log, and observed-remove sets, which are logs.
fn offers() -> Vec<Operation> {
    let sets = [Operation::Insert, Operation::Remove, Operation::Members];
    Operation::OF_ONE_VALUE.into_iter().chain(sets).collect()
}

impl Protocol for Hybrid {
    type Settings = Config;

    const NAME: &'static str = "hybrid";
    const SUMMARY: &'static str =
        "records are kept by Raft, and logs (sets, counters) by quorums, in one cluster";
    const NODES: &'static str = "3 or as many as --n";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn flags() -> Vec<Flag> {
        let Config { raft_reads, logs } = Config::default();
        vec![
            Flag::one_of("raft-reads", "HOW", "How reads of records are answered", raft_reads),
            Flag::nodes("n", "N", "Replicas of each log", logs.n),
            Flag::nodes("r", "R", "Replicas that a read of a log waits for", logs.r).short(),
            Flag::nodes("w", "W", "Replicas that a write of a log waits for", logs.w).short(),
            Flag::one_of(
                "read-repair",
                "ON|OFF",
                "Whether a read repairs the replicas that it saw lagging",
                Switch::from(logs.read_repair),
            ),
            Flag::one_of(
                "anti-entropy",
                "ON|OFF",
                "Whether replicas compare hashes of what they hold, and mend what differs",
                Switch::from(logs.anti_entropy),
            ),
        ]
    }

    fn configure(given: &Given) -> Result<Config, ConfigError> {
        let Config { raft_reads, logs } = Config::default();
        let is_on = |flag, default: bool| {
            given.choice(flag, Switch::from(default)).map(|switch| switch == Switch::On)
        };
        Ok(Config {
            raft_reads: given.choice("raft-reads", raft_reads)?,
            logs: leaderless::Config {
                n: given.number("n", logs.n)?,
                r: given.number("r", logs.r)?,
                w: given.number("w", logs.w)?,
                read_repair: is_on("read-repair", logs.read_repair)?,
                anti_entropy: is_on("anti-entropy", logs.anti_entropy)?,
                ..logs
            },
        })
    }

    fn given(config: &Config) -> Vec<(&'static str, String)> {
        let Config { raft_reads, logs } = config;
        let switch = |on: bool| Switch::from(on).name().to_owned();
        vec![
            ("raft-reads", raft_reads.name().to_owned()),
            ("n", logs.n.to_string()),
            ("r", logs.r.to_string()),
            ("w", logs.w.to_string()),
            ("read-repair", switch(logs.read_repair)),
            ("anti-entropy", switch(logs.anti_entropy)),
        ]
    }

    fn validate(config: &Config, nodes: u16) -> Result<(), ConfigError> {
        config.validate(nodes)
    }

    fn every(nodes: u16) -> Vec<Config> {
        Config::every(nodes).collect()
    }

    fn default_nodes(config: &Config) -> u16 {
        config.logs.n.max(3)
    }

    fn variant(config: &Config) -> String {
        config.variant()
    }

    fn profile(config: &Config, _nodes: u16) -> Profile {
        Profile {
            offers: offers().into(),
            // A follower passes writes on, and reads once it has applied what is committed.
            writes: Taker::Anyone,
            reads: Taker::Anyone,
            leadership: Leadership::Taken { within: raft::ELECTED_WITHIN },
            copies: config.logs.n,
            keys: 3,
            pace: Pace::LOCAL,
        }
    }

    fn claim(config: &Config) -> Claim {
        claim::of(*config)
    }
}
