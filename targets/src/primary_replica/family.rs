//! What the family says of itself.

use super::shipping::PROMOTES_WITHIN;
use super::{Config, Failover, PrimaryReplica, Reads, bugs, claim, external, fenced};
use crate::{
    Choice, Claim, ConfigError, Flag, Given, Leadership, Operation, Pace, PlantedBug, Profile,
    Protocol, Switch, Taker, raft,
};

/// Why settings have no session tokens.
const NO_TOKENS: &str = "--session-tokens on is for reads that may lag behind a log that nobody cuts: give --reads replica or any, \
     and --failover none";

impl Protocol for PrimaryReplica {
    type Settings = Config;

    const NAME: &'static str = "primary-replica";
    const SUMMARY: &'static str = "one node takes writes and sends its log to the others";
    const NODES: &'static str = "3";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn bugs(config: &Config) -> Vec<PlantedBug> {
        match config.failover {
            Failover::Raft => raft::bugs_of(config.raft_reads, config.raft_writes),
            Failover::External | Failover::Lease => {
                bugs::fenced(config.failover, config.primary_reads)
            }
            Failover::None | Failover::Naive => bugs::shipping(config.session_tokens.into()),
        }
    }

    fn flags() -> Vec<Flag> {
        let Config {
            replication,
            reads,
            failover,
            session_tokens,
            primary_reads,
            raft_reads,
            raft_writes,
        } = Config::default();
        vec![
            Flag::one_of("replication", "HOW", "What an acknowledgement waits for", replication),
            Flag::one_of("reads", "WHO", "Which nodes answer reads", reads),
            Flag::one_of("failover", "HOW", "What happens when the primary is down", failover),
            Flag::one_of(
                "session-tokens",
                "ON|OFF",
                "Whether a read of a replica waits for what its client has seen (--failover none)",
                Switch::from(session_tokens),
            ),
            Flag::one_of(
                "primary-reads",
                "HOW",
                "How the primary answers reads with --failover external or lease",
                primary_reads,
            ),
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
        let primary_reads = given.choice("primary-reads", plain.primary_reads)?;
        let raft_reads = given.choice("raft-reads", plain.raft_reads)?;
        let raft_writes = given.choice("raft-writes", plain.raft_writes)?;
        if primary_reads != plain.primary_reads && !failover.fences() {
            let what =
                "--primary-reads needs --failover external or lease; give one, or use --reads";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        if raft_reads != plain.raft_reads && failover != Failover::Raft {
            let what = "--raft-reads needs --failover raft; give that, or use --reads";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        if raft_writes != plain.raft_writes && failover != Failover::Raft {
            let what = "--raft-writes needs --failover raft; give that, or leave it out";
            return Err(ConfigError::Settings(what.to_owned()));
        }
        let tokens = given.choice("session-tokens", Switch::from(plain.session_tokens))?;
        let session_tokens = tokens == Switch::On;
        let (config, flag) = match failover {
            Failover::Raft => (Config::raft(raft_reads, raft_writes), "--raft-reads"),
            Failover::External | Failover::Lease => {
                (Config::fenced(failover, primary_reads), "--primary-reads")
            }
            Failover::None | Failover::Naive => {
                let replication = given.choice("replication", plain.replication)?;
                let reads = given.choice("reads", plain.reads)?;
                return Ok(Config { replication, reads, failover, session_tokens, ..plain });
            }
        };
        if session_tokens {
            return Err(ConfigError::Settings(NO_TOKENS.to_owned()));
        }
        // A majority has what is acknowledged, and reads have a flag of their own.
        let replication = given.choice("replication", config.replication)?;
        if replication != config.replication || given.choice("reads", config.reads)? != config.reads
        {
            let name = failover.name();
            return Err(ConfigError::Settings(format!(
                "with --failover {name} a majority must store an acknowledged write: leave out \
                 --replication, and give {flag} in place of --reads"
            )));
        }
        Ok(config)
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
        if config.failover.fences() {
            return vec![failover, ("primary-reads", config.primary_reads.name().to_owned())];
        }
        let mut flags = vec![
            ("replication", config.replication.name().to_owned()),
            ("reads", config.reads.name().to_owned()),
            failover,
        ];
        if config.session_tokens {
            flags.push(("session-tokens", Switch::On.name().to_owned()));
        }
        flags
    }

    fn validate(config: &Config, _nodes: u16) -> Result<(), ConfigError> {
        let only = match config.failover {
            Failover::Raft => Config::raft(config.raft_reads, config.raft_writes),
            Failover::External | Failover::Lease => {
                Config::fenced(config.failover, config.primary_reads)
            }
            Failover::None if config.session_tokens && config.reads != Reads::Primary => {
                return Ok(());
            }
            Failover::None | Failover::Naive if config.session_tokens => {
                return Err(ConfigError::Settings(NO_TOKENS.to_owned()));
            }
            // Any others make sense together, in a cluster of any size.
            Failover::None | Failover::Naive => return Ok(()),
        };
        if *config != only {
            let name = config.failover.name();
            let what = format!("failover {name} has replication semi-sync and reads primary");
            return Err(ConfigError::Settings(what));
        }
        Ok(())
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
            offers: (&Operation::OF_ONE_VALUE).into(),
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
                Failover::External => Leadership::Taken { within: external::TAKES_OVER_WITHIN },
                Failover::Lease => {
                    Leadership::Taken { within: fenced::takes_over_within(config.primary_reads) }
                }
                Failover::Raft => {
                    Leadership::Taken { within: raft::elected_within(config.raft_reads) }
                }
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
