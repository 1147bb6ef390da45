//! What the appends of one token demand of its slots.
//!
//! Each append that completed needs a slot within its span, or a gap that meets it. Slots are given
//! out as they come, each to the append that ends first: earliest deadline first. If one misses its
//! end `y`, go back over the slots that were given to appends that end by `y`. The slot or gap before
//! them was of no use to any of these appends, and there are more of them than slots since: it must
//! be later than the first of their invocations. After Simons, "Multiprocessor scheduling of
//! unit-time jobs with arbitrary release times and deadlines", SIAM J. Comput. 1983.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::cut::NEVER;
use super::sequence::{Job, JobPlace, Sequence};
use crate::plant::{Bug, planted};

/// Appends for which there is no slot in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Miss {
    /// Their numbers among the changes.
    pub(super) jobs: Vec<usize>,
    /// The slot that is too late, or the last before the gap that is.
    pub(super) late: usize,
}

/// A slot that must be later, or else `miss`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raise {
    pub(super) slot: usize,
    pub(super) to: u32,
    pub(super) miss: Miss,
}

/// Whether gaps are of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    Open,
    /// Not to those that belong in slots: only these are asked about.
    Shut,
}

/// Slots being given out.
struct Giving<'a> {
    jobs: &'a [Job],
    slots: &'a [usize],
    gaps: Gaps,
    /// Appends that have begun and wait, by their ends.
    waiting: BinaryHeap<Reverse<(u32, usize)>>,
    next: usize,
    /// To which append each slot was given.
    given: Vec<Option<usize>>,
}

/// An append that missed its end.
struct Missed {
    job: usize,
    /// The epoch of what is too late.
    epoch: usize,
    late: usize,
}

impl Sequence {
    /// A demand of the appends of one token that is not met.
    ///
    /// # Errors
    ///
    /// If it cannot be met.
    pub(super) fn demand(&self, row: usize, gaps: Gaps) -> Result<Option<Raise>, Miss> {
        let row = &self.rows[row];
        let asked = |job: &&Job| {
            job.span.to != NEVER && (gaps == Gaps::Open || job.place == JobPlace::Slot)
        };
        let jobs: Vec<Job> = row.jobs.iter().filter(asked).copied().collect();
        if jobs.is_empty() {
            return Ok(None);
        }
        let mut giving = Giving {
            jobs: &jobs,
            slots: &row.slots,
            gaps,
            waiting: BinaryHeap::new(),
            next: 0,
            given: Vec::with_capacity(row.slots.len()),
        };
        match giving.give_out(self) {
            None => Ok(None),
            Some(_) if planted(Bug::GrowthForgetMissed) => Ok(None),
            Some(missed) => giving.walk_back(self, &missed).map(Some),
        }
    }
}

impl Giving<'_> {
    fn give_out(&mut self, sequence: &Sequence) -> Option<Missed> {
        let mut epoch = 0;
        for &slot in self.slots {
            let here = sequence.slots[slot].epoch;
            if self.gaps == Gaps::Open && epoch < here {
                if let Some(missed) = self.cross(sequence, epoch..here) {
                    return Some(missed);
                }
                epoch = here;
            }
            let moment = sequence.moments[slot];
            self.release(moment);
            let first = self.waiting.pop().map(|Reverse(first)| first);
            if let Some((_, job)) = first.filter(|&(end, _)| end < moment) {
                return Some(Missed { job, epoch: here, late: slot });
            }
            self.given.push(first.map(|(_, job)| job));
        }
        match self.gaps {
            Gaps::Open => self.cross(sequence, epoch..sequence.firsts.len()),
            Gaps::Shut => {
                self.release(NEVER);
                let Reverse((_, job)) = self.waiting.pop()?;
                // There is no slot after the last.
                let late = sequence.slots.len() - 1;
                Some(Missed { job, epoch: sequence.firsts.len(), late })
            }
        }
    }

    fn release(&mut self, moment: u32) {
        while let Some(job) = self.jobs.get(self.next).filter(|job| job.span.from <= moment) {
            self.waiting.push(Reverse((job.span.to, self.next)));
            self.next += 1;
        }
    }

    /// Lets everything into these gaps that fits. What began before the last of them ends and does
    /// not fit has missed its end.
    fn cross(&mut self, sequence: &Sequence, gaps: Range<usize>) -> Option<Missed> {
        self.release(sequence.gap_ends(gaps.end - 1));
        while let Some(Reverse((end, job))) = self.waiting.pop() {
            let from = self.jobs[job].span.from;
            let gap =
                sequence.gap_until(gaps.clone(), from).expect("it began before the last ends");
            if sequence.gap_begins(gap) > end {
                return Some(Missed { job, epoch: gap, late: sequence.last_of(gap) });
            }
        }
        None
    }

    /// Which slot must be later.
    fn walk_back(&self, sequence: &Sequence, missed: &Missed) -> Result<Raise, Miss> {
        let end = self.jobs[missed.job].span.to;
        let mut members = vec![missed.job];
        let mut inner = missed.epoch;
        let mut at = self.given.len();
        let slot = loop {
            let before = at.checked_sub(1).map(|at| self.slots[at]);
            let apart = before.map_or(0, |slot| sequence.slots[slot].epoch) < inner;
            if self.gaps == Gaps::Open && apart {
                break Some(sequence.firsts[inner]);
            }
            let Some(slot) = before else { break None };
            match self.given[at - 1].filter(|&job| self.jobs[job].span.to <= end) {
                None => break Some(slot),
                Some(job) => members.push(job),
            }
            inner = sequence.slots[slot].epoch;
            at -= 1;
        };
        let from = members.iter().map(|&job| self.jobs[job].span.from).min().unwrap_or(0);
        let jobs = members.iter().map(|&job| self.jobs[job].change).collect();
        let miss = Miss { jobs, late: missed.late };
        let from = if planted(Bug::GrowthRaiseTooFar) { end + 1 } else { from };
        match slot {
            Some(slot) => Ok(Raise { slot, to: from, miss }),
            None => Err(miss),
        }
    }
}
