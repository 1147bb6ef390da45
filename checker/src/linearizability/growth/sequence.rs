//! Epochs in a known order: when does each of their slots take effect?
//!
//! Each demand is a lower bound, an upper bound, or "if something is late then something else is
//! late". So if there are solutions there is an earliest one, in which every slot is as early as
//! in any other. [`Sequence::settle`] raises slots from their lower bounds until no demand is
//! left that raises one, or one is above its upper bound: then there is no solution.

use super::Refuted;
use super::cut::{Change, EMPTY, Kind, NEVER, Span};
use super::demands::{Gaps, Miss, Raise};
use super::epochs::{BoundSlot, Bounds, Epoch, Shown};
use crate::OpIndex;
use crate::plant::{Bug, planted};

/// A bound, and the operation it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) at: u32,
    pub(super) by: Option<OpIndex>,
}

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
    upper: Bound,
}

/// A change that needs a slot or a gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// The change, or for an epoch that is over at once, its put.
    pub(super) change: usize,
    pub(super) span: Span,
    pub(super) place: Place,
}

/// Where a job may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a slot or in a gap.
    Either,
    /// In a slot.
    Slot,
    /// In a gap.
    Gap,
}

/// The slots that one token has, and the appends of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) token: u32,
    pub(super) slots: Vec<usize>,
    /// By invocation. Lost ones are among them; those that belong in gaps are not.
    pub(super) jobs: Vec<Job>,
}

/// Why a slot is as late as it is.
#[derive(Clone, Debug)]
struct Blame {
    ops: Vec<OpIndex>,
    because: Option<usize>,
}

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

/// Epochs one after another.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    pub(super) slots: Vec<Slot>,
    /// The first slot of each epoch.
    pub(super) firsts: Vec<usize>,
    /// The end of each epoch is not before this.
    floors: Vec<Bound>,
    /// Tokens of which there is a choice.
    pub(super) rows: Vec<Row>,
    /// What needs a gap.
    pub(super) things: Vec<Job>,
    /// When each slot takes effect, at the earliest.
    pub(super) moments: Vec<u32>,
    blame_of: Vec<usize>,
    blames: Vec<Blame>,
    row_of: Vec<Option<usize>>,
    dirty: Vec<bool>,
    have_gaps_moved: bool,
}

/// Demands asked, of all those that may be.
pub(super) type Left = u64;

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
        places: &[Place],
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
    fn add_rows(&mut self, shown: &Shown<'_>, places: &[Place]) -> Result<(), Refuted> {
        let mut row_of: Vec<Option<usize>> = vec![None; shown.tokens];
        self.row_of = vec![None; self.slots.len()];
        for slot in 0..self.slots.len() {
            let Slot { token: Some(token), change: None, .. } = self.slots[slot] else { continue };
            let fresh = self.rows.len();
            let row = *row_of[token as usize].get_or_insert(fresh);
            if row == fresh {
                self.rows.push(Row { token, slots: Vec::new(), jobs: Vec::new() });
            }
            self.rows[row].slots.push(slot);
            self.row_of[slot] = Some(row);
        }
        for row in &mut self.rows {
            for &change in shown.appends(row.token) {
                let (span, place) = (shown.changes[change].span, places[change]);
                let job = Job { change, span, place };
                let jobs = if place == Place::Gap { &mut self.things } else { &mut row.jobs };
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

    /// No slot is earlier than in `other`, which is as this is but for fewer demands.
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
    pub(super) fn gap_for(&self, span: Span) -> Option<usize> {
        let gap = self.gap_until(0..self.firsts.len(), span.from);
        gap.filter(|&gap| self.gap_begins(gap) <= span.to)
    }

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

    /// The last slot of an epoch.
    pub(super) fn last_of(&self, epoch: usize) -> usize {
        self.firsts.get(epoch + 1).copied().unwrap_or(self.slots.len()) - 1
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

impl Bound {
    /// Before everything.
    pub(super) const START: Self = Self { at: 0, by: None };
    /// After everything.
    pub(super) const NEVER: Self = Self { at: NEVER, by: None };

    /// The later of the two.
    pub(super) fn raise(&mut self, other: Self) {
        if other.at > self.at {
            *self = other;
        }
    }

    /// The earlier of the two.
    pub(super) fn lower(&mut self, other: Self) {
        if other.at < self.at {
            *self = other;
        }
    }
}

/// The bounds that an operation sets to itself: not before, and not after.
pub(super) fn bounds_of(op: OpIndex, span: Span) -> (Bound, Bound) {
    (Bound { at: span.from, by: Some(op) }, Bound { at: span.to, by: Some(op) })
}

/// Takes a cost from what is left, if there is enough.
pub(super) fn spend(left: &mut Left, cost: usize) -> Option<()> {
    *left = left.checked_sub(cost as u64)?;
    Some(())
}

/// Whether a change is an append of what can be seen.
pub(super) fn is_seen_append(change: &Change) -> bool {
    change.kind == Kind::Append && change.token != EMPTY
}
