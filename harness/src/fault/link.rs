//! A directed link decides what happens to each message on it. The same code serves every network.
//!
//! Pure: no clock, no I/O. Chance is keyed by what it is for (the link, the number of the message and
//! the span), not by the order of drawing. So what happens to one message does not depend on what
//! happened on other links, nor on which other faults are in force.

use std::collections::BTreeMap;

use rashomon_targets::{NodeId, Purpose};
use rashomon_workloads::{Rng, Seed};

use super::effect::LinkMemory;
use super::{Arrival, Efficacy, SharedEffect};

/// A second copy of a message comes at most this much later than the first, in nanoseconds.
const SECOND_COPY_WITHIN: u64 = 10_000_000;

/// Which copy of which message on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CopyNumber {
    /// The message, in the order of sending, from 0.
    pub(crate) message: u64,
    /// 1, or 2 for a second copy.
    pub(crate) copy: u8,
}

/// A copy of a message, known by its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NumberedCopy<M> {
    pub(crate) number: CopyNumber,
    pub(crate) message: M,
}

/// A copy of a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Which.
    pub(crate) number: CopyNumber,
    /// How long it takes, in nanoseconds.
    pub(crate) after: u64,
    /// The bit of it that changes, if one does: see [`crate::frame::damage`].
    pub(crate) flip: Option<u64>,
}

/// What a message meets on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Luck {
    /// From which each fault in force draws what it does.
    pub(crate) fate: Seed,
    /// How long it takes without faults, in nanoseconds.
    pub(crate) delay: u64,
}

/// The copies of one message. No copy: it is lost.
pub(crate) type Copies = [Option<Passage>; 2];

/// What becomes of a message that is sent, and which spans did what to it: the last, where several did
/// the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Departure {
    /// The message's number.
    pub(crate) message: u64,
    /// Its copies.
    pub(crate) copies: Copies,
    /// Took it.
    pub(crate) lost_by: Option<u32>,
    /// Added the second copy.
    pub(crate) doubled_by: Option<u32>,
    /// Delays it.
    pub(crate) delayed_by: Option<u32>,
    /// Changed a bit of it.
    pub(crate) damaged_by: Option<u32>,
}

/// What becomes of a message that would arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkOutcome<M> {
    /// It does.
    Arrives(NumberedCopy<M>),
    /// A span took it.
    Lost(u32),
    /// A span keeps it.
    Held(u32),
}

/// How many messages of operations a message of this purpose is.
fn of_operations(purpose: Purpose) -> u64 {
    u64::from(purpose == Purpose::Operation)
}

/// A span in force on this link.
#[derive(Debug)]
struct InForce<M> {
    span: u32,
    effect: SharedEffect,
    memory: LinkMemory,
    /// What it keeps back.
    held: Vec<NumberedCopy<M>>,
}

/// A directed link between two nodes, which carries messages of type `M`.
#[derive(Debug)]
pub(crate) struct Link<M> {
    chance: Seed,
    /// How much longer its messages take than usual, in nanoseconds: it may be a long one.
    length: u64,
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
        let (in_force, efficacy) = (Vec::new(), BTreeMap::new());
        Self { chance: network.nth(name), length: 0, sent: 0, in_force, efficacy }
    }

    /// From now on its messages take so much longer than usual, in nanoseconds.
    pub(crate) fn lengthen(&mut self, length: u64) {
        self.length = length;
    }

    /// Decides about a message that is sent at this time of the run, for that purpose.
    pub(crate) fn on_send(&mut self, now: u64, purpose: impl Fn() -> Purpose) -> Departure {
        self.on_send_with(now, self.luck(), purpose)
    }

    /// What the next message meets on its way.
    pub(crate) fn luck(&self) -> Luck {
        let fate = self.chance.nth(self.sent);
        Luck { fate, delay: usual_delay(&mut fate.rng()) }
    }

    /// As [`on_send`](Self::on_send), with that luck.
    pub(crate) fn on_send_with(
        &mut self,
        now: u64,
        Luck { fate: chance, delay: mut first }: Luck,
        purpose: impl Fn() -> Purpose,
    ) -> Departure {
        let message = self.sent;
        self.sent += 1;
        first += self.length;
        let (mut second_after, mut flip) = (None, None);
        let mut departure = Departure { message, ..Departure::default() };
        for InForce { span, effect, memory, .. } in &mut self.in_force {
            let mut rng = chance.nth(1 + u64::from(*span)).rng();
            memory.now = now;
            let fate = effect.on_send(&mut rng, memory);
            if fate.lost {
                let counts = self.efficacy.entry(*span).or_default();
                counts.dropped += 1;
                counts.of_operations += of_operations(purpose());
                departure.lost_by = Some(*span);
                return departure;
            }
            if fate.late > 0 || fate.twice || fate.flip.is_some() {
                let counts = self.efficacy.entry(*span).or_default();
                counts.changed += 1;
                counts.of_operations += of_operations(purpose());
            }
            if fate.late > 0 {
                first += fate.late;
                departure.delayed_by = Some(*span);
            }
            if fate.flip.is_some() {
                flip = fate.flip;
                departure.damaged_by = Some(*span);
            }
            if fate.twice {
                second_after = Some(rng.between(0, SECOND_COPY_WITHIN));
                departure.doubled_by = Some(*span);
            }
        }
        let number = |copy| CopyNumber { message, copy };
        let second = second_after.map(|after| first + after);
        let second = second.map(|after| Passage { number: number(2), after, flip: None });
        departure.copies = [Some(Passage { number: number(1), after: first, flip }), second];
        departure
    }

    /// Decides about a message that would arrive now. A cut strikes here, so that what was on its way
    /// when the fault began is lost too.
    pub(crate) fn on_deliver(
        &mut self,
        message: NumberedCopy<M>,
        purpose: impl Fn(&M) -> Purpose,
    ) -> LinkOutcome<M> {
        for InForce { span, effect, held, .. } in &mut self.in_force {
            let arrival = effect.on_arrival();
            if arrival == Arrival::Delivered {
                continue;
            }
            let counts = self.efficacy.entry(*span).or_default();
            counts.of_operations += of_operations(purpose(&message.message));
            match arrival {
                Arrival::Delivered => {}
                Arrival::Lost => {
                    counts.dropped += 1;
                    return LinkOutcome::Lost(*span);
                }
                Arrival::Held => {
                    counts.held += 1;
                    held.push(message);
                    return LinkOutcome::Held(*span);
                }
            }
        }
        LinkOutcome::Arrives(message)
    }

    /// Puts `effect` on the link.
    pub(crate) fn strike(&mut self, span: u32, effect: SharedEffect) {
        self.in_force.push(InForce {
            span,
            effect,
            memory: LinkMemory::default(),
            held: Vec::new(),
        });
    }

    /// Ends a span, and returns what it had kept back, in order.
    pub(crate) fn heal(&mut self, span: u32) -> Vec<NumberedCopy<M>> {
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
pub(crate) fn usual_delay(rng: &mut Rng) -> u64 {
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

    fn operation() -> Purpose {
        Purpose::Operation
    }

    /// Even numbers are messages of operations.
    fn of_evens(message: &u8) -> Purpose {
        if message.is_multiple_of(2) { Purpose::Operation } else { Purpose::Upkeep }
    }

    fn link(to: u16) -> Link<u8> {
        Link::new(Seed(7), NodeId(1), NodeId(to))
    }

    fn delays(link: &mut Link<u8>) -> Vec<Copies> {
        (0..100).map(|_| link.on_send(0, operation).copies).collect()
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
        let mut half: Vec<Copies> = (0..50).map(|_| late.on_send(0, operation).copies).collect();
        late.strike(0, loss());
        half.extend((0..50).map(|_| late.on_send(0, operation).copies));
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
        assert_eq!(
            count(0),
            Efficacy { dropped: lost, of_operations: lost, ..Efficacy::default() }
        );
        assert_eq!(
            count(1),
            Efficacy { changed: twice, of_operations: twice, ..Efficacy::default() }
        );
    }

    #[test]
    fn what_happens_to_messages_of_no_operation_is_counted_apart() {
        let mut link = link(2);
        link.strike(0, loss());
        let purposes = [Purpose::Operation, Purpose::Upkeep];
        let mut lost = [0, 0];
        for at in (0..100).map(|number| number % 2) {
            lost[at] += u64::from(link.on_send(0, || purposes[at]).lost_by.is_some());
        }
        let counted = link.efficacy(0).map(|did| (did.dropped, did.of_operations));
        assert_eq!(counted, Some((lost[0] + lost[1], lost[0])));
        assert!(lost.iter().all(|lost| *lost > 10), "{lost:?}");
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
        let numbered = |message: u8| NumberedCopy {
            number: CopyNumber { message: message.into(), copy: 1 },
            message,
        };
        assert_eq!(link.on_deliver(numbered(1), of_evens), LinkOutcome::Arrives(numbered(1)));
        link.strike(0, Arc::new(Silence::Hold));
        for message in [2, 3] {
            assert_eq!(link.on_deliver(numbered(message), of_evens), LinkOutcome::Held(0));
        }
        link.strike(1, Arc::new(Silence::Drop));
        assert_eq!(link.heal(0), [2, 3].map(numbered));
        assert_eq!(link.on_deliver(numbered(4), of_evens), LinkOutcome::Lost(1));
        assert!(link.heal(1).is_empty());
        assert_eq!(link.on_deliver(numbered(5), of_evens), LinkOutcome::Arrives(numbered(5)));
        assert_eq!(link.efficacy(0).map(|did| (did.held, did.dropped)), Some((2, 0)));
        assert_eq!(link.efficacy(1).map(|did| (did.held, did.dropped)), Some((0, 1)));
        let of_operations = |span| link.efficacy(span).map(|did| did.of_operations);
        assert_eq!([0, 1].map(of_operations), [Some(1), Some(1)], "3 was not one");
    }

    #[test]
    fn each_message_has_a_number_and_names_the_spans_that_touched_it() {
        let mut link = link(2);
        link.strike(3, twice());
        link.strike(4, loss());
        for message in 0..100 {
            let departure = link.on_send(0, operation);
            assert_eq!(departure.message, message);
            assert_eq!(departure.lost_by, departure.copies[0].is_none().then_some(4));
            assert!(departure.doubled_by.is_none_or(|span| span == 3));
            let copies = departure.copies.iter().flatten().map(|copy| copy.number);
            let names: Vec<_> = copies.map(|number| (number.message, number.copy)).collect();
            assert!([&[(message, 1), (message, 2)][..], &[(message, 1)], &[]].contains(&&*names));
        }
    }
}
