//! The smallest `k`, key by key.

use std::cell::OnceCell;

use super::behind::{Behind, behind};
use super::orders;
use super::search::{KAnswer, search};
use super::values::{RegisterValues, one_register, registers};
use crate::halved::{Halved, halved};
use crate::weak::SessionView;
use crate::{Budget, History};

/// What is known of the smallest `k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KBounds {
    /// It is no less than this.
    pub least: u64,
    /// And no more than this.
    pub most: u64,
}

/// What searching for the smallest `k` of each register came to.
#[derive(Clone, Debug)]
pub(crate) struct SmallestKs {
    /// For each register; none if a read of it ended before the write of its value began.
    bounds: Vec<Option<KBounds>>,
    /// Configurations that it took.
    spent: u64,
}

impl SmallestKs {
    fn search(registers: &[RegisterValues], behind: &[Vec<Behind>], budget: &Budget) -> Self {
        let mut left = budget.configurations;
        let bound = |(register, behind): (&RegisterValues, &Vec<Behind>)| {
            if register.future_read().is_some() {
                return None;
            }
            let versions = behind.iter().map(|it| it.versions).max().unwrap_or(0);
            let mut bounds =
                KBounds { least: u64::from(versions) + 1, most: orders::most(register) };
            while bounds.least < bounds.most && left > 0 {
                match search(register, bounds.least, &mut left, budget) {
                    KAnswer::Order => bounds.most = bounds.least,
                    KAnswer::NoOrder => bounds.least += 1,
                    KAnswer::Spent => break,
                }
            }
            Some(bounds)
        };
        let bounds = registers.iter().zip(behind).map(bound).collect();
        Self { bounds, spent: budget.configurations - left }
    }
}

/// A history of registers, and how far its reads are behind.
#[derive(Debug)]
pub struct Versioned<'a> {
    pub(super) history: &'a History,
    pub(super) view: &'a SessionView,
    pub(super) registers: Vec<RegisterValues>,
    pub(super) behind: Vec<Vec<Behind>>,
    smallest: SmallestKs,
    budget: Budget,
}

impl<'a> Versioned<'a> {
    /// Judges `history`, of which `view` is what its sessions did. A configuration of the budget is an
    /// operation that a search takes, or sixteen that it looks at.
    pub fn new(history: &'a History, view: &'a SessionView, budget: &Budget) -> Self {
        Self::knowing(history, view, budget, &OnceCell::new())
    }

    /// Judges it with what is known from judging it before, if it was.
    pub(crate) fn knowing(
        history: &'a History,
        view: &'a SessionView,
        budget: &Budget,
        known: &OnceCell<SmallestKs>,
    ) -> Self {
        let registers = registers(history, view);
        let behind: Vec<Vec<Behind>> = registers.iter().map(behind).collect();
        let smallest = known.get_or_init(|| SmallestKs::search(&registers, &behind, budget));
        let (smallest, budget) = (smallest.clone(), budget.clone());
        Self { history, view, registers, behind, smallest, budget }
    }

    /// The smallest `k` for which all registers are `k`-atomic; none if there is none, because a read
    /// ended before the write of its value began.
    pub fn bounds(&self) -> Option<KBounds> {
        let mut all = KBounds { least: 1, most: 1 };
        for bounds in &self.smallest.bounds {
            let KBounds { least, most } = (*bounds)?;
            (all.least, all.most) = (all.least.max(least), all.most.max(most));
        }
        Some(all)
    }

    /// Operations of one key that are not `k`-atomic by themselves, by their numbers in the view; none if
    /// it is not known that there are any. None of them can be left out, a write together with the reads
    /// of it, unless they are too many to try.
    pub(crate) fn breach(&self, k: u64) -> Option<Vec<u32>> {
        let bounds = &self.smallest.bounds;
        let key = bounds.iter().position(|it| it.is_none_or(|bounds| bounds.least > k))?;
        let register = &self.registers[key];
        let ops = register
            .future_read()
            .map(|read| register.values[read.value].write.into_iter().chain([read.op]).collect());
        let ops = ops.or_else(|| self.stale_read(key, k)).unwrap_or_else(|| register.ops());
        Some(self.least(ops, k))
    }

    /// A read that is `k` versions behind, with what shows that.
    fn stale_read(&self, key: usize, k: u64) -> Option<Vec<u32>> {
        let register = &self.registers[key];
        let mut reads = register.reads.iter().zip(&self.behind[key]);
        let (read, _) = reads.find(|(_, behind)| u64::from(behind.versions) >= k)?;
        let old = register.values[read.value];
        let newer =
            register.values.iter().filter(|it| it.begun > old.known && it.known < read.begun);
        let newer = newer.take(usize::try_from(k).unwrap_or(usize::MAX));
        let shown = newer.chain([&old]).flat_map(|value| [value.write, value.known_by]);
        let mut ops: Vec<u32> = shown.flatten().chain([read.op]).collect();
        ops.sort_unstable();
        ops.dedup();
        Some(ops)
    }

    /// The least part of `ops`, which are on one key, that is not `k`-atomic.
    fn least(&self, mut ops: Vec<u32>, k: u64) -> Vec<u32> {
        ops.sort_unstable();
        let attempt_max = self.smallest.spent.saturating_mul(2).max(ATTEMPT_MAX);
        let mut left = attempt_max.max(ATTEMPTS_MAX);
        halved(ops, LEAST_MAX, |ops, gone| {
            if left == 0 || self.budget.is_stopped() {
                return Halved::Spent;
            }
            let rest = self.view.sessions.without(ops, gone);
            let before = attempt_max.min(left);
            let mut attempt = before;
            let is_broken = self.is_broken(&rest, k, &mut attempt);
            left = left.saturating_sub(before - attempt + rest.len() as u64 / 16 + 1);
            if is_broken { Halved::Enough(rest) } else { Halved::Needed }
        })
    }

    /// Whether `ops`, which are on one key, are known not to be `k`-atomic.
    fn is_broken(&self, ops: &[u32], k: u64, left: &mut u64) -> bool {
        let register = one_register(self.history, &self.only(ops));
        register.future_read().is_some()
            || search(&register, k, left, &self.budget) == KAnswer::NoOrder
    }

    /// The view of `ops` alone.
    pub(super) fn only(&self, ops: &[u32]) -> SessionView {
        let sessions = self.view.sessions.only(ops);
        SessionView { sessions, ops: ops.iter().map(|&op| self.view.ops[op as usize]).collect() }
    }
}

/// A part of more operations than this is not made smaller one by one.
const LEAST_MAX: usize = 2_000;

/// Configurations that each attempt to leave something out may take, and all together. What took more
/// to decide may take twice that again.
const ATTEMPT_MAX: u64 = 200_000;
const ATTEMPTS_MAX: u64 = 2_000_000;
