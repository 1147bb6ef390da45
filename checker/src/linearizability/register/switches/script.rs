//! The events of a register, and what comes after each.

use super::deed::{RegisterDeed, RegisterItem};

/// One event. Open operations have numbered slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegisterStep {
    Open { slot: u16, item: u32 },
    Close { slot: u16, item: u32 },
}

/// Beyond all events.
pub(super) const NEVER: u32 = u32::MAX;

/// The events of a register.
pub(super) struct RegisterScript {
    pub(super) steps: Vec<RegisterStep>,
    pub(super) items: Vec<RegisterItem>,
    /// How many slots there are.
    pub(super) slots: usize,
    /// How many values there are.
    pub(super) values: usize,
    /// Whether there are reads and writes only.
    pub(super) is_plain: bool,
    /// For each operation the event of its end.
    pub(super) ends: Vec<u32>,
    /// For each event, the first end of an operation that begins there or later and whose effect, or
    /// whose value, a value that was left there does not outlast.
    changed: Vec<u32>,
    /// For each value the beginnings of what needs it.
    needs: Vec<Vec<u32>>,
    /// For each value the beginnings of what gives it.
    gives: Vec<Vec<u32>>,
}

impl RegisterScript {
    /// The script of `items`. O(n log n).
    pub(super) fn new(items: Vec<RegisterItem>) -> Self {
        let mut events = Vec::with_capacity(2 * items.len());
        for (number, item) in (0u32..).zip(&items) {
            events.push((item.invoked, number, false));
            events.extend(item.completed.map(|end| (end, number, true)));
        }
        events.sort_unstable();
        let greatest = items.iter().map(|item| match item.deed {
            RegisterDeed::Read(value) | RegisterDeed::Miss(value) | RegisterDeed::Write(value) => {
                value
            }
            RegisterDeed::Swap { old, new } => old.max(new),
        });
        let values = greatest.max().unwrap_or(0) as usize + 1;
        let is_plain = items
            .iter()
            .all(|item| matches!(item.deed, RegisterDeed::Read(_) | RegisterDeed::Write(_)));
        let mut script = Self {
            steps: Vec::with_capacity(events.len()),
            ends: vec![NEVER; items.len()],
            items,
            slots: 0,
            values,
            is_plain,
            changed: Vec::new(),
            needs: vec![Vec::new(); values],
            gives: vec![Vec::new(); values],
        };
        script.lay_out(&events);
        script.look_ahead();
        script
    }

    fn lay_out(&mut self, events: &[(u32, u32, bool)]) {
        let mut slot_of = vec![0u16; self.items.len()];
        let mut free: Vec<u16> = Vec::new();
        for (at, &(_, item, is_end)) in (0u32..).zip(events) {
            if is_end {
                let slot = slot_of[item as usize];
                self.ends[item as usize] = at;
                free.push(slot);
                self.steps.push(RegisterStep::Close { slot, item });
                continue;
            }
            let slot = free.pop().unwrap_or_else(|| {
                self.slots += 1;
                u16::try_from(self.slots - 1).unwrap_or(u16::MAX)
            });
            slot_of[item as usize] = slot;
            self.steps.push(RegisterStep::Open { slot, item });
            match self.items[item as usize].deed {
                RegisterDeed::Read(value) => self.needs[value as usize].push(at),
                RegisterDeed::Miss(_) => {}
                RegisterDeed::Write(value) => self.gives[value as usize].push(at),
                RegisterDeed::Swap { old, new } => {
                    self.needs[old as usize].push(at);
                    self.gives[new as usize].push(at);
                }
            }
        }
    }

    fn look_ahead(&mut self) {
        self.changed = vec![NEVER; self.steps.len() + 1];
        for (at, step) in self.steps.iter().enumerate().rev() {
            self.changed[at] = self.changed[at + 1];
            if let &RegisterStep::Open { item, .. } = step
                && !matches!(self.items[item as usize].deed, RegisterDeed::Miss(_))
            {
                self.changed[at] = self.changed[at].min(self.ends[item as usize]);
            }
        }
    }

    /// By when a value that was left before the event `from` has certainly changed, or been left
    /// again.
    fn changed(&self, from: u32) -> u32 {
        self.changed.get(from as usize).copied().unwrap_or(NEVER)
    }

    /// Whether something that begins at `from` or later can need `value`, if it is left some time
    /// from `from` to `last`.
    pub(super) fn may_need(&self, value: u32, from: u32, last: u32) -> bool {
        first(&self.needs[value as usize], from) < self.changed(last)
    }

    /// When the next giver of `value` begins.
    pub(super) fn next_giver(&self, value: u32, from: u32) -> u32 {
        first(&self.gives[value as usize], from)
    }

    pub(super) fn bytes(&self) -> usize {
        let lists = 2 * self.values * size_of::<Vec<u32>>();
        self.items.len() * size_of::<RegisterItem>() + self.steps.len() * 32 + lists
    }
}

/// The first number of an ascending list from `from` on.
fn first(list: &[u32], from: u32) -> u32 {
    list.get(list.partition_point(|&at| at < from)).copied().unwrap_or(NEVER)
}
