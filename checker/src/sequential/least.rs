//! The least part of what sessions did that has no order.

use super::decide::{Decided, decide};
use crate::Budget;
use crate::Consistency;
use crate::weak::{Breach, Sessions};

/// A part of more operations than this is not made smaller one by one.
const LEAST_MAX: usize = 2_000;

/// Configurations that each attempt to leave something out may take, and all together.
const ATTEMPT_MAX: u64 = 200_000;
const ATTEMPTS_MAX: u64 = 5_000_000;

/// Makes `ops`, which have no order by themselves, as few as possible.
pub(super) struct Least<'a> {
    sessions: &'a Sessions,
    bytes: u64,
    left: u64,
}

impl<'a> Least<'a> {
    pub(super) fn new(sessions: &'a Sessions, budget: &Budget) -> Self {
        Self { sessions, bytes: budget.bytes, left: ATTEMPTS_MAX }
    }

    /// The least part of `ops`, which come with the writes that they read and have no order.
    pub(super) fn breach(mut self, mut ops: Vec<u32>) -> Breach {
        let mut size = ops.len().div_ceil(2);
        while size > 0 && (size > 1 || ops.len() <= LEAST_MAX) {
            let mut end = ops.len();
            while end > 0 {
                let rest = self.without(&ops, end.saturating_sub(size)..end);
                end = end.saturating_sub(size);
                if rest.len() < ops.len() && self.has_no_order(&rest) {
                    ops = rest;
                    end = end.min(ops.len());
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        Breach { model: Consistency::Sequential, ops }
    }

    /// Whether `ops` are known to have no order by themselves.
    pub(super) fn has_no_order(&mut self, ops: &[u32]) -> bool {
        let configurations = ATTEMPT_MAX.min(self.left);
        let budget = Budget { configurations, bytes: self.bytes, stop: None };
        let (decided, spent) = decide(&self.sessions.only(ops), &[], &budget);
        self.left = self.left.saturating_sub(spent);
        matches!(decided, Decided::Circle(_) | Decided::NoOrder(_))
    }

    /// `ops` without those at `gone` and the reads of them.
    fn without(&self, ops: &[u32], gone: std::ops::Range<usize>) -> Vec<u32> {
        let mut is_left = vec![true; ops.len()];
        is_left[gone].fill(false);
        // A write that is a read too takes others with it.
        loop {
            let lacks = |at: usize| {
                let write = self.sessions.write_read(ops[at])?;
                let source = ops.binary_search(&write).ok()?;
                (!is_left[source]).then_some(at)
            };
            let lost: Vec<usize> =
                (0..ops.len()).filter(|&at| is_left[at]).filter_map(lacks).collect();
            if lost.is_empty() {
                break;
            }
            for at in lost {
                is_left[at] = false;
            }
        }
        ops.iter().zip(is_left).filter(|(_, is_left)| *is_left).map(|(&op, _)| op).collect()
    }
}
