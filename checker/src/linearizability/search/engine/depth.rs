//! Depth first: good at finding an order where there is one.

use super::branch::{Branch, Choice};
use super::cursor::Cursor;
use super::pieces::Piece;
use super::progress::Progress;
use super::script::Step;
use super::table::{Steps, grown};
use super::used::{Antichain, Configuration, UsedTable};
use crate::plant::{Bug, planted};

struct Frame<const W: usize> {
    at: usize,
    here: Configuration<W>,
    /// How this place was reached from the frame below.
    by: Option<Branch>,
    /// Where its untried branches start among all.
    branches: usize,
}

/// A search that follows one order as far as it goes, then turns back to the last choice.
pub(super) struct Depth<const W: usize> {
    cursor: Cursor<W>,
    stack: Vec<Frame<W>>,
    branches: Vec<Branch>,
    visited: Antichain<W>,
    /// The furthest event that could not be passed.
    pub(super) deepest: usize,
    /// Where to begin, and from what.
    base: usize,
    roots: Vec<Configuration<W>>,
}

impl<const W: usize> Depth<W> {
    pub(super) fn new(piece: &Piece<'_>, cursor: Cursor<W>) -> Self {
        Self {
            cursor,
            stack: Vec::new(),
            branches: Vec::new(),
            visited: Antichain::new(),
            deepest: 0,
            base: piece.from,
            roots: vec![Configuration::at_rest(piece.start)],
        }
    }

    /// Takes it that before the event `at` these are all configurations worth going on from. What
    /// lies before is forgotten, if the search has not got further.
    ///
    /// What was visited from there on led nowhere, as nothing on the stack is from there on.
    pub(super) fn begin_again(&mut self, at: usize, roots: &[Configuration<W>]) {
        let is_behind = at > self.base && self.stack.last().is_none_or(|frame| frame.at < at);
        if !is_behind || self.stack.is_empty() {
            return;
        }
        self.base = at;
        self.roots = roots.to_vec();
        if planted(Bug::RestForgetOthers) {
            self.roots.truncate(1);
        }
        self.stack.clear();
        self.branches.clear();
        self.visited.forget_before(u32::try_from(at).expect("fewer than 2^32 events"));
    }

    /// Visits up to `quota` configurations.
    pub(super) fn run<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
        used: &mut UsedTable,
        quota: &mut u64,
    ) -> Progress<Vec<Branch>> {
        while *quota > 0 && !table.is_full() {
            let Some(frame) = self.stack.last() else {
                let Some(root) = self.roots.pop() else {
                    return Progress::Violation { at: self.deepest };
                };
                self.cursor.rewind(piece, self.base.min(self.cursor.at));
                self.cursor.skip(piece, self.base);
                *quota -= 1;
                if self.arrive(piece, table, used, root, None) {
                    return Progress::Linearizable(Vec::new());
                }
                continue;
            };
            if self.branches.len() == frame.branches {
                self.stack.pop();
                continue;
            }
            let branch = self.branches.pop().expect("the frame has branches left");
            self.cursor.rewind(piece, frame.at);
            let here = self.cursor.take(table, used, &frame.here, branch);
            *quota = quota.saturating_sub(1 + self.visited.toll() + table.toll());
            if self.arrive(piece, table, used, here, Some(branch)) {
                let taken = self.stack.iter().filter_map(|frame| frame.by);
                return Progress::Linearizable(taken.chain([branch]).collect());
            }
        }
        Progress::Open
    }

    /// Goes on from `here` to the next event that cannot be passed. `true` if there is none.
    fn arrive<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
        used: &UsedTable,
        mut here: Configuration<W>,
        by: Option<Branch>,
    ) -> bool {
        if self.cursor.advance(piece, table, &mut here) {
            return true;
        }
        let at = self.cursor.at;
        self.deepest = self.deepest.max(at);
        let event = u32::try_from(at).expect("fewer than 2^32 events");
        if self.visited.admit(event, &here, used) {
            let Step::Close { slot, .. } = piece.script.steps[at] else {
                unreachable!("only the end of an operation stops a search")
            };
            let branches = self.branches.len();
            self.cursor.branches(piece, table, used, &here, slot, &mut self.branches);
            self.stack.push(Frame { at, here, by, branches });
        }
        false
    }

    pub(super) fn bytes(&self) -> usize {
        self.visited.bytes()
            + grown(self.stack.len(), self.stack.capacity()) * size_of::<Frame<W>>()
            + grown(self.branches.len(), self.branches.capacity()) * size_of::<Branch>()
    }
}

/// Follows `taken` again, and says which calls took effect in which order.
pub(super) fn replay<T: Steps, const W: usize>(
    piece: &Piece<'_>,
    table: &mut T,
    mut cursor: Cursor<W>,
    taken: &[Branch],
) -> Vec<u32> {
    let mut order = Vec::new();
    let mut in_slot = vec![0u32; piece.script.slots];
    let mut lost: Vec<Vec<u32>> = vec![Vec::new(); piece.script.classes.len()];
    let mut uses = vec![0usize; piece.script.classes.len()];
    let mut it = Configuration::<W>::at_rest(piece.start);
    let mut taken = taken.iter();
    while let Some(step) = piece.step(cursor.at) {
        let call = piece.script.calls[cursor.at];
        match step {
            Step::Open { slot, action, pure, .. } => {
                in_slot[usize::from(slot)] = call;
                if pure && table.allows(it.state, action) {
                    it.seen = it.seen.with(slot);
                    order.push(call);
                }
            }
            Step::Lose { class } => lost[class as usize].push(call),
            Step::Close { slot, pure, .. } => {
                while !(if pure { it.seen.has(slot) } else { it.done.has(slot) }) {
                    let branch = taken.next().expect("these branches led to the end");
                    it.state = branch.state;
                    match branch.choice {
                        Choice::Slot(slot) => {
                            it.done = it.done.with(slot);
                            order.push(in_slot[usize::from(slot)]);
                        }
                        Choice::Class(class) => {
                            order.push(lost[class as usize][uses[class as usize]]);
                            uses[class as usize] += 1;
                        }
                    }
                    let before = it.seen;
                    cursor.settle(table, &mut it);
                    order.extend(it.seen.beyond(before).map(|slot| in_slot[usize::from(slot)]));
                }
                (it.done, it.seen) = (it.done.without(slot), it.seen.without(slot));
            }
        }
        cursor.forward(step);
    }
    order
}
