//! Spans that change who the members of a cluster are.
//!
//! An administrator knows who is to be a member: every node that no span in force keeps out. It looks at who is one, as
//! the primary says, and asks for what differs, again and again: a primary may refuse, or be lost with what it
//! was asked. So every node is a member again some time after the last span has ended, whatever happened meanwhile.

use rashomon_checker::Time;
use rashomon_targets::{Admin, NodeId};

use super::Spans;
use super::ending::{Ending, Outsider, Seen};
use crate::fault::Data;
use crate::world::{Administered, Look, World, primaries};

/// How long the administrator waits before it looks again, in nanoseconds.
const LOOKS_EVERY: u64 = 50_000_000;

impl Spans {
    /// Has the administrator keep a node out from now on.
    pub(super) fn keep_out(&mut self, world: &impl World, node: NodeId, data: Data) -> Vec<Ending> {
        self.tends_at = Some(world.now());
        vec![Ending::Admit(Outsider { node, data, seen: Seen::Nothing })]
    }

    /// The administrator looks at the members, if it is time.
    pub(in crate::run::drive) fn tend_if_due(&mut self, world: &mut impl World) {
        if self.tends_at.is_some_and(|at| at <= world.now()) {
            let looks = world.looks();
            self.tend(world, &looks);
            self.look_ahead();
        }
    }

    /// Asks for what differs from what is to be. Whether every node is a member that is to be one, as all of them say.
    pub(in crate::run::drive) fn tend(
        &mut self,
        world: &mut impl World,
        looks: &[Option<Look>],
    ) -> bool {
        if self.tends_at.is_none() {
            return true; // Nobody was ever kept out.
        }
        self.tends_at = Some(Time(world.now().0 + LOOKS_EVERY));
        let members = world.members();
        // What the last span wants is asked for first, of each node that takes itself to be primary.
        let outsiders = self.outsiders();
        for (rank, primary) in primaries(&members, looks).into_iter().enumerate() {
            let Some(there) = said(&members, looks, primary) else { continue };
            // One that was deposed may say that a node is out which the others are adding.
            if rank == 0 {
                self.note_who_is_out(world, primary, &there);
            }
            let leaves = outsiders.iter().copied().filter(|node| there.contains(node));
            let comes = members.iter().copied();
            let comes = comes.filter(|node| !outsiders.contains(node) && !there.contains(node));
            let asked = leaves.map(|node| Admin::Remove { node });
            for admin in asked.chain(comes.map(|node| Admin::Add { node })) {
                world.administer(primary, admin);
            }
        }
        let knows_all = |look: &Option<Look>| match look {
            Some(Look { members: Some(there), .. }) => there.len() == members.len(),
            Some(_) => true,
            None => false,
        };
        looks.iter().all(knows_all)
    }

    /// The nodes that spans in force keep out, the last one first.
    fn outsiders(&self) -> Vec<NodeId> {
        let each = self.endings.iter().zip(&self.outcomes).rev().flat_map(|(endings, outcome)| {
            endings.iter().filter_map(|ending| match ending {
                Ending::Admit(it) => Some((outcome.struck, it.node)),
                _ => None,
            })
        });
        let mut each: Vec<_> = each.collect();
        each.sort_by_key(|(struck, _)| std::cmp::Reverse(*struck));
        each.into_iter().map(|(_, node)| node).collect()
    }

    /// Takes note of nodes that are no members any more, and has those lose their data that are replaced.
    fn note_who_is_out(&mut self, world: &mut impl World, primary: NodeId, there: &[NodeId]) {
        for (endings, outcome) in self.endings.iter_mut().zip(&mut self.outcomes) {
            for ending in endings {
                let Ending::Admit(it) = ending else { continue };
                if there.contains(&it.node) {
                    it.seen = Seen::Member;
                    continue;
                }
                if it.seen == Seen::Member {
                    it.seen = Seen::Left;
                    outcome.efficacy.members_changed += u64::from(it.data == Data::Kept);
                }
                // It may catch up to be a member again, or its addition may not be committed yet. Then what it
                // had acknowledged counts; so the primary is to know that it is out.
                let node = it.node;
                if it.data == Data::Lost
                    && world.administer(primary, Admin::Remove { node }) == Administered::Done
                    && world.administer(node, Admin::Reset) == Administered::Done
                {
                    // Without this it was removed and not replaced, and has done nothing.
                    outcome.efficacy.members_changed += 1 + u64::from(it.seen == Seen::Left);
                    it.data = Data::Kept;
                }
            }
        }
    }
}

/// Who the members are, as this node says.
fn said(members: &[NodeId], looks: &[Option<Look>], node: NodeId) -> Option<Vec<NodeId>> {
    let place = members.iter().position(|&it| it == node)?;
    looks[place].as_ref()?.members.clone()
}

#[cfg(test)]
mod tests;
