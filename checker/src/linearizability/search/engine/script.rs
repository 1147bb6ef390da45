//! The events of a part, with open operations in numbered slots.

use super::numbers::NumberedModel;
use crate::Call;
use crate::Model;

/// One event, as the search sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A completed operation begins: it takes a slot.
    Open { slot: u16, action: u32, pure: bool, returns: u32 },
    /// A lost operation begins: one more of its class may be used, for ever after.
    Lose { class: u32 },
    /// A completed operation ends, and must have taken effect.
    Close { slot: u16, action: u32, pure: bool, returns: u32 },
}

/// The events of a part.
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// For each step, which call it belongs to.
    pub(super) calls: Vec<u32>,
    /// For each class of lost operations, its action.
    pub(super) classes: Vec<u32>,
    /// How many slots there are.
    pub(super) slots: usize,
}

/// What a call did.
struct Act {
    action: u32,
    is_lost: bool,
}

impl Script {
    /// Writes down `calls`. O(n log n).
    ///
    /// Lost operations that would change nothing are left out: they may as well never have been.
    pub(super) fn new<M: Model>(
        model: &mut NumberedModel<'_, M>,
        calls: &[Call<M::Op, M::Ret>],
    ) -> Self {
        let mut events = Vec::with_capacity(calls.len() * 2);
        let mut acts = Vec::with_capacity(calls.len());
        for (number, call) in (0u32..).zip(calls) {
            let action = model.action(call);
            acts.push(Act { action, is_lost: call.completed.is_none() });
            if let Some(completed) = call.completed {
                events.push((call.invoked.0, number, false));
                events.push((completed.0, number, true));
            } else if !model.pure()[action as usize] {
                events.push((call.invoked.0, number, false));
            }
        }
        events.sort_unstable();
        Self::lay_out(model.pure(), &acts, &events)
    }

    fn lay_out(is_pure: &[bool], acts: &[Act], events: &[(u32, u32, bool)]) -> Self {
        let mut script =
            Self { steps: Vec::new(), calls: Vec::new(), classes: Vec::new(), slots: 0 };
        script.steps.reserve(events.len());
        script.calls.reserve(events.len());
        let mut class_of = vec![u32::MAX; is_pure.len()];
        let mut opened = vec![0u32; acts.len()];
        let mut free: Vec<u16> = Vec::new();
        for (at, &(_, number, is_end)) in (0u32..).zip(events) {
            let Act { action, is_lost } = acts[number as usize];
            let pure = is_pure[action as usize];
            script.calls.push(number);
            if is_lost {
                let class = &mut class_of[action as usize];
                if *class == u32::MAX {
                    *class = u32::try_from(script.classes.len()).expect("fewer than calls");
                    script.classes.push(action);
                }
                script.steps.push(Step::Lose { class: *class });
            } else if is_end {
                let open = &mut script.steps[opened[number as usize] as usize];
                let Step::Open { slot, returns, .. } = open else {
                    unreachable!("what is noted as opened was opened")
                };
                *returns = at;
                let slot = *slot;
                free.push(slot);
                script.steps.push(Step::Close { slot, action, pure, returns: at });
            } else {
                let slot = free.pop().unwrap_or_else(|| {
                    script.slots += 1;
                    u16::try_from(script.slots - 1).unwrap_or(u16::MAX)
                });
                opened[number as usize] = at;
                script.steps.push(Step::Open { slot, action, pure, returns: u32::MAX });
            }
        }
        script
    }

    /// The call whose end is the step `at`.
    pub(super) fn call(&self, at: usize) -> usize {
        self.calls[at] as usize
    }
}
