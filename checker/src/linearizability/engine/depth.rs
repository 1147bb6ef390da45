//! Depth first: good at finding an order where there is one.

use super::Progress;
use super::cursor::{Branch, Choice, Cursor};
use super::mask::Mask;
use super::script::{Script, Step};
use super::table::Table;
use super::used::{Antichain, Configuration, UsedTable};
use crate::Model;

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
    started: bool,
}

impl<const W: usize> Depth<W> {
    pub(super) fn new(cursor: Cursor<W>) -> Self {
        Self {
            cursor,
            stack: Vec::new(),
            branches: Vec::new(),
            visited: Antichain::new(),
            deepest: 0,
            started: false,
        }
    }

    /// Visits up to `quota` configurations.
    pub(super) fn run<M: Model>(
        &mut self,
        script: &Script,
        table: &mut Table<'_, M>,
        used: &mut UsedTable,
        quota: &mut u64,
    ) -> Progress<Vec<Branch>> {
        if !self.started {
            self.started = true;
            let here = Configuration {
                done: Mask::EMPTY,
                seen: Mask::EMPTY,
                state: Table::<M>::INIT,
                used: UsedTable::NONE,
            };
            if self.arrive(script, table, used, here, None) {
                return Progress::Linearizable(Vec::new());
            }
        }
        while *quota > 0 {
            let Some(frame) = self.stack.last() else {
                return Progress::Violation { at: self.deepest };
            };
            if self.branches.len() == frame.branches {
                self.stack.pop();
                continue;
            }
            let branch = self.branches.pop().expect("the frame has branches left");
            self.cursor.rewind(script, frame.at);
            let here = self.cursor.take(table, used, &frame.here, branch);
            *quota -= 1;
            if self.arrive(script, table, used, here, Some(branch)) {
                let taken = self.stack.iter().filter_map(|frame| frame.by);
                return Progress::Linearizable(taken.chain([branch]).collect());
            }
        }
        Progress::Open
    }

    /// Goes on from `here` to the next event that cannot be passed. `true` if there is none.
    fn arrive<M: Model>(
        &mut self,
        script: &Script,
        table: &mut Table<'_, M>,
        used: &UsedTable,
        mut here: Configuration<W>,
        by: Option<Branch>,
    ) -> bool {
        if self.cursor.advance(script, table, &mut here) {
            return true;
        }
        let at = self.cursor.at;
        self.deepest = self.deepest.max(at);
        let event = u32::try_from(at).expect("fewer than 2^32 events");
        if self.visited.admit(event, &here, used) {
            let Step::Close { slot, .. } = script.steps[at] else {
                unreachable!("only the end of an operation stops a search")
            };
            let branches = self.branches.len();
            self.cursor.branches(script, table, used, &here, slot, &mut self.branches);
            self.stack.push(Frame { at, here, by, branches });
        }
        false
    }

    pub(super) fn bytes(&self) -> usize {
        self.visited.bytes()
            + self.stack.capacity() * size_of::<Frame<W>>()
            + self.branches.capacity() * size_of::<Branch>()
    }
}

/// Follows `taken` again, and says which calls took effect in which order.
pub(super) fn replay<M: Model, const W: usize>(
    script: &Script,
    table: &mut Table<'_, M>,
    mut cursor: Cursor<W>,
    taken: &[Branch],
) -> Vec<u32> {
    let mut order = Vec::new();
    let mut in_slot = vec![0u32; script.slots];
    let mut lost: Vec<Vec<u32>> = vec![Vec::new(); script.classes.len()];
    let mut uses = vec![0usize; script.classes.len()];
    let mut it = Configuration {
        done: Mask::<W>::EMPTY,
        seen: Mask::EMPTY,
        state: Table::<M>::INIT,
        used: UsedTable::NONE,
    };
    let mut taken = taken.iter();
    while let Some(&step) = script.steps.get(cursor.at) {
        let call = script.calls[cursor.at];
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
