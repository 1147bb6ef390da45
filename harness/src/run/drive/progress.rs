//! Whether a cluster serves again, and comes to rest, once its faults are over.
//!
//! Only where time is the world's own does a bound say something of the cluster: a machine may be slow.

use rashomon_checker::Time;
use rashomon_targets::{NodeId, Role, SafetyProperty};

use super::Rest;
use crate::run::recorder::OperationCounts;
use crate::safety::Breach;
use crate::world::{Look, Talk, World};

/// For how long a cluster that does not come to rest is overheard, in nanoseconds.
const OVERHEARD: u64 = 1_000_000_000;

/// How much of a message is shown, in bytes.
const WORDS: usize = 24;

/// What became of a cluster after its faults.
pub(super) struct Afterwards {
    /// How long it had, in nanoseconds.
    pub(super) within: u64,
    /// Whether it came to rest.
    pub(super) rest: Rest,
    /// What had become of operations before everything was read through every node, and after that.
    pub(super) operations: [OperationCounts; 2],
}

impl Afterwards {
    /// How the cluster makes no progress, if so, and which of its nodes wait for which.
    pub(super) fn lacks_progress(&self, world: &mut impl World) -> Option<Breach> {
        let [before, after] = self.operations;
        let tried = after.invoked - before.invoked;
        let within = Time(self.within);
        let how = if tried > 0 && after.ok == before.ok {
            format!("none of {tried} operations that were invoked after the faults succeeded")
        } else if self.rest == Rest::NotRested {
            format!("the cluster did not come to rest within {within} after the faults")
        } else {
            return None;
        };
        let at = world.now();
        let talks = world.overhear(Time(at.0 + OVERHEARD))?;
        let looks = world.looks();
        let members = world.members();
        let nodes =
            members.iter().zip(&looks).filter_map(|(node, look)| waits(*node, look.as_ref()));
        let talks = talks.iter().map(said);
        let story: Vec<String> = nodes.chain(talks).collect();
        let what = format!("{how}: {}", story.join("; "));
        Some(Breach { property: SafetyProperty::Progress, at, what })
    }
}

/// What a node waits with; nothing if it rests.
fn waits(node: NodeId, look: Option<&Look>) -> Option<String> {
    let Some(look) = look else { return Some(format!("{node} does not answer")) };
    let role = match look.role {
        Some(Role::Primary) => ", primary",
        Some(Role::Replica) => ", replica",
        Some(Role::Peer) | None => "",
    };
    let epoch = if look.epoch > 0 { format!(" in epoch {}", look.epoch) } else { String::new() };
    (!look.rests).then(|| format!("{node}{role}{epoch} has work under way"))
}

/// What a node sent another one, over and over.
fn said(Talk { from, to, messages, last }: &Talk) -> String {
    let last = &last[..last.floor_char_boundary(WORDS)];
    format!("{from} sent {to} {messages} messages in a second more (the last: {last})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_rests_waits_for_nobody() {
        let look = Look {
            role: Some(Role::Primary),
            epoch: 3,
            rests: true,
            digest: 0,
            bug_hits: 0,
            members: None,
        };
        assert_eq!(waits(NodeId(1), Some(&look)), None);
        let told = waits(NodeId(1), Some(&Look { rests: false, ..look }));
        assert_eq!(told.unwrap(), "n1, primary in epoch 3 has work under way");
        assert_eq!(waits(NodeId(2), None).unwrap(), "n2 does not answer");
    }
}
