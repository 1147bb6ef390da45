//! Which append is in which slot, once it is known when slots take effect; and the order that
//! comes of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::cut::{Change, EMPTY, Kind, NEVER};
use super::epochs::{Epoch, Shown};
use super::sequence::{Job, JobPlace, Sequence, TokenRow};
use super::trie::ROOT;
use crate::OpIndex;

/// What is in each slot and each gap.
pub(super) struct Assigned {
    /// By slot, the number of the change; nothing at the start.
    slots: Vec<Option<usize>>,
    /// What is in gaps, and when.
    gaps: Vec<(u32, Job)>,
}

/// A slot that is left bare, or an append that is left over, in one choice of slots and gaps.
pub(super) struct Bare {
    pub(super) moment: u32,
    /// An append of the same token that may be in a slot or in a gap.
    pub(super) either: Option<usize>,
}

/// The appends of one token, and which of them is in which slot.
struct Giving<'a> {
    sequence: &'a Sequence,
    row: &'a TokenRow,
    /// By slot of the row, the append.
    given: Vec<Option<usize>>,
    /// By append, whether it must have a slot.
    must: Vec<bool>,
    /// By append, its slot.
    slot_of: Vec<Option<usize>>,
}

impl Sequence {
    /// Gives every slot an append, and every completed append a slot or a gap.
    ///
    /// # Errors
    ///
    /// If that cannot be done with the slots where they are: tells of the first that is bare.
    pub(super) fn assign(&self) -> Result<Assigned, Bare> {
        let slots = self.slots.iter().map(|slot| slot.change).collect();
        let mut assigned = Assigned { slots, gaps: Vec::new() };
        let mut bare: Option<Bare> = None;
        for row in &self.rows {
            let mut giving = Giving::new(self, row);
            match giving.give_out().and_then(|()| giving.fill()) {
                Ok(()) => giving.take_down(&mut assigned),
                Err(at) if bare.as_ref().is_none_or(|it| at < it.moment) => {
                    bare = Some(Bare { moment: at, either: giving.either(at) });
                }
                Err(_) => {}
            }
        }
        if let Some(bare) = bare {
            return Err(bare);
        }
        let things = self.things.iter().map(|job| (self.gap_moment(job), *job));
        assigned.gaps.extend(things);
        assigned.gaps.sort_by_key(|&(moment, _)| moment);
        Ok(assigned)
    }

    /// The first moment at which a job that fits into a gap is in one.
    fn gap_moment(&self, job: &Job) -> u32 {
        let gap = self.gap_for(job.span).expect("it fits into one");
        self.gap_begins(gap).max(job.span.from)
    }
}

impl<'a> Giving<'a> {
    fn new(sequence: &'a Sequence, row: &'a TokenRow) -> Self {
        let must = |job: &Job| {
            let is_certain = job.span.to != NEVER;
            is_certain && (job.place == JobPlace::Slot || sequence.gap_for(job.span).is_none())
        };
        Self {
            sequence,
            row,
            given: vec![None; row.slots.len()],
            must: row.jobs.iter().map(must).collect(),
            slot_of: vec![None; row.jobs.len()],
        }
    }

    fn moment(&self, at: usize) -> u32 {
        self.sequence.moments[self.row.slots[at]]
    }

    fn give(&mut self, at: usize, job: usize) {
        self.given[at] = Some(job);
        self.slot_of[job] = Some(at);
    }

    /// Gives each slot to what ends first, of what must have one; if nothing must, of the rest.
    fn give_out(&mut self) -> Result<(), u32> {
        let mut waiting: [BinaryHeap<Reverse<(u32, usize)>>; 2] = Default::default();
        let mut next = 0;
        for at in 0..self.given.len() {
            let moment = self.moment(at);
            while let Some(job) = self.row.jobs.get(next).filter(|job| job.span.from <= moment) {
                waiting[usize::from(!self.must[next])].push(Reverse((job.span.to, next)));
                next += 1;
            }
            let [must, may] = &mut waiting;
            while may.peek().is_some_and(|Reverse((end, _))| *end < moment) {
                may.pop();
            }
            let Some(Reverse((end, job))) = must.pop().or_else(|| may.pop()) else { continue };
            if end < moment {
                return Err(moment);
            }
            self.give(at, job);
        }
        let left_over =
            (0..self.must.len()).find(|&job| self.must[job] && self.slot_of[job].is_none());
        left_over.map_or(Ok(()), |job| Err(self.row.jobs[job].span.to))
    }

    /// Fills each bare slot, if need be with what is in a later one, which is then filled.
    fn fill(&mut self) -> Result<(), u32> {
        for at in 0..self.given.len() {
            if self.given[at].is_none() {
                self.fill_slot(at).ok_or_else(|| self.moment(at))?;
            }
        }
        Ok(())
    }

    fn fill_slot(&mut self, bare: usize) -> Option<()> {
        let mut next = vec![bare];
        // The slot that each append was tried for.
        let mut came_from: Vec<Option<usize>> = vec![None; self.row.jobs.len()];
        while let Some(at) = next.pop() {
            let moment = self.moment(at);
            let begun = self.row.jobs.partition_point(|job| job.span.from <= moment);
            for job in 0..begun {
                if came_from[job].is_some() || self.row.jobs[job].span.to < moment {
                    continue;
                }
                came_from[job] = Some(at);
                let Some(other) = self.slot_of[job] else {
                    self.shift((at, job), &came_from, bare);
                    return Some(());
                };
                next.push(other);
            }
        }
        None
    }

    /// Puts an append that had no slot into one, and what was there into the slot it was tried for,
    /// and so on until the bare slot is filled.
    fn shift(&mut self, last: (usize, usize), came_from: &[Option<usize>], bare: usize) {
        let (mut at, mut job) = last;
        loop {
            let former = self.given[at];
            self.give(at, job);
            if at == bare {
                return;
            }
            job = former.expect("only the first slot was bare");
            at = came_from[job].expect("it was tried");
        }
    }

    fn take_down(&self, assigned: &mut Assigned) {
        for (&slot, job) in self.row.slots.iter().zip(&self.given) {
            let job = job.expect("every slot was filled");
            assigned.slots[slot] = Some(self.row.jobs[job].change);
        }
        for (job, slot) in self.row.jobs.iter().zip(&self.slot_of) {
            if slot.is_none() && job.span.to != NEVER {
                assigned.gaps.push((self.sequence.gap_moment(job), *job));
            }
        }
    }

    /// An append to try in a slot and in a gap: the last that ended before `moment` unused, if
    /// there is one.
    fn either(&self, moment: u32) -> Option<usize> {
        let jobs = self.row.jobs.iter().zip(&self.slot_of);
        let free = jobs.filter(|(job, _)| job.place == JobPlace::Either && job.span.to != NEVER);
        let rank = |&(job, slot): &(&Job, &Option<usize>)| {
            (slot.is_none() && job.span.to < moment, job.span.to)
        };
        free.max_by_key(rank).map(|(job, _)| job.change)
    }
}

/// A change or a read, by its number.
#[derive(Clone, Copy)]
enum Item {
    Change(usize),
    Read(usize),
}

impl Assigned {
    /// The operations in the order that comes of it; `loose` epochs are over at once. Nothing if
    /// that order does not explain what was read, which is never so.
    pub(super) fn order(
        &self,
        shown: &Shown<'_>,
        sequence: &Sequence,
        epochs: &[&Epoch],
        loose: &[&Epoch],
    ) -> Option<Vec<OpIndex>> {
        let mut items: Vec<(u32, Item)> = Vec::new();
        let mut gaps = self.gaps.iter().peekable();
        let loose: FxHashMap<usize, &Epoch> =
            loose.iter().filter_map(|epoch| epoch.put.map(|put| (put, *epoch))).collect();
        for (at, epoch) in epochs.iter().enumerate() {
            let first = sequence.firsts[at];
            let slots = first..=sequence.last_of(at);
            let parts = slots.map(|slot| (self.slots[slot], sequence.moments[slot]));
            add_epoch(shown, epoch, parts, &mut items);
            let end = sequence.gap_ends(at);
            while let Some((moment, job)) = gaps.next_if(|&&(moment, _)| moment <= end) {
                match loose.get(&job.change) {
                    None => items.push((*moment, Item::Change(job.change))),
                    Some(epoch) => {
                        let changes = std::iter::once(Some(job.change));
                        let tokens: Vec<u32> = shown.tokens(epoch).collect();
                        let only = |&token: &u32| shown.appends(token).first().copied();
                        let changes = changes.chain(tokens.iter().rev().map(only));
                        let parts = changes.map(|change| (change, *moment));
                        add_epoch(shown, epoch, parts, &mut items);
                    }
                }
            }
        }
        // What appends nothing may be anywhere.
        let nothing = |change: &Change| change.kind == Kind::Append && change.token == EMPTY;
        let idle = shown.changes.iter().enumerate();
        let idle = idle.filter(|(_, it)| nothing(it) && it.span.to != NEVER);
        items.extend(idle.map(|(at, it)| (it.span.from, Item::Change(at))));
        items.sort_by_key(|&(moment, _)| moment);
        replays(shown, &items).then(|| {
            let op = |&(_, item): &(u32, Item)| match item {
                Item::Change(at) => shown.changes[at].op,
                Item::Read(at) => shown.reads[at].op,
            };
            items.iter().map(op).collect()
        })
    }
}

/// Adds the slots of an epoch, each a change and its moment, and its reads.
fn add_epoch(
    shown: &Shown<'_>,
    epoch: &Epoch,
    slots: impl Iterator<Item = (Option<usize>, u32)>,
    items: &mut Vec<(u32, Item)>,
) {
    let base = shown.base(epoch.put);
    let key =
        |&read: &usize| (shown.trie.depth(shown.reads[read].node), shown.reads[read].span.from);
    let mut reads = epoch.reads.clone();
    reads.sort_by_key(key);
    let mut reads = reads.into_iter().peekable();
    for (level, (change, moment)) in slots.enumerate() {
        items.extend(change.map(|change| (moment, Item::Change(change))));
        while let Some(read) = reads.next_if(|read| key(read).0 <= base + level) {
            items.push((moment.max(shown.reads[read].span.from), Item::Read(read)));
        }
    }
}

/// Whether this is an order of all that completed that explains all that was read.
fn replays(shown: &Shown<'_>, items: &[(u32, Item)]) -> bool {
    let mut state = Some(ROOT);
    let (mut changes, mut reads) =
        (vec![false; shown.changes.len()], vec![false; shown.reads.len()]);
    let mut now = 0;
    for &(moment, item) in items {
        let (span, done) = match item {
            Item::Change(at) => (shown.changes[at].span, &mut changes[at]),
            Item::Read(at) => (shown.reads[at].span, &mut reads[at]),
        };
        let in_time = now <= moment && span.from <= moment && moment <= span.to;
        if !in_time || std::mem::replace(done, true) {
            return false;
        }
        now = moment;
        match item {
            Item::Read(at) if state != Some(shown.reads[at].node) => return false,
            Item::Read(_) => {}
            Item::Change(at) => {
                let Change { token, kind, .. } = shown.changes[at];
                let before = if kind == Kind::Put { Some(ROOT) } else { state };
                let grown = |node| shown.trie.child(node, token);
                state = if token == EMPTY { before } else { before.and_then(grown) };
            }
        }
    }
    let lost = |(change, done): (&Change, &bool)| *done || change.span.to == NEVER;
    shown.changes.iter().zip(&changes).all(lost) && reads.iter().all(|&done| done)
}
