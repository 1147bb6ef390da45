//! The order of epochs, where what is known does not force one; and which appends are in gaps.

use super::cut::Window;
use super::epochs::{Ends, Epoch, Shown};
use super::left::{Left, spend};
use super::sequence::{Job, JobPlace, Sequence};
use super::settle::Settled;
use super::{Refuted, Solved};
use crate::Stop;
use crate::plant::{Bug, planted};

/// How much may be tried.
pub(super) struct Allowance<'a> {
    /// Demands that may still be asked.
    pub(super) left: Left,
    /// Operations held in choices that are being tried, one within the other.
    pub(super) held: usize,
    pub(super) branching: Branching,
    pub(super) stop: Option<&'a Stop>,
}

/// Whether to go on where nothing forces a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branching {
    /// No: only what is forced, and the most likely order.
    No,
    /// Try all choices.
    Yes,
    /// The same, without asking first whether the most likely order will do.
    #[cfg(any(test, feature = "selftest"))]
    Orders,
}

/// Operations that may be held in choices: some 150 MB.
const HELD_MAX: usize = 1_000_000;

impl Allowance<'_> {
    /// Whether there is room to try a choice of `operations` operations within the others.
    pub(super) fn hold(&mut self, operations: usize) -> bool {
        let has_room = self.held + operations <= HELD_MAX;
        self.held += if has_room { operations } else { 0 };
        has_room
    }

    /// The choice was tried.
    pub(super) fn let_go(&mut self, operations: usize) {
        self.held -= operations;
    }

    fn is_over(&self) -> bool {
        self.left == 0 || self.stop.is_some_and(Stop::asked)
    }
}

/// Epochs, and what fits in between.
struct Arrangement<'a> {
    shown: &'a Shown<'a>,
    epochs: Vec<(Ends, &'a Epoch)>,
    /// Epochs that may be over at once.
    loose: Vec<&'a Epoch>,
    things: Vec<Job>,
}

/// Decides for given epochs: in what order they are, and what is where.
pub(super) fn arrange(shown: &Shown<'_>, epochs: &[Epoch], limits: &mut Allowance<'_>) -> Solved {
    let it = Arrangement::new(shown, epochs);
    #[cfg(any(test, feature = "selftest"))]
    if limits.branching == Branching::Orders {
        return it.extend(&mut Vec::new(), limits);
    }
    let order: Vec<&Epoch> = it.epochs.iter().map(|&(_, epoch)| epoch).collect();
    let solved = it.place(&order, limits);
    let is_forced = it.is_forced() || planted(Bug::GrowthForgetOrders);
    match solved {
        Solved::Order(_) => solved,
        Solved::Never(_) | Solved::Open if is_forced => solved,
        Solved::Never(_) | Solved::Open if limits.branching == Branching::No => Solved::Open,
        Solved::Never(_) | Solved::Open => it.extend(&mut Vec::new(), limits),
    }
}

/// Whether given epochs certainly have no order, asked without trying any but the most likely.
pub(super) fn is_refuted(shown: &Shown<'_>, epochs: &[Epoch], limits: &mut Allowance<'_>) -> bool {
    let it = Arrangement::new(shown, epochs);
    let order: Vec<&Epoch> = it.epochs.iter().map(|&(_, epoch)| epoch).collect();
    it.is_forced() && matches!(it.settle(&order, &it.places(), limits), Err(Solved::Never(_)))
}

impl<'a> Arrangement<'a> {
    fn new(shown: &'a Shown<'a>, epochs: &'a [Epoch]) -> Self {
        let (mut rest, mut loose, mut things) = (Vec::new(), Vec::new(), Vec::new());
        for epoch in epochs {
            let ends = shown.ends(epoch);
            match epoch.put.filter(|_| shown.is_loose(epoch, &ends)) {
                None => rest.push((ends, epoch)),
                Some(change) => {
                    let span = Window { from: ends.last.at, to: ends.first.at };
                    things.push(Job { change, span, place: JobPlace::Gap });
                    loose.push(epoch);
                }
            }
        }
        rest.sort_by_key(|(ends, _)| ends.low());
        let unseen = shown.unseen(epochs);
        if !planted(Bug::GrowthForgetUnseen) {
            things.extend(unseen.into_iter().map(|change| Job {
                change,
                span: shown.changes[change].span,
                place: JobPlace::Gap,
            }));
        }
        Self { shown, epochs: rest, loose, things }
    }

    fn places(&self) -> Vec<JobPlace> {
        vec![JobPlace::Either; self.shown.changes.len()]
    }

    /// Whether there is one order of the epochs at most.
    fn is_forced(&self) -> bool {
        self.epochs.windows(2).all(|pair| pair[0].0.first.at < pair[1].0.last.at)
    }

    /// Finds when slots of these epochs take effect.
    fn settle(
        &self,
        order: &[&Epoch],
        places: &[JobPlace],
        limits: &mut Allowance<'_>,
    ) -> Result<Sequence, Solved> {
        let sequence = Sequence::new(self.shown, order, &self.things, places);
        self.settle_from(sequence, None, limits)
    }

    fn settle_from(
        &self,
        sequence: Result<Sequence, Refuted>,
        before: Option<&Sequence>,
        limits: &mut Allowance<'_>,
    ) -> Result<Sequence, Solved> {
        if limits.is_over() || spend(&mut limits.left, self.shown.changes.len()).is_none() {
            return Err(Solved::Open);
        }
        let mut sequence = sequence.map_err(Solved::Never)?;
        if let Some(before) = before {
            sequence.start_from(before);
        }
        match sequence.settle(self.shown, &mut limits.left) {
            Settled::Yes => Ok(sequence),
            Settled::Never(refuted) => Err(Solved::Never(refuted)),
            Settled::Spent => {
                limits.left = 0;
                Err(Solved::Open)
            }
        }
    }

    /// Says of epochs in this order what is in which slot or gap.
    fn place(&self, order: &[&Epoch], limits: &mut Allowance<'_>) -> Solved {
        match self.settle(order, &self.places(), limits) {
            Ok(sequence) => self.fill(order, &sequence, &self.places(), limits),
            Err(solved) => solved,
        }
    }

    /// Fills slots and gaps. Where a slot is left bare, an append that ended before it can be in a
    /// slot, so that it needs none in a gap, or in a gap.
    fn fill(
        &self,
        order: &[&Epoch],
        sequence: &Sequence,
        places: &[JobPlace],
        limits: &mut Allowance<'_>,
    ) -> Solved {
        let bare = match sequence.assign() {
            Ok(assigned) => {
                let order = assigned.order(self.shown, sequence, order, &self.loose);
                return order.map_or(Solved::Open, Solved::Order);
            }
            Err(bare) => bare,
        };
        if planted(Bug::GrowthForgetSurplus) {
            return Solved::never();
        }
        let Some(either) = bare.either.filter(|_| limits.branching != Branching::No) else {
            return Solved::Open;
        };
        let size = sequence.slots.len() + self.shown.changes.len();
        if !limits.hold(size) {
            return Solved::Open;
        }
        let mut is_open = false;
        for place in [JobPlace::Slot, JobPlace::Gap] {
            let mut places = places.to_vec();
            places[either] = place;
            let next = Sequence::new(self.shown, order, &self.things, &places);
            let solved = match self.settle_from(next, Some(sequence), limits) {
                Ok(next) => self.fill(order, &next, &places, limits),
                Err(solved) => solved,
            };
            match solved {
                Solved::Order(_) => return solved,
                Solved::Never(_) => {}
                Solved::Open => is_open = true,
            }
        }
        limits.let_go(size);
        if is_open { Solved::Open } else { Solved::never() }
    }

    /// Tries all orders that begin with `before`, given by places among the epochs.
    fn extend(&self, before: &mut Vec<usize>, limits: &mut Allowance<'_>) -> Solved {
        if limits.is_over() {
            return Solved::Open;
        }
        let order: Vec<&Epoch> = before.iter().map(|&at| self.epochs[at].1).collect();
        if before.len() == self.epochs.len() {
            return self.place(&order, limits);
        }
        if !order.is_empty()
            && let Err(solved) = self.settle(&order, &self.places(), limits)
        {
            return solved;
        }
        let mut is_left = vec![true; self.epochs.len()];
        for &at in &*before {
            is_left[at] = false;
        }
        let ends = |at: usize| self.epochs[at].0;
        let mut left: Vec<usize> = (0..self.epochs.len()).filter(|&at| is_left[at]).collect();
        // What ends first, and next: nothing may begin after that and come before it.
        let mut firsts: Vec<(u32, usize)> =
            left.iter().map(|&at| (ends(at).first.at, at)).collect();
        firsts.sort_unstable();
        let first = |but: usize| firsts.iter().find(|&&(_, at)| at != but).map(|&(first, _)| first);
        left.retain(|&at| first(at).is_none_or(|first| first >= ends(at).last.at));
        if before.is_empty() {
            left = vec![0]; // The start comes first, whatever was read then.
        }
        let mut is_open = false;
        for next in left {
            before.push(next);
            let solved = self.extend(before, limits);
            before.pop();
            match solved {
                Solved::Order(_) => return solved,
                Solved::Never(_) => {}
                Solved::Open => is_open = true,
            }
        }
        if is_open { Solved::Open } else { Solved::never() }
    }
}
