//! A node with what its owner says of it.

use rashomon_targets::{Claim, ConcurrentWrites, PlantedBug, Profile, Promise};

use super::{HarnessError, OwnNode};
use crate::subject::{OwnTarget, USUAL_FAULTS};

/// A node with its configuration, and what its owner says of it.
pub struct Target<N: OwnNode> {
    pub(super) config: N::Config,
    pub(super) name: String,
    pub(super) nodes: u16,
    pub(super) bugs: Vec<PlantedBug>,
    pub(super) profile: Option<Profile>,
    pub(super) claim: Option<Claim>,
}

impl<N: OwnNode> Target<N> {
    pub(super) fn new(config: N::Config) -> Self {
        let (name, nodes) = (short_name(std::any::type_name::<N>()), 3);
        Self { config, name, nodes, bugs: Vec::new(), profile: None, claim: None }
    }

    /// All that data can tell of it.
    ///
    /// # Errors
    /// If the configuration cannot be written as JSON.
    pub(super) fn described(&self) -> Result<OwnTarget, HarnessError> {
        let config = serde_json::to_string(&self.config).map_err(|error| {
            HarnessError::Settings(format!("the configuration cannot be written as JSON: {error}"))
        })?;
        let profile = self.profile.clone();
        Ok(OwnTarget {
            name: self.name.clone(),
            own: std::any::type_name::<N>().to_owned(),
            nodes: self.nodes,
            bugs: self.bugs.iter().map(|bug| bug.name.to_owned()).collect(),
            config,
            profile: profile.unwrap_or_else(|| Profile::of_equals(self.nodes)),
            claim: self.claim.clone().unwrap_or_else(usual_claim),
        })
    }
}

/// What is required where nobody says: as much as a store can promise.
fn usual_claim() -> Claim {
    Claim {
        registers: Promise::Linearizable,
        sets: Promise::Linearizable,
        counters: Promise::Linearizable,
        concurrent_writes: ConcurrentWrites::OneWins,
        durable: true,
        converges: true,
        sessions: false,
        under: USUAL_FAULTS.to_vec(),
        registers_only_converge_under: Vec::new(),
        safety: Vec::new(),
        because: "no .claim(...) says less".to_owned(),
    }
}

/// `my_store::node::PrimaryBackup<u64>` as `primary-backup`.
fn short_name(type_name: &str) -> String {
    let path = type_name.split('<').next().unwrap_or_default();
    let mut name = String::new();
    for letter in path.rsplit("::").next().unwrap_or_default().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        name.push(if letter == '_' { '-' } else { letter.to_ascii_lowercase() });
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_a_name_that_can_be_part_of_a_folders() {
        assert_eq!(
            short_name("my_store::node::PrimaryBackup<alloc::vec::Vec<u64>>"),
            "primary-backup"
        );
        assert_eq!(short_name("Node"), "node");
        assert_eq!(short_name("a::Two_Copies"), "two-copies");
    }
}
