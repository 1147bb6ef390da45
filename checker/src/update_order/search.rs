//! Orders, by trying them out.
//!
//! What only looks takes its place as soon as it may, which never does harm. So only the order of
//! updates is tried out, depth first, and no configuration twice: which updates and reads have
//! their places, and the value left. Of what may come next, the update that ends first is tried
//! first.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Rule;
use super::steps::{NEVER, NIL, UpdateDeed, UpdateStep};
use crate::Budget;
use crate::plant::{Bug, planted};

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SearchFound {
    pub(super) answer: OrderAnswer,
    /// Configurations visited.
    pub(super) configurations: u64,
    /// Bytes held for them, by count.
    pub(super) bytes: u64,
}

/// Whether there is an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OrderAnswer {
    Ordered,
    Never,
    Spent,
    Stopped,
}

/// Looks for an order of `steps`, which are in the order of their invocations.
pub(super) fn search(steps: &[UpdateStep], rule: Rule, budget: &Budget) -> SearchFound {
    let mut search = OrderSearch::new(steps, rule);
    let answer = search.run(budget);
    SearchFound { answer, configurations: search.visited.len() as u64, bytes: search.bytes }
}

/// A configuration: the last value given, how many steps in a row from the first have been looked
/// at, and which of these have no place.
type Placement = (u32, Box<[u32]>);

/// A place in the order from which several updates may come next.
struct OrderChoice {
    candidates: Vec<usize>,
    next: usize,
    /// What took its place on the way here.
    placed: Vec<usize>,
    /// The value before that.
    value: u32,
}

struct OrderSearch<'a> {
    rule: Rule,
    steps: Vec<&'a UpdateStep>,
    is_placed: Vec<bool>,
    value: u32,
    /// The completed steps that have no place, by their ends.
    reads: BTreeSet<(u32, usize)>,
    updates: BTreeSet<(u32, usize)>,
    /// All steps that have no place.
    open: BTreeSet<usize>,
    /// One more than the last step that has one.
    reached: Vec<usize>,
    reads_of: FxHashMap<u32, Vec<usize>>,
    misses: Vec<usize>,
    /// Values that something read or swapped away.
    wanted: FxHashSet<u32>,
    visited: FxHashSet<Placement>,
    bytes: u64,
}

impl<'a> OrderSearch<'a> {
    fn new(steps: &'a [UpdateStep], rule: Rule) -> Self {
        let mut givers: FxHashMap<u32, u32> = FxHashMap::default();
        for step in steps {
            if let Some(value) = step.deed.gives() {
                givers.entry(value).or_insert(step.invoked);
            }
        }
        // A read that may lag has its place near what it reads.
        let near = |step: &&UpdateStep| match step.deed {
            UpdateDeed::Read(value) if !rule.is_fresh() => {
                givers.get(&value).copied().unwrap_or(0).min(step.invoked)
            }
            _ => step.invoked,
        };
        let mut steps: Vec<&UpdateStep> = steps.iter().collect();
        steps.sort_by_key(near);
        let mut search = Self {
            rule,
            is_placed: vec![false; steps.len()],
            value: NIL,
            reads: BTreeSet::new(),
            updates: BTreeSet::new(),
            open: (0..steps.len()).collect(),
            reached: Vec::new(),
            reads_of: FxHashMap::default(),
            misses: Vec::new(),
            wanted: FxHashSet::default(),
            visited: FxHashSet::default(),
            bytes: 0,
            steps,
        };
        for (at, step) in search.steps.iter().enumerate() {
            match step.deed {
                UpdateDeed::Read(value) => {
                    search.reads_of.entry(value).or_default().push(at);
                    search.wanted.insert(value);
                }
                UpdateDeed::Miss { .. } => search.misses.push(at),
                UpdateDeed::Swap { old, .. } => {
                    search.wanted.insert(old);
                }
                UpdateDeed::Write(_) => {}
            }
            if !step.is_lost() {
                let ends =
                    if step.deed.is_read() { &mut search.reads } else { &mut search.updates };
                ends.insert((step.completed, at));
            }
        }
        search
    }

    fn run(&mut self, budget: &Budget) -> OrderAnswer {
        let mut placed = Vec::new();
        self.look(&mut placed);
        if self.is_done() {
            return OrderAnswer::Ordered;
        }
        let mut stack =
            vec![OrderChoice { candidates: self.candidates(), next: 0, placed, value: NIL }];
        while let Some(frame) = stack.last_mut() {
            let Some(&update) = frame.candidates.get(frame.next) else {
                let frame = stack.pop().expect("there is one");
                self.take_back(&frame.placed, frame.value);
                continue;
            };
            frame.next += 1;
            let (before, mut placed) = (self.value, vec![update]);
            self.place(update);
            self.value = self.steps[update].deed.gives().expect("updates that give are tried");
            self.look(&mut placed);
            if self.is_done() {
                return OrderAnswer::Ordered;
            }
            if !self.visit() {
                self.take_back(&placed, before);
                continue;
            }
            let is_spent = self.visited.len() as u64 >= budget.configurations;
            if is_spent || self.bytes > budget.bytes {
                return OrderAnswer::Spent;
            }
            if self.visited.len().is_multiple_of(1024) && budget.is_stopped() {
                return OrderAnswer::Stopped;
            }
            stack.push(OrderChoice {
                candidates: self.candidates(),
                next: 0,
                placed,
                value: before,
            });
        }
        OrderAnswer::Never
    }

    fn is_done(&self) -> bool {
        self.reads.is_empty() && self.updates.is_empty()
    }

    /// Notes where the search is; `false` if it was there before.
    fn visit(&mut self) -> bool {
        let reached = self.reached.last().map_or(0, |&last| last + 1);
        let number = |at: &usize| u32::try_from(*at).expect("fewer than events");
        let open = self.open.range(..reached).map(number);
        let open: Box<[u32]> = open.chain([number(&reached)]).collect();
        let bytes = 4 * open.len() as u64 + 48;
        let is_new = self.visited.insert((self.value, open));
        self.bytes += if is_new { bytes } else { 0 };
        is_new
    }

    fn place(&mut self, at: usize) {
        self.is_placed[at] = true;
        self.open.remove(&at);
        self.reached.push(self.reached.last().map_or(at, |&last| last.max(at)));
        let step = self.steps[at];
        let ends = if step.deed.is_read() { &mut self.reads } else { &mut self.updates };
        ends.remove(&(step.completed, at));
    }

    fn take_back(&mut self, placed: &[usize], value: u32) {
        for &at in placed {
            self.is_placed[at] = false;
            self.open.insert(at);
            self.reached.pop();
            let step = self.steps[at];
            if !step.is_lost() {
                let ends = if step.deed.is_read() { &mut self.reads } else { &mut self.updates };
                ends.insert((step.completed, at));
            }
        }
        self.value = value;
    }

    /// Whether nothing that has no place must come before this step.
    fn is_free(&self, at: usize) -> bool {
        let begun = self.steps[at].invoked;
        let free = |ends: &BTreeSet<(u32, usize)>| ends.first().is_none_or(|&(end, _)| end > begun);
        match (self.steps[at].deed, self.rule) {
            (UpdateDeed::Read(_), Rule::Prefix) => true,
            (UpdateDeed::Read(_), Rule::Regular | Rule::Safe) if planted(Bug::OrderReadsInTurn) => {
                free(&self.updates) && free(&self.reads)
            }
            (UpdateDeed::Read(_), Rule::Regular | Rule::Safe) => free(&self.updates),
            _ => free(&self.updates) && free(&self.reads),
        }
    }

    /// Gives a place to all that only looks and finds now what it says.
    fn look(&mut self, placed: &mut Vec<usize>) {
        loop {
            let before = placed.len();
            let reads = self.reads_of.get(&self.value).cloned().unwrap_or_default();
            for at in reads {
                if !self.is_placed[at] && self.is_free(at) {
                    self.place(at);
                    placed.push(at);
                }
            }
            for at in self.misses.clone() {
                let UpdateDeed::Miss { old } = self.steps[at].deed else {
                    unreachable!("these miss")
                };
                let misses = old != self.value || planted(Bug::OrderForgetMisses);
                if !self.is_placed[at] && misses && self.is_free(at) {
                    self.place(at);
                    placed.push(at);
                }
            }
            if placed.len() == before {
                return;
            }
        }
    }

    /// The updates that may come next, the most pressing first.
    fn candidates(&self) -> Vec<usize> {
        let ends = [&self.updates, &self.reads];
        let end = ends.iter().filter_map(|ends| ends.first()).map(|&(end, _)| end).min();
        let end = end.unwrap_or(NEVER);
        let has_misses = self.updates.iter().any(|&(_, at)| self.steps[at].deed.gives().is_none());
        let may = |at: &usize| {
            let step = self.steps[*at];
            let Some(value) = step.deed.gives() else { return false };
            let swaps = match step.deed {
                UpdateDeed::Swap { old, .. } => old == self.value,
                _ => true,
            };
            let is_of_use = has_misses || !step.is_lost() || self.wanted.contains(&value);
            let is_of_use = is_of_use && !(step.is_lost() && planted(Bug::OrderForgetLost));
            step.invoked < end && swaps && is_of_use
        };
        let mut candidates: Vec<usize> = Vec::new();
        for &at in &self.open {
            // Reads that may lag stand further ahead than they begin.
            if self.steps[at].invoked > end && !self.steps[at].deed.is_read() {
                break;
            }
            candidates.extend(Some(at).filter(may));
        }
        candidates.sort_by_key(|&at| self.steps[at].completed);
        candidates
    }
}
