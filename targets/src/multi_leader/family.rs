//! What the family says of itself.

use super::config::OFFERS;
use super::{Config, MultiLeader, Topology, bugs, claim};
use crate::{Choice, Claim, ConfigError, Flag, Given, PlantedBug, Profile, Protocol};

/// Which of two writes of a register wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Winner {
    /// The one with the later stamp.
    Lww,
}

impl Choice for Winner {
    const ALL: &'static [Self] = &[Self::Lww];

    fn name(self) -> &'static str {
        "lww"
    }

    fn summary(self) -> &'static str {
        "The write with the later timestamp of its leader's wall clock wins"
    }
}

impl Protocol for MultiLeader {
    type Settings = Config;

    const NAME: &'static str = "multi-leader";
    const SUMMARY: &'static str = "every node takes writes and sends them to the others";
    const NODES: &'static str = "3";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn bugs(settings: &Config) -> Vec<PlantedBug> {
        let of = if settings.topology.forwards() { bugs::ALL } else { bugs::WITHOUT_FORWARDING };
        of.to_vec()
    }

    fn flags() -> Vec<Flag> {
        let Config { topology } = Config::default();
        vec![
            Flag::one_of("topology", "SHAPE", "Which leaders send updates to which", topology),
            Flag::one_of("conflict", "HOW", "Which of two conflicting writes wins", Winner::Lww),
        ]
    }

    fn configure(given: &Given) -> Result<Config, ConfigError> {
        given.choice("conflict", Winner::Lww)?;
        Ok(Config { topology: given.choice("topology", Topology::default())? })
    }

    fn given(config: &Config) -> Vec<(&'static str, String)> {
        vec![
            ("topology", config.topology.name().to_owned()),
            ("conflict", Winner::Lww.name().to_owned()),
        ]
    }

    fn validate(_config: &Config, _nodes: u16) -> Result<(), ConfigError> {
        Ok(())
    }

    fn every(_nodes: u16) -> Vec<Config> {
        Topology::ALL.iter().map(|&topology| Config { topology }).collect()
    }

    fn default_nodes(_config: &Config) -> u16 {
        3
    }

    fn variant(config: &Config) -> String {
        config.topology.name().to_owned()
    }

    fn profile(_config: &Config, nodes: u16) -> Profile {
        Profile { offers: OFFERS.into(), ..Profile::of_equals(nodes) }
    }

    fn claim(_config: &Config) -> Claim {
        claim::of_any()
    }
}
