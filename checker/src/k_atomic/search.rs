//! A search for an order along which each read returns one of the last `k` writes.

use std::collections::HashSet;

use super::values::RegisterValues;
use crate::Budget;
use crate::plant::{Bug, planted};

/// What a search comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KAnswer {
    Order,
    NoOrder,
    Spent,
}

/// An operation: the write of a value, or a read of it.
#[derive(Clone, Copy)]
struct KStep {
    value: usize,
    is_write: bool,
    begun: u32,
    ended: u32,
}

/// A choice between writes: how many steps were taken before, and what is not tried, the best last.
struct Fork {
    taken: usize,
    untried: Vec<usize>,
}

struct KSearch<'a> {
    register: &'a RegisterValues,
    k: usize,
    /// By where they begin.
    steps: Vec<KStep>,
    /// Places in that, by where they end.
    by_end: Vec<usize>,
    place_by_end: Vec<usize>,
    is_taken: Vec<bool>,
    /// All before these, in either order, are taken.
    first_left: usize,
    first_end_left: usize,
    taken: Vec<usize>,
    /// The writes taken, in order.
    writes: Vec<usize>,
    /// How many reads of each value are left, and where each stands among the writes taken.
    pending: Vec<u32>,
    slot: Vec<usize>,
    /// Operations looked at that are not counted yet.
    looks: u64,
}

/// Whether `register` is `k`-atomic. It takes at most `left` configurations, and all of them if it comes to
/// no answer; and of `budget` the bytes and the way to stop.
pub(super) fn search(
    register: &RegisterValues,
    k: u64,
    left: &mut u64,
    budget: &Budget,
) -> KAnswer {
    let search = KSearch::new(register, usize::try_from(k).unwrap_or(usize::MAX));
    let answer = search.run(left, budget);
    if answer == KAnswer::Spent {
        *left = 0;
    }
    answer
}

/// Operations that are looked at for one configuration of the budget.
const LOOKS_A_STEP: u64 = 16;

impl<'a> KSearch<'a> {
    fn new(register: &'a RegisterValues, k: usize) -> Self {
        let writes = register.values.iter().enumerate().map(|(value, it)| KStep {
            value,
            is_write: true,
            begun: it.begun,
            ended: it.ended,
        });
        let reads = register.reads.iter().map(|it| KStep {
            value: it.value,
            is_write: false,
            begun: it.begun,
            ended: it.ended,
        });
        let mut steps: Vec<KStep> = writes.chain(reads).collect();
        steps.sort_by_key(|it| it.begun);
        let mut by_end: Vec<usize> = (0..steps.len()).collect();
        by_end.sort_by_key(|&at| steps[at].ended);
        let mut place_by_end = vec![0; steps.len()];
        by_end.iter().enumerate().for_each(|(place, &at)| place_by_end[at] = place);
        let mut pending = vec![0; register.values.len()];
        for read in &register.reads {
            pending[read.value] += 1;
        }
        Self {
            register,
            k,
            is_taken: vec![false; steps.len()],
            steps,
            by_end,
            place_by_end,
            first_left: 0,
            first_end_left: 0,
            taken: Vec::new(),
            writes: Vec::new(),
            slot: vec![usize::MAX; pending.len()],
            pending,
            looks: 0,
        }
    }

    fn run(mut self, left: &mut u64, budget: &Budget) -> KAnswer {
        let mut forks: Vec<Fork> = Vec::new();
        let mut tried: HashSet<Box<[u32]>> = HashSet::new();
        let mut held = 0;
        loop {
            let before = self.taken.len();
            let open = self.settle();
            if self.taken.len() == self.steps.len() {
                return KAnswer::Order;
            }
            let cost = (self.taken.len() - before + open.len() + 1) as u64;
            let cost = cost + std::mem::take(&mut self.looks) / LOOKS_A_STEP;
            let rest = left.checked_sub(cost).filter(|_| !budget.is_stopped());
            let Some(rest) = rest else { return KAnswer::Spent };
            *left = rest;
            let mut untried: Vec<usize> = if self.may_write() { open } else { Vec::new() };
            if untried.len() > 1 {
                let state = self.state();
                self.looks += self.writes.len() as u64;
                held += state.len() as u64 * 4 + 64;
                if held > budget.bytes {
                    return KAnswer::Spent;
                }
                if !tried.insert(state) {
                    untried.clear();
                }
            }
            if untried.len() > 1 {
                let known = |&at: &usize| self.register.values[self.steps[at].value].known;
                untried.sort_by_key(|at| std::cmp::Reverse(known(at)));
                forks.push(Fork { taken: self.taken.len(), untried });
            } else if let Some(write) = untried.pop() {
                self.take(write);
                continue;
            }
            loop {
                let Some(fork) = forks.last_mut() else { return KAnswer::NoOrder };
                if let Some(write) = fork.untried.pop() {
                    let taken = fork.taken;
                    self.back(taken);
                    self.take(write);
                    break;
                }
                forks.pop();
            }
        }
    }

    /// Takes reads until there are only writes that could come next, and gives these.
    fn settle(&mut self) -> Vec<usize> {
        loop {
            while self.by_end.get(self.first_end_left).is_some_and(|&at| self.is_taken[at]) {
                self.first_end_left += 1;
            }
            while self.is_taken.get(self.first_left).is_some_and(|&taken| taken) {
                self.first_left += 1;
            }
            let Some(&first) = self.by_end.get(self.first_end_left) else { return Vec::new() };
            let first_end = self.steps[first].ended;
            let (mut reads, mut writes) = (Vec::new(), Vec::new());
            for at in self.first_left..self.steps.len() {
                let step = self.steps[at];
                self.looks += 1;
                if step.begun > first_end {
                    break;
                }
                if self.is_taken[at] {
                    continue;
                }
                if step.is_write {
                    writes.push(at);
                } else if self.slot[step.value] != usize::MAX {
                    reads.push(at);
                }
            }
            if reads.is_empty() {
                return writes;
            }
            for read in reads {
                self.take(read);
            }
        }
    }

    /// Whether another write may come next: what then is no longer one of the last `k` is not to be read.
    fn may_write(&self) -> bool {
        let k = if planted(Bug::KSearchOneMore) { self.k + 1 } else { self.k };
        let lost = self.writes.len().checked_sub(k);
        lost.is_none_or(|at| self.pending[self.writes[at]] == 0)
    }

    fn take(&mut self, at: usize) {
        let step = self.steps[at];
        self.is_taken[at] = true;
        self.taken.push(at);
        if step.is_write {
            self.slot[step.value] = self.writes.len();
            self.writes.push(step.value);
        } else {
            self.pending[step.value] -= 1;
        }
    }

    fn back(&mut self, taken: usize) {
        while self.taken.len() > taken {
            let at = self.taken.pop().expect("there are more");
            let step = self.steps[at];
            self.is_taken[at] = false;
            self.first_left = self.first_left.min(at);
            self.first_end_left = self.first_end_left.min(self.place_by_end[at]);
            if step.is_write {
                self.writes.pop();
                self.slot[step.value] = usize::MAX;
            } else {
                self.pending[step.value] += 1;
            }
        }
    }

    /// What the rest depends on: which writes are taken, and the last of them with reads left.
    fn state(&self) -> Box<[u32]> {
        let number = |at: usize| u32::try_from(at).expect("events have numbers of 32 bits");
        let mut state = vec![number(self.writes.len())];
        // All writes that begin before the first that is left are taken.
        let mut left = (0..).zip(&self.steps).skip(self.first_left);
        let begun = left.by_ref().map(|(at, _)| at).find(|&at| !self.is_taken[at]);
        let beyond = self.writes.iter().copied().filter(|&value| {
            begun.is_some_and(|at| self.register.values[value].begun > self.steps[at].begun)
        });
        let mut beyond: Vec<u32> = beyond.map(number).collect();
        beyond.sort_unstable();
        state.push(begun.map_or(u32::MAX, number));
        state.extend(beyond);
        state.push(u32::MAX);
        let from = self.writes.len().saturating_sub(self.k);
        let window = self.writes[from..].iter();
        state.extend(
            window.map(|&value| if self.pending[value] > 0 { number(value) } else { u32::MAX - 1 }),
        );
        state.into()
    }
}
