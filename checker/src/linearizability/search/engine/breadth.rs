//! Breadth first: good at showing that there is no order.

use super::Orders;
use super::branch::Branch;
use super::cursor::Cursor;
use super::pieces::Piece;
use super::progress::Progress;
use super::script::Step;
use super::table::Steps;
use super::trail::Trail;
use super::used::{Antichain, Configuration, UsedTable};
use crate::plant::{Bug, planted};

/// A search that keeps every configuration possible after each event, and none that is worth less
/// than another.
pub(super) struct Breadth<const W: usize> {
    cursor: Cursor<W>,
    /// What is possible before the event the cursor is at.
    frontier: Vec<Configuration<W>>,
    /// The last place at which little was possible, and what.
    rest: (usize, Vec<Configuration<W>>),
    /// While an event is being passed: what is left to expand, what was reached before it, and
    /// what was reached after it.
    work: Option<Vec<Configuration<W>>>,
    before: Antichain<W>,
    after: Antichain<W>,
    reached: Vec<Configuration<W>>,
    branches: Vec<Branch>,
    /// The most configurations to keep after an event, and to expand on the way to the next.
    width: usize,
    expanded: usize,
    /// Whether some were let go.
    is_cut: bool,
    /// How the configurations were reached, if that is to be told.
    trail: Option<Trail>,
}

/// Configurations that are expanded for each one that is kept.
const EXPANDED_PER_KEPT: usize = 64;

/// The most configurations worth going on from depth first.
const REST_MAX: usize = 16;

impl<const W: usize> Breadth<W> {
    pub(super) fn new(piece: &Piece<'_>, cursor: Cursor<W>) -> Self {
        Self {
            cursor,
            frontier: vec![Configuration::at_rest(piece.start)],
            rest: (piece.from, Vec::new()),
            work: None,
            before: Antichain::new(),
            after: Antichain::new(),
            reached: Vec::new(),
            branches: Vec::new(),
            width: usize::MAX,
            expanded: 0,
            is_cut: false,
            trail: None,
        }
    }

    /// One that keeps `width` configurations at most, those that used the fewest lost operations.
    pub(super) fn narrow(
        piece: &Piece<'_>,
        cursor: Cursor<W>,
        width: usize,
        orders: Orders,
    ) -> Self {
        let trail = (orders == Orders::Told).then(Trail::new);
        Self { width, trail, ..Self::new(piece, cursor) }
    }

    /// The branches of an order found, if they are to be told.
    pub(super) fn taken(&self) -> Option<Vec<Branch>> {
        let found = self.frontier.first().expect("an order leads to some configuration");
        self.trail.as_ref().map(|trail| trail.to(found.trail))
    }

    /// Begins again, eight times as wide.
    fn widen(&mut self, piece: &Piece<'_>) {
        self.cursor.rewind(piece, piece.from);
        self.frontier = vec![Configuration::at_rest(piece.start)];
        (self.width, self.is_cut) = (self.width.saturating_mul(8), false);
        self.trail.iter_mut().for_each(Trail::clear);
    }

    /// The last place at which little was possible, and all that was.
    pub(super) fn rest(&self) -> (usize, &[Configuration<W>]) {
        (self.rest.0, &self.rest.1)
    }

    /// The event that has not been passed.
    pub(super) fn at(&self) -> usize {
        self.cursor.at
    }

    /// Visits up to `quota` configurations.
    pub(super) fn run<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
        used: &mut UsedTable,
        quota: &mut u64,
    ) -> Progress<()> {
        while *quota > 0 && !table.is_full() {
            if self.work.is_none() && self.frontier.len() <= REST_MAX {
                self.rest.0 = self.cursor.at;
                self.rest.1.clone_from(&self.frontier);
            }
            let Some(step) = piece.step(self.cursor.at) else {
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
                    if !self.pass(piece, table, used, slot, has, quota) {
                        return Progress::Open;
                    }
                    let is_cut = self.is_cut && !planted(Bug::NarrowForgetCuts);
                    if self.frontier.is_empty() && is_cut {
                        self.widen(piece);
                        continue;
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
    fn pass<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
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
            self.expanded += 1;
            if self.expanded / EXPANDED_PER_KEPT > self.width {
                self.is_cut = true;
                break;
            }
            if *quota == 0 || table.is_full() {
                work.push(from);
                self.work = Some(work);
                return false;
            }
            let toll = self.before.toll() + self.after.toll() + table.toll();
            *quota = quota.saturating_sub(1 + toll);
            self.branches.clear();
            self.cursor.branches(piece, table, used, &from, slot, &mut self.branches);
            for &branch in &self.branches {
                let mut it = self.cursor.take(table, used, &from, branch);
                let is_past = has(&it);
                if is_past {
                    it = passed(&it);
                }
                let admitted = if is_past { &mut self.after } else { &mut self.before };
                if !admitted.admit(0, &it, used) {
                    continue;
                }
                if let Some(trail) = &mut self.trail {
                    it.trail = trail.after(from.trail, branch);
                }
                if is_past { self.reached.push(it) } else { work.push(it) }
            }
        }
        if self.reached.len() > 1 {
            self.reached.retain(|it| self.after.is_best(0, it, used));
        }
        if self.reached.len() > self.width {
            self.is_cut = true;
            self.reached.sort_by_key(|it| used.total(it.used));
            self.reached.truncate(self.width);
        }
        self.expanded = 0;
        std::mem::swap(&mut self.frontier, &mut self.reached);
        self.reached.clear();
        self.before.clear();
        self.after.clear();
        true
    }

    pub(super) fn bytes(&self) -> usize {
        let configurations = self.frontier.capacity()
            + self.reached.capacity()
            + self.work.as_ref().map_or(0, Vec::capacity);
        let trail = self.trail.as_ref().map_or(0, Trail::bytes);
        let antichains = self.before.bytes() + self.after.bytes();
        configurations * size_of::<Configuration<W>>() + antichains + trail
    }
}
