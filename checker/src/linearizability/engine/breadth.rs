//! Breadth first: good at showing that there is no order.

use super::Progress;
use super::cursor::{Branch, Cursor};
use super::mask::Mask;
use super::script::{Script, Step};
use super::table::Table;
use super::used::{Antichain, Configuration, UsedTable};
use crate::Model;

/// A search that keeps every configuration possible after each event, and none that is worth less
/// than another.
pub(super) struct Breadth<const W: usize> {
    cursor: Cursor<W>,
    /// What is possible before the event the cursor is at.
    frontier: Vec<Configuration<W>>,
    /// While an event is being passed: what is left to expand, what was reached before it, and
    /// what was reached after it.
    work: Option<Vec<Configuration<W>>>,
    before: Antichain<W>,
    after: Antichain<W>,
    reached: Vec<Configuration<W>>,
    branches: Vec<Branch>,
}

impl<const W: usize> Breadth<W> {
    pub(super) fn new<M: Model>(cursor: Cursor<W>) -> Self {
        let start = Configuration {
            done: Mask::EMPTY,
            seen: Mask::EMPTY,
            state: Table::<M>::INIT,
            used: UsedTable::NONE,
        };
        Self {
            cursor,
            frontier: vec![start],
            work: None,
            before: Antichain::new(),
            after: Antichain::new(),
            reached: Vec::new(),
            branches: Vec::new(),
        }
    }

    /// The event that has not been passed.
    pub(super) fn at(&self) -> usize {
        self.cursor.at
    }

    /// Visits up to `quota` configurations.
    pub(super) fn run<M: Model>(
        &mut self,
        script: &Script,
        table: &mut Table<'_, M>,
        used: &mut UsedTable,
        quota: &mut u64,
    ) -> Progress<()> {
        while *quota > 0 {
            let Some(&step) = script.steps.get(self.cursor.at) else {
                return Progress::Linearizable(());
            };
            match step {
                Step::Open { slot, action, pure: true, .. } => {
                    for it in &mut self.frontier {
                        if table.allows(it.state, action) {
                            it.seen = it.seen.with(slot);
                        }
                    }
                }
                Step::Open { .. } | Step::Lose { .. } => {}
                Step::Close { slot, pure, .. } => {
                    let has = |it: &Configuration<W>| {
                        if pure { it.seen.has(slot) } else { it.done.has(slot) }
                    };
                    if !self.pass(script, table, used, slot, has, quota) {
                        return Progress::Open;
                    }
                    if self.frontier.is_empty() {
                        return Progress::Violation { at: self.cursor.at };
                    }
                }
            }
            self.cursor.forward(step);
        }
        Progress::Open
    }

    /// Passes the end of the operation in `slot`. `false` if the quota was spent on the way.
    fn pass<M: Model>(
        &mut self,
        script: &Script,
        table: &mut Table<'_, M>,
        used: &mut UsedTable,
        slot: u16,
        has: impl Fn(&Configuration<W>) -> bool,
        quota: &mut u64,
    ) -> bool {
        let passed = |it: &Configuration<W>| Configuration {
            done: it.done.without(slot),
            seen: it.seen.without(slot),
            ..*it
        };
        let mut work = self.work.take().unwrap_or_else(|| {
            *quota = quota.saturating_sub(self.frontier.len() as u64 / 4);
            let mut work = Vec::new();
            for it in self.frontier.drain(..) {
                if !has(&it) {
                    work.push(it);
                } else if self.after.admit(0, &passed(&it), used) {
                    self.reached.push(passed(&it));
                }
            }
            work
        });
        while let Some(from) = work.pop() {
            if *quota == 0 {
                work.push(from);
                self.work = Some(work);
                return false;
            }
            *quota -= 1;
            self.branches.clear();
            self.cursor.branches(script, table, used, &from, slot, &mut self.branches);
            for &branch in &self.branches {
                let it = self.cursor.take(table, used, &from, branch);
                if has(&it) {
                    if self.after.admit(0, &passed(&it), used) {
                        self.reached.push(passed(&it));
                    }
                } else if self.before.admit(0, &it, used) {
                    work.push(it);
                }
            }
        }
        if self.reached.len() > 1 {
            self.reached.retain(|it| self.after.is_best(0, it, used));
        }
        std::mem::swap(&mut self.frontier, &mut self.reached);
        self.before.clear();
        self.after.clear();
        true
    }

    pub(super) fn bytes(&self) -> usize {
        let configurations = self.frontier.capacity()
            + self.reached.capacity()
            + self.work.as_ref().map_or(0, Vec::capacity);
        configurations * size_of::<Configuration<W>>() + self.before.bytes() + self.after.bytes()
    }
}
