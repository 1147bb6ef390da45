//! The calls on a container, by event.

use std::hash::Hash;

use super::Calls;
use crate::Observed;
use crate::intern::Interner;
use crate::model::{ContainerOp, ContainerRet};

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContainerStep {
    /// An insertion begins, or ends, by its number.
    Insert(u32),
    Inserted(u32),
    /// A take begins, or ends, by its number.
    Take(u32),
    Taken(u32),
}

/// Something put in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Insertion {
    pub(super) value: u32,
    /// The steps with which it begins and ends; [`NEVER`], if its return was lost.
    pub(super) begins: u32,
    pub(super) ends: u32,
    /// Its place among the calls.
    pub(super) call: u32,
}

/// Something taken out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Removal {
    /// [`NOTHING`], if there was nothing.
    pub(super) value: u32,
    /// The step with which it ends.
    pub(super) ends: u32,
    /// Its place among the calls.
    pub(super) call: u32,
}

/// Not at all.
pub(super) const NEVER: u32 = u32::MAX;
/// What a take gave that found the container empty.
pub(super) const NOTHING: u32 = u32::MAX;

/// The events of the calls on a container.
pub(super) struct ContainerScript {
    pub(super) steps: Vec<ContainerStep>,
    pub(super) insertions: Vec<Insertion>,
    pub(super) removals: Vec<Removal>,
    /// For each value, the step with which its last take ends; 0, if nothing takes it.
    pub(super) last_taken: Vec<u32>,
}

impl ContainerScript {
    /// Writes down `calls`, if all are understood. O(n log n).
    ///
    /// An insertion whose return was lost and whose value nothing took is left out: it may as well
    /// never have been.
    pub(super) fn new<V: Clone + Eq + Hash>(calls: &Calls<V>) -> Option<Self> {
        let mut values = Interner::default();
        let (mut insertions, mut removals, mut events) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_taken = Vec::new();
        for (call, it) in (0u32..).zip(calls) {
            let ContainerOp::Take = it.op else { continue };
            let Observed::Returned(ContainerRet::Taken(found)) = &it.seen else { return None };
            let value = found.as_ref().map_or(NOTHING, |found| values.intern(found.clone()));
            is_taken.resize(values.len(), true);
            let number = u32::try_from(removals.len()).expect("fewer than calls");
            removals.push(Removal { value, ends: NEVER, call });
            events.push((it.invoked, ContainerStep::Take(number)));
            events.push((it.completed?, ContainerStep::Taken(number)));
        }
        for (call, it) in (0u32..).zip(calls) {
            let value = match &it.op {
                ContainerOp::Take => continue,
                ContainerOp::Peek if it.seen == Observed::Lost => continue,
                ContainerOp::Peek => return None,
                ContainerOp::Insert(value) => values.intern(value.clone()),
            };
            is_taken.resize(values.len(), false);
            if it.completed.is_none() && !is_taken[value as usize] {
                continue;
            }
            let number = u32::try_from(insertions.len()).expect("fewer than calls");
            insertions.push(Insertion { value, begins: 0, ends: NEVER, call });
            events.push((it.invoked, ContainerStep::Insert(number)));
            events.extend(it.completed.map(|at| (at, ContainerStep::Inserted(number))));
        }
        events.sort_unstable_by_key(|&(at, _)| at);
        let steps = events.into_iter().map(|(_, step)| step).collect();
        let last_taken = vec![0; values.len()];
        let mut script = Self { steps, insertions, removals, last_taken };
        script.note_ends();
        Some(script)
    }

    fn note_ends(&mut self) {
        for (at, &step) in (0u32..).zip(&self.steps) {
            match step {
                ContainerStep::Insert(number) => self.insertions[number as usize].begins = at,
                ContainerStep::Inserted(number) => self.insertions[number as usize].ends = at,
                ContainerStep::Take(_) => {}
                ContainerStep::Taken(number) => {
                    let removal = &mut self.removals[number as usize];
                    removal.ends = at;
                    if removal.value != NOTHING {
                        self.last_taken[removal.value as usize] = at;
                    }
                }
            }
        }
    }

    pub(super) fn insertion(&self, number: u32) -> Insertion {
        self.insertions[number as usize]
    }

    pub(super) fn removal(&self, number: u32) -> Removal {
        self.removals[number as usize]
    }
}
