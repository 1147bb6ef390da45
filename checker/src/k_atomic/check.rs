//! The smallest `k`, key by key.

use super::behind::{Behind, behind};
use super::orders;
use super::search::{KAnswer, search};
use super::values::{RegisterValues, registers};
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

/// A history of registers, and how far its reads are behind.
#[derive(Debug)]
pub struct Versioned<'a> {
    pub(super) history: &'a History,
    pub(super) view: &'a SessionView,
    pub(super) registers: Vec<RegisterValues>,
    pub(super) behind: Vec<Vec<Behind>>,
    /// For each register; none if a read of it ended before the write of its value began.
    bounds: Vec<Option<KBounds>>,
}

impl<'a> Versioned<'a> {
    /// Judges `history`, of which `view` is what its sessions did. A configuration of the budget is an
    /// operation that a search takes.
    pub fn new(history: &'a History, view: &'a SessionView, budget: &Budget) -> Self {
        let registers = registers(history, view);
        let behind: Vec<Vec<Behind>> = registers.iter().map(behind).collect();
        let mut left = budget.configurations;
        let bound = |(register, behind): (&RegisterValues, &Vec<Behind>)| {
            if register.future_read().is_some() {
                return None;
            }
            let versions = behind.iter().map(|it| it.versions).max().unwrap_or(0);
            let mut bounds =
                KBounds { least: u64::from(versions) + 1, most: orders::most(register) };
            while bounds.least < bounds.most && !budget.is_stopped() {
                match search(register, bounds.least, &mut left, budget.bytes) {
                    KAnswer::Order => bounds.most = bounds.least,
                    KAnswer::NoOrder => bounds.least += 1,
                    KAnswer::Spent => break,
                }
            }
            Some(bounds)
        };
        let bounds = registers.iter().zip(&behind).map(bound).collect();
        Self { history, view, registers, behind, bounds }
    }

    /// The smallest `k` for which all registers are `k`-atomic; none if there is none, because a read
    /// ended before the write of its value began.
    pub fn bounds(&self) -> Option<KBounds> {
        let mut all = KBounds { least: 1, most: 1 };
        for bounds in &self.bounds {
            let KBounds { least, most } = (*bounds)?;
            (all.least, all.most) = (all.least.max(least), all.most.max(most));
        }
        Some(all)
    }

    /// Operations of one key that are not `k`-atomic by themselves, by their numbers in the view; none if
    /// it is not known that there are any. None of them can be left out, a write together with the reads
    /// of it, unless they are too many to try.
    pub(crate) fn breach(&self, k: u64) -> Option<Vec<u32>> {
        let key = self.bounds.iter().position(|it| it.is_none_or(|bounds| bounds.least > k))?;
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

    /// The least part of `ops` that is not `k`-atomic.
    fn least(&self, mut ops: Vec<u32>, k: u64) -> Vec<u32> {
        let mut left = LEAST_STEPS_MAX;
        ops.sort_unstable();
        let mut size = ops.len().div_ceil(2);
        while size > 0 {
            let mut end = ops.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let rest = self.without(&ops, start..end);
                end = start;
                if self.is_broken(&rest, k, &mut left) {
                    ops = rest;
                    end = end.min(ops.len());
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        ops
    }

    fn without(&self, ops: &[u32], gone: std::ops::Range<usize>) -> Vec<u32> {
        let is_gone = |op: u32| ops.binary_search(&op).is_ok_and(|at| gone.contains(&at));
        let stays = |op: &u32| {
            let write = self.view.sessions.write_read(*op);
            !is_gone(*op) && write.is_none_or(|write| !is_gone(write))
        };
        ops.iter().copied().filter(stays).collect()
    }

    /// Whether `ops` are known not to be `k`-atomic.
    fn is_broken(&self, ops: &[u32], k: u64, left: &mut u64) -> bool {
        let view = self.only(ops);
        registers(self.history, &view).iter().any(|register| {
            register.future_read().is_some()
                || search(register, k, left, LEAST_BYTES_MAX) == KAnswer::NoOrder
        })
    }

    /// The view of `ops` alone.
    pub(super) fn only(&self, ops: &[u32]) -> SessionView {
        let sessions = self.view.sessions.only(ops);
        SessionView { sessions, ops: ops.iter().map(|&op| self.view.ops[op as usize]).collect() }
    }
}

/// What making a part smaller may take.
const LEAST_STEPS_MAX: u64 = 2_000_000;
const LEAST_BYTES_MAX: u64 = 64 << 20;
