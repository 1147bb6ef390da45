//! What the family says of itself.

use super::{Config, Conflict, Hints, Leaderless, bugs, claim};
use crate::{
    Choice, Claim, ConfigError, Flag, Given, Leadership, Operation, Pace, PlantedBug, Profile,
    Protocol, Switch, Taker,
};

/// The operations offered. Registers written by quorums have consensus number 1 (Herlihy, TOPLAS
/// 1991): no compare-and-set.
const OFFERS: &[Operation] = &[
    Operation::Get,
    Operation::Put,
    Operation::Values,
    Operation::Assign,
    Operation::Add,
    Operation::Elements,
    Operation::Increment,
    Operation::Count,
    Operation::Insert,
    Operation::Remove,
    Operation::Members,
];

/// Those where both of two writes may survive: a register has several values then.
const OFFERS_OF_SIBLINGS: &[Operation] = OFFERS.split_at(2).1;

/// The operations that these settings offer.
pub(super) fn offers(config: Config) -> &'static [Operation] {
    match config.conflict {
        Conflict::Lww | Conflict::Hlc => OFFERS,
        Conflict::Siblings => OFFERS_OF_SIBLINGS,
    }
}

impl Protocol for Leaderless {
    type Settings = Config;

    const NAME: &'static str = "leaderless";
    const SUMMARY: &'static str = "any node coordinates reads and writes with quorums of replicas";
    const NODES: &'static str = "5 or as many as --n";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn bugs(config: &Config) -> Vec<PlantedBug> {
        bugs::of(*config)
    }

    fn flags() -> Vec<Flag> {
        let Config { n, r, w, conflict, write_back, read_repair, anti_entropy, hints } =
            Config::default();
        vec![
            Flag::nodes("n", "N", "Replicas of each key", n),
            Flag::nodes("r", "R", "Replicas that a read waits for", r).short(),
            Flag::nodes("w", "W", "Replicas that a write waits for", w).short(),
            Flag::one_of("conflict", "HOW", "Which of two conflicting writes survives", conflict),
            Flag::one_of(
                "write-back",
                "ON|OFF",
                "Whether a read stores its result at a quorum, and a write first asks a quorum",
                Switch::from(write_back),
            ),
            Flag::one_of(
                "read-repair",
                "ON|OFF",
                "Whether a read repairs the lagging replicas that it saw",
                Switch::from(read_repair),
            ),
            Flag::one_of(
                "anti-entropy",
                "ON|OFF",
                "Whether replicas compare hash trees and repair differences",
                Switch::from(anti_entropy),
            ),
            Flag::one_of(
                "hints",
                "ON|OFF",
                "Whether another node keeps a write for a replica that does not answer",
                Switch::from(hints != Hints::None),
            ),
            Flag::one_of(
                "sloppy",
                "ON|OFF",
                "Whether such a hint counts towards the write quorum",
                Switch::from(hints == Hints::Counted),
            ),
        ]
    }

    fn configure(given: &Given) -> Result<Config, ConfigError> {
        let Config { n, r, w, conflict, write_back, read_repair, anti_entropy, hints } =
            Config::default();
        let is_on = |flag, default: bool| {
            given.choice(flag, Switch::from(default)).map(|switch| switch == Switch::On)
        };
        Ok(Config {
            n: given.number("n", n)?,
            r: given.number("r", r)?,
            w: given.number("w", w)?,
            conflict: given.choice("conflict", conflict)?,
            write_back: is_on("write-back", write_back)?,
            read_repair: is_on("read-repair", read_repair)?,
            anti_entropy: is_on("anti-entropy", anti_entropy)?,
            hints: if is_on("sloppy", hints == Hints::Counted)? {
                Hints::Counted
            } else if is_on("hints", hints != Hints::None)? {
                Hints::Kept
            } else {
                Hints::None
            },
        })
    }

    fn given(config: &Config) -> Vec<(&'static str, String)> {
        let switch = |on: bool| Switch::from(on).name().to_owned();
        vec![
            ("n", config.n.to_string()),
            ("r", config.r.to_string()),
            ("w", config.w.to_string()),
            ("conflict", config.conflict.name().to_owned()),
            ("write-back", switch(config.write_back)),
            ("read-repair", switch(config.read_repair)),
            ("anti-entropy", switch(config.anti_entropy)),
            ("hints", switch(config.hints != Hints::None)),
            ("sloppy", switch(config.hints == Hints::Counted)),
        ]
    }

    fn validate(config: &Config, nodes: u16) -> Result<(), ConfigError> {
        config.validate(nodes)
    }

    fn every(nodes: u16) -> Vec<Config> {
        Config::every(nodes).collect()
    }

    fn default_nodes(config: &Config) -> u16 {
        // More than hold a key, so that a coordinator need not be one of them.
        config.n.max(5)
    }

    fn variant(config: &Config) -> String {
        config.variant()
    }

    fn profile(config: &Config, _nodes: u16) -> Profile {
        Profile {
            offers: offers(*config).into(),
            writes: Taker::Anyone,
            reads: Taker::Anyone,
            leadership: Leadership::None,
            copies: config.n,
            keys: 1,
            pace: Pace::LOCAL,
        }
    }

    fn claim(config: &Config) -> Claim {
        claim::of(*config)
    }
}
