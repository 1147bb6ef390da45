//! What the family says of itself.

use super::{Config, Solo, bugs, claim};
use crate::{Claim, ConfigError, Flag, Given, Operation, PlantedBug, Profile, Protocol};

impl Protocol for Solo {
    type Settings = Config;

    const NAME: &'static str = "solo";
    const SUMMARY: &'static str =
        "one node holds all data, and the others pass on what they are asked";
    const NODES: &'static str = "3";
    const BUGS: &'static [PlantedBug] = bugs::ALL;

    fn flags() -> Vec<Flag> {
        Vec::new()
    }

    fn configure(_given: &Given) -> Result<Config, ConfigError> {
        Ok(Config {})
    }

    fn given(_config: &Config) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn validate(_config: &Config, _nodes: u16) -> Result<(), ConfigError> {
        Ok(()) // A cluster of any size has a first member.
    }

    fn every(_nodes: u16) -> Vec<Config> {
        vec![Config {}]
    }

    fn default_nodes(_config: &Config) -> u16 {
        3
    }

    fn variant(_config: &Config) -> String {
        "plain".to_owned()
    }

    fn profile(_config: &Config, nodes: u16) -> Profile {
        // Every node answers for every key.
        Profile { offers: (&Operation::OF_ONE_VALUE).into(), ..Profile::of_equals(nodes) }
    }

    fn claim(_config: &Config) -> Claim {
        claim::of_any()
    }
}
