//! Spans that strike disks.

use rashomon_targets::NodeId;

use super::Spans;
use super::ending::Ending;
use crate::disk::{Damage, DiskCounts, DiskTrouble};
use crate::fault::Efficacy;
use crate::world::World;

impl Spans {
    /// Something is wrong with a disk from now on.
    pub(super) fn trouble(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, trouble): (NodeId, DiskTrouble),
    ) -> Vec<Ending> {
        let before = world.disk(node);
        world.set_disk(node, self.troubles(at, node).and(trouble));
        vec![Ending::MendDisk { node, trouble, before }]
    }

    /// All that the spans in force do to a disk, but for this one.
    fn troubles(&self, but: usize, node: NodeId) -> DiskTrouble {
        let others = self.endings.iter().enumerate().filter(|(at, _)| *at != but);
        let each = others.flat_map(|(_, endings)| endings).filter_map(|ending| match *ending {
            Ending::MendDisk { node: of, trouble, .. } if of == node => Some(trouble),
            _ => None,
        });
        each.fold(DiskTrouble::default(), DiskTrouble::and)
    }

    /// Counts what disks have done in a span that ends.
    pub(super) fn count_disks(&mut self, at: usize, world: &mut impl World) {
        for place in 0..self.endings[at].len() {
            if let Ending::MendDisk { node, trouble, before } = self.endings[at][place] {
                let mut now = world.disk(node);
                if self.troubles(at, node).lies {
                    now.unwritten = 0; // It stays in the cache.
                }
                count(&mut self.outcomes[at].efficacy, trouble, [before, now]);
            }
        }
    }

    /// Counts what a disk has done in all spans in force, before a kill ends this life of its node.
    pub(super) fn count_disk_of(&mut self, node: NodeId, world: &mut impl World) {
        let mut now = None;
        for (endings, outcome) in self.endings.iter_mut().zip(&mut self.outcomes) {
            for ending in endings {
                if let Ending::MendDisk { node: of, trouble, before } = ending
                    && *of == node
                {
                    let now = *now.get_or_insert_with(|| world.disk(node));
                    count(&mut outcome.efficacy, *trouble, [*before, now]);
                    *before = DiskCounts::default(); // Its next life counts anew.
                }
            }
        }
    }

    /// What a span did to a disk is over.
    pub(super) fn mend(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, trouble): (NodeId, DiskTrouble),
    ) {
        let others = self.troubles(at, node);
        // Before the disk would write what it has in its cache, the power fails.
        let killed = if trouble.lies && !others.lies { self.kill(at, world, node) } else { None };
        world.set_disk(node, others);
        if let Some(Ending::Launch(node)) = killed {
            self.launch(world, node);
        }
        // If another fault has felled it, that one counts it, and starts the node.
        let is_damaged = self.is_held(|it| *it == Ending::Restore(node));
        if trouble.fails.is_some() && !is_damaged && world.has_fallen(node) {
            let efficacy = &mut self.outcomes[at].efficacy;
            efficacy.killed += 1;
            efficacy.disk_hits += 1;
            self.launch(world, node);
        }
    }

    /// Damages a disk while its node is dead, and starts the node on it.
    pub(super) fn damage(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, damage): (NodeId, Damage),
    ) -> Vec<Ending> {
        let killed = self.kill(at, world, node);
        let damaged = world.damage(node, damage);
        let efficacy = &mut self.outcomes[at].efficacy;
        efficacy.disk_hits += damaged;
        let is_kept = match damage {
            Damage::Flip(_) => damaged > 0,
            Damage::Cut(_) | Damage::All => {
                efficacy.records_lost += damaged;
                false
            }
        };
        if let Some(Ending::Launch(node)) = killed {
            self.launch(world, node);
        }
        is_kept.then_some(Ending::Restore(node)).into_iter().collect()
    }

    /// Puts back what a span has damaged.
    pub(super) fn restore(&mut self, world: &mut impl World, node: NodeId) {
        world.restore(node);
        if world.has_fallen(node) {
            self.launch(world, node);
        }
    }
}

/// Counts what a disk has done in this trouble, between two looks at it.
fn count(efficacy: &mut Efficacy, trouble: DiskTrouble, [before, now]: [DiskCounts; 2]) {
    if trouble.slow_by > 0 {
        efficacy.disk_hits += now.delayed.saturating_sub(before.delayed);
    }
    if trouble.lies {
        efficacy.disk_hits += now.lied.saturating_sub(before.lied);
        efficacy.records_lost += now.unwritten;
    }
}
