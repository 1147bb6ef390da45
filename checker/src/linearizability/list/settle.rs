//! Epochs in a known order: when does each of their slots take effect?
//!
//! Each demand is a lower bound, an upper bound, or "if something is late then something else is
//! late". So if there are solutions there is an earliest one, in which every slot is as early as
//! in any other. [`Sequence::settle`] raises slots from their lower bounds until no demand is
//! left that raises one, or one is above its upper bound: then there is no solution.

use super::Refuted;
use super::bounds::Bound;
use super::demands::{Gaps, Miss, Raise};
use super::epochs::Shown;
use super::left::{Left, spend};
use super::sequence::{Blame, Job, Sequence, Slot};
use crate::OpIndex;

/// What became of the slots.
#[derive(Debug)]
pub(super) enum Settled {
    /// Every demand is met.
    Yes,
    /// There is no solution.
    Never(Refuted),
    /// There was no time to tell.
    Spent,
}

impl Sequence {
    /// Raises slots until every demand is met, or cannot be.
    pub(super) fn settle(&mut self, shown: &Shown<'_>, left: &mut Left) -> Settled {
        match self.settled(shown, left) {
            Ok(()) => Settled::Yes,
            Err(settled) => settled,
        }
    }

    fn settled(&mut self, shown: &Shown<'_>, left: &mut Left) -> Result<(), Settled> {
        spend(left, self.slots.len()).ok_or(Settled::Spent)?;
        for slot in 0..self.slots.len() {
            self.carry(slot, shown).map_err(Settled::Never)?;
        }
        loop {
            if std::mem::take(&mut self.have_gaps_moved) {
                self.dirty.fill(true);
            }
            for row in 0..self.rows.len() {
                while std::mem::take(&mut self.dirty[row]) {
                    let cost = self.rows[row].jobs.len() + self.rows[row].slots.len() + 1;
                    spend(left, cost).ok_or(Settled::Spent)?;
                    let demand = self.row_demands(row);
                    let demand = demand.map_err(|miss| Settled::Never(self.blame(&miss, shown)))?;
                    if let Some(raise) = demand {
                        self.dirty[row] = true;
                        self.raise(&raise, shown).map_err(Settled::Never)?;
                    }
                }
            }
            self.settle_things(shown, left)?;
            if !self.have_gaps_moved && !self.dirty.contains(&true) {
                return Ok(());
            }
        }
    }

    fn row_demands(&self, row: usize) -> Result<Option<Raise>, Miss> {
        let fixed = self.demand(row, Gaps::Shut)?;
        if fixed.is_some() { Ok(fixed) } else { self.demand(row, Gaps::Open) }
    }

    /// What needs a gap has one: else the gap before ends later.
    fn settle_things(&mut self, shown: &Shown<'_>, left: &mut Left) -> Result<(), Settled> {
        for at in 0..self.things.len() {
            spend(left, 1).ok_or(Settled::Spent)?;
            let Job { span, change, .. } = self.things[at];
            let gap = self.gap_until(0..self.firsts.len(), span.from).expect("the last is open");
            if self.gap_begins(gap) <= span.to {
                continue;
            }
            let miss = Miss { jobs: vec![change], late: self.last_of(gap) };
            if gap == 0 {
                return Err(Settled::Never(self.blame(&miss, shown)));
            }
            let raise = Raise { slot: self.firsts[gap], to: span.from, miss };
            self.raise(&raise, shown).map_err(Settled::Never)?;
        }
        Ok(())
    }

    /// Makes a slot later, and those after it.
    fn raise(&mut self, raise: &Raise, shown: &Shown<'_>) -> Result<(), Refuted> {
        debug_assert!(raise.to > self.moments[raise.slot], "it gets later");
        let ops = raise.miss.jobs.iter().map(|&job| shown.changes[job].op).collect();
        let floor = self.floors[self.slots[raise.miss.late].epoch].by;
        let because = Some(self.blame_of[raise.miss.late]);
        self.blames.push(Blame { ops, because });
        if let Some(floor) = floor {
            self.blames.last_mut().expect("it was added").ops.push(floor);
        }
        self.moments[raise.slot] = raise.to;
        self.blame_of[raise.slot] = self.blames.len() - 1;
        self.touch(raise.slot);
        self.carry(raise.slot, shown)
    }

    /// No slot is before the one before it, nor after its upper bound.
    fn carry(&mut self, from: usize, shown: &Shown<'_>) -> Result<(), Refuted> {
        let mut slot = from;
        loop {
            let upper = self.slots[slot].upper;
            if self.moments[slot] > upper.at {
                let blame = &self.blames[self.blame_of[slot]];
                let by = blame.ops.first().copied().filter(|_| blame.because.is_none());
                let mut refuted = shown.clash(Bound { at: self.moments[slot], by }, upper);
                self.blamed(self.blame_of[slot], &mut refuted.hint);
                return Err(refuted);
            }
            if slot + 1 >= self.slots.len() || self.moments[slot + 1] >= self.moments[slot] {
                return Ok(());
            }
            self.moments[slot + 1] = self.moments[slot];
            self.blame_of[slot + 1] = self.blame_of[slot];
            slot += 1;
            self.touch(slot);
        }
    }

    /// The demands that a slot has part in are to be asked again.
    fn touch(&mut self, slot: usize) {
        if let Some(row) = self.row_of[slot] {
            self.dirty[row] = true;
        }
        let Slot { token, epoch, .. } = self.slots[slot];
        self.have_gaps_moved |= token.is_none() || slot == self.last_of(epoch);
    }

    fn blame(&self, miss: &Miss, shown: &Shown<'_>) -> Refuted {
        let mut hint: Vec<OpIndex> = miss.jobs.iter().map(|&job| shown.changes[job].op).collect();
        hint.extend(self.floors[self.slots[miss.late].epoch].by);
        self.blamed(self.blame_of[miss.late], &mut hint);
        Refuted::new(None, hint)
    }

    fn blamed(&self, blame: usize, ops: &mut Vec<OpIndex>) {
        const MAX: usize = 64;
        let mut next = Some(blame);
        while let Some(blame) = next.filter(|_| ops.len() < MAX) {
            ops.extend(&self.blames[blame].ops);
            next = self.blames[blame].because;
        }
    }
}
