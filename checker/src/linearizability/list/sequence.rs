//! Epochs in a known order, with the slots of each and the gaps between them.

use super::Refuted;
use super::bounds::Bound;
use super::cut::{NEVER, Window};
use super::epochs::{BoundSlot, Bounds, Epoch, Shown};
use crate::OpIndex;
use crate::plant::{Bug, planted};

/// The place of a put, or of one token appended.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Nothing for the put that an epoch begins with, or for the start.
    pub(super) token: Option<u32>,
    /// The change that must be there, by its number, if there is no choice.
    pub(super) change: Option<usize>,
    /// The place of its epoch in the sequence.
    pub(super) epoch: usize,
    pub(super) lower: Bound,
    pub(super) upper: Bound,
}

/// A change that needs a slot or a gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// The change, or for an epoch that is over at once, its put.
    pub(super) change: usize,
    pub(super) span: Window,
    pub(super) place: JobPlace,
}

/// Where a job may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobPlace {
    /// In a slot or in a gap.
    Either,
    /// In a slot.
    Slot,
    /// In a gap.
    Gap,
}

/// The slots that one token has, and the appends of it.
#[derive(Clone, Debug)]
pub(super) struct TokenRow {
    pub(super) token: u32,
    pub(super) slots: Vec<usize>,
    /// By invocation. Lost ones are among them; those that belong in gaps are not.
    pub(super) jobs: Vec<Job>,
}

/// Why a slot is as late as it is.
#[derive(Clone, Debug)]
pub(super) struct Blame {
    pub(super) ops: Vec<OpIndex>,
    pub(super) because: Option<usize>,
}

/// Epochs one after another.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    pub(super) slots: Vec<Slot>,
    /// The first slot of each epoch.
    pub(super) firsts: Vec<usize>,
    /// The end of each epoch is not before this.
    pub(super) floors: Vec<Bound>,
    /// Tokens with a choice.
    pub(super) rows: Vec<TokenRow>,
    /// What needs a gap.
    pub(super) things: Vec<Job>,
    /// When each slot takes effect, at the earliest.
    pub(super) moments: Vec<u32>,
    pub(super) blame_of: Vec<usize>,
    pub(super) blames: Vec<Blame>,
    pub(super) row_of: Vec<Option<usize>>,
    pub(super) dirty: Vec<bool>,
    pub(super) have_gaps_moved: bool,
}

impl Sequence {
    /// `epochs` one after another, the start first, and `things` in the gaps between them.
    ///
    /// `places` says where each change may be.
    ///
    /// # Errors
    ///
    /// If more appends of a token are shown than there are.
    pub(super) fn new(
        shown: &Shown<'_>,
        epochs: &[&Epoch],
        things: &[Job],
        places: &[JobPlace],
    ) -> Result<Self, Refuted> {
        let mut it = Self {
            slots: Vec::new(),
            firsts: Vec::new(),
            floors: Vec::new(),
            rows: Vec::new(),
            things: things.to_vec(),
            moments: Vec::new(),
            blame_of: Vec::new(),
            blames: Vec::new(),
            row_of: Vec::new(),
            dirty: Vec::new(),
            have_gaps_moved: false,
        };
        let mut counts = vec![0; shown.tokens];
        for (at, epoch) in epochs.iter().enumerate() {
            it.add_epoch(shown.bounds(epoch, &mut counts), at);
        }
        it.add_rows(shown, places)?;
        for slot in 0..it.slots.len() {
            let lower = it.slots[slot].lower;
            it.moments.push(lower.at);
            it.blame_of.push(it.blames.len());
            it.blames.push(Blame { ops: lower.by.into_iter().collect(), because: None });
        }
        Ok(it)
    }

    fn add_epoch(&mut self, bounds: Bounds, at: usize) {
        let before = self.floors.last().copied();
        self.firsts.push(self.slots.len());
        for BoundSlot { token, change, lower, upper } in bounds.slots {
            self.slots.push(Slot { token, change, epoch: at, lower, upper });
        }
        if let Some(before) = before {
            self.slots[self.firsts[at]].lower.raise(before);
        }
        self.floors.push(bounds.floor);
    }

    /// Says of each slot that has a choice which appends may be in it.
    fn add_rows(&mut self, shown: &Shown<'_>, places: &[JobPlace]) -> Result<(), Refuted> {
        let mut row_of: Vec<Option<usize>> = vec![None; shown.tokens];
        self.row_of = vec![None; self.slots.len()];
        for slot in 0..self.slots.len() {
            let Slot { token: Some(token), change: None, .. } = self.slots[slot] else { continue };
            let fresh = self.rows.len();
            let row = *row_of[token as usize].get_or_insert(fresh);
            if row == fresh {
                self.rows.push(TokenRow { token, slots: Vec::new(), jobs: Vec::new() });
            }
            self.rows[row].slots.push(slot);
            self.row_of[slot] = Some(row);
        }
        for row in &mut self.rows {
            for &change in shown.appends(row.token) {
                let (span, place) = (shown.changes[change].span, places[change]);
                let job = Job { change, span, place };
                let jobs = if place == JobPlace::Gap { &mut self.things } else { &mut row.jobs };
                jobs.push(job);
            }
            if row.jobs.len() < row.slots.len() {
                let hint = shown.appends(row.token).iter().map(|&at| shown.changes[at].op);
                return Err(Refuted::new(None, hint.collect()));
            }
            // The `j`-th slot of a token is not before the `j`-th invocation of its appends.
            for (&slot, job) in row.slots.iter().zip(&row.jobs) {
                if !planted(Bug::GrowthForgetInvocations) {
                    let by = Some(shown.changes[job.change].op);
                    self.slots[slot].lower.raise(Bound { at: job.span.from, by });
                }
            }
        }
        self.dirty = vec![true; self.rows.len()];
        Ok(())
    }

    /// No slot is earlier than in `other`, which equals this except for fewer demands.
    pub(super) fn start_from(&mut self, other: &Self) {
        for (moment, &before) in self.moments.iter_mut().zip(&other.moments) {
            *moment = (*moment).max(before);
        }
    }

    /// The gap after an epoch begins here.
    pub(super) fn gap_begins(&self, epoch: usize) -> u32 {
        let next = self.firsts.get(epoch + 1).copied().unwrap_or(self.slots.len());
        self.moments[next - 1].max(self.floors[epoch].at)
    }

    /// The gap after an epoch ends here.
    pub(super) fn gap_ends(&self, epoch: usize) -> u32 {
        self.firsts.get(epoch + 1).map_or(NEVER, |&put| self.moments[put])
    }

    /// The first gap among `gaps` that ends at `moment` or later.
    pub(super) fn gap_until(&self, gaps: std::ops::Range<usize>, moment: u32) -> Option<usize> {
        let (mut low, mut high) = (gaps.start, gaps.end);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.gap_ends(middle) < moment {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < gaps.end).then_some(low)
    }

    /// The gap that a job fits into, if there is one.
    pub(super) fn gap_for(&self, span: Window) -> Option<usize> {
        let gap = self.gap_until(0..self.firsts.len(), span.from);
        gap.filter(|&gap| self.gap_begins(gap) <= span.to)
    }

    /// The last slot of an epoch.
    pub(super) fn last_of(&self, epoch: usize) -> usize {
        self.firsts.get(epoch + 1).copied().unwrap_or(self.slots.len()) - 1
    }
}
