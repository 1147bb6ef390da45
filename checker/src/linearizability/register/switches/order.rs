//! An order of the calls, told from the writes that were used.

use super::configuration::Switch;
use super::deed::RegisterDeed;
use super::script::{RegisterScript, RegisterStep};
use crate::model::{Register, RegisterOp, RegisterRet};
use crate::{Call, Model};

/// The calls, by their places, in the order in which they take effect if `taken` are the writes and
/// swaps that were used. O(n · open operations).
pub(super) fn told(script: &RegisterScript, taken: &[Switch]) -> Vec<u32> {
    let mut order = Order {
        script,
        is_used: vec![false; script.items.len()],
        is_told: vec![false; script.items.len()],
        open: Vec::new(),
        value: 0,
        told: Vec::new(),
    };
    let mut in_slot = vec![0u32; script.slots];
    let mut steps = taken.iter().peekable();
    for (at, step) in (0u32..).zip(&script.steps) {
        if let &RegisterStep::Open { slot, item } = step {
            in_slot[usize::from(slot)] = item;
        }
        while let Some(taken) = steps.next_if(|taken| taken.event == at) {
            order.is_used[in_slot[usize::from(taken.slot)] as usize] = true;
        }
    }
    let mut steps = taken.iter().peekable();
    for (at, step) in (0u32..).zip(&script.steps) {
        match *step {
            RegisterStep::Open { slot, item } => {
                in_slot[usize::from(slot)] = item;
                order.open.push(item);
                order.look();
            }
            RegisterStep::Close { item, .. } => {
                while let Some(taken) = steps.next_if(|taken| taken.event == at) {
                    order.take(in_slot[usize::from(taken.slot)]);
                }
                order.open.retain(|&open| open != item);
            }
        }
    }
    order.told
}

/// An order that grows.
struct Order<'s> {
    script: &'s RegisterScript,
    /// Which writes and swaps take effect where that is seen, sooner or later.
    is_used: Vec<bool>,
    is_told: Vec<bool>,
    open: Vec<u32>,
    value: u32,
    /// Calls, the first to take effect first.
    told: Vec<u32>,
}

impl Order<'_> {
    fn tell(&mut self, item: u32) {
        if !std::mem::replace(&mut self.is_told[item as usize], true) {
            self.told.push(self.script.items[item as usize].call);
        }
    }

    /// A write or swap takes effect; before a write, the open ones that are never used.
    fn take(&mut self, item: u32) {
        let script = self.script;
        match script.items[item as usize].deed {
            RegisterDeed::Write(value) => {
                for open in self.open.clone() {
                    let it = script.items[open as usize];
                    let is_write =
                        matches!(it.deed, RegisterDeed::Write(_)) && it.completed.is_some();
                    if is_write && !self.is_used[open as usize] {
                        self.tell(open);
                    }
                }
                self.value = value;
            }
            RegisterDeed::Swap { new, .. } => self.value = new,
            RegisterDeed::Read(_) | RegisterDeed::Miss(_) => unreachable!("they change nothing"),
        }
        self.tell(item);
        self.look();
    }

    /// What the value satisfies takes effect.
    fn look(&mut self) {
        for open in self.open.clone() {
            let satisfied = match self.script.items[open as usize].deed {
                RegisterDeed::Read(value) => value == self.value,
                RegisterDeed::Miss(value) => value != self.value,
                RegisterDeed::Write(_) | RegisterDeed::Swap { .. } => false,
            };
            if satisfied {
                self.tell(open);
            }
        }
    }
}

/// Checks that `order` is one of `calls` that a register allows. O(n).
///
/// # Panics
///
/// If it is not: that is a mistake of the search.
pub(super) fn check(calls: &[Call<RegisterOp<u32>, RegisterRet<u32>>], order: &[u32]) {
    let model = Register::new();
    let mut state = model.init();
    let mut is_told = vec![false; calls.len()];
    let mut latest = 0;
    for &place in order {
        let call = &calls[place as usize];
        let is_first = !std::mem::replace(&mut is_told[place as usize], true);
        let in_time = call.completed.is_none_or(|end| end.0 >= latest);
        let next = model.step(&state, &call.op, call.observed());
        assert!(is_first && in_time && next.is_some(), "{call:?} after {state:?} in {order:?}");
        latest = latest.max(call.invoked.0);
        state = next.flatten();
    }
    let all = calls.iter().zip(&is_told).all(|(call, told)| *told || call.completed.is_none());
    assert!(all, "an operation that returned is not in {order:?}");
}
