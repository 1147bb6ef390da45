//! What nodes tell of themselves, held against the safety properties that a protocol promises: white-box
//! oracles, one in each file. Clients may never notice what these find.
//!
//! They hear nodes in the order in which things happen, so they listen in simulation only.

mod election_safety;
mod leader_completeness;
mod state_machine_safety;
mod vote_once;

use std::collections::BTreeMap;
use std::fmt;

use rashomon_checker::Time;
use rashomon_targets::{NodeId, SafetyProperty, TraceEvent};
use serde::{Deserialize, Serialize};

use election_safety::ElectionSafety;
use leader_completeness::LeaderCompleteness;
use state_machine_safety::StateMachineSafety;
use vote_once::VoteOnce;

/// The first time that a property did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Breach {
    /// Which property.
    pub(crate) property: SafetyProperty,
    /// When.
    pub(crate) at: Time,
    /// How, in a sentence.
    pub(crate) what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} broken at {}: {}", self.property.name(), self.at, self.what)
    }
}

/// Hears the nodes of one cluster.
#[derive(Debug, Default)]
pub(crate) struct Oracles {
    /// The latest epoch that each node has told of.
    epochs: BTreeMap<NodeId, u64>,
    election_safety: ElectionSafety,
    vote_once: VoteOnce,
    state_machine_safety: StateMachineSafety,
    leader_completeness: LeaderCompleteness,
    breaches: BTreeMap<SafetyProperty, Breach>,
}

impl Oracles {
    /// Takes note of what a node tells. Logarithmic in the number of epochs.
    pub(crate) fn hear(&mut self, at: Time, node: NodeId, event: &TraceEvent) {
        if let TraceEvent::Leads { epoch, .. } | TraceEvent::Follows { epoch, .. } = *event {
            self.epochs.insert(node, epoch);
        }
        let within = self.epochs.get(&node).copied().unwrap_or(0);
        self.note(SafetyProperty::ElectionSafety, at, |it| it.election_safety.hear(node, event));
        self.note(SafetyProperty::VoteOnce, at, |it| it.vote_once.hear(node, event));
        self.note(SafetyProperty::StateMachineSafety, at, |it| {
            it.state_machine_safety.hear(node, event)
        });
        self.note(SafetyProperty::LeaderCompleteness, at, |it| {
            it.leader_completeness.hear((node, within), event)
        });
    }

    /// What did not hold, in the order of [`SafetyProperty::ALL`].
    pub(crate) fn breaches(&self) -> Vec<Breach> {
        self.breaches.values().cloned().collect()
    }

    fn note(
        &mut self,
        property: SafetyProperty,
        at: Time,
        hear: impl FnOnce(&mut Self) -> Option<String>,
    ) {
        if let Some(what) = hear(self) {
            self.breaches.entry(property).or_insert(Breach { property, at, what });
        }
    }
}

#[cfg(test)]
mod tests;
