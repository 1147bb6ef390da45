//! A directed link decides what happens to each message on it. The same code serves every network.
//!
//! Pure: no clock, no I/O. Chance is keyed by what it is for (the link, the number of the message and
//! the span), not by the order of drawing. So what happens to one message does not depend on what
//! happened on other links, nor on which other faults are in force.

use std::collections::BTreeMap;

use rashomon_targets::NodeId;
use rashomon_workloads::{Rng, Seed};

use super::{Arrival, Efficacy, SharedEffect};

/// A second copy of a message comes at most this much later than the first, in nanoseconds.
const SECOND_COPY_WITHIN: u64 = 10_000_000;

/// A copy of a message in transit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// How long it takes, in nanoseconds.
    pub(crate) after: u64,
    /// The bit of it that changes, if one does: see [`crate::frame::damage`].
    pub(crate) flip: Option<u64>,
}

/// The copies of one message. No copy: it is lost.
pub(crate) type Copies = [Option<Passage>; 2];

/// A span in force on this link.
#[derive(Debug)]
struct InForce<M> {
    span: u32,
    effect: SharedEffect,
    /// The messages it holds back.
    held: Vec<M>,
}

/// A directed link between two nodes, which carries messages of type `M`.
#[derive(Debug)]
pub(crate) struct Link<M> {
    chance: Seed,
    /// How many messages were sent on it so far.
    sent: u64,
    in_force: Vec<InForce<M>>,
    /// What each span has done here.
    efficacy: BTreeMap<u32, Efficacy>,
}

impl<M> Link<M> {
    /// The link from one node to another, without faults. `network` seeds the randomness of all
    /// links.
    pub(crate) fn new(network: Seed, from: NodeId, to: NodeId) -> Self {
        let name = u64::from(from.0) << 16 | u64::from(to.0);
        Self { chance: network.nth(name), sent: 0, in_force: Vec::new(), efficacy: BTreeMap::new() }
    }

    /// Decides about a message that is sent now.
    pub(crate) fn on_send(&mut self) -> Copies {
        let chance = self.chance.nth(self.sent);
        self.sent += 1;
        let mut first = usual_delay(&mut chance.rng());
        let (mut second_after, mut flip) = (None, None);
        for InForce { span, effect, .. } in &self.in_force {
            let mut rng = chance.nth(1 + u64::from(*span)).rng();
            let fate = effect.on_send(&mut rng);
            if fate.lost {
                self.efficacy.entry(*span).or_default().dropped += 1;
                return [None, None];
            }
            if fate.late > 0 || fate.twice || fate.flip.is_some() {
                self.efficacy.entry(*span).or_default().changed += 1;
            }
            first += fate.late;
            flip = fate.flip.or(flip);
            if fate.twice {
                second_after = Some(rng.between(0, SECOND_COPY_WITHIN));
            }
        }
        let second = second_after.map(|after| Passage { after: first + after, flip: None });
        [Some(Passage { after: first, flip }), second]
    }

    /// Decides about a message that would arrive now, and returns it if it does. A cut strikes here,
    /// so that messages in transit when the fault began are lost, too.
    pub(crate) fn on_deliver(&mut self, message: M) -> Option<M> {
        for InForce { span, effect, held } in &mut self.in_force {
            match effect.on_arrival() {
                Arrival::Delivered => {}
                Arrival::Lost => {
                    self.efficacy.entry(*span).or_default().dropped += 1;
                    return None;
                }
                Arrival::Held => {
                    self.efficacy.entry(*span).or_default().held += 1;
                    held.push(message);
                    return None;
                }
            }
        }
        Some(message)
    }

    /// Puts `effect` on the link.
    pub(crate) fn strike(&mut self, span: u32, effect: SharedEffect) {
        self.in_force.push(InForce { span, effect, held: Vec::new() });
    }

    /// Ends a span, and returns the messages it held back, in order.
    pub(crate) fn heal(&mut self, span: u32) -> Vec<M> {
        let ended = self.in_force.extract_if(.., |in_force| in_force.span == span);
        ended.flat_map(|in_force| in_force.held).collect()
    }

    /// Whether a span keeps messages back.
    pub(crate) fn holds_anything(&self) -> bool {
        self.in_force.iter().any(|in_force| !in_force.held.is_empty())
    }

    /// What a span has done here so far.
    pub(crate) fn efficacy(&self, span: u32) -> Option<&Efficacy> {
        self.efficacy.get(&span)
    }
}

/// The latency of a message on a link without faults, in nanoseconds.
///
/// Up to five milliseconds, as between zones of a city; one in ten takes up to 15 ms more. The
/// tail is what shows the interesting overlaps: on a link that is always quick a replica is never
/// seen to lag.
fn usual_delay(rng: &mut Rng) -> u64 {
    let usual = rng.between(500_000, 5_000_000);
    if rng.below(10) == 0 { usual + rng.between(0, 15_000_000) } else { usual }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fault::corrupt::Flip;
    use crate::fault::messages::Disorder;
    use crate::fault::partition::Silence;

    fn link(to: u16) -> Link<u8> {
        Link::new(Seed(7), NodeId(1), NodeId(to))
    }

    fn delays(link: &mut Link<u8>) -> Vec<Copies> {
        (0..100).map(|_| link.on_send()).collect()
    }

    fn loss() -> SharedEffect {
        Arc::new(Disorder::Loss { per_mille: 500 })
    }

    fn twice() -> SharedEffect {
        Arc::new(Disorder::Duplicate { per_mille: 500 })
    }

    #[test]
    fn what_happens_to_a_message_depends_on_its_link_and_number_only() {
        let (mut calm, mut other, mut late) = (link(2), link(3), link(2));
        let (calm, other) = (delays(&mut calm), delays(&mut other));
        assert_ne!(calm, other);
        // Half of the messages are sent before the fault strikes: the others are unaffected.
        let mut struck = link(2);
        struck.strike(0, loss());
        let whole = delays(&mut struck);
        let mut half: Vec<Copies> = (0..50).map(|_| late.on_send()).collect();
        late.strike(0, loss());
        half.extend((0..50).map(|_| late.on_send()));
        assert_eq!(half[..50], calm[..50]);
        assert_eq!(half[50..], whole[50..]);
    }

    #[test]
    fn a_fault_draws_the_same_whatever_else_is_in_force() {
        let mut alone = link(2);
        alone.strike(1, loss());
        let mut beside = link(2);
        beside.strike(0, twice());
        beside.strike(1, loss());
        let lost = |copies: Vec<Copies>| -> Vec<bool> {
            copies.into_iter().map(|copies| copies == [None, None]).collect()
        };
        assert_eq!(lost(delays(&mut alone)), lost(delays(&mut beside)));
        assert_eq!(alone.efficacy(1), beside.efficacy(1));
    }

    #[test]
    fn what_is_decided_is_counted() {
        let mut link = link(2);
        link.strike(0, loss());
        link.strike(1, twice());
        let copies = delays(&mut link);
        let lost = copies.iter().filter(|copies| copies[0].is_none()).count() as u64;
        let twice = copies.iter().filter(|copies| copies[1].is_some()).count() as u64;
        assert!(lost > 20 && twice > 10, "{copies:?}");
        let count = |span: u32| link.efficacy(span).cloned().unwrap_or_default();
        assert_eq!(count(0), Efficacy { dropped: lost, ..Efficacy::default() });
        assert_eq!(count(1), Efficacy { changed: twice, ..Efficacy::default() });
    }

    #[test]
    fn a_corrupted_message_is_on_its_way_and_counted() {
        let mut link = link(2);
        link.strike(0, Arc::new(Flip { per_mille: 500 }));
        let copies = delays(&mut link);
        let flipped = copies.iter().flatten().flatten().filter(|copy| copy.flip.is_some()).count();
        assert!((20..80).contains(&flipped) && copies.iter().all(|copies| copies[0].is_some()));
        assert_eq!(link.efficacy(0).map(|did| did.changed), Some(flipped as u64));
    }

    #[test]
    fn a_cut_loses_what_arrives_and_a_jam_gives_it_back_in_order() {
        let mut link = link(2);
        assert_eq!(link.on_deliver(1), Some(1));
        link.strike(0, Arc::new(Silence::Hold));
        assert_eq!((link.on_deliver(2), link.on_deliver(3)), (None, None));
        link.strike(1, Arc::new(Silence::Drop));
        assert_eq!(link.heal(0), [2, 3]);
        assert_eq!(link.on_deliver(4), None);
        assert!(link.heal(1).is_empty());
        assert_eq!(link.on_deliver(5), Some(5));
        assert_eq!(link.efficacy(0).map(|did| (did.held, did.dropped)), Some((2, 0)));
        assert_eq!(link.efficacy(1).map(|did| (did.held, did.dropped)), Some((0, 1)));
    }
}
